// The columns of a refused file that nobody knows what they are, and what the assistant suggests, for a person to decide.
import { get, post } from "./api.js";
import { h, replace } from "./dom.js";
import * as format from "./format.js";
import { notice } from "./notice.js";

/** A card of these columns, or null where there is none. */
export async function mappingView(uploadId) {
  const { columns } = await get(`/api/uploads/${uploadId}/mapping`);
  if (!columns.length) return null;
  const assistant = await get("/api/assistant");
  const rows = h("tbody", {}, columns.map(row));
  const said = h("div", { "aria-live": "polite" });
  const button = h("button", { class: "button", type: "button", hidden: !(assistant.configured && assistant.consent.mapping) }, "Ask the assistant");
  button.addEventListener("click", async () => {
    button.disabled = true;
    replace(said, h("p", { class: "muted" }, "The assistant is looking. This may take most of a minute."));
    try {
      const answered = await post(`/api/uploads/${uploadId}/mapping/suggestions`);
      replace(rows, ...answered.columns.map(row));
      replace(said, h("p", {}, "Suggested by a model, for you to decide: rename what is right in your file, and upload it again."));
    } catch (fault) {
      replace(said, notice(fault));
    }
    button.disabled = false;
  });
  return h("section", { class: "card", "aria-label": "Unknown columns" },
    h("div", { class: "card-head" }, h("h2", {}, "Columns that are not known"), button), said,
    h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Table of unknown columns" },
      h("table", {}, h("thead", {}, h("tr", {}, ["Sheet", "Header", "Cells look like", "Could be"].map((name) => h("th", { scope: "col" }, name)))), rows)));
}

const row = (column) =>
  h("tr", {}, h("td", {}, column.sheet), h("td", {}, column.header), h("td", {}, column.patterns.map((pattern) => [h("code", {}, pattern), " "])),
    h("td", {}, column.suggestion ? suggestion(column.suggestion) : h("span", { class: "muted" }, "not known")));

const suggestion = (one) => [h("code", {}, one.field), h("span", { class: "small muted" }, ` suggested by ${one.model}, ${format.percent(one.confidence, 0)} sure`)];
