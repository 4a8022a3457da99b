// Bundles the front end into networx/api/static, which is committed: no Node is needed at run time.
import { build } from "esbuild";
import { copyFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const out = here("../networx/api/static/");

await build({
  entryPoints: { app: here("src/main.js"), style: here("src/style.css") },
  bundle: true,
  minify: true,
  format: "esm",
  target: ["es2022"],
  outdir: out,
  legalComments: "none",
});
await copyFile(here("node_modules/us-atlas/states-10m.json"), `${out}us-states.json`);
await copyFile(here("src/icon.svg"), `${out}icon.svg`);
