// Figures in a table: a heading a column, a row a thing, and below them what they come to.
import { h } from "./dom.js";
import * as format from "./format.js";

/** How a cell is written; what is not known stays empty. Words stand left, all else right. */
export const plain = (value) => (value === null || value === undefined ? "" : String(value));
export const named = (value) => format.words(value);
export const yes = (value) => ({ true: "yes", false: "no" })[value] ?? "";
export const dollars = (value) => (value === null || value === undefined ? "" : format.money(value));
export const signed = (written) => (value) => (value === null || value === undefined ? "" : `${value > 0 ? "+" : ""}${written(value)}`);
export const within = (value) => (value === null ? "" : value ? h("span", { class: "ok" }, "within") : h("span", { class: "not-ok" }, "beyond"));

/** Columns are (heading, name in a row, how it is written); `foot` is a row of the same, or none. */
export function figuresTable(title, columns, rows, foot) {
  return h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": `Table: ${title}` },
    h("table", { class: "figures" }, h("caption", { class: "hidden" }, title),
      h("thead", {}, h("tr", {}, columns.map(([heading, , written]) => h("th", { scope: "col", class: side(written) }, heading)))),
      h("tbody", {}, rows.map((row) => cells(columns, row))),
      foot && h("tfoot", {}, cells(columns, foot))));
}

/** The row below years: each of these names summed, the first column saying so. */
export const allYears = (rows, names) =>
  ({ year: "All years", ...Object.fromEntries(names.map((name) => [name, rows.reduce((sum, row) => sum + (row[name] ?? 0), 0)])) });

const WORDS = new Set([plain, named, yes]);
const side = (written) => (WORDS.has(written) ? null : "number");

const cells = (columns, row) => h("tr", {}, columns.map(([, name, written], at) =>
  h(at === 0 ? "th" : "td", { scope: at === 0 ? "row" : null, class: at === 0 ? null : side(written) }, written(row[name]))));
