// Choosing or dropping a file, and sending it in parts straight to storage.
import { get, pause, post, Refusal } from "./api.js";
import { h } from "./dom.js";
import * as format from "./format.js";
import { notice } from "./notice.js";

const AT_ONCE = 3;
const TRIES = 3;

class Upload extends HTMLElement {
  connectedCallback() {
    this.input = h("input", { type: "file", id: "file", accept: ".xlsx,.csv,.mps,.lp,.gz,.json", onchange: () => this.send(this.input.files[0]) });
    this.status = h("div", { class: "upload-status", "aria-live": "polite" });
    this.zone = h(
      "div",
      { class: "drop" },
      h("p", { class: "drop-title" }, "Drop your file here"),
      h("p", { class: "muted" }, "An Excel workbook of your network; your shipments as Excel or CSV; or a model of your own as MPS, LP or JSON"),
      h("div", { class: "actions" },
        h("label", { class: "button primary", for: "file" }, this.input, "Choose a file"),
        h("a", { class: "button", href: "/api/templates/network.xlsx", download: "" }, "Get the empty workbook")),
      this.status,
    );
    const over = (event) => {
      event.preventDefault();
      this.zone.classList.add("over");
    };
    this.zone.addEventListener("dragenter", over);
    this.zone.addEventListener("dragover", over);
    this.zone.addEventListener("dragleave", () => this.zone.classList.remove("over"));
    this.zone.addEventListener("drop", (event) => {
      event.preventDefault();
      this.zone.classList.remove("over");
      this.send(event.dataTransfer.files[0]);
    });
    this.append(this.zone);
  }

  async send(file) {
    if (!file || this.busy) return;
    if (/\.json$/i.test(file.name)) {
      this.input.value = "";
      document.querySelector("nx-json-model").take(file);
      return;
    }
    if (file.size === 0) {
      this.status.replaceChildren(notice(new Error(`${file.name} is empty: there is nothing in it to read. Save it again where it was made, and choose it anew.`)));
      this.input.value = "";
      return;
    }
    this.busy = true;
    this.input.disabled = true;
    const bar = h("progress", { max: file.size || 1, value: 0, "aria-label": `Sending ${file.name}` });
    const said = h("p", {}, `Sending ${file.name}, ${format.bytes(file.size)}`);
    this.status.replaceChildren(said, bar);
    try {
      const uploadId = await sendInParts(file, (sent) => (bar.value = sent));
      said.textContent = `${file.name} has arrived and is being checked`;
      location.assign(`/uploads/${uploadId}`);
    } catch (fault) {
      this.status.replaceChildren(notice(fault));
      this.busy = false;
      this.input.disabled = false;
      this.input.value = "";
    }
  }
}

/** Sends a file to storage; `report` hears of the bytes that have gone, `more` is what else is said of the file. */
export async function sendInParts(file, report, more = {}) {
  const begun = await post("/api/uploads/presign", { filename: file.name, bytes: file.size, ...more });
  const urls = new Map(begun.urls.map((part) => [part.number, part.url]));
  const sent = new Array(begun.parts).fill(0);
  const etags = new Array(begun.parts);
  let next = 1;
  const one = async () => {
    while (next <= begun.parts) {
      const number = next++;
      const content = file.slice((number - 1) * begun.part_size, number * begun.part_size);
      etags[number - 1] = await sendPart(await address(begun.upload_id, urls, number), content, (loaded) => {
        sent[number - 1] = loaded;
        report(sent.reduce((sum, part) => sum + part, 0));
      });
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, begun.parts) }, one));
  } catch (fault) {
    await fetch(`/api/uploads/${begun.upload_id}`, { method: "DELETE" });
    throw fault;
  }
  await post(`/api/uploads/${begun.upload_id}/complete`, { etags });
  return begun.upload_id;
}

async function address(uploadId, urls, number) {
  if (!urls.has(number)) {
    const more = await get(`/api/uploads/${uploadId}/parts?from=${number}`);
    for (const part of more.urls) urls.set(part.number, part.url);
  }
  return urls.get(number);
}

async function sendPart(url, content, report) {
  for (let attempt = 1; ; attempt++) {
    try {
      return await put(url, content, report);
    } catch (fault) {
      if (attempt === TRIES) throw fault;
      await pause(500 * 2 ** attempt);
    }
  }
}

// fetch() tells nothing of a body on its way; XMLHttpRequest does.
function put(url, content, report) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const failed = () => reject(new Refusal({ error: "The file could not be sent to storage. Try again." }, request.status));
    request.open("PUT", url);
    request.upload.onprogress = (event) => report(event.loaded);
    request.onload = () => {
      const etag = request.getResponseHeader("ETag");
      if (request.status === 200 && etag) {
        report(content.size);
        resolve(etag);
      } else failed();
    };
    request.onerror = failed;
    request.send(content);
  });
}

customElements.define("nx-upload", Upload);
