// What a plan would cost if one thing were otherwise: what to ask, the answers as they come, and how sure they are.
import { get, post } from "./api.js";
import { h, replace, term } from "./dom.js";
import * as format from "./format.js";
import { notice } from "./notice.js";
import { ENDED, RESULT_WORDS } from "./status.js";

// What a person ticks, and the questions that stand behind it.
const GROUPS = [
  ["How many facilities", ["one_more_site", "one_fewer_site"]],
  ["Demand 10 % more or less", ["demand"]],
  ["Service a point more or less", ["service_level"]],
  ["A facility closed, or another opened", ["site_closed", "site_opened"]],
];

/** The section on the page of a plan. It has what was asked last, if anything was. */
export function whatIf(job, result) {
  const said = h("div", { "aria-live": "polite" });
  const answers = h("div", { class: "stack" });
  const section = h("section", { class: "card", "aria-label": "What if" }, h("h2", {}, "What if"),
    h("p", { class: "muted" }, "What the best network would cost if one thing were otherwise. Each question is solved anew and checked."),
    form(result, async (asked) => {
      said.replaceChildren();
      try {
        await post(`/api/jobs/${job.id}/sensitivity`, asked);
        await look();
        return true;
      } catch (fault) {
        said.replaceChildren(notice(fault));
        return false;
      }
    }), said, answers);
  const look = async () => {
    const [newest] = await get(`/api/jobs/${job.id}/sensitivity`);
    if (!newest) return;
    show(newest);
    if (!ENDED.has(newest.status)) follow(newest);
  };
  const show = (asked) => replace(answers, standing(asked, cancel), asked.result?.sensitivity && answersView(asked.result.sensitivity),
    ENDED.has(asked.status) && asked.result && files(asked));
  const cancel = (asked) => post(`/api/jobs/${asked.id}/cancel`).then(look).catch((fault) => said.replaceChildren(notice(fault)));
  const follow = (asked) => {
    section.stream?.close();
    const stream = (section.stream = new EventSource(`/api/jobs/${asked.id}/events`));
    let seen = asked.progress?.percent;
    stream.addEventListener("job", (event) => {
      const now = JSON.parse(event.data);
      if (ENDED.has(now.status)) stream.close();
      // The answers so far are asked for when there are more of them, or when it is over.
      if (ENDED.has(now.status) || now.progress?.percent !== seen) {
        seen = now.progress?.percent;
        look().catch((fault) => said.replaceChildren(notice(fault)));
      }
    });
  };
  look().catch((fault) => said.replaceChildren(notice(fault)));
  return section;
}

/** The sections of the page of the job that asked. */
export function sensitivityView(job, result) {
  return [
    h("section", { class: `verdict ${result.status}`, "aria-label": "Verdict" },
      job.partial && h("p", { class: "eyebrow" }, "Stopped early: what was answered until then"),
      h("h2", {}, result.headline),
      h("p", { class: "lead" }, "Asked of ", h("a", { href: `/jobs/${result.of_job_id}` }, `the plan that costs ${format.short(result.objective)}`), ".")),
    h("section", { class: "card", "aria-label": "Answers" }, h("h2", {}, "What if"), answersView(result.sensitivity)),
    h("section", { class: "card", "aria-label": "Downloads" }, h("h2", {}, "Take it with you"), files(job)),
  ];
}

function form(result, ask) {
  const boxes = GROUPS.map(([words, kinds]) => {
    const box = h("input", { type: "checkbox", checked: true });
    return { box, kinds, element: h("label", { class: "check" }, box, ` ${words}`) };
  });
  const site = h("select", { id: "what-if-site" }, h("option", { value: "" }, "Those most likely to matter"),
    result.facilities.map(({ name, open }) => h("option", { value: name }, `${name}: ${open ? "closed" : "open"}`)));
  const button = h("button", { class: "button primary large", type: "submit" }, "Ask what if");
  return h("form", { class: "run", onsubmit: async (event) => {
    event.preventDefault();
    const questions = boxes.filter(({ box }) => box.checked).flatMap(({ kinds }) => kinds);
    button.disabled = true;
    await ask({ questions, ...(site.value && questions.includes("site_closed") && { sites: [site.value] }) });
    button.disabled = false;
  } },
  h("fieldset", { class: "checks" }, h("legend", {}, "Questions"), boxes.map(({ element }) => element)),
  h("div", { class: "field" }, h("label", { for: "what-if-site" }, "Which facilities"), site), button);
}

