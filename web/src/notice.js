// How a refusal looks: what it says, what is wrong in detail, and the id that support needs.
import { h } from "./dom.js";
import * as format from "./format.js";

export function notice(fault) {
  return h(
    "div",
    { class: "notice bad", role: "alert" },
    h("p", {}, fault.message),
    allProblems(fault),
    fault.requestId && h("p", { class: "small" }, `Request ${fault.requestId}`),
  );
}

/** Each of several problems with its place, and how many there are beside those that were told; one stands in the message. */
export function allProblems({ problems = [], problem_count: count = problems?.length }) {
  if (!(problems?.length > 1)) return null;
  return h("ul", { class: "told" },
    problems.map((problem) => h("li", {}, place(problem), problem.message)),
    count > problems.length && h("li", { class: "muted" }, `and ${format.plural(count - problems.length, "more problem")}.`));
}

/** The sheet and the cell, as far as it is known; what is wrong with a whole column says its name itself. */
function place({ sheet, row, column }) {
  const cell = row ? [`row ${format.count(row)}`, column] : [];
  const where = [sheet, ...cell].filter(Boolean).join(", ");
  return where ? h("strong", {}, `${where}: `) : null;
}
