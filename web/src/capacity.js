// A capacity analysis: when capacity runs out, how full each facility is, what would help most, and the relief.
import { certificateView } from "./certificate.js";
import { h, term } from "./dom.js";
import { gauge } from "./facilities.js";
import * as format from "./format.js";
import { infeasibleView } from "./infeasible.js";
import { amount, beyondHeadline, downloads } from "./result.js";

/** The sections of an analysis, in reading order. */
export function capacityView(job, result) {
  const head = h("section", { class: `verdict ${result.shortage.first_year === null ? result.status : "feasible"}`, "aria-label": "Verdict" },
    (job.partial || result.partial) && h("p", { class: "eyebrow" }, "Stopped early: what was known until then"),
    h("h2", {}, result.headline), beyondHeadline(result));
  if (!result.kpis && !result.infeasibility) return [head, downloads(job, result)];
  if (!result.kpis) return [head, infeasibleView(result.infeasibility), certificateView(result), downloads(job, result)];
  return [head, tiles(result.kpis), result.infeasibility && infeasibleView(result.infeasibility, "Why opening all of it is not enough"),
    years("Year by year", result.years), use("How full each facility is", result.utilisation, result.years),
    result.shortage.by_year.length > 0 && shortage(result.shortage),
    result.bottlenecks.length > 0 && bottlenecks(result),
    result.relief && relief(result), certificateView(result), downloads(job, result)].filter(Boolean);
}

function tiles(kpis) {
  const shown = [
    ["First year of shortage", "The first year in which demand cannot all be served", kpis.first_year_of_shortage ?? "none", ""],
    ["Units short", "Least units that stay unserved, all years", format.count(kpis.units_short), `of ${format.count(kpis.demand_units)}`],
    ["Highest use", "Utilisation of one facility in one year", kpis.highest_utilisation === null ? "no limit" : format.percent(kpis.highest_utilisation), ""],
    ["Facilities analysed", "Open in every year in which they may be", format.count(kpis.facilities_open), ""],
    ["The network as it is", "Transport, handling, what comes in, lacking service, facilities, opening and closing over all years, of what can be served", ...amount(kpis.total_cost)],
  ];
  return h("dl", { class: "tiles kpis" }, shown.map(([plain, technical, value, below]) =>
    h("div", { class: "tile" }, h("dt", {}, term(plain, technical)), h("dd", {}, String(value)), below && h("dd", { class: "small muted" }, below))));
}

const number = (value) => h("td", { class: "number" }, value);
const heading = (value) => h("th", { scope: "col" }, value);
/** Over figures, which stand right. */
const over = (value) => h("th", { scope: "col", class: "number" }, value);
const headings = (...cells) => h("thead", {}, h("tr", {}, cells));

function card(title, note, head, rows) {
  return h("section", { class: "card", "aria-label": title },
    h("h2", {}, title), note && h("p", { class: "small muted" }, note), table(title, head, rows));
}

function table(title, head, rows) {
  return h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": `Table: ${title}` },
    h("table", { class: "figures" }, h("caption", { class: "hidden" }, title), head, h("tbody", {}, rows)));
}

// Of a year, shown where they are not zero.
const EXTRA_COSTS = [["Handling", "handling_cost"], ["Coming in", "inbound_cost"], ["Lacking service", "service_penalty"],
  ["Opening and closing", "one_time_cost"]];

function yearTable(title, found) {
  const extra = EXTRA_COSTS.filter(([, name]) => found.some((year) => year[name]));
  const head = headings(heading("Year"), over("Demand"), over("Short"), over("Capacity"),
    heading(term("Use of capacity", "Utilisation: units handled divided by capacity in that year")), over("Transport"),
    ...extra.map(([title]) => over(title)), over("Facilities"));
  return table(title, head, found.map((year) => h("tr", {},
    h("th", { scope: "row" }, String(year.year)), number(format.count(year.demand_units)),
    number(year.units_short > 0 ? h("strong", {}, format.count(year.units_short)) : "none"),
    number(year.capacity_units === null ? "no limit" : format.count(year.capacity_units)),
    h("td", {}, gauge(year.utilisation)), number(format.money(year.transport_cost)), extra.map(([, name]) => number(format.money(year[name]))), number(format.money(year.fixed_cost)))));
}