function standing(asked, cancel) {
  if (!ENDED.has(asked.status)) {
    const stop = h("button", { class: "button", type: "button" }, "Stop, and keep the answers");
    stop.addEventListener("click", () => {
      stop.disabled = true;
      cancel(asked);
    });
    const bar = h("progress", { max: 100, "aria-label": "Progress" });
    if (typeof asked.progress?.percent === "number") bar.value = asked.progress.percent;
    return h("div", {}, h("div", { class: "card-head" },
      h("p", { "aria-live": "polite" }, format.words(asked.progress?.stage ?? "Waiting for a free worker")), stop), bar);
  }
  if (asked.result) return h("p", { class: "lead" }, asked.result.headline);
  return h("p", { class: "notice bad" }, asked.error?.message ?? "It was stopped before anything was answered.");
}

/** A line for each answer, the largest saving first; then why some have none. */
export function answersView(told) {
  const why = told.answers.filter((answer) => answer.why.length > 0);
  const left = new Map();
  for (const one of told.not_asked) left.set(one.why, [...(left.get(one.why) ?? []), one.label]);
  return h("div", { class: "stack" },
    told.answers.length > 0 && h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Table of answers" },
      h("table", { class: "figures" }, h("caption", { class: "hidden" }, "What the best network would cost"),
        h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "If"),
          h("th", { scope: "col", class: "number" }, term("The best cost changes by", "Cost of the changed problem less the plan's, all years, each proven within its gap")),
          h("th", { scope: "col" }, "How sure"), h("th", { scope: "col" }, "Then open"), h("th", { scope: "col" }, "Then closed"))),
        h("tbody", {}, told.answers.map(line)))),
    why.length > 0 && h("ul", { class: "small muted" }, why.map((answer) => h("li", {}, `${answer.label}: ${answer.why.join(" ")}`))),
    left.size > 0 && h("ul", { class: "small muted" }, [...left].map(([reason, labels]) => h("li", {}, `Not answered, ${reason}: ${labels.join("; ")}.`))));
}

function line(answer) {
  const good = answer.status === "optimal";
  return h("tr", {},
    h("th", { scope: "row" }, answer.label, answer.cheaper_plan && h("span", { class: "tag" }, "cheaper than the plan")),
    h("td", { class: "number" }, change(answer)),
    h("td", {}, h("span", { class: `chip ${good ? "good" : answer.failed || answer.status === "infeasible" ? "bad" : ""}` }, sure(answer))),
    h("td", {}, answer.opened.join(", ")), h("td", {}, answer.closed.join(", ")));
}

function sure(answer) {
  if (answer.failed) return "Failed its check, not shown";
  if (answer.status === null) return "Contradicts the data";
  return answer.status === "infeasible" ? "No plan possible" : RESULT_WORDS[answer.status][0];
}

const signed = (amount) => {
  const whole = Math.round(amount);
  return `${whole > 0 ? "+" : whole < 0 ? "-" : ""}${format.money(Math.abs(whole))}`;
};

/** By how much the best cost changes, and between what where the gaps leave much of it open. */
function change({ status, delta, lowest, highest }) {
  if (status === "infeasible") return "no plan";
  if (lowest !== null && highest !== null) {
    const within = `${signed(lowest)} to ${signed(highest)}`;
    if (delta === null) return within;
    const wide = Math.round(highest) - Math.round(lowest) > Math.max(0.01 * Math.abs(delta), 1);
    return wide ? `${signed(delta)} (${within})` : signed(delta);
  }
  if (lowest !== null) return `at least ${signed(lowest)}`;
  return highest === null ? format.NOT_KNOWN : `at most ${signed(highest)}`;
}

const files = (asked) =>
  h("div", { class: "actions" },
    h("a", { class: "button", href: `/api/jobs/${asked.id}/result.xlsx`, download: "" }, "Answers (Excel)"),
    h("a", { class: "button", href: `/api/jobs/${asked.id}/result`, download: `what-if-${asked.id}.json` }, "Answers (JSON)"));
