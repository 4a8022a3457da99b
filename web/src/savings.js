// What a plan saves against today's network, how far that can be trusted, and what it is worth; or why it is not known.
import { h } from "./dom.js";
import * as format from "./format.js";
import { allYears, dollars, figuresTable, named, plain } from "./table.js";

/** Nothing for a result that says nothing of savings: an earlier version wrote it. */
export function savingsView(result) {
  const { savings, business_case: business } = result;
  if (!savings) return null;
  return h("section", { class: "card", "aria-label": "Against today" }, h("h2", {}, "Against today"),
    h("p", { class: savings.known ? "lead" : "muted" }, sentence(savings)),
    savings.known && years(savings.years),
    savings.known && h("p", {}, business.known ? worth(business) : `The cash flow is not known: ${business.why}`),
    savings.known && business.known && cashFlow(business),
    savings.known && business.profit_and_loss?.length > 0 && profitAndLoss(business.profit_and_loss));
}

function sentence(savings) {
  if (!savings.known) return `Savings are not known: ${savings.why}`;
  const gains = savings.total >= 0;
  const share = savings.share === null ? "" : ` (${format.percent(Math.abs(savings.share))})`;
  return `Against today's network the plan ${gains ? "saves" : "costs"} ${format.money(Math.abs(savings.total))}` +
    `${gains ? "" : " more"}${share}. ${savings.note}`;
}

const SAVED = [["Year", "year", plain], ["Today", "baseline_cost", dollars], ["Plan", "scenario_cost", dollars], ["Saving", "saving", dollars]];

function years(rows) {
  return figuresTable("Savings by year", SAVED, rows, rows.length > 1 && allYears(rows, ["baseline_cost", "scenario_cost", "saving"]));
}

function worth(business) {
  const back = business.payback_years === null ? "It does not pay back in these years." : `It pays back after ${business.payback_years.toFixed(1)} years.`;
  const value = business.npv === null
    ? `A net present value is not known: ${business.npv_why}`
    : `Its net present value at ${format.percent(business.discount_rate)} a year is ${format.money(business.npv)}.`;
  const earned = business.roi === null ? "" : ` The return on what is spent is ${format.percent(business.roi)}.`;
  return `The cash flow from ${business.discounted_to} on is ${format.money(business.total_cash_flow)}; ` +
    `${format.money(business.investment)} are spent once. ${back} ${value}${earned}`;
}

const CASH = [["Year", "year", plain], ["Operating saving", "operating_saving", dollars], ["Opening and closing", "opening_and_closing", dollars],
  ["One-time costs", "one_time_costs", dollars], ["Cash flow", "cash_flow", dollars], ["Cumulative", "cumulative", dollars]];

function cashFlow({ years: rows, total_cash_flow: flow }) {
  const total = { ...allYears(rows, ["operating_saving", "opening_and_closing", "one_time_costs"]), cash_flow: flow };
  return [h("h3", {}, "Cash flow by year"), figuresTable("Cash flow by year", CASH, rows, rows.length > 1 && total)];
}

const LINE = [["Line", "line", named], ["Today", "baseline", dollars], ["Plan", "scenario", dollars], ["Saving", "saving", dollars]];

const TOTAL = "total_cost";
const short = (line) => ({ ...line, line: line.line.replace(/_cost$/, "") });

/** Lines of which neither network has anything are left out. */
function profitAndLoss(years) {
  return h("details", {}, h("summary", {}, "Profit and loss by year"), years.map(({ year, lines }) => [
    h("h3", {}, String(year)),
    figuresTable(`Profit and loss ${year}`, LINE, lines.filter((line) => line.line !== TOTAL && (line.baseline || line.scenario)).map(short),
      lines.filter((line) => line.line === TOTAL).map(short)[0])]));
}
