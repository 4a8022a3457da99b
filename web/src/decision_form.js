// A file of shipments with bad rows: what they carry, and the choice to go on without them or to refuse the file.
import { post } from "./api.js";
import { h } from "./dom.js";
import * as format from "./format.js";
import { notice } from "./notice.js";

/** `decided` is called with the upload once the record has it. */
export function decisionForm(upload, decided) {
  const { rows, usd, units, uncharged } = upload.bad_rows;
  const said = h("div", { "aria-live": "polite" });
  const decide = async (decision) => {
    for (const button of buttons) button.disabled = true;
    said.replaceChildren();
    try {
      decided(await post(`/api/uploads/${upload.upload_id}/decision`, { decision }));
    } catch (fault) {
      said.replaceChildren(notice(fault));
      for (const button of buttons) button.disabled = false;
    }
  };
  const buttons = [
    h("button", { class: "button primary", type: "button", onclick: () => decide("accept_without_bad_rows") }, `Go on without ${rows === 1 ? "this row" : `these ${format.count(rows)} rows`}`),
    h("button", { class: "button", type: "button", onclick: () => decide("refuse") }, "Refuse the file")];
  return h("section", { class: "card", "aria-label": "A decision" },
    h("h2", {}, `${format.plural(rows, "row")} cannot be read`),
    h("p", {}, `As far as the rows state it, they carry ${format.money(usd, 2)} and ${format.plural(units, "unit")}.`,
      uncharged > 0 && ` Of ${format.plural(uncharged, "row")} the charge cannot be read.`),
    h("p", {}, "Nothing of the file is loaded yet. If you go on, these rows count nowhere, and every result says how many rows and dollars were left out. " +
      "To keep them, correct them in the file, refuse this one and upload it mended."),
    h("div", { class: "actions" }, buttons,
      h("a", { class: "button", href: `/api/uploads/${upload.upload_id}/bad-rows.xlsx`, download: `bad-rows-${upload.upload_id}.xlsx` }, "Bad rows (Excel)")), said);
}
