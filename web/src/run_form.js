// What a loaded workbook holds, what can be planned with it, and the button that plans it.
import { get, post } from "./api.js";
import { h } from "./dom.js";
import * as format from "./format.js";
import { notice } from "./notice.js";

const TABLES = {
  facilities: ["facility", "facilities"],
  destinations: ["destination", "destinations"],
  lanes: ["lane", "lanes"],
  demand: ["demand row", "demand rows"],
  rates: ["rate", "rates"],
  suppliers: ["supplier", "suppliers"],
  inbound_lanes: ["inbound lane", "inbound lanes"],
  expansions: ["expansion tier", "expansion tiers"],
  facility_years: ["facility year", "facility years"],
  skus: ["SKU", "SKUs"],
};
const SHEETS = { skus: "SKUs", warehouse: "Warehouse", inventory: "Inventory" };

// Per scenario type: what it plans, its button, the tables that it cannot do without, whether it opens facilities.
const TYPES = {
  transport: ["The cheapest network", "Find the cheapest network", [], true],
  capacity: ["Capacity of the mandatory facilities", "Test the capacity", [], false],
  warehouse: ["Space in one warehouse", "Plan the space", ["skus", "warehouse"], false],
  inventory: ["Stock, with the assignments as they are", "Plan the stock", ["inventory"], false],
  integrated: ["The network with its warehouses and stock", "Plan all three", ["skus", "warehouse", "inventory"], true],
};

export function runForm(upload, dataset) {
  const name = h("input", { id: "scenario-name", required: true, maxlength: 200, value: upload.filename.replace(/\.[^.]+$/, "") });
  const most = h("input", { id: "most", type: "number", min: 1, step: 1, inputmode: "numeric",
    placeholder: dataset.parameters.max_facilities ?? "no limit" });
  const mostField = h("div", { class: "field" }, h("label", { for: "most" }, "Most facilities open at once"), most,
    h("p", { class: "small muted" }, "Leave empty to keep what the workbook says"));
  const type = h("select", { id: "scenario-type", onchange: () => choose() },
    Object.entries(TYPES).map(([value, [words, , tables]]) => option(value, words, tables.filter((table) => !dataset.counts[table]))));
  const button = h("button", { class: "button primary large", type: "submit" });
  const choose = () => {
    button.textContent = TYPES[type.value][1];
    mostField.hidden = !TYPES[type.value][3];
  };
  choose();
  const said = h("div", { "aria-live": "polite" });
  const submit = async (event) => {
    event.preventDefault();
    button.disabled = true;
    said.replaceChildren();
    try {
      location.assign(`/jobs/${await run(type.value, name.value, dataset.dataset_id, mostField.hidden ? "" : most.value)}`);
    } catch (fault) {
      said.replaceChildren(notice(fault));
      button.disabled = false;
    }
  };
  const counted = Object.entries(TABLES).filter(([table]) => dataset.counts[table] > 0);
  return h("section", { class: "card" },
    h("h2", {}, "The data is ready"),
    h("ul", { class: "counts" },
      counted.map(([table, [one, many]]) =>
        h("li", {}, h("strong", {}, format.count(dataset.counts[table])), ` ${dataset.counts[table] === 1 ? one : many}`)),
      h("li", {}, h("strong", {}, format.count(dataset.years)), dataset.years === 1 ? " year" : " years to plan")),
    dataset.warnings.length > 0 && h("ul", { class: "notice" }, dataset.warnings.map((warning) => h("li", {}, warning.message ?? String(warning)))),
    h("form", { class: "run", onsubmit: submit },
      h("div", { class: "field" }, h("label", { for: "scenario-type" }, "What to plan"), type),
      h("div", { class: "field" }, h("label", { for: "scenario-name" }, "Name of this scenario"), name),
      mostField, button, said));
}

/** A type that the data lacks sheets for can be seen, and not chosen. */
function option(value, words, missing) {
  const lacks = missing.map((table) => SHEETS[table]).join(", ").replace(/, ([^,]*)$/, " and $1");
  return h("option", { value, disabled: missing.length > 0 },
    words, missing.length > 0 && ` (needs the ${missing.length === 1 ? "sheet" : "sheets"} ${lacks})`);
}

async function run(type, name, datasetId, most) {
  const projects = await get("/api/projects");
  const project = projects[0] ?? (await post("/api/projects", { name: "My networks" }));
  const scenario = await post("/api/scenarios", {
    project_id: project.project_id,
    name,
    type,
    datasets: { network: datasetId },
    parameters: { ...(type === "capacity" && { sites: "mandatory" }), ...(most !== "" && { max_facilities: Number(most) }) },
  });
  return (await post("/api/optimize/run-batch", { scenario_id: scenario.scenario_id })).job_id;
}
