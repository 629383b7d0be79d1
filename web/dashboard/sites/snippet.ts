import type { Site } from "../data/types";

export interface SnippetOptions {
  consent: boolean;
  referrer: boolean;
}

/** The line a marketer pastes into the website. */
export function snippetFor(site: Site, { consent, referrer }: SnippetOptions): string {
  const attributes = [
    "defer",
    `src="${location.origin}/s.js"`,
    `data-site="${site.public_key}"`,
    ...(consent ? ["data-consent"] : []),
    ...(referrer ? ["data-referrer"] : []),
  ];
  return `<script ${attributes.join(" ")}></script>`;
}

/** The same for a tag manager, which would drop the attributes of a pasted script tag. */
export function tagManagerSnippetFor(site: Site, { consent, referrer }: SnippetOptions): string {
  return [
    "<script>",
    "  (function (tag) {",
    `    tag.src = "${location.origin}/s.js";`,
    `    tag.dataset.site = "${site.public_key}";`,
    ...(consent ? ['    tag.dataset.consent = "";'] : []),
    ...(referrer ? ['    tag.dataset.referrer = "";'] : []),
    "    document.head.append(tag);",
    '  })(document.createElement("script"));',
    "</script>",
  ].join("\n");
}

export const consentCode = `// when the visitor agrees
window.dispatchEvent(new Event("leadsment:consent"));

// when the visitor changes their mind
window.dispatchEvent(new CustomEvent("leadsment:consent", { detail: false }));`;
