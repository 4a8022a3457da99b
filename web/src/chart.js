// The best plan and the bound over time, drawn by uPlot in the colours of the theme.
import uPlot from "uplot";
import { colour } from "./dom.js";
import * as format from "./format.js";

const HEIGHT = 200;

/** Draws `[seconds, incumbent | null, bound | null]` points into an element, replacing what it showed. */
export function boundChart(element, points) {
  const axis = {
    stroke: colour("muted"),
    grid: { stroke: colour("line"), width: 1 },
    ticks: { show: false },
    font: "12px system-ui, sans-serif",
  };
  const options = {
    width: element.clientWidth,
    height: HEIGHT,
    scales: { x: { time: false } },
    cursor: { drag: { x: false, y: false } },
    legend: { show: false },
    axes: [
      { ...axis, size: 28, values: (_, ticks) => ticks.map((tick) => `${tick} s`) },
      { ...axis, size: 96, values: (_, ticks) => apart(ticks) },
    ],
    series: [
      {},
      { label: "Best found so far", stroke: colour("accent"), width: 2, paths: uPlot.paths.stepped({ align: 1 }), spanGaps: true, points: { show: false } },
      { label: "Cannot be cheaper than", stroke: colour("second"), width: 2, dash: [6, 4], paths: uPlot.paths.stepped({ align: 1 }), spanGaps: true, points: { show: false } },
    ],
  };
  element.replaceChildren(legend(points));
  new uPlot(options, [0, 1, 2].map((column) => points.map((point) => point[column])), element);
}

/** Figures in short where that tells the lines of the grid apart, else whole. */
function apart(ticks) {
  const brief = ticks.map((tick) => format.short(tick));
  return new Set(brief).size === brief.length ? brief : ticks.map((tick) => format.money(tick));
}

const SERIES = [["Best found so far", "accent"], ["Cannot be cheaper than", "second dashed"]];

// Only what has a line: the bound may be known at the very end alone.
function legend(points) {
  const list = document.createElement("ul");
  list.className = "legend";
  const drawn = SERIES.filter((_, index) => points.filter((point) => point[index + 1] !== null).length > 1);
  for (const [name, kind] of drawn) {
    const item = document.createElement("li");
    const key = document.createElement("span");
    key.className = `key ${kind}`;
    item.append(key, name);
    list.append(item);
  }
  return list;
}
