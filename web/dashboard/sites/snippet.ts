import type { Release, Site } from "../data/types";

export interface SnippetOptions {
  consent: boolean;
  referrer: boolean;
  /** The release to stay with; null for the current one, which is mended and extended without anybody doing anything. */
  pinned: Release | null;
}

export const scriptUrl = ({ pinned }: SnippetOptions): string => `${location.origin}${pinned ? `/s.${pinned.version}.js` : "/s.js"}`;

/** What the tag says besides its src, in order. */
export function attributesOf(site: Site, { consent, referrer, pinned }: SnippetOptions): [name: string, value: string][] {
  return [
    ["data-site", site.public_key],
    ...(consent ? [["data-consent", ""] as [string, string]] : []),
    ...(referrer ? [["data-referrer", ""] as [string, string]] : []),
    ...(pinned ? ([["integrity", pinned.integrity], ["crossorigin", "anonymous"]] as [string, string][]) : []),
  ];
}

/** Attributes as HTML has them. */
export const inHtml = (attributes: [string, string][]): string =>
  attributes.map(([name, value]) => (value ? `${name}="${value}"` : name)).join(" ");

/** The line a marketer pastes into the website. */
export const snippetFor = (site: Site, options: SnippetOptions): string =>
  `<script defer src="${scriptUrl(options)}" ${inHtml(attributesOf(site, options))}></script>`;

/** The same for a site whose own proxy serves the current script, and so gets its beacons. */
export const ownDomainSnippetFor = (site: Site, options: SnippetOptions): string =>
  `<script defer src="/lm/s.js" ${inHtml(attributesOf(site, { ...options, pinned: null }))}></script>`;

/** The line for a tag manager, which would drop the attributes of a pasted script tag. */
export function tagManagerSnippetFor(site: Site, options: SnippetOptions): string {
  const attributes = attributesOf(site, options).map(([name, value]) => `    tag.setAttribute("${name}", "${value}");`);
  return [
    "<script>",
    "  (function (tag) {",
    ...attributes,
    `    tag.src = "${scriptUrl(options)}";`,
    "    document.head.append(tag);",
    '  })(document.createElement("script"));',
    "</script>",
  ].join("\n");
}

/** A file that is a WordPress plugin of its own. null: no ?ver=, which would have caches keep two files. */
export function wordPressPluginFor(site: Site, options: SnippetOptions): string {
  const attributes = inHtml(attributesOf(site, options));
  return `<?php
/* Plugin Name: Leadsment snippet */

add_action('wp_enqueue_scripts', function () {
    wp_enqueue_script('leadsment', '${scriptUrl(options)}', [], null, ['strategy' => 'defer']);
});

add_filter('script_loader_tag', function ($tag, $handle) {
    return $handle === 'leadsment' ? str_replace(' src=', ' ${attributes} src=', $tag) : $tag;
}, 10, 2);`;
}

/** The root layout of a Next.js app. */
export function nextLayoutFor(site: Site, options: SnippetOptions): string {
  const attributes = attributesOf(site, options).map(([name, value]) => {
    return `          ${name === "crossorigin" ? "crossOrigin" : name}="${value}"`;
  });
  return `import Script from "next/script";

export default function RootLayout({ children }: { children: React.ReactNode }) {
  return (
    <html lang="en">
      <body>
        {children}
        <Script
          src="${scriptUrl(options)}"
${attributes.join("\n")}
        />
      </body>
    </html>
  );
}`;
}

export const consentCode = `// when the visitor agrees
window.dispatchEvent(new Event("leadsment:consent"));

// when the visitor changes their mind
window.dispatchEvent(new CustomEvent("leadsment:consent", { detail: false }));`;
