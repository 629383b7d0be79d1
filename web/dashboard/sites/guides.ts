import type { Site } from "../data/types";
import { type ProxyRecipe, proxyRecipes } from "./proxy-recipes";
import { express, expressSettingsFor, logFormat, pageViewRequestFor, shipLog, shipLogCommandFor } from "./server-recipes";
import {
  nextLayoutFor,
  ownDomainSnippetFor,
  type SnippetOptions,
  snippetFor,
  tagManagerSnippetFor,
  wordPressPluginFor,
} from "./snippet";

export interface Step {
  text: string;
  code?: string;
  /** Where the code goes, as its heading. */
  file?: string;
  /** It is done on the site's Settings page. */
  inSettings?: boolean;
}

/** One way to do it. Of several, any is enough. */
export interface Way {
  title?: string;
  steps: Step[];
}

/** What may be asked of the tag; a guide without a tag offers nothing. */
type TagOption = "consent" | "pin";

export interface Guide {
  id: string;
  label: string;
  /** For whom it is, where that is not plain. */
  about?: string;
  /** What its ways differ by, where one is chosen instead of all being shown. */
  choice?: string;
  tagOptions: TagOption[];
  ways: (site: Site, options: SnippetOptions) => Way[];
}

/** How to install the snippet, by what a website is made with. docs/install says the same; a test compares them. */
export const GUIDES: Guide[] = [
  {
    id: "html",
    label: "HTML",
    tagOptions: ["consent", "pin"],
    ways: (site, options) => [
      {
        steps: [
          {
            text: "Paste this line before </head> on every page, or into the template that all pages share.",
            code: snippetFor(site, options),
          },
        ],
      },
    ],
  },
  {
    id: "google-tag-manager",
    label: "Tag Manager",
    tagOptions: ["consent", "pin"],
    ways: (site, options) => [
      {
        steps: [
          {
            text: "In Google Tag Manager create a tag of the type Custom HTML, and paste this code.",
            code: tagManagerSnippetFor(site, options),
          },
          { text: "Choose the trigger All Pages. Pages of a single-page app need no further trigger." },
          { text: "Submit the container and publish it." },
        ],
      },
    ],
  },
  {
    id: "wordpress",
    label: "WordPress",
    tagOptions: ["consent", "pin"],
    ways: (site, options) => [
      {
        title: "With the plugin WPCode",
        steps: [
          {
            text: "Open Code Snippets, Header & Footer, and paste this line into Header. Save.",
            code: snippetFor(site, options),
          },
        ],
      },
      {
        title: "Or with a file of your own",
        steps: [
          {
            text: "Create this file. It is active at once, and no change of theme removes it. WordPress 6.3 or newer.",
            file: "wp-content/mu-plugins/leadsment.php",
            code: wordPressPluginFor(site, options),
          },
        ],
      },
      {
        title: "Either way",
        steps: [
          { text: "Empty the cache of your caching plugin. If it delays scripts, exclude leadsment, or nothing is sent before a click." },
        ],
      },
    ],
  },
  {
    id: "nextjs-react",
    label: "Next.js, React",
    tagOptions: ["consent", "pin"],
    ways: (site, options) => [
      {
        title: "Next.js",
        steps: [
          {
            text: "Put the script into the root layout. Route changes are counted without anything further.",
            file: "app/layout.tsx",
            code: nextLayoutFor(site, options),
          },
        ],
      },
      {
        title: "React without Next.js, such as Vite",
        steps: [
          {
            text: "Paste this line before </head>. Every router that uses the History API is counted.",
            file: "index.html",
            code: snippetFor(site, options),
          },
        ],
      },
    ],
  },
  {
    id: "webflow",
    label: "Webflow",
    tagOptions: ["consent", "pin"],
    ways: (site, options) => [
      {
        steps: [
          {
            text: "Open Project settings, Custom code, and paste this line into Head code.",
            code: snippetFor(site, options),
          },
          { text: "Save the changes and publish the site: the code does not run in the Designer’s preview." },
        ],
      },
    ],
  },
  {
    id: "proxy",
    label: "Own domain",
    about:
      "A proxy on your own host serves the snippet and takes its page views: no other domain is in your pages, so lists of blocked domains and a Content-Security-Policy leave it alone.",
    choice: "Where your proxy runs",
    tagOptions: ["consent"],
    ways: (site, options) => proxyRecipes(location.origin).map((recipe) => proxyWay(recipe, ownDomainSnippetFor(site, options))),
  },
  {
    id: "server-side",
    label: "Server",
    about:
      "No script at all: your server tells of page views, as they happen or from its log. Crawlers and browsers that object are left out as they are with the snippet.",
    choice: "How your server tells us",
    tagOptions: [],
    ways: serverWays,
  },
];

const SECRET: Step = {
  text: "Create a secret. Only the server gets it: never put it into a page or a repository.",
  inSettings: true,
};

function proxyWay({ label, text, files }: ProxyRecipe, tag: string): Way {
  const [first, ...more] = files.map(({ name, code }) => ({ file: name, code }));
  return {
    title: label,
    steps: [
      SECRET,
      { text, ...first },
      ...more.map((file) => ({ text: "This is the other file.", ...file })),
      { text: "Load the script from your own domain: paste this line before </head> on every page.", code: tag },
    ],
  };
}

function serverWays(site: Site): Way[] {
  return [
    {
      title: "Any program, over HTTP",
      steps: [
        SECRET,
        {
          text: "Send up to 500 page views at once. Draw each id anew, and never make it from the visitor’s address. opted_out is true if the browser sent DNT: 1 or Sec-GPC: 1.",
          file: "Shell",
          code: pageViewRequestFor(site),
        },
        {
          text: "The answer says in order what became of each. Send those with retry_after again, with the same ids: none is counted twice. /api/v1/openapi.json describes it all.",
        },
      ],
    },
    {
      title: "A web server’s log",
      steps: [
        SECRET,
        { text: "Let nginx log what browsers ask for; Apache’s combined format does without.", file: "nginx.conf", code: logFormat },
        { text: "Save this program on the server. It needs Python 3.9 or newer, and nothing else.", file: "ship_log.py", code: shipLog },
        {
          text: "Run it every minute: it sends what was added since it ran last.",
          file: "Shell",
          code: shipLogCommandFor(site),
        },
      ],
    },
    {
      title: "Express",
      steps: [
        SECRET,
        {
          text: "Add app.use(reportPageView) before your routes. Behind a load balancer, tell Express: app.set(\"trust proxy\", \"<its network>\").",
          file: "leadsment.js",
          code: express,
        },
        { text: "Start the server with these environment variables.", file: "Environment", code: expressSettingsFor(site) },
      ],
    },
  ];
}
