// Why no plan exists: which requirements clash, by how much, and what would work.
import { h } from "./dom.js";
import * as format from "./format.js";

// The label of the only year where the client stated none.
const SINGLE_YEAR = 1;

const EVIDENCE = {
  closed_form: "Shown by a sum that anyone can redo from the data.",
  elastic_model: "Shown by a solved model in which every requirement may give way at a price.",
  multipliers: "Recomputed from prices on the capacities that go with the answer, by weak duality.",
};

export function infeasibleView(infeasibility, title = "Why no plan works") {
  return h("section", { class: "card", "aria-label": "Why" },
    h("h2", {}, title),
    h("ul", { class: "clashes" }, infeasibility.clashes.map((clash) => h("li", {},
      h("h3", {}, format.words(clash.requirement), clash.year !== null && clash.year !== SINGLE_YEAR && ` in ${clash.year}`),
      h("p", {}, clash.message),
      clash.short_by !== null && h("p", {}, h("strong", {}, `Short by ${format.count(clash.short_by)} ${clash.unit ?? ""}`)),
      clash.cure && h("p", { class: "cure" }, h("span", { class: "eyebrow" }, "What would work"), clash.cure)))),
    h("p", { class: "small muted" }, EVIDENCE[infeasibility.evidence] ?? format.words(infeasibility.evidence)));
}
