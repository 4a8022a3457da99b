// A job that ended without a result: what became of it, how it came to that, and the way to start it again.
import { get } from "./api.js";
import { h } from "./dom.js";
import * as format from "./format.js";
import { allProblems } from "./notice.js";

const SAID = {
  cancelled: "It was stopped before a checked plan could be kept.",
  failed: "It ended without a plan.",
  succeeded: "It is done.",
};
export const ENDED_BADLY = new Set(["failed", "dead"]);

export function withoutResult(job, again) {
  const said = job.status === "dead"
    ? `It was tried ${format.plural(job.attempt, "time")} and given up. Nothing is lost: it can be started again.`
    : SAID[job.status];
  return [
    h("section", { class: `notice ${job.error ? "bad" : ""}` },
      h("p", {}, said), job.error && (allProblems(job.error) ?? h("p", {}, job.error.message)),
      job.error && h("p", { class: "small" }, `Code ${job.error.code}`)),
    ENDED_BADLY.has(job.status) && startAgain(again,
      "It goes back into the queue with all its tries, under the same number and with the same data. If the data was " +
      "at fault it will end the same way: mend the file and upload it anew instead."),
    told(job),
  ];
}

/** A button that starts a job again, with what that means. */
export function startAgain(again, meaning) {
  const button = h("button", { class: "button", type: "button", "aria-describedby": "start-again" }, "Start it again");
  button.addEventListener("click", async () => {
    button.disabled = true;
    if (!(await again())) button.disabled = false;
  });
  return h("section", { class: "card", "aria-label": "Start it again" },
    h("div", { class: "card-head" }, h("p", { id: "start-again" }, meaning), button));
}

function told(job) {
  const list = h("ul", { class: "told" });
  const details = h("details", {}, h("summary", {}, "What happened"), list);
  details.addEventListener("toggle", async () => {
    if (!details.open || list.children.length) return;
    try {
      const story = await get(`/api/jobs/${job.id}/story`);
      list.replaceChildren(...story.told.map((sentence) => h("li", {}, sentence)));
    } catch (fault) {
      list.replaceChildren(h("li", {}, fault.message));
    }
  });
  return details;
}
