// What a loaded file of shipments holds, what became of every dollar, and what can be asked of it.
import { get, post } from "./api.js";
import { demandForm } from "./demand_form.js";
import { accountTable } from "./paid.js";
import { h } from "./dom.js";
import * as format from "./format.js";
import { notice } from "./notice.js";

// By type: what is asked, the button's words, and what a network beside the shipments is for.
const ASKED = {
  baseline: ["What was paid", "Sum up what was paid", "Its places name the ends of lanes; its own costs and books are compared"],
  rates: ["What a shipment costs", "Fit rates to the shipments", "Its circuity makes miles of ZIP codes"],
};

export async function shipmentsForm(upload, dataset) {
  const networks = await get("/api/datasets?domain=network&limit=50");
  const name = h("input", { id: "scenario-name", required: true, maxlength: 200, value: upload.filename.replace(/\.[^.]+$/, "") });
  const network = h("select", { id: "network" }, h("option", { value: "" }, "No network: shipments alone"),
    networks.filter((one) => one.counts.facilities > 0).map((one) => h("option", { value: one.dataset_id }, `${one.filename}, ${format.instant(one.created_at)}`)));
  const asked = h("select", { id: "asked", onchange: () => ask() }, Object.entries(ASKED).map(([type, [words]]) => h("option", { value: type }, words)));
  const circuity = h("input", { id: "circuity", type: "number", min: 1, step: "any" });
  const fitting = h("div", { class: "field" }, h("label", { for: "circuity" }, "Road miles per mile as the crow flies"), circuity,
    h("p", { class: "small muted" }, "For shipments that state no miles; empty: as the network says, else they are left out"));
  const totals = h("textarea", { id: "control-totals", rows: 3, maxlength: 20000, placeholder: "2025 transport = 1250000" });
  const tolerance = h("input", { id: "tolerance", type: "number", min: 0, max: 100, step: "any", placeholder: "2" });
  const books = [
    h("div", { class: "field" }, h("label", { for: "control-totals" }, "What your books say"), totals,
      h("p", { class: "small muted" }, "Control totals, one a line: a year, transport or total, = and dollars. What was paid is held against them; empty: against nothing")),
    h("div", { class: "field" }, h("label", { for: "tolerance" }, "How far apart they may be, in %"), tolerance)];
  const button = h("button", { class: "button primary large", type: "submit" });
  const beside = h("p", { class: "small muted" });
  const ask = () => {
    const [, verb, role] = ASKED[asked.value];
    fitting.hidden = asked.value !== "rates";
    for (const field of books) field.hidden = asked.value !== "baseline";
    button.textContent = verb;
    beside.textContent = role;
  };
  ask();
  const said = h("div", { "aria-live": "polite" });
  const parameters = () => asked.value === "rates"
    ? { ...(circuity.value !== "" && { circuity: Number(circuity.value) }) }
    : { ...(totals.value.trim() !== "" && { control_totals: totals.value.trim() }),
        ...(tolerance.value !== "" && { calibration_tolerance: Number((Number(tolerance.value) / 100).toPrecision(12)) }) };
  const submit = async (event) => {
    event.preventDefault();
    button.disabled = true;
    said.replaceChildren();
    try {
      location.assign(`/jobs/${await run(name.value, asked.value, datasets(dataset.dataset_id, network.value), parameters())}`);
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
      h("div", { class: "field" }, h("label", { for: "asked" }, "What to find out"), asked),
      h("div", { class: "field" }, h("label", { for: "scenario-name" }, "Name of this scenario"), name),
      h("div", { class: "field" }, h("label", { for: "network" }, "Set beside"), network,
        beside),
      fitting, books, button, said)),
    demandForm(dataset),
    accountTable(dataset.account)];
}

const datasets = (transport, network) => ({ transport, ...(network !== "" && { network }) });

async function run(name, type, stated, parameters) {
  const projects = await get("/api/projects");
  const project = projects[0] ?? (await post("/api/projects", { name: "My networks" }));
  const scenario = await post("/api/scenarios", { project_id: project.project_id, name, type, datasets: stated, parameters });
  return (await post("/api/optimize/run-batch", { scenario_id: scenario.scenario_id })).job_id;
}
