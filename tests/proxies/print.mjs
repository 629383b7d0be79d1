// Print the proxies of the dashboard's Install page for a deployment, as JSON: node print.mjs <app url>
import { createServer } from "vite";

const server = await createServer({ configFile: false, root: "web", logLevel: "error", server: { middlewareMode: true, ws: false } });
const { proxyRecipes } = await server.ssrLoadModule("/dashboard/sites/proxy-recipes.ts");
process.stdout.write(JSON.stringify(proxyRecipes(process.argv[2])), () => process.exit());
