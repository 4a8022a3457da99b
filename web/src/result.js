// A result in plain words: the verdict, the figures, the map, the years, the sites, the proof and the files.
import { calibrationView } from "./calibration.js";
import { certificateView } from "./certificate.js";
import { boundChart } from "./chart.js";
import { h, onLook, term } from "./dom.js";
import { facilitiesView } from "./facilities.js";
import * as format from "./format.js";
import { infeasibleView } from "./infeasible.js";
import { NetworkMap } from "./map.js";
import { fittedPrices } from "./rates.js";
import { savingsView } from "./savings.js";
import { RESULT_WORDS } from "./status.js";
import { whatIf } from "./what_if.js";
import { yearsView } from "./years.js";

/** The sections of a result, in reading order. `trace` is the watched course of the solve, if it was watched. */
export function resultView(job, result, trace) {
  const head = verdict(job, result);
  if (result.infeasibility) return [head, infeasibleView(result.infeasibility), downloads(job, result)];
  if (!result.kpis) return [head, downloads(job, result)];
  return [head, tiles(result), savingsView(result), calibrationView(result), network(job, result), yearsView(result.years, result.kpis),
    fittedPrices(result), whatIf(job, result), certificateView(result),
    trace && course(trace), downloads(job, result)].filter(Boolean);
}

function verdict(job, result) {
  const [plain, technical] = RESULT_WORDS[result.status] ?? [format.words(result.status), result.status];
  return h("section", { class: `verdict ${result.status}`, "aria-label": "Verdict" },
    (job.partial || result.partial) && h("p", { class: "eyebrow" }, "Stopped early: the best plan found until then"),
    h("h2", {}, term(plain, technical)),
    h("p", { class: "lead" }, sentence(result)));
}

function sentence(result) {
  const cost = format.short(result.objective);
  const bound = format.short(result.bound);
  switch (result.status) {
    case "optimal":
      return `Open ${format.plural(result.kpis.facilities_open, "facility", "facilities")} for ${cost} over ` +
        `${format.plural(result.years.length, "year")}. ` +
        (result.gap > 0 ? `No plan can be cheaper than ${bound}, with ${format.gap(result.gap)} between the two.` : "No plan can be cheaper.");
    case "feasible":
      return `Open ${format.plural(result.kpis.facilities_open, "facility", "facilities")} for ${cost} over ` +
        `${format.plural(result.years.length, "year")}. ` +
        (result.bound === null
          ? "How much cheaper a plan could be is not known."
          : `It is not proven to be the cheapest: no plan can be cheaper than ${bound}, and ${format.gap(result.gap)} is still open.`) + limit(result);
    case "infeasible":
      return "The requirements clash. Below is which ones, by how much, and the nearest values that would work.";
    case "unbounded":
      return "A cost in the data is likely negative. Check the costs in the workbook.";
    default:
      return `Nothing is proven.${limit(result) || " Give it more time, or ask for less."}`;
  }
}

/** Which limit ended the search, where it was the time. */
function limit({ parameters, seconds, partial }) {
  const most = Number(parameters?.time_limit_seconds?.value);
  return most > 0 && seconds >= most && !partial
    ? ` The time limit of ${format.seconds(most)} came first: a larger time_limit_seconds in the sheet Parameters gives it more.`
    : "";
}

