// One upload on its way: arrived, checked, loaded or refused; then the form that runs it.
import { get, pause, post } from "./api.js";
import { decisionForm } from "./decision_form.js";
import { h, replace } from "./dom.js";
import * as format from "./format.js";
import { mappingView } from "./mapping.js";
import { notice } from "./notice.js";
import { runForm } from "./run_form.js";
import { shipmentsForm } from "./shipments_form.js";

const STEPS = [
  ["received", "Waiting for the file"],
  ["validating", "Checking the file"],
  ["loading", "Reading every row"],
  ["loaded", "Ready"],
];
const ENDED = new Set(["loaded", "rejected", "aborted", "needs_decision", "needs_mapping"]);
const MODEL_PARTS = { rows: ["constraint", "constraints"], columns: ["variable", "variables"] };

class UploadPage extends HTMLElement {
  async connectedCallback() {
    this.head = h("div");
    this.body = h("div", { class: "stack" });
    this.append(h("div", { "aria-live": "polite" }, this.head), this.body);
    try {
      await this.follow(this.getAttribute("upload"));
    } catch (fault) {
      this.body.replaceChildren(notice(fault));
    }
  }

  async follow(id) {
    for (;;) {
      const upload = await get(`/api/uploads/${id}`);
      const job = upload.status === "loading" && upload.job_id ? await get(`/api/jobs/${upload.job_id}`) : null;
      this.progress(upload, job);
      if (ENDED.has(upload.status)) return this.end(upload);
      await pause(600);
    }
  }

  progress(upload, job) {
    const now = STEPS.findIndex(([status]) => status === upload.status);
    const refused = now < 0;
    replace(
      this.head,
      h("p", { class: "eyebrow" }, "Upload"),
      h("h1", {}, upload.filename),
      h("p", { class: "muted" }, `${format.bytes(upload.bytes)}, ${format.instant(upload.created_at)}`),
      !refused && upload.status !== "loaded" &&
        h("ol", { class: "steps" },
          STEPS.slice(0, 3).map(([, words], step) =>
            h("li", { class: step < now ? "done" : step === now ? "now" : "", "aria-current": step === now ? "step" : null }, words))),
      job?.progress && h("p", { class: "muted" }, progressWords(job.progress)));
  }

  async end(upload) {
    if (upload.status === "loaded") {
      if (upload.kind === "model") {
        this.body.replaceChildren(modelForm(upload));
        return;
      }
      if (upload.kind === "correction") {
        this.body.replaceChildren(taken(upload, await get(`/api/uploads/${upload.corrects}`)));
        return;
      }
      const dataset = await get(`/api/datasets/${upload.dataset_id}`);
      this.body.replaceChildren(...(dataset.domain === "transport" ? await shipmentsForm(upload, dataset) : [runForm(upload, dataset)]));
      return;
    }
    const problems = h("nx-problems");
    if (upload.status === "needs_decision" && upload.bad_rows) {
      const decided = () => {
        this.body.replaceChildren();
        this.follow(upload.upload_id).catch((fault) => this.body.replaceChildren(notice(fault)));
      };
      replace(this.body, decisionForm(upload, decided), problems);
      await problems.show(upload.upload_id);
      return;
    }
    replace(
      this.body,
      h("div", { class: "notice bad", role: "alert" },
        h("h2", {}, upload.status === "aborted" ? "This upload was given up" : "This file cannot be used as it is"),
        h("p", {}, upload.reason ?? "It was aborted before it arrived."),
        h("p", {}, "Nothing of it was kept. Mend the file and ",
          upload.corrects ? h("a", { href: `/uploads/${upload.corrects}` }, "send it again from the page of the file that it corrects") : h("a", { href: "/" }, "upload it again"), ".")),
      upload.problem_count > 0 && problems);
    if (upload.problem_count > 0) {
      const [unknown] = await Promise.all([mappingView(upload.upload_id), problems.show(upload.upload_id)]);
      if (unknown) problems.before(unknown);
    }
  }
}

const progressWords = (progress) =>
  [format.words(progress.stage), progress.percent !== null && progress.percent !== undefined && `${Math.round(progress.percent)} %`]
    .filter(Boolean)
    .join(", ");

/** What a correction did to the upload that it corrects. */
const taken = (correction, corrected) =>
  h("section", { class: "card", "aria-label": "The correction" },
    h("h2", {}, "The correction was taken"),
    h("ul", { class: "told" }, correction.warnings.map((warning) => h("li", {}, warning))),
    h("div", { class: "actions" },
      h("a", { class: "button primary", href: `/uploads/${corrected.upload_id}` },
        corrected.status === "needs_decision" ? `Decide about the other rows of ${corrected.filename}` : `Go on with ${corrected.filename}`)));

function modelForm(upload) {
  const button = h("button", { class: "button primary large", type: "submit" }, "Solve it");
  const said = h("div", { "aria-live": "polite" });
  const submit = async (event) => {
    event.preventDefault();
    button.disabled = true;
    said.replaceChildren();
    try {
      const job = await post("/api/optimize/run-batch", { model: { upload_id: upload.upload_id } });
      location.assign(`/jobs/${job.job_id}`);
    } catch (fault) {
      said.replaceChildren(notice(fault));
      button.disabled = false;
    }
  };
  const { format: kind, packed, name } = upload.model;
  const counted = Object.entries(MODEL_PARTS).filter(([part]) => upload.counts[part] !== undefined);
  return h("section", { class: "card" },
    h("h2", {}, "The model is ready"),
    h("p", {}, `It is written in ${kind.toUpperCase()}${packed ? ", packed by gzip" : ""}`, name && `, and calls itself ${name}`, "."),
    counted.length > 0 && h("ul", { class: "counts" },
      counted.map(([part, [one, many]]) =>
        h("li", {}, h("strong", {}, format.count(upload.counts[part])), ` ${upload.counts[part] === 1 ? one : many}`))),
    h("form", { class: "run", onsubmit: submit }, button, said));
}

customElements.define("nx-upload-page", UploadPage);
