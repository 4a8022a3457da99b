// The sheets Destinations and Lanes out of a dataset of shipments, for a network's workbook.
import { download } from "./api.js";
import { h } from "./dom.js";
import { notice } from "./notice.js";

export function demandForm(dataset) {
  const by = h("select", { id: "demand-by" },
    h("option", { value: "zip3" }, "First three digits of the ZIP code"), h("option", { value: "zip5" }, "Five digits of the ZIP code"),
    h("option", { value: "name" }, "Its name in the file"));
  const year = whole("demand-year", 1900, 2200);
  const months = whole("demand-months", 1, 1200);
  const button = h("button", { class: "button large", type: "submit" }, "Destinations and lanes (Excel)");
  const said = h("div", { "aria-live": "polite" });
  const submit = async (event) => {
    event.preventDefault();
    button.disabled = true;
    said.replaceChildren();
    const asked = new URLSearchParams({ by: by.value, ...(year.value && { year: year.value }), ...(months.value && { months: months.value }) });
    try {
      await download(`/api/datasets/${dataset.dataset_id}/demand.xlsx?${asked}`, `demand-${dataset.dataset_id}.xlsx`);
    } catch (fault) {
      said.replaceChildren(notice(fault));
    }
    button.disabled = false;
  };
  return h("section", { class: "card", "aria-label": "Demand and lanes" },
    h("h2", {}, "Demand and lanes"),
    h("p", { class: "small muted" },
      "Where units went, and what was paid for each lane and mode: the sheets Destinations and Lanes, for a network's workbook"),
    h("form", { class: "run", onsubmit: submit },
      field("demand-by", "A destination is", by),
      field("demand-year", "Shipments of one year", year, "Empty: all of them, which then have to be of a year at most"),
      field("demand-months", "How many months they cover", months, "Demand becomes that of a year. Empty: it is as it stands, nothing is multiplied"),
      button, said));
}

const whole = (id, min, max) => h("input", { id, type: "number", min, max, step: 1 });
const field = (id, words, control, note) =>
  h("div", { class: "field" }, h("label", { for: id }, words), control, note && h("p", { class: "small muted" }, note));
