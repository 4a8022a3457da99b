// What was paid: by year, mode, direction, month, origin and lane, beside what is modelled and what the books say.
import { JUDGED } from "./calibration.js";
import { certificateView } from "./certificate.js";
import { h, term } from "./dom.js";
import * as format from "./format.js";
import { beyondHeadline, downloads } from "./result.js";
import { dollars, figuresTable, named, plain as text, signed, within, yes } from "./table.js";

const SHOWN_ROWS = 50;
const price = (value) => (value === null ? "" : format.money(value, 2));
const number = (value) => (value === null ? "" : format.count(value));
const KINDS = { zip3: "ZIP ", name: "" };
const place = (kind, name) => `${KINDS[kind] ?? ""}${name}`;

// Per column: heading, the name in a row, and how it is written.
const SUMS = [["Shipments", "shipments", number], ["Paid", "paid_cost", dollars], ["Per shipment", "cost_per_shipment", price], ["Pounds", "weight_lb", number],
  ["Per 100 lb", "cost_per_cwt", price], ["Units", "units", number], ["Per unit", "cost_per_unit", price]];
const LINES = [["Year", "year", text], ["Line", "line", text], ["Paid", "paid", dollars], ["Modelled", "modelled", dollars], ["Books", "control", dollars],
  ["Difference", "difference", dollars], ["Within tolerance", "within_tolerance", yes], ["Paid meets books", "reconciled", yes]];
const BOOKED = [["Year", "year", text], ["Line", "line", named], ["Paid", "paid", dollars], ["Control total", "control", dollars],
  ["Difference", "paid_difference", signed(dollars)], ["Difference in %", "paid_difference_share", signed(format.percent)], ["Tolerance", "reconciled", within]];
const COSTS = [["Year", "year", text], ["Line", "line", text], ["Paid", "amount", dollars]];
const ACCOUNT = [["Tab", "tab", text], ["What", "what", text], ["Rows", "rows", number], ["Dollars", "usd", price]];

/** The sections of a baseline, in reading order. */
export function paidView(job, result) {
  const { kpis, paid } = result;
  const head = h("section", { class: "verdict", "aria-label": "Verdict" },
    h("h2", {}, result.headline), beyondHeadline(result), result.notes.map((note) => h("p", { class: "small muted" }, note)));
  const partly = "Prices of a unit and of 100 lb are of the shipments that state them.";
  const placed = (row) => ({ ...row, from: place(row.origin_kind, row.origin), to: row.destination && place(row.destination_kind, row.destination) });
  const rest = paid.lanes_not_listed;
  const more = paid.lanes.length > SHOWN_ROWS || rest.lanes > 0 ? ` The first ${SHOWN_ROWS}; the workbook has all ${format.count(kpis.lanes)}.` : "";
  return [head, tiles(kpis),
    table("Paid by year", "Months: how many of the year have shipments.", [["Year", "year", text], ["Months", "months", number], ...SUMS], result.years),
    besideBooks(result) || result.network && table("Paid, modelled and booked", `Within ${format.percent(result.tolerance)}: ${format.words(result.calibration).toLowerCase()}. Books are the sheet ControlTotals.`, LINES, result.lines),
    result.operating_costs.length > 0 && table("Other costs", "As the sheet OperatingCosts says.", COSTS, result.operating_costs),
    table("Paid by mode", partly, [["Mode", "mode", text], ...SUMS], paid.by_mode),
    table("Paid by direction", partly, [["Direction", "direction", text], ...SUMS], paid.by_direction),
    table("Paid by month", partly, [["Month", "month", text], ...SUMS], paid.by_month),
    table("Paid by origin", partly, [["From", "from", text], ...SUMS], paid.by_origin.map(placed)),
    table("Paid by lane", `The dearest first.${more}`, [["From", "from", text], ["To", "to", text], ...SUMS], paid.lanes.slice(0, SHOWN_ROWS).map(placed)),
    accountTable(result.account.map((tab) => ({ ...tab, read: inDollars(tab.read), kept: inDollars(tab.kept),
      left_out: Object.fromEntries(Object.entries(tab.left_out).map(([reason, left]) => [reason, inDollars(left)])) }))),
    certificateView(result, false), downloads(job, result)].flat(2).filter(Boolean);
}

/** Where nothing is modelled: what was paid beside the control totals; null without any, or of an earlier version. */
function besideBooks({ lines, kpis, calibration, tolerance, notes }) {
  if (kpis.modelled_cost !== null || !lines.some((line) => line.control !== null && "paid_difference" in line)) return null;
  return h("section", { class: "card", "aria-label": "Paid beside control totals" },
    h("h2", {}, term("Paid beside control totals", "Calibration: what the shipments add up to, against what the client's books say")),
    h("p", { class: JUDGED[calibration] ?? "muted" }, notes[0]),
    figuresTable("Paid beside control totals", BOOKED, lines),
    h("p", { class: "small muted" }, `The difference is what was paid less the control total; up to ${format.percent(tolerance)} of it is within the tolerance.`));
}

/** What became of rows and dollars; each part has its rows and its dollars. */
export function accountTable(tabs) {
  const rows = tabs.flatMap(({ tab, read, kept, left_out }) => [{ tab, what: "read", ...read }, { tab, what: "kept", ...kept },
    ...Object.entries(left_out).map(([reason, left]) => ({ tab, what: `left out: ${REASONS[reason] ?? format.words(reason).toLowerCase()}`, ...left }))]);
  return table("Rows and dollars", "Read is kept and left out, to the cent.", ACCOUNT, rows);
}

const REASONS = { bad: "a cell that cannot be read", total: "a total of other rows", repeated: "stands in the file already" };

const inDollars = ({ rows, cents }) => ({ rows, usd: cents / 100 });

function tiles(kpis) {
  const shown = [
    ["Paid", "All charges, recomputed to the cent", "paid_cost", format.short, "all shipments"],
    ["Shipments", "Rows with one order and tracking number are one", "shipments", format.count],
    ["Lanes", "Pairs of an origin and a destination", "lanes", format.count],
    ["Per shipment", "Paid divided by shipments", "cost_per_shipment", price],
    ["Per unit", "Of the shipments that state their units", "cost_per_unit", price, `${format.count(kpis.shipments_with_units)} shipments state units`],
    ["Per 100 lb", "Of the shipments that state their weight", "cost_per_cwt", price, `${format.count(kpis.shipments_weighed)} shipments state weight`],
    ["Modelled", "Today's network over the years of its plan", "modelled_cost", format.short, "today's network"],
  ].filter(([, , name]) => kpis[name] !== null && kpis[name] !== undefined);
  return h("dl", { class: "tiles kpis" }, shown.map(([label, technical, name, written, below]) =>
    h("div", { class: "tile" }, h("dt", {}, term(label, technical)), h("dd", {}, written(kpis[name])), below && h("dd", { class: "small muted" }, below))));
}

const table = (title, note, columns, rows) => h("section", { class: "card", "aria-label": title },
  h("h2", {}, title), h("p", { class: "small muted" }, note), figuresTable(title, columns, rows));
