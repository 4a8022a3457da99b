// The network on a map of the United States: canvas for land and flows, SVG above it for the sites a person can reach.
import { geoAlbersUsa, geoPath } from "d3-geo";
import { feature, mesh } from "topojson-client";
import { get } from "./api.js";
import { colour, h, onLook, s } from "./dom.js";
import * as format from "./format.js";
import { notice } from "./notice.js";

const MOST_FLOWS = 5000;
const RATIO = 0.6;
const HUES = 8;
let atlas;

export const loadAtlas = () => (atlas ??= fetch("/static/us-states.json").then((answer) => answer.json()));

export class NetworkMap {
  constructor(jobId, facilities) {
    this.jobId = jobId;
    this.facilities = facilities;
    const opened = facilities.filter((facility) => facility.open).map((facility) => facility.name);
    this.hue = new Map(opened.map((name, index) => [name, (index % HUES) + 1]));
    this.canvas = h("canvas", { "aria-hidden": "true" });
    this.overlay = s("svg", { class: "sites", role: "group", "aria-label": "Facilities on the map" });
    this.said = h("p", { class: "map-said small", "aria-live": "polite" });
    this.frame = h("div", { class: "map-frame" }, this.canvas, this.overlay);
    this.element = h("figure", { class: "map" }, this.frame, h("figcaption", {}, legend(), this.said));
    this.years = new Map();
    onLook(this.frame, () => this.draw());
  }

  openNow = (facility) => facility.years.some((found) => found.year === this.year);

  async show(year) {
    this.year = year;
    try {
      if (!this.years.has(year)) {
        const page = get(`/api/jobs/${this.jobId}/assignments?year=${year}&limit=${MOST_FLOWS}&order=largest`);
        this.years.set(year, page);
      }
      const [land, page] = await Promise.all([loadAtlas(), this.years.get(year)]);
      if (this.year !== year) return;
      this.land = land;
      this.flows = page.assignments;
      this.total = page.total;
      this.draw();
      this.element.dataset.year = year;
    } catch (fault) {
      this.said.replaceChildren(notice(fault));
    }
  }

  draw() {
    const width = this.frame.clientWidth;
    if (!width || !this.flows) return;
    const height = Math.round(width * RATIO);
    const density = window.devicePixelRatio || 1;
    Object.assign(this.canvas, { width: width * density, height: height * density });
    Object.assign(this.canvas.style, { width: `${width}px`, height: `${height}px` });
    this.overlay.setAttribute("viewBox", `0 0 ${width} ${height}`);
    const states = feature(this.land, this.land.objects.states);
    this.projection = geoAlbersUsa().fitExtent([[8, 8], [width - 8, height - 8]], states);
    const pen = this.canvas.getContext("2d");
    pen.scale(density, density);
    this.drawLand(pen, states);
    this.drawFlows(pen);
    this.drawSites(width);
    this.saySummary();
  }

  drawLand(pen, states) {
    const path = geoPath(this.projection, pen);
    pen.beginPath();
    path(states);
    pen.fillStyle = colour("land");
    pen.fill();
    pen.beginPath();
    path(mesh(this.land, this.land.objects.states, (one, other) => one !== other));
    pen.strokeStyle = colour("border");
    pen.lineWidth = 0.7;
    pen.stroke();
  }

  drawFlows(pen) {
    const places = new Map(this.facilities.map((facility) => [facility.name, this.place(facility.longitude, facility.latitude)]));
    const largest = Math.max(...this.flows.map((flow) => flow.units), 0);
    this.hidden = 0;
    pen.lineCap = "round";
    // The smallest first, so that the largest lie on top.
    for (const flow of [...this.flows].reverse()) {
      const from = places.get(flow.facility);
      const to = this.place(flow.destination_longitude, flow.destination_latitude);
      if (!from || !to) {
        this.hidden++;
        continue;
      }
      const faded = this.chosen && this.chosen !== flow.facility;
      const hue = colour(`hue-${this.hue.get(flow.facility)}`);
      pen.strokeStyle = pen.fillStyle = hue;
      pen.globalAlpha = faded ? 0.07 : 0.55;
      pen.lineWidth = 0.6 + 4.4 * Math.sqrt(flow.units / largest);
      pen.beginPath();
      pen.moveTo(...from);
      pen.quadraticCurveTo(...bend(from, to), ...to);
      pen.stroke();
      pen.globalAlpha = faded ? 0.15 : 0.9;
      pen.beginPath();
      pen.arc(to[0], to[1], 1.6, 0, 2 * Math.PI);
      pen.fill();
    }
    pen.globalAlpha = 1;
  }

