// The facilities that are open in a year and how full they are; those that are closed in it.
import { h, term } from "./dom.js";
import * as format from "./format.js";

export function facilitiesView(facilities, year) {
  const now = facilities.map((facility) => ({ facility, now: facility.years.find((found) => found.year === year) }));
  const open = now.filter((found) => found.now).sort((one, other) => other.now.units - one.now.units);
  const closed = now.filter((found) => !found.now).map(({ facility }) => facility);
  return h("div", {},
    h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": `Table of open facilities in ${year}` },
      h("table", { class: "figures" },
        h("caption", { class: "hidden" }, `Open facilities in ${year}`),
        h("thead", {}, h("tr", {},
          h("th", { scope: "col" }, "Facility"), h("th", { scope: "col", class: "number" }, `Units in ${year}`),
          h("th", { scope: "col" }, term("Use of capacity", "Utilisation: units handled divided by capacity in that year")),
          h("th", { scope: "col", class: "number" }, "Transport, all years"), h("th", { scope: "col", class: "number" }, "Facility, all years"))),
        h("tbody", {}, open.map(row)))),
    closed.length > 0 && h("details", {}, h("summary", {}, `${format.plural(closed.length, "facility", "facilities")} closed in ${year}`),
      h("p", { class: "muted" }, closed.map(named).join(", "))));
}

/** One that is open in no year may cost what closing it costs. */
const named = ({ name, years, facility_cost: cost }) => (years.length === 0 && cost > 0 ? `${name} (${format.money(cost)} to close it)` : name);

function row({ facility, now }) {
  const where = [facility.city, facility.state].filter(Boolean).join(", ");
  return h("tr", {},
    h("th", { scope: "row" }, facility.name, where && !facility.name.includes(facility.city ?? "\0") && h("span", { class: "small muted" }, ` ${where}`),
      facility.status === "mandatory" && h("span", { class: "tag" }, "must be open"),
      now.tiers > 0 && h("span", { class: "tag" }, `${format.plural(now.tiers, "tier")} in use`)),
    h("td", { class: "number" }, format.count(now.units)),
    h("td", {}, use(now)),
    h("td", { class: "number" }, format.money(facility.transport_cost)),
    h("td", { class: "number" }, format.money(facility.facility_cost)));
}

const use = (now) => gauge(now.utilization);

/** A share of a capacity as a bar and in figures; without a limit there is none. */
export function gauge(share) {
  if (share == null) return h("span", { class: "muted" }, "no stated capacity");
  const full = h("span", { class: "full" });
  full.style.width = `${100 * Math.min(1, share)}%`;
  return h("span", { class: "use" },
    h("span", { class: "gauge", "aria-hidden": "true" }, full),
    h("span", { class: "number" }, format.percent(share, 0)));
}
