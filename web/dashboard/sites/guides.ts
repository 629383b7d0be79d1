import type { Site } from "../data/types";
import { nextLayoutFor, type SnippetOptions, snippetFor, tagManagerSnippetFor, wordPressPluginFor } from "./snippet";

export interface Step {
  text: string;
  code?: string;
  /** Where the code goes, as its heading. */
  file?: string;
}

/** One way to do it. Of several, any is enough. */
export interface Way {
  title?: string;
  steps: Step[];
}

export interface Guide {
  id: string;
  label: string;
  ways: (site: Site, options: SnippetOptions) => Way[];
}

/** How to install the snippet, by what a website is made with. docs/install says the same; a test compares them. */
export const GUIDES: Guide[] = [
  {
    id: "html",
    label: "HTML",
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
];
