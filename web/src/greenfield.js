// A greenfield study: for each number of places where they are, how far units travel, and how sure that is.
import { certificateView } from "./certificate.js";
import { h, term } from "./dom.js";
import * as format from "./format.js";
import { loadAtlas, NetworkMap } from "./map.js";
import { RESULT_WORDS } from "./status.js";

/** The sections of a study, in reading order. */
export function greenfieldView(job, result) {
  const head = h("section", { class: `verdict ${result.status}`, "aria-label": "Verdict" },
    (job.partial || result.partial) && h("p", { class: "eyebrow" }, "Stopped early: what was found until then"),
    h("h2", {}, result.headline),
    result.frontier.length > 0 && h("p", { class: "lead" }, travelled(result.frontier)),
    h("p", { class: "small muted" }, "By distance alone: nothing is known of land, labour or rent. Fill in what the places cost and hold, and upload them as a network."));
  if (result.frontier.length === 0) return [head, downloads(job)];
  return [head, places(result), numbers(result), notes(result), certificateView(result), downloads(job)].filter(Boolean);
}

/** How far a unit travels with the fewest and with the most places. */
function travelled(rows) {
  const told = (row) => `${miles(row.weighted_distance_miles)} with ${format.plural(row.count, "place")}`;
  const [first, last] = [rows[0], rows.at(-1)];
  return `On average a unit travels ${told(first)}${last === first ? "" : `, and ${told(last)}`}.`;
}

/** The places of one number on the map, with who is served from where. */
class PlacesMap extends NetworkMap {
  constructor(jobId, result) {
    super(jobId, []);
    this.located = new Map(result.destinations.map((place) => [place.name, place]));
  }

  async show(row) {
    this.land ??= await loadAtlas();
    this.year = row.count;
    this.facilities = row.places.map((place) => ({ ...place, name: `ZIP ${place.zip}`, years: [{ year: row.count }] }));
    this.hue = new Map(this.facilities.map(({ name }, index) => [name, (index % 8) + 1]));
    this.flows = this.facilities.flatMap(({ name, destinations }) => destinations.map((served) => {
      const at = this.located.get(served);
      return { facility: name, units: 1, destination_latitude: at.latitude, destination_longitude: at.longitude };
    }));
    this.total = this.flows.length;
    this.draw();
    this.element.dataset.places = row.count;
  }

  sentence({ name, destinations }) {
    return `${name} serves ${format.plural(destinations.length, "destination")}`;
  }

  saySummary() {
    const hidden = this.hidden ? `; ${format.count(this.hidden)} cannot be drawn: they lie outside this map` : "";
    this.said.textContent = `${format.plural(this.facilities.length, "place")} for ${format.plural(this.total, "destination")}${hidden}.`;
  }
}

function places(result) {
  const map = new PlacesMap(null, result);
  map.element.querySelector(".legend").replaceChildren(
    h("li", {}, h("span", { class: "key diamond" }), "A place"), h("li", {}, h("span", { class: "key flow" }), "Whom it serves"));
  const table = h("div", {});
  const choose = (row) => {
    table.replaceChildren(list(row));
    map.show(row);
  };
  const section = h("section", { class: "card", "aria-label": "The places" },
    h("div", { class: "card-head" }, h("h2", {}, "The places"), choice(result.frontier, choose)), map.element, table);
  choose(result.frontier.at(-1));
  return section;
}

function choice(rows, choose) {
  const select = h("select", { "aria-label": "How many places", onchange: () => choose(rows[Number(select.value)]) },
    rows.map((row, at) => h("option", { value: at, selected: at === rows.length - 1 }, format.plural(row.count, "place"))));
  return h("div", { class: "field" }, select);
}

function list(row) {
  return h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Table of the places" },
    h("table", { class: "figures" }, h("caption", { class: "hidden" }, `The best ${format.plural(row.count, "place")}`),
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "ZIP"), h("th", { scope: "col", class: "number" }, "Destinations"), h("th", { scope: "col" }, "Who is served"))),
      h("tbody", {}, row.places.map((place) => h("tr", {}, h("th", { scope: "row" }, place.zip),
        h("td", { class: "number" }, format.count(place.destinations.length)),
        h("td", {}, place.destinations.slice(0, 6).join(", "), place.destinations.length > 6 && ` and ${format.count(place.destinations.length - 6)} more`))))));
}

function numbers(result) {
  const priced = result.frontier.some((row) => row.transport_cost !== null);
  const heads = [["Average distance", `${result.distance}, weighted by units`], priced && ["Transport, all years", "Units x miles x cost_per_unit_mile"],
    ["Cannot be less than", "Best proven lower bound, in miles a unit"], ["Still open", "Relative gap"]].filter(Boolean);
  return h("section", { class: "card", "aria-label": "Numbers of places" }, h("h2", {}, "How many places"),
    h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Table of the numbers of places" },
      h("table", { class: "figures" }, h("caption", { class: "hidden" }, "The numbers of places"),
        h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Places"), h("th", { scope: "col" }, "Where it stands"),
          heads.map(([plain, technical]) => h("th", { scope: "col", class: "number" }, term(plain, technical))))),
        h("tbody", {}, result.frontier.map((row) => line(row, priced, result.demand_units))))));
}

const miles = (distance) => (distance === null ? format.NOT_KNOWN : `${distance.toFixed(1)} miles`);

function line(row, priced, units) {
  const number = (text) => h("td", { class: "number" }, text);
  return h("tr", {}, h("th", { scope: "row" }, format.count(row.count)),
    h("td", {}, h("span", { class: `chip ${row.status === "optimal" ? "good" : ""}` }, RESULT_WORDS[row.status][0])),
    number(miles(row.weighted_distance_miles)), priced && number(format.money(row.transport_cost)),
    number(miles(row.bound === null ? null : row.bound / units)), number(format.gap(row.gap)));
}

const notes = ({ candidates, distance, notes: said }) =>
  h("section", { class: "card", "aria-label": "What was looked at" }, h("h2", {}, "What was looked at"),
    h("p", {}, `${format.plural(candidates.count, "candidate")}: ${candidates.meaning} (${candidates.source}). Miles are ${distance}.`),
    said.length > 0 && h("ul", { class: "small muted" }, said.map((note) => h("li", {}, note))));

const downloads = (job) =>
  h("section", { class: "card", "aria-label": "Downloads" }, h("h2", {}, "Take it with you"),
    h("div", { class: "actions" },
      h("a", { class: "button primary", href: `/api/jobs/${job.id}/candidates.xlsx`, download: "" }, "Candidates to fill in (Excel)"),
      h("a", { class: "button", href: `/api/jobs/${job.id}/result.xlsx`, download: "" }, "Excel workbook"),
      h("a", { class: "button", href: `/api/jobs/${job.id}/result`, download: `greenfield-${job.id}.json` }, "All figures (JSON)")));