  drawSites(width) {
    const size = width < 520 ? 5 : 7;
    const marks = this.facilities
      .map((facility) => ({ facility, at: this.place(facility.longitude, facility.latitude) }))
      .filter((mark) => mark.at)
      .sort((one, other) => Number(this.openNow(one.facility)) - Number(this.openNow(other.facility)));
    const focused = this.overlay.contains(document.activeElement) ? this.chosen : null;
    this.overlay.replaceChildren(...marks.map(({ facility, at }) => (this.openNow(facility) ? this.openMark(facility, at, size) : closedMark(facility, at, size))));
    if (focused) this.overlay.querySelector(`[data-name="${CSS.escape(focused)}"]`)?.focus();
  }

  openMark(facility, [x, y], size) {
    const choose = () => this.choose(facility);
    const leave = () => this.choose(null);
    return s("g", {
      class: `site open hue-${this.hue.get(facility.name)}`, tabindex: "0", role: "img", "data-name": facility.name, transform: `translate(${x} ${y})`,
      "aria-label": this.sentence(facility), onmouseenter: choose, onmouseleave: leave, onfocus: choose, onblur: leave,
    }, s("circle", { r: size + 7, class: "reach" }), s("rect", { x: -size, y: -size, width: 2 * size, height: 2 * size, rx: 2, transform: "rotate(45)" }));
  }

  choose(facility) {
    const name = facility?.name ?? null;
    if (this.chosen === name) return;
    this.chosen = name;
    const pen = this.canvas.getContext("2d");
    pen.clearRect(0, 0, this.canvas.width, this.canvas.height);
    this.drawLand(pen, feature(this.land, this.land.objects.states));
    this.drawFlows(pen);
    if (facility) this.said.textContent = this.sentence(facility);
    else this.saySummary();
  }

  sentence(facility) {
    const year = facility.years.find((found) => found.year === this.year);
    const served = this.flows.filter((flow) => flow.facility === facility.name).length;
    const use = year?.utilization == null ? "no stated capacity" : `${format.percent(year.utilization, 0)} of its capacity`;
    return `${facility.name} serves ${format.plural(served, "destination")} with ${format.count(year?.units)} units in ${this.year}: ${use}`;
  }

  saySummary() {
    const parts = [`${format.plural(this.total, "assignment")} in ${this.year}`];
    if (this.total > this.flows.length) parts.push(`the ${format.count(this.flows.length)} largest are drawn`);
    if (this.hidden) parts.push(`${format.count(this.hidden)} cannot be drawn: their places are not known or lie outside this map`);
    this.said.textContent = `${parts.join("; ")}.`;
  }

  place(longitude, latitude) {
    return longitude === null || latitude === null ? null : this.projection([longitude, latitude]);
  }
}

function bend([x1, y1], [x2, y2]) {
  const lift = 0.14;
  return [(x1 + x2) / 2 + (y2 - y1) * lift, (y1 + y2) / 2 - Math.abs(x2 - x1) * lift];
}

const closedMark = (facility, [x, y], size) =>
  s("circle", { class: "site closed", cx: x, cy: y, r: size * 0.6 }, s("title", {}, `${facility.name}: stays closed`));

const legend = () =>
  h("ul", { class: "legend" },
    h("li", {}, h("span", { class: "key diamond" }), "Open facility"),
    h("li", {}, h("span", { class: "key ring" }), "Candidate that stays closed"),
    h("li", {}, h("span", { class: "key flow" }), "A wider line carries more units"));
