import next from "./proxy/next.js?raw";
import nginx from "./proxy/nginx.conf?raw";
import njs from "./proxy/njs.js?raw";
import node from "./proxy/node.js?raw";
import shared from "./proxy/shared.js?raw";
import vercel from "./proxy/vercel.js?raw";
import wordpress from "./proxy/wordpress.php?raw";
import worker from "./proxy/worker.js?raw";

export interface ProxyRecipe {
  id: string;
  label: string;
  /** What to do with the files, and where the secret goes. */
  text: string;
  files: { name: string; code: string }[];
}

// What the files of proxy/ call the deployment. They run as they are, but for this: tests run them.
const APP_URL = "https://leadsment.example";

/** A site's own proxy, complete, for each place it may run at. `appUrl` has no trailing slash. */
export function proxyRecipes(appUrl: string): ProxyRecipe[] {
  return RECIPES.map((recipe) => ({
    ...recipe,
    files: recipe.files.map(({ name, code }) => ({ name, code: code.replaceAll(APP_URL, appUrl) })),
  }));
}

const RECIPES: ProxyRecipe[] = [
  {
    id: "cloudflare",
    label: "Cloudflare Worker",
    text: "Create a Worker with this code, give it the route example.com/lm/*, and add the secret LEADSMENT_SECRET to it.",
    files: [{ name: "worker.js", code: worker + shared }],
  },
  {
    id: "next",
    label: "Next.js",
    text: "Add this route handler, and set the environment variable LEADSMENT_SECRET.",
    files: [{ name: "app/lm/[file]/route.js", code: next + shared }],
  },
  {
    id: "vercel",
    label: "Vercel",
    text: "For any framework on Vercel: add this middleware, and set the environment variable LEADSMENT_SECRET.",
    files: [{ name: "middleware.js", code: vercel + shared }],
  },
  {
    id: "node",
    label: "Node.js",
    text: "Use this in Express or node:http, and start the server with the environment variable LEADSMENT_SECRET.",
    files: [{ name: "leadsment.js", code: node }],
  },
  {
    id: "nginx",
    label: "nginx",
    text: "With the njs module: add both files, and start nginx with the environment variable LEADSMENT_SECRET.",
    files: [
      { name: "nginx.conf", code: nginx },
      { name: "/etc/nginx/njs/leadsment.js", code: njs },
    ],
  },
  {
    id: "wordpress",
    label: "WordPress",
    text: "Put this file into wp-content/mu-plugins, and define LEADSMENT_SECRET in wp-config.php.",
    files: [{ name: "leadsment.php", code: wordpress }],
  },
];
