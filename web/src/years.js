// Cost by year: stacked columns, and the same figures in a table. Results stored before had fewer kinds of cost.
import { colour, h, onLook, s } from "./dom.js";
import * as format from "./format.js";
import { allYears, dollars, figuresTable, plain } from "./table.js";

const HEIGHT = 220;
const TOP = 26;
const BOTTOM = 24;

// From the ground up: the name in a year, heading, colour. The second and fourth stand where the data ask for them.
const KINDS = [["transport_cost", "Transport", "accent"], ["inbound_cost", "Inbound", "third"], ["facility_cost", "Facilities", "second"],
  ["service_penalty_cost", "Missed service", "fourth"]];
const SOMETIMES = new Set(["inbound_cost", "service_penalty_cost"]);

const perUnit = (value) => format.money(value, 2);

/** `kpis` are the figures of all years together. */
export function yearsView(years, kpis) {
  const chart = h("div", { class: "chart", "aria-hidden": "true" });
  onLook(chart, () => chart.replaceChildren(columns(years, chart.clientWidth)));
  const kinds = KINDS.filter(([name]) => !SOMETIMES.has(name) || years.some((year) => year[name] > 0));
  const stated = (name) => years.some((year) => year[name] !== null);
  const figures = [["Year", "year", plain], ["Units", "units", format.count], ...kinds.map(([name, heading]) => [heading, name, dollars]),
    ["Total", "total_cost", dollars], ["Per unit", "cost_per_unit", perUnit],
    stated("service_level") && ["Served within reach", "service_level", format.percent],
    stated("weighted_distance_miles") && ["Average distance", "weighted_distance_miles", format.miles]].filter(Boolean);
  const all = { ...allYears(years, ["units", ...kinds.map(([name]) => name), "total_cost"]), cost_per_unit: kpis.cost_per_unit,
    service_level: kpis.weighted_service_level ?? null, weighted_distance_miles: kpis.weighted_distance_miles };
  return h("section", { class: "card", "aria-label": "Cost by year" },
    h("div", { class: "card-head" }, h("h2", {}, "Cost by year"),
      h("ul", { class: "legend" },
        kinds.map(([, heading, hue]) => h("li", {}, h("span", { class: `key block ${hue}` }), heading)))),
    years.length > 1 && chart,
    figuresTable("Cost by year", figures, years, years.length > 1 && all));
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
