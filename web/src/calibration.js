// How far the model of today's network is from what was paid for it: by year and line, beside the books.
import { h, term } from "./dom.js";
import * as format from "./format.js";
import { dollars, figuresTable, named, plain, signed, within } from "./table.js";

export const JUDGED = { calibrated: "ok", uncalibrated: "not-ok" };
const COLUMNS = [["Year", "year", plain], ["Line", "line", named], ["Modelled", "modelled", dollars], ["Not modelled", "not_modelled", dollars],
  ["Paid", "paid", dollars], ["Control total", "control", dollars], ["Difference", "difference", signed(dollars)],
  ["Difference in %", "difference_share", signed(format.percent)], ["Tolerance", "within_tolerance", within]];

/** Nothing where no baseline was asked for, or an earlier version wrote the result. */
export function calibrationView({ baseline }) {
  if (!baseline) return null;
  const rows = baseline.lines.map((line) => ({ ...line, not_modelled: line.not_modelled || null }));
  const columns = COLUMNS.filter(([, name]) => !["not_modelled", "control"].includes(name) || rows.some((row) => row[name] !== null));
  return h("section", { class: "card", "aria-label": "Calibration" },
    h("h2", {}, term("Calibration", "What the model says of today's network, beside what was paid for it and what the books say")),
    h("p", { class: JUDGED[baseline.calibration] ?? "muted" }, baseline.note),
    rows.length > 0 && figuresTable("Modelled beside paid", columns, rows),
    rows.length > 0 && h("p", { class: "small muted" },
      `The difference is what is modelled less the control total, or less what was paid where there is none; up to ${format.percent(baseline.tolerance)} of it counts as calibrated.`),
    rows.some((row) => row.reconciled === false) && h("p", { class: "not-ok" }, "What was paid does not add up to its control total: see the lines that have both."));
}
