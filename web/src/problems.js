// What is wrong with a file, cell by cell, a page at a time.
import { get } from "./api.js";
import { h } from "./dom.js";
import * as format from "./format.js";
import { notice } from "./notice.js";

const PAGE = 50;

class Problems extends HTMLElement {
  async show(uploadId) {
    this.uploadId = uploadId;
    this.rows = h("tbody");
    this.more = h("button", { class: "button", type: "button", hidden: true, onclick: () => this.load() }, "Show more");
    this.heading = h("h2", {}, "What to mend");
    this.replaceChildren(
      h("section", { class: "card", "aria-label": "Problems" },
        h("div", { class: "card-head" }, this.heading,
          h("a", { class: "button", href: `/api/uploads/${uploadId}/problems?format=csv`, download: "" }, "Download all as CSV")),
        h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Table of problems" },
          h("table", { class: "problems" },
            h("thead", {}, h("tr", {},
              ["Sheet", "Row", "Column", "Found", "What is wrong, and what to do"].map((name) =>
                h("th", { scope: "col", class: name === "Row" ? "number" : null }, name)))),
            this.rows)),
        this.more));
    this.shown = 0;
    await this.load();
  }

  async load() {
    try {
      const page = await get(`/api/uploads/${this.uploadId}/problems?offset=${this.shown}&limit=${PAGE}`);
      this.rows.append(...page.problems.map(row));
      this.shown += page.problems.length;
      this.heading.textContent = `What to mend: ${format.plural(page.total, "problem")}`;
      this.more.hidden = this.shown >= page.total || page.problems.length === 0;
    } catch (fault) {
      this.append(notice(fault));
    }
  }
}

/** Of a whole sheet nothing was found in a cell. */
function found({ row, value }) {
  if (value !== null && value !== "") return h("code", {}, value);
  return row === null ? "" : h("span", { class: "muted" }, "empty");
}

function row(problem) {
  return h("tr", {},
    h("td", {}, problem.sheet ?? ""),
    h("td", { class: "number" }, problem.row === null ? "" : format.count(problem.row)),
    h("td", {}, problem.column ?? ""),
    h("td", {}, found(problem)),
    h("td", {}, problem.message));
}

customElements.define("nx-problems", Problems);
