// `node jslp_peer.js FOLDER SECONDS GAP`: javascript-lp-solver on the weak model, which it does better with.
const fs = require("fs");
const solver = require("javascript-lp-solver");

const [folder, seconds, gap] = process.argv.slice(2);
const model = JSON.parse(fs.readFileSync(`${folder}/weak.json`));
// Its own limit is in milliseconds by the clock; whoever started this process watches its processor time.
model.options = { timeout: 1000 * Number(seconds), tolerance: Number(gap) };
const before = process.cpuUsage();
const answer = solver.Solve(model);
const used = process.cpuUsage(before);
const whole = Object.keys(model.binaries).every((name) => Math.abs((answer[name] || 0) - Math.round(answer[name] || 0)) < 1e-6);
const says = answer.feasible ? (whole ? "ended" : "fractional binaries") : "infeasible";
const cost = answer.feasible && whole ? answer.result : null;
const cpu = (used.user + used.system) / 1e6;
// It knows no bounds. When it ended before its limit, it calls its answer the best: that is its word for a proof.
const bound = cost !== null && cpu < Number(seconds) ? cost : null;
console.log("answer: " + JSON.stringify({ says, cost, bound, cpu, nodes: null }));
