// A solve as it happens: stage, percent, the best plan so far, and what no plan can beat.
import { h, onLook, term } from "./dom.js";
import { boundChart } from "./chart.js";
import * as format from "./format.js";

const STAGES = { queued: "Waiting for a free worker" };

export class Live {
  constructor(cancel) {
    this.points = [];
    this.stage = h("p", { class: "stage", "aria-live": "polite" });
    this.bar = h("progress", { max: 100, "aria-label": "Progress" });
    this.best = figure(term("Best found so far", "Incumbent: objective of the best plan known"));
    this.bound = figure(term("Cannot be cheaper than", "Best proven lower bound on the objective"));
    this.gap = figure(term("Still open", "Relative gap: (incumbent - bound) / incumbent"));
    this.took = figure("Working for");
    this.chart = h("div", { class: "chart", hidden: true });
    this.stop = h("button", { class: "button", type: "button" }, "Stop, and keep the best plan");
    this.stop.addEventListener("click", () => {
      this.stop.disabled = true;
      cancel();
    });
    this.element = h("section", { class: "card live", "aria-label": "Progress" },
      h("div", { class: "card-head" }, this.stage, this.stop),
      this.bar,
      h("dl", { class: "tiles" }, this.best.tile, this.bound.tile, this.gap.tile, this.took.tile),
      this.chart);
    onLook(this.chart, () => this.draw());
  }

  show(job) {
    const progress = job.progress ?? {};
    const held = job.paused;
    this.stage.textContent = held
      ? `Held back: the ${held.scope} ${held.name} is paused (${held.reason}). It goes on by itself afterwards.`
      : STAGES[job.status] ?? format.words(progress.stage ?? "starting");
    if (typeof progress.percent === "number") this.bar.value = progress.percent;
    else this.bar.removeAttribute("value");
    this.best.value.textContent = progress.incumbent == null ? "none yet" : format.short(progress.incumbent);
    this.bound.value.textContent = progress.bound == null ? "not known yet" : format.short(progress.bound);
    this.gap.value.textContent = progress.gap == null ? "not known yet" : format.gap(progress.gap);
    const elapsed = job.started_at ? Math.max(0, (Date.now() - new Date(job.started_at)) / 1000) : null;
    this.took.value.textContent = elapsed === null ? "not started" : format.seconds(elapsed);
    if (elapsed !== null && (progress.incumbent != null || progress.bound != null)) {
      this.points.push([elapsed, progress.incumbent ?? null, progress.bound ?? null]);
      this.chart.hidden = this.points.length < 2;
      this.draw();
    }
  }

  draw() {
    if (!this.chart.hidden && this.chart.clientWidth > 0) boundChart(this.chart, this.points);
  }

  trace() {
    return this.points.length > 1 ? this.points : null;
  }
}

function figure(label) {
  const value = h("dd", {});
  return { value, tile: h("div", { class: "tile" }, h("dt", {}, label), value) };
}
