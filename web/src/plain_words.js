// A result told in plain words by a model, where the tenant allows it: on request, labelled, each figure with what it is.
import { get, post } from "./api.js";
import { h, replace } from "./dom.js";
import * as format from "./format.js";
import { notice } from "./notice.js";

/** A section that shows itself only where there is an assistant that may see results. */
export function plainWords(job) {
  const body = h("div", { class: "stack" });
  const section = h("section", { class: "card", "aria-label": "In plain words", hidden: true }, h("h2", {}, "In plain words"), body);
  const button = h("button", { class: "button", type: "button" }, "Have it told by the assistant");
  const said = h("div", { "aria-live": "polite" });
  button.addEventListener("click", async () => {
    button.disabled = true;
    replace(said, h("p", { class: "muted" }, "The assistant is writing. This may take most of a minute."));
    try {
      replace(body, ...told(await post(`/api/jobs/${job.id}/summary`)));
    } catch (fault) {
      replace(said, notice(fault));
      button.disabled = false;
    }
  });
  replace(body, h("p", { class: "muted" }, "The figures of this result, without names, go to the model that your operator configured."), button, said);
  get("/api/assistant").then((assistant) => (section.hidden = !(assistant.configured && assistant.consent.summaries)), () => {});
  return section;
}

const told = (summary) => [
  h("p", { class: "lead" }, summary.text),
  h("p", { class: "small muted" }, `${summary.note} ${format.instant(summary.written_at)}.`),
  summary.figures.length > 0 && h("details", {}, h("summary", {}, "Every figure, and what of the result it is"),
    h("ul", { class: "told" }, summary.figures.map((figure) => h("li", {}, h("strong", {}, figure.text), `: ${figure.facts.join("; or ")}`)))),
];