function years(title, found) {
  return h("section", { class: "card", "aria-label": title }, h("h2", {}, title),
    h("p", { class: "small muted" }, "As much as possible is served, at least cost."), yearTable(title, found));
}

function useTable(title, rows, found) {
  const sites = new Map();
  for (const row of rows) sites.set(row.facility, [...(sites.get(row.facility) ?? []), row]);
  return table(title, headings(heading("Facility"), found.map((year) => heading(String(year.year)))), [...sites].map(([name, own]) => h("tr", {},
    h("th", { scope: "row" }, name), found.map(({ year }) => {
      const row = own.find((one) => one.year === year);
      return h("td", {}, row ? gauge(row.utilisation) : h("span", { class: "muted" }, "closed"));
    }))));
}

function use(title, rows, found) {
  return h("section", { class: "card", "aria-label": title }, h("h2", {}, title),
    h("p", { class: "small muted" }, "Under the least-cost flows. Where several cost the same, one of them is shown."), useTable(title, rows, found));
}

// Older results name facilities alone.
const holding = (year) => [...(year.held_back_by ?? year.facilities), ...(year.held_back_by_service ? ["the service level"] : [])];

function shortage(found) {
  return h("section", { class: "card", "aria-label": "Who goes short" }, h("h2", {}, "Who goes short"),
    found.by_year.map((year) => h("div", {},
      h("h3", {}, `${year.year}: ${format.count(year.units)} units, ${format.percent(year.share_of_demand)} of demand`),
      h("p", {}, year.destinations.map((place) => `${place.name} ${format.count(place.units)}`).join(", "), year.more_destinations > 0 && ` and ${year.more_destinations} more`, ". ",
        holding(year).length ? `Held back by ${holding(year).join(", ")}.` : "No facility with capacity reaches them."))),
    h("p", { class: "small muted" }, "The units of a year are the least possible; which destinations go without may be a choice among equals."));
}

function bottlenecks(result) {
  const left = result.bottlenecks_not_examined;
  const note = "What one more unit of capacity does, up to the capacity stated; and what a tenth more does, solved again." +
    (left > 0 ? ` ${format.count(left)} more full facilities could not be examined in time.` : "");
  const head = headings(heading("What is full"), heading("Year"), over(term("One more unit", "Shadow price: dual value of the capacity, for more of it")),
    over("Capacity"), over("Holds to at least"), heading("A tenth more"));
  return card("Bottlenecks", note, head, result.bottlenecks.map((one) => {
    const units = one.tenth_more.unit === "units served";
    const saves = units ? `serves ${format.count(one.tenth_more.saves)} more` : `saves ${format.money(one.tenth_more.saves)} a year`;
    return h("tr", {}, h("th", { scope: "row" }, one.name), h("td", {}, String(one.year)),
      number(units ? `${Number(one.shadow_price.toPrecision(3))} served` : `${format.money(one.shadow_price, 2)} a year`),
      number(format.count(one.valid_from)), number(format.count(one.valid_to)), h("td", {}, saves));
  }));
}

// Older results know neither what is paid once nor what is kept.
const once = (change) => (change.opening_cost ?? 0) + (change.closing_cost ?? 0);
const changeName = (change) => change.facility + (change.tier ? `, tier ${change.tier}` : change.change === "keep" ? ", kept" : "");

function relief(result) {
  const found = result.relief;
  const paidOnce = found.changes.some(once);
  const title = result.status === "optimal" ? "The cheapest relief" : "A relief";
  return h("section", { class: "card", "aria-label": title }, h("h2", {}, title),
    h("p", {}, `With all demand served the network costs ${format.money(found.total_cost)}; no relief can cost less than ${format.money(found.bound)} ` +
      `(${format.gap(found.gap)} between them, by the solver's word).`),
    table(title, headings(heading("Open or take"), heading("From"), heading("To"), over("Capacity"), over("Facility cost, all years"), paidOnce && over("Opening and closing")), found.changes.map((change) => h("tr", {},
      h("th", { scope: "row" }, changeName(change)), h("td", {}, String(change.from_year)), h("td", {}, change.to_year ? String(change.to_year) : "the end"),
      number(change.capacity === null ? "no limit" : format.count(change.capacity)), number(format.money(change.fixed_cost)), paidOnce && number(format.money(once(change)))))),
    h("h3", {}, "With the relief"), yearTable("Years with the relief", found.years), useTable("Use with the relief", found.utilisation, found.years));
}
