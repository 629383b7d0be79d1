// Print vercel.json's routes as Vercel compiles them: the very transformation the platform's build uses.
import { readFileSync } from "node:fs";
import routing from "@vercel/routing-utils";

const { headers, redirects, rewrites } = JSON.parse(readFileSync(process.argv[2], "utf8"));
const given = Object.fromEntries(
  Object.entries({ headers, redirects, rewrites }).filter(([, value]) => value !== undefined),
);
const { routes, error } = routing.getTransformedRoutes(given);
if (error) throw new Error(`vercel.json: ${error.message}`);
console.log(JSON.stringify(routes));
