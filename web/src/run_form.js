// What a loaded workbook holds, what can be planned with it, and the button that plans it.
import { get, post } from "./api.js";
import { h, replace } from "./dom.js";
import * as format from "./format.js";
import { notice } from "./notice.js";
import { kind } from "./status.js";

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
const SHEETS = { facilities: "Facilities", skus: "SKUs", warehouse: "Warehouse", inventory: "Inventory" };

// Per scenario type: what it plans, its button, the tables that it cannot do without, and what it opens, if anything.
const TYPES = {
  transport: ["The cheapest network", "Find the cheapest network", ["facilities"], "facilities"],
  capacity: ["Capacity of facilities as they are", "Test the capacity", ["facilities"], null],
  warehouse: ["Space in one warehouse", "Plan the space", ["facilities", "skus", "warehouse"], null],
  inventory: ["Stock of a network as it is", "Plan the stock", ["facilities", "inventory"], null],
  integrated: ["The network with its warehouses and stock", "Plan all three", ["facilities", "skus", "warehouse", "inventory"], "facilities"],
  greenfield: ["Places for new facilities, from demand alone", "Find the best places", [], "places"],
};

// What these types start from, the parameter that says it, and what it may be beside the plan of a finished job.
const STARTS = {
  capacity: ["Which facilities", "sites", [["mandatory", "Those that must be open"]]],
  inventory: ["Who serves whom", "assignment", [["", "As the sheet Inventory says"], ["fixed", "As the fixed rows of the sheet Assignments say"]]],
};

export function runForm(upload, dataset) {
  const name = h("input", { id: "scenario-name", required: true, maxlength: 200, value: upload.filename.replace(/\.[^.]+$/, "") });
  const most = h("input", { id: "most", type: "number", min: 1, step: 1, inputmode: "numeric",
    placeholder: dataset.parameters.max_facilities ?? "no limit" });
  const mostField = h("div", { class: "field" }, h("label", { for: "most" }, "Most facilities open at once"), most,
    h("p", { class: "small muted" }, "Leave empty to keep what the workbook says"));
  const range = rangeField();
  const start = startField(dataset.dataset_id);
  const type = h("select", { id: "scenario-type", onchange: () => choose() },
    Object.entries(TYPES).map(([value, [words, , tables]]) => option(value, words, tables.filter((table) => !dataset.counts[table]))));
  const button = h("button", { class: "button primary large", type: "submit" });
  const choose = () => {
    button.textContent = TYPES[type.value][1];
    const opens = TYPES[type.value][3];
    mostField.hidden = opens !== "facilities";
    range.open(opens);
    start.of(type.value);
  };
  choose();
  const said = h("div", { "aria-live": "polite" });
  const submit = async (event) => {
    event.preventDefault();
    button.disabled = true;
    said.replaceChildren();
    try {
      const stated = { ...start.parameters(), ...range.parameters(),
        ...(!mostField.hidden && most.value !== "" && { max_facilities: Number(most.value) }) };
      location.assign(`/jobs/${await run(type.value, name.value, dataset.dataset_id, stated, range.sweep())}`);
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
      start.element, mostField, range.element, button, said));
}

/** What a capacity analysis or a plan of stock starts from: what the workbook says, or a plan found for the same data. */
function startField(datasetId) {
  const label = h("label", { for: "start" });
  const select = h("select", { id: "start" });
  const element = h("div", { class: "field" }, label, select);
  const plans = plansOf(datasetId);
  let name = null;
  return {
    element,
    async of(type) {
      const [words, parameter, stated] = STARTS[type] ?? [];
      name = parameter ?? null;
      element.hidden = name === null;
      if (name === null) return;
      label.textContent = words;
      const offered = (choices) => replace(select, choices.map(([value, said]) => h("option", { value }, said)));
      offered(stated);
      const found = await plans;
      if (name === parameter && found.length > 0) offered([...stated, ...found]);
    },
    parameters: () => (name !== null && select.value !== "" ? { [name]: select.value } : {}),
  };
}

/** The newest plans of a dataset's network. Without them a form still has what the workbook says. */
async function plansOf(datasetId) {
  try {
    const [jobs, scenarios] = await Promise.all([get("/api/jobs?type=transport&status=succeeded&limit=50"), get("/api/scenarios?limit=200")]);
    const names = new Map(scenarios.filter(({ datasets }) => datasets.network === datasetId).map((one) => [one.scenario_id, one.name]));
    return jobs.filter((job) => (job.result?.objective ?? null) !== null && names.has(job.scenario_id)).slice(0, 10)
      .map((job) => [`job ${job.id}`, `As planned: ${names.get(job.scenario_id)}, ${kind(job)}, ${format.short(job.result.objective)}, ${format.instant(job.created_at)}`]);
  } catch {
    return [];
  }
}

const CRITERIA = [["total_cost", "Least cost"], ["cost_per_unit", "Least cost a unit"], ["service_level", "Best service"], ["savings", "Most saved against today"]];

/** From how many to how many: of facilities a sweep, if it is filled in; of places what is asked. */
function rangeField() {
  const number = (id) => h("input", { id, type: "number", min: 1, step: 1, inputmode: "numeric" });
  const [least, most] = [number("from"), number("to")];
  const criterion = h("select", { id: "criterion" }, CRITERIA.map(([value, words]) => h("option", { value }, words)));
  const best = h("div", { class: "field" }, h("label", { for: "criterion" }, "Best by"), criterion);
  const legend = h("legend", {});
  const hint = h("p", { class: "small muted" });
  const element = h("fieldset", { class: "range" }, legend,
    h("div", { class: "field" }, h("label", { for: "from" }, "From"), least), h("div", { class: "field" }, h("label", { for: "to" }, "To"), most), best, hint);
  let opened = null;
  const filled = () => least.value !== "" || most.value !== "";
  return {
    element,
    open(what) {
      opened = what;
      const places = what === "places";
      element.hidden = what === null;
      best.hidden = places;
      least.required = most.required = places;
      legend.textContent = places ? "How many places" : "One run for every number of facilities";
      hint.textContent = places ? "Each number between is asked too" : "Leave empty for one run that chooses the number";
    },
    parameters: () => (opened === "places" ? { min_sites: Number(least.value), max_sites: Number(most.value) } : {}),
    sweep: () => (opened === "facilities" && filled()
      ? { minNodes: Number(least.value || most.value), maxNodes: Number(most.value || least.value), criterion: criterion.value } : null),
  };
}

/** A type that the data lacks sheets for can be seen, and not chosen. */
function option(value, words, missing) {
  const lacks = missing.map((table) => SHEETS[table]).join(", ").replace(/, ([^,]*)$/, " and $1");
  return h("option", { value, disabled: missing.length > 0 },
    words, missing.length > 0 && ` (needs the ${missing.length === 1 ? "sheet" : "sheets"} ${lacks})`);
}

async function run(type, name, datasetId, parameters, sweep) {
  const projects = await get("/api/projects");
  const project = projects[0] ?? (await post("/api/projects", { name: "My networks" }));
  const scenario = await post("/api/scenarios", { project_id: project.project_id, name, type, datasets: { network: datasetId }, parameters });
  return (await post("/api/optimize/run-batch", { scenario_id: scenario.scenario_id, ...(sweep && { scenario: sweep }) })).job_id;
}
