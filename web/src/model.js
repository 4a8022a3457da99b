// What became of a model of a client's own: the verdict, its figures, and the whole answer to take along.
import { h, term } from "./dom.js";
import * as format from "./format.js";

const WORDS = {
  optimal: ["Proven optimal", "optimal: the gap to the bound is within the tolerance"],
  feasible: ["Best found so far", "feasible: a checked answer with a gap still open to the bound"],
  infeasible: ["No answer can meet every requirement", "infeasible"],
  unbounded: ["The objective has no limit", "unbounded"],
  no_solution: ["No answer found in time", "no_solution: the limit came first; nothing is proven"],
};
const SOURCES = { recomputed: "recomputed exactly", solver: "the solver's word" };
const number = new Intl.NumberFormat("en-US", { maximumSignificantDigits: 12 });

/** The sections of a model's result, as the job shows it. */
export function modelView(job) {
  const { result } = job;
  const [plain, technical] = WORDS[result.status] ?? [result.status, result.status];
  const figures = [
    ["Objective", result.objective],
    ["Bound", result.bound, SOURCES[result.bound_source]],
  ].filter(([, value]) => value !== null && value !== undefined);
  return [
    h("section", { class: `verdict ${result.status}`, "aria-label": "Verdict" },
      job.partial && h("p", { class: "eyebrow" }, "Stopped early: the best answer found until then"),
      h("h2", {}, term(plain, technical)),
      figures.map(([word, value, source]) => h("p", { class: "lead" }, `${word} ${number.format(value)}`, source && ` (${source})`)),
      result.certificate && h("p", {}, `Checked independently: ${format.plural(result.certificate.checks.length, "check")}, all passed.`)),
    result.infeasibility && h("section", { class: "card", "aria-label": "Why" },
      h("h2", {}, "What clashes"),
      h("ul", {}, result.infeasibility.clashes.map((clash) => h("li", {}, clash.message, clash.cure && ` What would work: ${clash.cure.replace(/\.$/, "")}.`)))),
    h("section", { class: "card", "aria-label": "Downloads" }, h("h2", {}, "Take it with you"),
      h("div", { class: "actions" },
        h("a", { class: "button primary", href: `/api/jobs/${job.id}/result`, download: `result-${job.id}.json` }, "The whole answer (JSON)"))),
  ].filter(Boolean);
}
