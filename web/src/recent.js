// The latest uploads and solves.
import { get } from "./api.js";
import { h } from "./dom.js";
import * as format from "./format.js";
import { notice } from "./notice.js";
import { chip, kind, UPLOAD_WORDS } from "./status.js";

class Recent extends HTMLElement {
  async connectedCallback() {
    try {
      const [jobs, uploads, scenarios] = await Promise.all([
        get("/api/jobs?limit=50"),
        get("/api/uploads?limit=8"),
        get("/api/scenarios?limit=200"),
      ]);
      const names = new Map(scenarios.map((scenario) => [scenario.scenario_id, scenario.name]));
      const solves = jobs.filter((job) => job.scenario_id || job.type === "model").slice(0, 8);
      this.replaceChildren(
        list("Recent solves", solves.map((job) => solve(job, names)), "Solves appear here once you have run one."),
        list("Recent uploads", uploads.map(upload), "Files that you upload appear here."));
    } catch (fault) {
      this.replaceChildren(notice(fault));
    }
  }
}

const list = (title, items, empty) =>
  h("section", { class: "card" }, h("h2", {}, title), items.length ? h("ul", { class: "list" }, items) : h("p", { class: "muted" }, empty));

const solve = (job, names) =>
  h("li", {}, h("a", { href: `/jobs/${job.id}` },
    h("span", { class: "grow" }, h("strong", {}, names.get(job.scenario_id) ?? (job.type === "model" ? "A model of your own" : "Scenario")),
      h("span", { class: "small muted" }, `${kind(job)}, ${format.instant(job.created_at)}`)),
    job.result?.objective !== null && job.result?.objective !== undefined && h("span", { class: "figure" }, format.short(job.result.objective)),
    chip(job)));

const upload = (found) =>
  h("li", {}, h("a", { href: `/uploads/${found.upload_id}` },
    h("span", { class: "grow" }, h("strong", {}, found.filename), h("span", { class: "small muted" }, format.instant(found.created_at))),
    h("span", { class: `chip ${found.status === "loaded" ? "good" : found.status === "rejected" ? "bad" : ""}` }, UPLOAD_WORDS[found.status] ?? found.status)));

customElements.define("nx-recent", Recent);
