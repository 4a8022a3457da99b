// A file of shipments with bad rows: what they carry, and the choice to correct them, to go on without them or to refuse
// the file.
import { post } from "./api.js";
import { h } from "./dom.js";
import * as format from "./format.js";
import { notice } from "./notice.js";
import { sendInParts } from "./upload.js";

/** `decided` is called with the upload once the record has it. */
export function decisionForm(upload, decided) {
  const { rows, usd, units, uncharged } = upload.bad_rows;
  const said = h("div", { "aria-live": "polite" });
  const enable = (on) => {
    for (const control of [...buttons, chosen]) control.disabled = !on;
  };
  const correct = async (file) => {
    if (!file) return;
    enable(false);
    const bar = h("progress", { max: file.size || 1, value: 0, "aria-label": `Sending ${file.name}` });
    said.replaceChildren(h("p", {}, `Sending ${file.name}, ${format.bytes(file.size)}`), bar);
    try {
      location.assign(`/uploads/${await sendInParts(file, (sent) => (bar.value = sent), { corrects: upload.upload_id })}`);
    } catch (fault) {
      said.replaceChildren(notice(fault));
      chosen.value = "";
      enable(true);
    }
  };
  const decide = async (decision) => {
    enable(false);
    said.replaceChildren();
    try {
      decided(await post(`/api/uploads/${upload.upload_id}/decision`, { decision }));
    } catch (fault) {
      said.replaceChildren(notice(fault));
      enable(true);
    }
  };
  const chosen = h("input", { type: "file", id: "corrected", accept: ".xlsx", onchange: () => correct(chosen.files[0]) });
  const buttons = [
    h("button", { class: "button", type: "button", onclick: () => decide("accept_without_bad_rows") }, `Go on without ${rows === 1 ? "this row" : `these ${format.count(rows)} rows`}`),
    h("button", { class: "button", type: "button", onclick: () => decide("refuse") }, "Refuse the file")];
  const workbook = `/api/uploads/${upload.upload_id}/bad-rows.xlsx`;
  return h("section", { class: "card", "aria-label": "A decision" },
    h("h2", {}, `${format.plural(rows, "row")} cannot be read`),
    h("p", {}, `As far as the rows state it, they carry ${format.money(usd, 2)} and ${format.plural(units, "unit")}.`,
      uncharged > 0 && ` Of ${format.plural(uncharged, "row")} the charge cannot be read.`,
      upload.corrected_rows > 0 && ` ${format.plural(upload.corrected_rows, "more row")} ${upload.corrected_rows === 1 ? "is" : "are"} corrected already.`),
    h("p", {}, "Nothing of the file is loaded yet. To keep these rows, correct them in the workbook of bad rows and send it back: they take the place of those in the file. " +
      "If you go on without them, they count nowhere, and every result says how many rows and dollars were left out."),
    h("div", { class: "actions" },
      h("a", { class: "button", href: workbook, download: `bad-rows-${upload.upload_id}.xlsx` }, "Bad rows (Excel)"),
      h("label", { class: "button primary", for: "corrected" }, chosen, "Send them corrected"), buttons), said);
}
