// The proof that goes with a plan: recomputed from the data by code that knows nothing of the model.
import { h, term } from "./dom.js";
import * as format from "./format.js";

/** `bounded`: what is proven is a plan and how much cheaper any could be; sums have neither. */
export function certificateView(result, bounded = true) {
  const certificate = result.certificate;
  const passed = certificate.valid && certificate.checks.every((check) => check.passed);
  return h("section", { class: `card certificate ${passed ? "good" : "bad"}`, "aria-label": "Certificate" },
    h("h2", {}, term("Checked independently", "Certificate: feasibility and cost recomputed from the data by separate code")),
    h("p", {}, passed
      ? `${format.plural(certificate.checks.length, "check")} recomputed from your data by separate code, all passed.`
      : "The independent check did not pass."),
    h("dl", { class: "facts" },
      bounded && certificate.objective !== null && [
        fact("This plan costs", "Objective value, recomputed", format.money(certificate.objective, 2)),
        fact("Cannot be cheaper than", "Best proven lower bound on the objective", `${format.money(certificate.bound, 2)} (${bySource(certificate.bound_source)})`),
        fact("Still open", "Relative gap: (objective - bound) / objective", format.gap(certificate.gap))],
      fact("Solved by", "Optimisation engine", `${result.engine} in ${format.seconds(result.seconds)}`),
      fact("Data fingerprint", "SHA-256 of the dataset's content", h("code", { class: "hash" }, certificate.dataset_sha256))),
    h("details", {}, h("summary", {}, "Every check"),
      h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Table of checks" },
        h("table", {},
          h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Check"),
            h("th", { scope: "col", class: "number" }, term("Largest miss", "Worst residual found")), h("th", { scope: "col", class: "number" }, "Allowed"), h("th", { scope: "col" }, "Result"))),
          h("tbody", {}, certificate.checks.map((check) => h("tr", {},
            h("td", {}, format.words(check.name), check.where && h("span", { class: "small muted" }, ` ${check.where}`)),
            h("td", { class: "number" }, residual(check.worst)), h("td", { class: "number" }, residual(check.limit)),
            h("td", { class: check.passed ? "ok" : "not-ok" }, check.passed ? "passed" : "failed"))))))));
}

const SOURCES = {
  solver: "the solver's word",
  earlier_attempt: "the solver's word in an earlier attempt",
  closed_form: "by a sum that anyone can redo from the data",
  recomputed: "recomputed from the data",
  multipliers: "recomputed from prices on the capacities",
};
const bySource = (source) => SOURCES[source] ?? format.words(source).toLowerCase();
const residual = (size) => (size === 0 ? "0" : size == null ? format.NOT_KNOWN : size.toExponential(1));
const fact = (plain, technical, value) => h("div", {}, h("dt", {}, term(plain, technical)), h("dd", {}, value));
