// One job: live while it works, its result once it has one.
import { get, post } from "./api.js";
import { h, replace } from "./dom.js";
import { batchView } from "./batch.js";
import { capacityView } from "./capacity.js";
import { withoutResult } from "./ended.js";
import { greenfieldView } from "./greenfield.js";
import { Live } from "./live.js";
import { modelView } from "./model.js";
import { notice } from "./notice.js";
import { paidView } from "./paid.js";
import { plainWords } from "./plain_words.js";
import { ratesView } from "./rates.js";
import { resultView } from "./result.js";
import { chip, ENDED, kind } from "./status.js";
import { storageView } from "./storage.js";
import { sensitivityView } from "./what_if.js";

// How a result is shown, by its own type: an integrated job that was stopped may have a network alone.
const VIEWS = {
  transport: resultView, capacity: capacityView, warehouse: storageView, inventory: storageView,
  integrated: storageView, sensitivity: sensitivityView, greenfield: greenfieldView,
  baseline: paidView, rates: ratesView,
};
// What the assistant does not tell of.
const UNTOLD = new Set(["sensitivity", "baseline", "rates"]);

class JobPage extends HTMLElement {
  async connectedCallback() {
    this.id_ = this.getAttribute("job");
    this.head = h("div", { class: "page-head" });
    this.said = h("div", { "aria-live": "polite" });
    this.body = h("div", { class: "stack" });
    this.append(this.head, this.said, this.body);
    try {
      const job = await get(`/api/jobs/${this.id_}`);
      this.name = await scenarioName(job);
      this.show(job);
      if (!ENDED.has(job.status)) this.watch();
    } catch (fault) {
      this.said.replaceChildren(notice(fault));
    }
  }

  watch() {
    // The browser connects again by itself when the stream breaks.
    this.stream?.close();
    const stream = (this.stream = new EventSource(`/api/jobs/${this.id_}/events`));
    stream.addEventListener("job", (event) => {
      const job = JSON.parse(event.data);
      if (ENDED.has(job.status)) stream.close();
      this.show(job);
    });
  }

  show(job) {
    replace(
      this.head,
      h("div", {}, h("p", { class: "eyebrow" }, kind(job)),
        h("h1", {}, this.name)),
      // A result says its verdict below, in larger letters.
      !(ENDED.has(job.status) && job.result) && chip(job));
    if (job.type === "batch") this.batch(job);
    else if (ENDED.has(job.status)) this.end(job);
    else this.live(job);
  }

  batch(job) {
    replace(this.body, ...batchView(job, { again: () => this.again(), cancel: () => this.cancel() }));
  }

  live(job) {
    if (!this.panel) {
      this.panel = new Live(() => this.cancel());
      this.body.replaceChildren(this.panel.element);
    }
    this.panel.show(job);
  }

  async cancel() {
    try {
      this.show(await post(`/api/jobs/${this.id_}/cancel`));
    } catch (fault) {
      this.said.replaceChildren(notice(fault));
    }
  }

  /** Whether the job was queued again. */
  async again() {
    try {
      const job = await post(`/api/jobs/${this.id_}/redrive`);
      this.ended = false;
      this.panel = null;
      this.said.replaceChildren();
      this.show(job);
      this.watch();
      return true;
    } catch (fault) {
      this.said.replaceChildren(notice(fault));
      return false;
    }
  }

  async end(job) {
    if (this.ended) return;
    this.ended = true;
    if (job.result && job.type === "model") {
      this.body.replaceChildren(...modelView(job));
      return;
    }
    if (!job.result || !(job.type in VIEWS)) {
      replace(this.body, ...withoutResult(job, () => this.again()));
      return;
    }
    try {
      const result = await get(`/api/jobs/${this.id_}/result`);
      const trace = this.panel?.trace() ?? null;
      const [verdict, ...rest] = VIEWS[result.type ?? job.type](job, result, trace);
      replace(this.body, verdict, !UNTOLD.has(result.type) && plainWords(job), ...rest);
    } catch (fault) {
      this.said.replaceChildren(notice(fault));
    }
  }
}

async function scenarioName(job) {
  if (job.type === "model") return "A model of your own";
  if (!job.scenario_id) return job.type === "batch" ? "Batch" : "Loading a file";
  return (await get(`/api/scenarios/${job.scenario_id}?version=${job.scenario_version}`)).name;
}

customElements.define("nx-job-page", JobPage);
