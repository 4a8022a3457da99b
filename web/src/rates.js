// Rates fitted to shipments: each band with its figures, range and error, and the sheet that a person accepts rows of.
import { certificateView } from "./certificate.js";
import { h, term } from "./dom.js";
import * as format from "./format.js";

const USED = [
  ["Mode", "", (fit) => fit.mode, false],
  ["Lanes", "Of facilities and of suppliers", (fit) => format.count(fit.lanes + fit.inbound_lanes), true],
  ["Shipments", "How many it was fitted to", (fit) => format.count(fit.shipments), true],
  ["Median error", "Half of the shipments are off by no more, in percent of what was paid", (fit) => error(fit.median_error_percent), true],
  ["Miles", "It prices nothing beyond them", (fit) => range(fit.miles_from, fit.miles_to, "miles"), false],
  ["Months", "Of the shipments", (fit) => `${fit.first_month} to ${fit.last_month}`, false],
  ["Accepted", "", (fit) => `${fit.accepted_by} on ${fit.accepted_on}`, false],
];

/** Of a network's result: which lanes have prices that were fitted, and how far off those are; null where none has. */
export function fittedPrices({ fitted_rates: fits }) {
  if (!fits?.length) return null;
  return h("section", { class: "card", "aria-label": "Fitted prices" }, h("h2", {}, "Prices that were fitted to shipments"),
    h("p", { class: "small muted" }, "Each assignment in the workbook whose price is one of these says so, with the error."),
    table("Fitted prices", USED, fits));
}

/** The sections of a fit, in reading order. */
export function ratesView(job, result) {
  const { kpis } = result;
  const head = h("section", { class: "verdict", "aria-label": "Verdict" },
    h("h2", {}, `What a shipment costs, in ${format.plural(result.bands.length, "band")} of mode and weight`), h("p", { class: "lead" }, result.headline));
  const tiles = h("dl", { class: "tiles kpis" }, [
    ["Shipments fitted to", "Those of bands that have figures", kpis.shipments_fitted],
    ["In bands not fitted", "Those of bands that are too small or tell nothing", kpis.shipments - kpis.shipments_fitted - kpis.shipments_left_out],
    ["Left out", "Those without a weight, a charge or a distance", kpis.shipments_left_out],
  ].map(([label, technical, number]) => h("div", { class: "tile" }, h("dt", {}, term(label, technical)), h("dd", {}, format.count(number)))));
  return [head, tiles, accept(job), bands(result), leftOut(result), certificateView(result, false), downloads(job)].filter(Boolean);
}

const accept = (job) =>
  h("section", { class: "card", "aria-label": "How they are used" }, h("h2", {}, "How they are used"),
    h("p", {}, "These figures price nothing by themselves. Look at their errors and ranges, write your name and the day into accepted_by and " +
      "accepted_on of the rows that you accept, take out the others, and move the sheet into your network's workbook."),
    h("div", { class: "actions" }, h("a", { class: "button primary", href: `/api/jobs/${job.id}/result.xlsx`, download: "" }, "Sheet FittedRates (Excel)")));

const range = (from, to, unit) => `${format.count(Math.round(from))} to ${format.count(Math.round(to))} ${unit}`;
const weights = ({ weight_from: from, weight_to: to }) => (to === null ? `${format.count(from)} lb and more` : `${format.count(from)} to ${format.count(to)} lb`);
const error = (percent) => `${percent.toFixed(1)} %`;

// Per column: heading, what it means, what it says of a band, and whether that is a number.
const COLUMNS = [
  ["Mode", "", (band) => band.mode, false],
  ["Weights", "From counts, to does not", weights, false],
  ["Shipments", "How many it was fitted to", (band) => format.count(band.shipments), true],
  ["Fixed", "Dollars of a shipment", (band) => format.money(band.fixed, 2), true],
  ["A mile", "Dollars", (band) => format.money(band.per_mile, 4), true],
  ["100 lb a mile", "Dollars", (band) => format.money(band.per_cwt_mile, 4), true],
  ["Median error", "Half of the shipments are off by no more, in percent of what was paid", (band) => error(band.median_error_percent), true],
  ["Mean error", "Of all shipments, odd ones too", (band) => error(band.mean_error_percent), true],
  ["R²", "Share of the variation of dollars that it explains", (band) => band.r_squared.toFixed(3), true],
  ["All together", "All shipments as fitted against what was paid", (band) => `${band.total_error_percent > 0 ? "+" : ""}${error(band.total_error_percent)}`, true],
  ["Miles", "It prices nothing beyond them", (band) => range(band.miles_from, band.miles_to, "miles"), false],
  ["Pounds", "It prices nothing beyond them", (band) => range(band.pounds_from, band.pounds_to, "lb"), false],
  ["Months", "Of the shipments", (band) => `${band.first_month} to ${band.last_month}`, false],
];

const bands = (result) =>
  h("section", { class: "card", "aria-label": "Fitted bands" }, h("h2", {}, "What a shipment costs"),
    h("p", { class: "small muted" }, "Dollars of a shipment = fixed + (a mile + 100 lb a mile x weight / 100) x miles."),
    table("Fitted bands", COLUMNS, result.bands));

const UNFITTED = [COLUMNS[0], COLUMNS[1], COLUMNS[2], ["Why not", "", (band) => band.reason, false]];

function leftOut({ not_fitted: others, notes }) {
  if (others.length === 0 && notes.length === 0) return null;
  return h("section", { class: "card", "aria-label": "What is not in it" }, h("h2", {}, "What is not in it"),
    notes.length > 0 && h("ul", {}, notes.map((note) => h("li", {}, note))),
    others.length > 0 && table("Bands not fitted", UNFITTED, others));
}

const table = (title, columns, rows) =>
  h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": `Table: ${title}` },
    h("table", { class: "figures" }, h("caption", { class: "hidden" }, title),
      h("thead", {}, h("tr", {}, columns.map(([label, technical, , number]) =>
        h("th", { scope: "col", class: number ? "number" : null }, technical ? term(label, technical) : label)))),
      h("tbody", {}, rows.map((row) => h("tr", {}, columns.map(([, , said, number], at) =>
        h(at === 0 ? "th" : "td", { scope: at === 0 ? "row" : null, class: number ? "number" : null }, said(row))))))));

const downloads = (job) =>
  h("section", { class: "card", "aria-label": "Downloads" }, h("h2", {}, "Take it with you"),
    h("div", { class: "actions" },
      h("a", { class: "button", href: `/api/jobs/${job.id}/result`, download: `rates-${job.id}.json` }, "All figures (JSON)")));
