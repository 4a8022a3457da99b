// A sweep: the best number of facilities, how sure that is, and every run of it side by side.
import { get } from "./api.js";
import { h, term } from "./dom.js";
import * as format from "./format.js";
import { JOB_WORDS, RESULT_WORDS } from "./status.js";

// Short, for a line of a table; the run's own page says more.
const SHORT = { infeasible: "No plan possible", no_solution: "No plan in time", failed: "Failed" };
const GOOD = new Set(["optimal"]);
const BAD = new Set(["failed", "infeasible"]);

/** `over`: no run is on its way any more. */
export function sweepView(result, over) {
  const { best, frontier } = result;
  const shows = (name) => frontier.some((row) => row[name] != null);
  const columns = COLUMNS.filter(({ name, always }) => always || shows(name));
  return h("section", { class: "card", "aria-label": "Runs of the sweep" },
    h("h2", {}, best === null ? "No best number of facilities yet" : `Best: ${format.plural(best.nodes, "facility", "facilities")} open, ${format.short(result.objective)}`),
    h("p", { class: "muted", "aria-live": "polite" }, result.note),
    h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Table of the runs" },
      h("table", { class: "figures" },
        h("caption", { class: "hidden" }, "The runs of the sweep, by number of open facilities"),
        h("thead", {}, h("tr", {},
          h("th", { scope: "col" }, "Facilities open"), h("th", { scope: "col" }, "Where it stands"),
          columns.map(({ head }) => h("th", { scope: "col", class: "number" }, head())))),
        h("tbody", {}, frontier.map((row) => line(row, columns))))),
    over && best !== null && shows("savings") && trust(best.job_id));
}

/** How far savings can be trusted: all runs are held against one baseline, of which the best one's result tells. */
function trust(jobId) {
  const said = h("p", { class: "small muted", "aria-live": "polite" });
  get(`/api/jobs/${jobId}/result`).then(
    ({ savings }) => { said.textContent = savings?.known ? `Savings: ${savings.note}` : ""; },
    () => { said.textContent = "Whether savings are calibrated could not be read now: the page of each run says it."; });
  return said;
}

const COLUMNS = [
  { name: "cost", always: true, head: () => "Cost, all years", write: format.money },
  { name: "bound", always: true, head: () => term("Cannot be cheaper than", "Best proven lower bound on the objective"), write: format.money },
  { name: "gap", always: true, head: () => term("Still open", "Relative gap: (objective - bound) / objective"), write: format.gap },
  { name: "service_level", head: () => term("Served within reach", "Service level: lowest year's share of units within the distance or days"), write: format.percent },
  { name: "weighted_distance_miles", head: () => term("Average distance", "Distance weighted by units, in miles"), write: format.miles },
  { name: "savings", head: () => term("Saves against today", "The modelled baseline less the plan, all years"), write: format.money },
];

function line(row, columns) {
  const word = SHORT[row.status] ?? RESULT_WORDS[row.status]?.[0] ?? JOB_WORDS[row.status];
  const tone = GOOD.has(row.status) ? "good" : BAD.has(row.status) ? "bad" : row.status === "running" ? "live" : "";
  return h("tr", { class: row.best ? "best" : null },
    h("th", { scope: "row" }, h("a", { href: `/jobs/${row.job_id}`, "aria-label": format.plural(row.nodes, "facility", "facilities") }, format.count(row.nodes)),
      row.best && h("span", { class: "tag" }, "best"),
      row.efficient && !row.best && h("span", { class: "tag" }, "worth a look")),
    h("td", {}, h("span", { class: `chip ${tone}` }, row.partial ? `${word}, stopped early` : word)),
    columns.map(({ name, write }) => h("td", { class: "number" }, row[name] == null ? "" : write(row[name]))));
}
