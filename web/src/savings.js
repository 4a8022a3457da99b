// What a plan saves against today's network, how far that can be trusted, and what it is worth; or why it is not known.
import { h } from "./dom.js";
import * as format from "./format.js";

/** Nothing for a result that says nothing of savings: an earlier version wrote it. */
export function savingsView(result) {
  const { savings, business_case: business } = result;
  if (!savings) return null;
  return h("section", { class: "card", "aria-label": "Against today" }, h("h2", {}, "Against today"),
    h("p", { class: savings.known ? "lead" : "muted" }, sentence(savings)),
    savings.known && years(savings.years),
    savings.known && h("p", {}, business.known ? worth(business) : `The cash flow is not known: ${business.why}`));
}

function sentence(savings) {
  if (!savings.known) return `Savings are not known: ${savings.why}`;
  const gains = savings.total >= 0;
  const share = savings.share === null ? "" : ` (${format.percent(Math.abs(savings.share))})`;
  return `Against today's network the plan ${gains ? "saves" : "costs"} ${format.money(Math.abs(savings.total))}` +
    `${gains ? "" : " more"}${share}. ${savings.note}`;
}

function years(rows) {
  return h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Table of savings by year" },
    h("table", {},
      h("thead", {}, h("tr", {}, ["Year", "Today", "Plan", "Saving"].map((title, at) =>
        h("th", { scope: "col", class: at ? "number" : null }, title)))),
      h("tbody", {}, rows.map((row) => h("tr", {}, h("td", {}, String(row.year)),
        [row.baseline_cost, row.scenario_cost, row.saving].map((amount) => h("td", { class: "number" }, format.money(amount))))))));
}

function worth(business) {
  const back = business.payback_years === null ? "never" : `${business.payback_years.toFixed(1)} years`;
  const value = business.npv === null
    ? `A net present value is not known: ${business.npv_why}`
    : `Its net present value at ${format.percent(business.discount_rate)} a year is ${format.money(business.npv)}.`;
  const earned = business.roi === null ? "" : ` The return on what is spent is ${format.percent(business.roi)}.`;
  return `The cash flow from ${business.discounted_to} on is ${format.money(business.total_cash_flow)}; ` +
    `${format.money(business.investment)} are spent once. It pays back: ${back}. ${value}${earned}`;
}
