import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

const environment = (name: string): string => {
  const value = process.env[name]?.trim();
  if (!value) throw new Error(`${name} is not set. README.md says where its value comes from.`);
  return value;
};

/** As lib/domain/residency.py has them; a test holds the two together. */
const DATABASE_REGIONS = ["eu-central-1", "eu-north-1", "eu-west-1", "eu-west-3"];

/** A page built for a database elsewhere would send it what customers enter, so there is none. */
function checkRegion(): void {
  const isOnThisMachine = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(new URL(supabaseUrl).hostname);
  if (isOnThisMachine || DATABASE_REGIONS.includes(environment("SUPABASE_REGION"))) return;
  throw new Error(`SUPABASE_REGION is not a region of the European Union. Make a project in ${DATABASE_REGIONS.join(", ")}.`);
}

const supabaseUrl = environment("SUPABASE_URL").replace(/\/+$/, "");
checkRegion();
const publishableKey = environment("SUPABASE_PUBLISHABLE_KEY");
const contactAddress = environment("MAIL_FROM_ADDRESS");
const page = (name: string): string => resolve(import.meta.dirname, "web", name);

/** The pages' own policy: vercel.json cannot know which Supabase project they may speak to, the build does. */
const contentSecurityPolicy = (): Plugin => {
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    `connect-src 'self' ${new URL(supabaseUrl).origin}`,
    "base-uri 'none'",
    "form-action 'self'",
  ].join("; ");
  return {
    name: "content-security-policy",
    transformIndexHtml: () => [
      { tag: "meta", attrs: { "http-equiv": "Content-Security-Policy", content: policy }, injectTo: "head-prepend" },
    ],
  };
};

/** Whom to write to: an operator's own address, so the sources cannot know it. */
const contact = (): Plugin => ({
  name: "contact-address",
  transformIndexHtml: { order: "pre", handler: (html) => html.replaceAll("CONTACT_ADDRESS", contactAddress) },
});

/** The promises that are kept, in the words of docs/promises.md: the page says no other. */
const promises = (): Plugin => {
  const register = readFileSync(resolve(import.meta.dirname, "docs", "promises.md"), "utf8");
  const kept = [...register.matchAll(/^\| [^|]+ \| ([^|]+) \| [^|]+ \| kept \|$/gm)].map(([, words = ""]) => words);
  if (!kept.length) throw new Error("docs/promises.md has no promise that is kept, or another form.");
  return {
    name: "promises",
    transformIndexHtml: { order: "pre", handler: (html) => html.replace("PROMISES", kept.map((words) => `<li>${words}.</li>`).join("\n")) },
  };
};

const PAGES = ["index", "opt-out", "proof", "audit-anchors", "unsubscribe", "contact", "data-request", "security", "app", "404"];

export default defineConfig({
  root: "web",
  publicDir: "static",
  plugins: [react(), contentSecurityPolicy(), contact(), promises()],
  define: {
    __SUPABASE_URL__: JSON.stringify(supabaseUrl),
    __SUPABASE_PUBLISHABLE_KEY__: JSON.stringify(publishableKey),
  },
  build: {
    outDir: resolve(process.env.LEADSMENT_OUT_DIR ?? "public"),
    emptyOutDir: true,
    // An inlined asset would be a data: URL, which the policy allows for images only.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: {
      input: PAGES.map((name) => page(`${name}.html`)),
    },
  },
});
