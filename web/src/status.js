// What the states of jobs, results and uploads are called in plain words.
import { h } from "./dom.js";
import * as format from "./format.js";

export const JOB_WORDS = {
  queued: "Waiting for a free worker",
  running: "Working",
  failed: "Could not be done",
  cancelled: "Stopped",
  dead: "Given up",
};
export const RESULT_WORDS = {
  optimal: ["Proven optimal", "optimal: the gap to the bound is within the requested gap"],
  feasible: ["Best found so far", "feasible: an incumbent with a gap still open to the bound"],
  infeasible: ["No plan can meet every requirement", "infeasible: proven, with evidence"],
  unbounded: ["The cost has no lower limit", "unbounded: the data lets the cost fall without end"],
  no_solution: ["No plan found in time", "no_solution: the limit came first; nothing is proven"],
};
export const UPLOAD_WORDS = {
  received: "Waiting",
  validating: "Being checked",
  loading: "Being read",
  loaded: "Ready",
  rejected: "Needs mending",
  aborted: "Given up",
  needs_decision: "Needs a decision",
  needs_mapping: "Needs mapping",
};
const KINDS = {
  transport: "Network design", capacity: "Capacity analysis", warehouse: "Warehouse space", inventory: "Stock",
  integrated: "Network, warehouses and stock", sensitivity: "What if",
  greenfield: "Places for new facilities",
  baseline: "What was paid", rates: "Rates fitted to shipments",
};

/** What a job is about. A run of a sweep has a number of facilities of its own. */
export function kind({ sweep, type, parameters }) {
  if (sweep) return "Network design for every number of facilities";
  const what = KINDS[type] ?? format.words(type);
  const { min_facilities: least, max_facilities: most } = parameters ?? {};
  return ["transport", "integrated"].includes(type) && most && least === most ? `${what} with exactly ${format.plural(most, "facility", "facilities")}` : what;
}

const GOOD = new Set(["optimal"]);
// What is reckoned from the data, with nothing to choose that could be better or worse.
const SUMS = new Set(["baseline", "inventory", "rates"]);
const BAD = new Set(["failed", "dead", "infeasible", "unbounded"]);

export const ENDED = new Set(["succeeded", "failed", "cancelled", "dead"]);

export function chip(job) {
  const state = job.status === "succeeded" && job.result ? job.result.status : job.status;
  if (job.status === "succeeded" && SUMS.has(job.type) && GOOD.has(state)) return h("span", { class: "chip good" }, "Done and checked");
  const said = JOB_WORDS[state] ?? RESULT_WORDS[state]?.[0] ?? "Done";
  const live = job.status === "running" ? "live" : "";
  return h("span", { class: `chip ${GOOD.has(state) ? "good" : BAD.has(state) ? "bad" : live}` }, said);
}
