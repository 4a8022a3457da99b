// What the states of jobs, results and uploads are called in plain words.
import { h } from "./dom.js";

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
const GOOD = new Set(["optimal"]);
const BAD = new Set(["failed", "dead", "infeasible", "unbounded"]);

export const ENDED = new Set(["succeeded", "failed", "cancelled", "dead"]);

export function chip(job) {
  const state = job.status === "succeeded" && job.result ? job.result.status : job.status;
  const said = JOB_WORDS[state] ?? RESULT_WORDS[state]?.[0] ?? "Done";
  const live = job.status === "running" ? "live" : "";
  return h("span", { class: `chip ${GOOD.has(state) ? "good" : BAD.has(state) ? "bad" : live}` }, said);
}
