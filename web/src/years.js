// Cost by year: stacked columns, and the same figures in a table. Results stored before had fewer kinds of cost.
import { colour, h, onLook, s } from "./dom.js";
import * as format from "./format.js";

const HEIGHT = 220;
const TOP = 26;
const BOTTOM = 24;

// From the ground up: the name in a year, heading, colour. The second and fourth stand where the data ask for them.
const KINDS = [["transport_cost", "Transport", "accent"], ["inbound_cost", "Inbound", "third"], ["facility_cost", "Facilities", "second"],
  ["service_penalty_cost", "Missed service", "fourth"]];
const SOMETIMES = new Set(["inbound_cost", "service_penalty_cost"]);

export function yearsView(years) {
  const chart = h("div", { class: "chart", "aria-hidden": "true" });
  onLook(chart, () => chart.replaceChildren(columns(years, chart.clientWidth)));
  const service = years.some((year) => year.service_level !== null);
  const distance = years.some((year) => year.weighted_distance_miles !== null);
  const kinds = KINDS.filter(([name]) => !SOMETIMES.has(name) || years.some((year) => year[name] > 0));
  const heads = ["Units", ...kinds.map(([, heading]) => heading), "Total", "Per unit", service && "Served within reach", distance && "Average distance"].filter(Boolean);
  return h("section", { class: "card", "aria-label": "Cost by year" },
    h("div", { class: "card-head" }, h("h2", {}, "Cost by year"),
      h("ul", { class: "legend" },
        kinds.map(([, heading, hue]) => h("li", {}, h("span", { class: `key block ${hue}` }), heading)))),
    years.length > 1 && chart,
    h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Table of cost by year" },
      h("table", { class: "figures" },
        h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Year"), heads.map((name) => h("th", { scope: "col", class: "number" }, name)))),
        h("tbody", {}, years.map((year) => h("tr", {},
          h("th", { scope: "row" }, String(year.year)),
          [format.count(year.units), ...kinds.map(([name]) => format.money(year[name])), format.money(year.total_cost),
            format.money(year.cost_per_unit, 2), service && format.percent(year.service_level), distance && format.miles(year.weighted_distance_miles)]
            .filter((cell) => cell !== false).map((cell) => h("td", { class: "number" }, cell))))))));
}

function columns(years, width) {
  const most = Math.max(...years.map((year) => year.total_cost));
  const step = width / years.length;
  const wide = Math.min(72, step * 0.56);
  const scale = (HEIGHT - TOP - BOTTOM) / (most || 1);
  const ground = HEIGHT - BOTTOM;
  const column = (year, index) => {
    const x = step * index + (step - wide) / 2;
    const middle = x + wide / 2;
    let top = ground;
    const blocks = KINDS.map(([name, , hue]) => {
      const height = (year[name] ?? 0) * scale;
      top -= height;
      return s("rect", { x, y: top, width: wide, height: Math.max(0, top + height === ground ? height : height - 1.5), fill: colour(hue) });
    });
    return [
      blocks,
      s("text", { x: middle, y: top - 8, class: "value" }, step < 66 ? "" : format.short(year.total_cost)),
      s("text", { x: middle, y: HEIGHT - 6, class: "tick" }, String(year.year)),
    ];
  };
  return s("svg", { viewBox: `0 0 ${width} ${HEIGHT}`, width, height: HEIGHT, class: "columns" },
    s("line", { x1: 0, x2: width, y1: ground, y2: ground, class: "ground" }), years.map(column));
}
