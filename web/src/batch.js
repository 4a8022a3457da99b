// A batch: how far its members are, of a sweep which is best, and by name those that failed.
import { h } from "./dom.js";
import { startAgain } from "./ended.js";
import * as format from "./format.js";
import { ENDED, JOB_WORDS } from "./status.js";
import { downloads } from "./result.js";
import { sweepView } from "./sweep.js";

export function batchView(job, { again, cancel }) {
  const counts = Object.entries(job.member_counts);
  const stop = h("button", { class: "button", type: "button" }, "Stop what has not ended");
  stop.addEventListener("click", () => {
    stop.disabled = true;
    cancel();
  });
  const over = ENDED.has(job.status);
  const best = job.result && sweepView(job.result, over);
  return [
    over && best,
    h("section", { class: "card", "aria-label": "Members" },
      h("div", { class: "card-head" }, h("p", { "aria-live": "polite" }, job.progress?.stage ?? "It has no members yet."),
        !over && stop),
      h("progress", { max: 100, value: job.progress?.percent ?? 0, "aria-label": "Progress" }),
      counts.length > 0 && h("dl", { class: "tiles" }, counts.map(([status, number]) =>
        h("div", { class: "tile" }, h("dt", {}, JOB_WORDS[status] ?? "Done"), h("dd", {}, number.toLocaleString("en-US")))))),
    !over && best,
    job.failed_members.length > 0 && h("section", { class: "notice bad" },
      h("p", {}, `${format.plural(job.failed_members.length, "member")} failed; each says why:`),
      h("ul", {}, job.failed_members.map((id) => h("li", {}, h("a", { href: `/jobs/${id}` }, id))))),
    job.failed_members.length > 0 && startAgain(again,
      "The members that failed go back into the queue with all their tries. The others stay as they are."),
    over && job.result && downloads(job, job.result),
  ];
}
