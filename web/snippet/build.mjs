// Build /s.js from its source, and publish the frozen releases beside it. `npm run build` runs this after the pages.
// The same source makes the same bytes: what builds it is pinned in package-lock.json.
import { copyFile, readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { build } from "vite";

const outDir = resolve(process.env.LEADSMENT_OUT_DIR ?? "public");
const releases = resolve("web/snippet/releases");

await build({
  configFile: false,
  logLevel: "warn",
  publicDir: false,
  build: {
    outDir,
    emptyOutDir: false,
    target: "es2020",
    minify: "terser",
    terserOptions: { compress: { passes: 3, ecma: 2020 }, mangle: { toplevel: true }, format: { comments: false } },
    lib: { entry: resolve("web/snippet/snippet.ts"), formats: ["iife"], name: "_", fileName: () => "s.js" },
  },
});

for (const name of await readdir(releases)) {
  if (name.endsWith(".js")) await copyFile(join(releases, name), join(outDir, name));
}
await copyFile(join(releases, "releases.json"), join(outDir, "snippet-releases.json"));
