// What a loaded file of shipments holds, what became of every dollar, and the button that sums up what was paid.
import { get, post } from "./api.js";
import { accountTable } from "./paid.js";
import { h } from "./dom.js";
import * as format from "./format.js";
import { notice } from "./notice.js";

export async function shipmentsForm(upload, dataset) {
  const networks = await get("/api/datasets?domain=network&limit=50");
  const name = h("input", { id: "scenario-name", required: true, maxlength: 200, value: upload.filename.replace(/\.[^.]+$/, "") });
  const network = h("select", { id: "network" }, h("option", { value: "" }, "No network: shipments alone"),
    networks.filter((one) => one.counts.facilities > 0).map((one) => h("option", { value: one.dataset_id }, `${one.filename}, ${format.instant(one.created_at)}`)));
  const button = h("button", { class: "button primary large", type: "submit" }, "Sum up what was paid");
  const said = h("div", { "aria-live": "polite" });
  const submit = async (event) => {
    event.preventDefault();
    button.disabled = true;
    said.replaceChildren();
    try {
      location.assign(`/jobs/${await run(name.value, dataset.dataset_id, network.value)}`);
    } catch (fault) {
      said.replaceChildren(notice(fault));
      button.disabled = false;
    }
  };
  return [h("section", { class: "card" },
    h("h2", {}, "The data is ready"),
    h("ul", { class: "counts" }, h("li", {}, h("strong", {}, format.count(dataset.counts.shipments)), dataset.counts.shipments === 1 ? " shipment" : " shipments")),
    dataset.warnings.length > 0 && h("ul", { class: "notice" }, dataset.warnings.map((warning) => h("li", {}, warning))),
    h("form", { class: "run", onsubmit: submit },
      h("div", { class: "field" }, h("label", { for: "scenario-name" }, "Name of this scenario"), name),
      h("div", { class: "field" }, h("label", { for: "network" }, "Set beside"), network,
        h("p", { class: "small muted" }, "Its places name the ends of lanes; its own costs and books are compared")),
      button, said)),
    accountTable(dataset.account)];
}

async function run(name, shipments, network) {
  const projects = await get("/api/projects");
  const project = projects[0] ?? (await post("/api/projects", { name: "My networks" }));
  const datasets = { transport: shipments, ...(network !== "" && { network }) };
  const scenario = await post("/api/scenarios", { project_id: project.project_id, name, type: "baseline", datasets, parameters: {} });
  return (await post("/api/optimize/run-batch", { scenario_id: scenario.scenario_id })).job_id;
}
