// Build /s.js: one small classic script. `npm run build` runs this after the pages.
import { resolve } from "node:path";
import { build } from "vite";

const outDir = resolve(process.env.LEADSMENT_OUT_DIR ?? "public");

await build({
  configFile: false,
  logLevel: "warn",
  publicDir: false,
  build: {
    outDir,
    emptyOutDir: false,
    target: "es2020",
    minify: "terser",
    terserOptions: { compress: { passes: 3, unsafe_arrows: true, ecma: 2020 }, mangle: { toplevel: true }, format: { comments: false } },
    lib: { entry: resolve("web/snippet/snippet.ts"), formats: ["iife"], name: "_", fileName: () => "s.js" },
  },
});
