// A model of one's own in the JSON of javascript-lp-solver: pasted or opened, checked word by word and solved.
import { post } from "./api.js";
import { h } from "./dom.js";
import * as format from "./format.js";
import { notice } from "./notice.js";

const LARGEST_BYTES = 8 * 1024 ** 2; // of a request
const EXAMPLE = `{
  "optimize": "profit",
  "opType": "max",
  "constraints": { "wood": { "max": 300 } },
  "variables": { "table": { "wood": 30, "profit": 1200 } },
  "ints": { "table": 1 }
}`;

class JsonModel extends HTMLElement {
  connectedCallback() {
    this.text = h("textarea", { id: "json-model", class: "code", rows: 9, required: true, spellcheck: "false", autocomplete: "off", autocapitalize: "off", placeholder: EXAMPLE, "aria-describedby": "json-model-form" });
    const file = h("input", { type: "file", id: "json-file", accept: ".json,application/json", onchange: () => this.take(file.files[0]) });
    this.button = h("button", { class: "button primary", type: "submit" }, "Solve it");
    this.said = h("div", { "aria-live": "polite" });
    this.fold = h("details", {}, h("summary", {}, "Or paste a model of your own as JSON"),
      h("form", { class: "run", onsubmit: (event) => this.submit(event) },
        h("div", { class: "field" }, h("label", { for: "json-model" }, "The model, as javascript-lp-solver takes it"), this.text,
          h("p", { class: "small muted", id: "json-model-form" }, "JSON: names in double quotes, no comments, no comma after the last. JSON.stringify(model) writes it so.")),
        h("div", { class: "actions" }, this.button, h("label", { class: "button", for: "json-file" }, file, "Open a file")), this.said));
    this.append(h("section", { class: "card", "aria-label": "A model as JSON" }, this.fold));
  }

  /** Put a file's text into the form, to be looked at and solved. */
  async take(file) {
    if (!file) return;
    this.fold.open = true;
    if (file.size > LARGEST_BYTES) {
      this.said.replaceChildren(notice(new Error(`${file.name} has ${format.bytes(file.size)}; as JSON a model has 8 MB at most. Save it as MPS or LP: those may have 500 MB.`)));
      return;
    }
    this.text.value = await file.text();
    this.said.replaceChildren(h("p", { class: "small muted" }, `${file.name}, ${format.bytes(file.size)}`));
    this.text.scrollIntoView({ block: "nearest" });
    this.button.focus();
  }

  async submit(event) {
    event.preventDefault();
    this.button.disabled = true;
    this.said.replaceChildren();
    try {
      location.assign(`/jobs/${(await post("/api/optimize/run-batch", { model: { json: this.text.value } })).job_id}`);
    } catch (fault) {
      this.said.replaceChildren(notice(fault));
      this.button.disabled = false;
      this.point(fault.message);
    }
  }

  /** Put the cursor where a fault of grammar is. */
  point(message) {
    const [, line, column] = message.match(/\(line (\d+), column (\d+)\)/) ?? [];
    if (line === undefined) return;
    const before = this.text.value.split("\n").slice(0, line - 1).reduce((length, one) => length + one.length + 1, 0);
    const at = before + Number(column) - 1;
    this.text.focus();
    this.text.setSelectionRange(at, at + 1);
  }
}

customElements.define("nx-json-model", JsonModel);