function tiles(result) {
  const { kpis } = result;
  const shown = [
    ["Total cost", "Transport, inbound, facilities and missed service over all years, recomputed from the data", ...amount(kpis.total_cost)],
    ["Transport", "Sum over all assignments of units times the lane's cost per unit", format.short(kpis.transport_cost), share(kpis.transport_cost, kpis.total_cost)],
    kpis.inbound_cost > 0 && ["Inbound", "Units from suppliers times what the supplier and the lane from it cost", format.short(kpis.inbound_cost), share(kpis.inbound_cost, kpis.total_cost)],
    ["Facilities", "Fixed cost, handling, opening, closing and expansions of the facilities", format.short(kpis.facility_cost), share(kpis.facility_cost, kpis.total_cost)],
    kpis.service_penalty_cost > 0 && ["Missed service", "Units short of the service level times service_penalty_per_unit", format.short(kpis.service_penalty_cost), share(kpis.service_penalty_cost, kpis.total_cost)],
    ["Cost per unit", "Total cost divided by all units delivered", format.money(kpis.cost_per_unit, 2), `${format.short(kpis.total_units, "")} units`],
    ["Facilities open", "Facilities that are open in at least one year", format.count(kpis.facilities_open), ""],
    kpis.service_level !== null && ["Served within reach", "Service level: lowest year's share of units within the distance or days", format.percent(kpis.service_level), reach(result.years)],
    kpis.weighted_distance_miles !== null && ["Average distance", "Distance weighted by units", format.miles(kpis.weighted_distance_miles), ""],
  ].filter(Boolean);
  return h("dl", { class: "tiles kpis" }, shown.map(([plain, technical, value, below]) =>
    h("div", { class: "tile" }, h("dt", {}, term(plain, technical)), h("dd", {}, value), below && h("dd", { class: "small muted" }, below))));
}

/** In short, and whole below it where that says more. */
export function amount(value) {
  const [brief, whole] = [format.short(value), format.money(value)];
  return [brief, brief === whole ? "" : whole];
}

/** What a verdict says that the headline above it does not. */
export const beyondHeadline = ({ headline, verdict: said }) =>
  h("p", { class: "lead" }, said.replace(`${headline}. `, ""));

/** Years may ask for different distances or days. */
const reach = (years) => {
  const within = [...new Set(years.map((year) => year.service_within).filter(Boolean))];
  return `${within.length > 0 ? `within ${within.join(" or ")}, ` : ""}in the worst year`;
};
const share = (part, whole) => (whole > 0 ? `${format.percent(part / whole, 0)} of the total` : "");

/** The map and the facilities of a year. */
export function network(job, result) {
  // Facilities without a place leave nothing to draw.
  const placed = result.facilities.some((facility) => facility.latitude !== null);
  const map = placed ? new NetworkMap(job.id, result.facilities) : null;
  const table = h("div", {});
  const choose = (year) => {
    table.replaceChildren(facilitiesView(result.facilities, year));
    return map?.show(year);
  };
  const first = result.years[0].year;
  const section = h("section", { class: "card", "aria-label": "The network" },
    h("div", { class: "card-head" }, h("h2", {}, "The network"), result.years.length > 1 && yearChoice(result.years, choose)),
    map?.element ?? h("p", { class: "small muted" }, "No map: where the facilities stand is not known."), table);
  choose(first);
  return section;
}

function yearChoice(years, choose) {
  return h("fieldset", { class: "segments" }, h("legend", { class: "hidden" }, "Year"),
    years.map(({ year }, index) => h("label", {},
      h("input", { type: "radio", name: "year", value: year, checked: index === 0, onchange: () => choose(year) }), h("span", {}, String(year)))));
}

function course(trace) {
  const chart = h("div", { class: "chart" });
  onLook(chart, () => boundChart(chart, trace));
  return h("section", { class: "card", "aria-label": "How it was found" }, h("h2", {}, "How it was found"), chart);
}

export function downloads(job, result) {
  const base = `/api/jobs/${job.id}`;
  return h("section", { class: "card", "aria-label": "Downloads" }, h("h2", {}, "Take it with you"),
    h("div", { class: "actions" },
      h("a", { class: "button primary", href: `${base}/result.xlsx`, download: "" }, "Excel workbook"),
      h("a", { class: "button", href: `${base}/report.html`, target: "_blank", rel: "noopener" }, "Report to print or send"),
      result.kpis && ["transport", "integrated"].includes(job.type) && h("a", { class: "button", href: `${base}/assignments.parquet`, download: "" }, "Who serves whom (Parquet)"),
      result.suppliers?.length > 0 && h("a", { class: "button", href: `${base}/inbound.parquet`, download: "" }, "What comes in (Parquet)"),
      h("a", { class: "button", href: `${base}/result`, download: `result-${job.id}.json` }, "All figures (JSON)")));
}
