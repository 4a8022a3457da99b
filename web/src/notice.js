// How a refusal looks: what it says, what is wrong in detail, and the id that support needs.
import { h } from "./dom.js";

export function notice(fault) {
  return h(
    "div",
    { class: "notice bad", role: "alert" },
    h("p", {}, fault.message),
    fault.problems?.length > 1 && h("ul", {}, fault.problems.map((problem) => h("li", {}, problem.message))),
    fault.requestId && h("p", { class: "small" }, `Request ${fault.requestId}`),
  );
}
