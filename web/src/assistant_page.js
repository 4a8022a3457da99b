// The assistant: what it may see, what this tenant used, and for operators the budget of the installation.
import { get } from "./api.js";
import { h, replace } from "./dom.js";
import * as format from "./format.js";
import { notice } from "./notice.js";

const STATUS = {
  reserved: "under way",
  spent: "as the endpoint counted",
  in_full: "all that was held: the endpoint did not say",
  unspent: "nothing",
  lost: "all that was held: nobody came back to settle",
};
const PURPOSES = { mapping: "Columns of a file", summary: "A result in plain words" };
const PERIODS = { month: "This month", day: "Today" };

class AssistantPage extends HTMLElement {
  async connectedCallback() {
    try {
      const assistant = await get("/api/assistant");
      const [usage, calls, budget] = await Promise.all([
        get("/api/assistant/usage"),
        get("/api/assistant/calls?limit=50"),
        assistant.may_see_budget ? get("/api/assistant/budget") : null,
      ]);
      replace(this, h("div", { class: "stack" }, head(assistant), consent(assistant.consent),
        budget && limits(budget), used(usage.periods), made(calls)));
    } catch (fault) {
      this.replaceChildren(notice(fault));
    }
  }
}

const head = (assistant) =>
  h("div", { class: "page-head" }, h("div", {}, h("p", { class: "eyebrow" }, "Assistant"), h("h1", {}, "What it may see, and what it used"),
    h("p", { class: "muted" }, assistant.configured
      ? `It asks ${assistant.model} at ${assistant.host}${assistant.cheaper_model ? `, near the limits ${assistant.cheaper_model}` : ""}.`
      : "This installation has no assistant. Nothing is asked and nothing leaves.")));

const consent = (allowed) =>
  h("section", { class: "card", "aria-label": "What it may see" }, h("h2", {}, "What it may see"),
    h("ul", { class: "told" },
      h("li", {}, "Headers of unknown columns, and samples with every letter and digit masked: ", h("strong", {}, allowed.mapping ? "allowed" : "forbidden")),
      h("li", {}, "Figures of results, without names: ", h("strong", {}, allowed.summaries ? "allowed" : "forbidden"))),
    h("p", { class: "small muted" }, allowed.changed_at
      ? `${allowed.changed_by} said so, ${format.instant(allowed.changed_at)}.` : "An administrator of the tenant may allow it."));

function limits(budget) {
  const rows = budget.periods.map((one) => [PERIODS[one.period], part(one.spent_tokens, one.token_limit, format.count), format.count(one.held_tokens),
    part(one.spent_dollars, one.dollar_limit, dollars), dollars(one.held_dollars), one.percent_spent === null ? "" : format.percent(one.percent_spent / 100)]);
  return h("section", { class: "card", "aria-label": "The budget of the installation" }, h("h2", {}, "The budget of the installation"),
    table("The budget", ["Period", "Tokens spent", "Held", "Cost", "Held", "Of the limit"], rows),
    budget.tenants.length > 0 && table("Tenants", ["Tenant", "Model", "Calls", "Tokens", "Cost"], budget.tenants.map((one) => [one.tenant, ...model(one)])));
}

function used(periods) {
  const rows = periods.flatMap((period) => period.models.map((one) => [PERIODS[period.period], ...model(one)]));
  return h("section", { class: "card", "aria-label": "What your tenant used" }, h("h2", {}, "What your tenant used"),
    rows.length ? table("Use by model", ["Period", "Model", "Calls", "Tokens", "Cost"], rows) : h("p", { class: "muted" }, "Nothing was used this month."));
}

function made(calls) {
  if (!calls.length) return null;
  const rows = calls.map((call) => [format.instant(call.created_at), PURPOSES[call.purpose], call.asked_by, call.model,
    call.tokens === null ? `holds ${format.count(call.reserved_tokens)}` : format.count(call.tokens), call.dollars === null ? "" : dollars(call.dollars),
    STATUS[call.status], call.request_id ?? ""]);
  return h("section", { class: "card", "aria-label": "Calls" }, h("h2", {}, "The latest calls"),
    table("Calls", ["When", "For", "Asked by", "Model", "Tokens", "Cost", "Counted", "Request"], rows));
}

const NUMBERS = new Set(["Calls", "Tokens", "Tokens spent", "Held", "Cost", "Of the limit"]);
const model = (one) => [one.model, format.count(one.calls), format.count(one.tokens), dollars(one.dollars)];
const part = (spent, limit, write) => (limit === null ? write(spent) : `${write(spent)} of ${write(limit)}`);
const dollars = (amount) => format.money(amount, amount > 0 && amount < 1 ? 4 : 2);

function table(title, headings, rows) {
  const kind = (at) => (NUMBERS.has(headings[at]) ? "number" : null);
  return h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": `Table: ${title}` },
    h("table", { class: "figures" }, h("caption", { class: "hidden" }, title),
      h("thead", {}, h("tr", {}, headings.map((name, at) => h("th", { scope: "col", class: kind(at) }, name)))),
      h("tbody", {}, rows.map((row) => h("tr", {}, row.map((cell, at) => h("td", { class: kind(at) }, cell)))))));
}

customElements.define("nx-assistant", AssistantPage);
