// Cost by year: stacked columns, and the same figures in a table.
import { colour, h, onLook, s } from "./dom.js";
import * as format from "./format.js";

const HEIGHT = 220;
const TOP = 26;
const BOTTOM = 24;

export function yearsView(years) {
  const chart = h("div", { class: "chart", "aria-hidden": "true" });
  onLook(chart, () => chart.replaceChildren(columns(years, chart.clientWidth)));
  const service = years.some((year) => year.service_level !== null);
  const distance = years.some((year) => year.weighted_distance_miles !== null);
  const inbound = years.some((year) => year.inbound_cost > 0);
  const heads = ["Units", "Transport", inbound && "Inbound", "Facilities", "Total", "Per unit", service && "Served within the distance", distance && "Average distance"].filter(Boolean);
  return h("section", { class: "card", "aria-label": "Cost by year" },
    h("div", { class: "card-head" }, h("h2", {}, "Cost by year"),
      h("ul", { class: "legend" },
        h("li", {}, h("span", { class: "key block accent" }), "Transport"),
        inbound && h("li", {}, h("span", { class: "key block third" }), "Inbound"),
        h("li", {}, h("span", { class: "key block second" }), "Facilities"))),
    years.length > 1 && chart,
    h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Table of cost by year" },
      h("table", { class: "figures" },
        h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Year"), heads.map((name) => h("th", { scope: "col", class: "number" }, name)))),
        h("tbody", {}, years.map((year) => h("tr", {},
          h("th", { scope: "row" }, String(year.year)),
          [format.count(year.units), format.money(year.transport_cost), inbound && format.money(year.inbound_cost), format.money(year.facility_cost), format.money(year.total_cost),
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
    const transport = year.transport_cost * scale;
    const inbound = (year.inbound_cost ?? 0) * scale;
    const fixed = year.facility_cost * scale;
    const below = transport + inbound;
    return [
      s("rect", { x, y: ground - transport, width: wide, height: transport, fill: colour("accent") }),
      s("rect", { x, y: ground - below, width: wide, height: Math.max(0, inbound - 1.5), fill: colour("third") }),
      s("rect", { x, y: ground - below - fixed, width: wide, height: Math.max(0, fixed - 1.5), fill: colour("second"), rx: 2 }),
      s("text", { x: middle, y: ground - below - fixed - 8, class: "value" }, step < 66 ? "" : format.short(year.total_cost)),
      s("text", { x: middle, y: HEIGHT - 6, class: "tick" }, String(year.year)),
    ];
  };
  return s("svg", { viewBox: `0 0 ${width} ${HEIGHT}`, width, height: HEIGHT, class: "columns" },
    s("line", { x1: 0, x2: width, y1: ground, y2: ground, class: "ground" }), years.map(column));
}
