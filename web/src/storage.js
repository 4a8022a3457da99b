// Plans of warehouse space, of stock, and of a network with both: what is needed, how it is met, what it costs.
import { certificateView } from "./certificate.js";
import { h, term } from "./dom.js";
import * as format from "./format.js";
import { infeasibleView } from "./infeasible.js";
import { beyondHeadline, downloads, network } from "./result.js";
import { allYears, dollars, figuresTable, plain } from "./table.js";

const figure = (value) => (value === null || value === undefined ? "" : Math.abs(value) >= 100 || Number.isInteger(value) ? format.count(value) : value.toFixed(1));

// Per column: heading, the name in a row, and how it is written.
const COST = [["Year", "year", plain], ["Units", "units", figure], ["Transport", "transport_cost", dollars], ["Inbound", "inbound_cost", dollars], ["Missed service", "service_penalty_cost", dollars], ["Facilities", "facility_cost", dollars],
  ["Warehouses", "warehouse_cost", dollars], ["Stock", "inventory_cost", dollars], ["Total", "total_cost", dollars]];
// What a network's cost has where its data asks for it.
const SOMETIMES = new Set(["inbound_cost", "service_penalty_cost"]);
const NEED = [["Year", "year", plain], ["Pallets a year", "throughput_pallets", figure], ["Pallets in stock", "stock_pallets", figure], ["Doors out", "outbound_doors", figure],
  ["Doors in", "inbound_doors", figure], ["Storage area", "storage_area", figure], ["Door area", "door_area", figure], ["Support area", "support_area", figure], ["Gross area", "gross_area", figure]];
const SPACE = [["Year", "year", plain], ["Buildings added", "added", figure], ["Own space", "own_area", figure], ["Hired space", "hired_area", figure], ["Own space costs", "area_cost", dollars],
  ["Buildings cost", "fixed_cost", dollars], ["Opening", "opening_cost", dollars], ["Hired space costs", "hired_cost", dollars], ["Total", "cost", dollars]];
const STOCK = [["Units a year", "annual_units", figure], ["Safety stock", "safety", figure], ["Without pooling", "unpooled_safety", figure], ["Cycle stock", "cycle", figure],
  ["Average stock", "average", figure], ["Holding cost", "holding_cost", dollars]];
const STOCK_YEAR = [["Year", "year", plain], ["Facilities", "facilities", figure], ...STOCK];
const STOCK_SITE = [["Facility", "facility", plain], ["Year", "year", plain], ["Destinations", "destinations", figure], ...STOCK];

/** The sections of a plan, in reading order. */
export function storageView(job, result) {
  const head = h("section", { class: `verdict ${result.status}`, "aria-label": "Verdict" },
    result.partial && h("p", { class: "eyebrow" }, "Stopped early: the best plan found until then"),
    h("h2", {}, result.headline), beyondHeadline(result), result.notes.map((note) => h("p", { class: "small muted" }, note)));
  return [head, result.kpis && tiles(result.kpis),
    result.infeasibility && infeasibleView(result.infeasibility),
    result.kpis && result.type === "integrated" && costs(result.years),
    result.facilities?.length > 0 && network(job, result),
    warehouses(result.warehouses ?? []), result.stock && stock(result.stock),
    certificateView(result), downloads(job, result)].flat(2).filter(Boolean);
}

function tiles(kpis) {
  const shown = [
    ["Total cost", "All costs over all years, recomputed from the data", "total_cost", format.short, "all years"],
    ["Transport and facilities", "Cost of the network without warehouses and stock: transport, inbound, facilities and missed service", "network_cost", format.short],
    ["Warehouses", "Own and hired space over all years", "warehouse_cost", format.short],
    ["Stock", "Holding the average stock, over all years", "inventory_cost", format.short],
    ["Space needed", "Gross area in the year that needs most", "largest_gross_area", format.count, "square feet"],
    ["Buildings added", "Until the last year", "buildings_added", format.count],
    ["Space hired", "Space of a third party in the year that hires most", "most_hired_area", format.count, "square feet"],
    ["Average stock", "Safety and cycle stock, mean over the years", "average_stock", format.count, "units"],
    ["Safety stock", "Held against late orders and high demand, mean over the years", "safety_stock", format.count, "units"],
    ["Saved by pooling", "Safety stock less than if every destination had a stock of its own", "saved_by_pooling", format.count, "units of safety stock"],
    ["Compared with", "Average stock with the assignment that this is compared with", "compared_average_stock", format.count, "units on average"],
  ].filter(([, , name]) => kpis[name] !== null && kpis[name] !== undefined);
  return h("dl", { class: "tiles kpis" }, shown.map(([label, technical, name, written, below]) =>
    h("div", { class: "tile" }, h("dt", {}, term(label, technical)), h("dd", {}, written(kpis[name])), below && h("dd", { class: "small muted" }, below))));
}

function costs(years) {
  const columns = COST.filter(([, name]) => !SOMETIMES.has(name) || years.some((year) => year[name] > 0));
  const total = years.length > 1 && allYears(years, columns.slice(1).map(([, name]) => name));
  return table("Cost by year", "Transport, facilities, warehouses and stock of the whole network.", columns, years, total);
}

/** One building by itself has rows of years; several stand below one another, a row a facility and year. */
function warehouses(found) {
  const of = (columns) => (found.length > 1 ? [["Facility", "facility", plain], ...columns] : columns);
  const rows = (some) => some.flatMap(({ facility, years }) => years.map((year) => ({ facility, ...year })));
  const whose = found.length === 1 ? `: ${found[0].facility ?? "the warehouse"}` : "";
  const planned = found.filter(({ objective }) => objective !== null);
  return [found.length > 0 && table(`Space needed${whose}`, "Areas in square feet; gross at the highest use allowed.", of(NEED), rows(found)),
    planned.length > 0 && table(`Space planned${whose}`, "Areas in square feet. What is added stays.", of(SPACE), rows(planned), sums(rows(planned), found.length > 1))];
}

function sums(rows, several) {
  const { year, ...costs } = allYears(rows, SPACE.filter(([, , written]) => written === dollars).map(([, name]) => name));
  return rows.length > 1 && (several ? { facility: "All, all years", ...costs } : { year, ...costs });
}

function stock(found) {
  const note = "Without pooling: the safety stock if every destination were served from a stock of its own.";
  const total = (years) => years.length > 1 && allYears(years, ["holding_cost"]);
  return [table("Stock by year", note, STOCK_YEAR, found.years, total(found.years)),
    found.compared && table("Stock compared with", "The same for the assignment that this is compared with.", STOCK_YEAR, found.compared.years, total(found.compared.years)),
    table("Stock by facility", "In units. Demand of destinations is taken as independent.", STOCK_SITE, found.facilities)];
}

function table(title, note, columns, rows, foot) {
  return h("section", { class: "card", "aria-label": title },
    h("h2", {}, title), h("p", { class: "small muted" }, note), figuresTable(title, columns, rows, foot));
}
