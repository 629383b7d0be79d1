import { useState } from "react";
import type { Site } from "../data/types";
import { CopyButton } from "../design/copy-button";
import { InstallCheck } from "./install-check";
import { consentCode, snippetFor, tagManagerSnippetFor } from "./snippet";

const GUIDES = [
  { id: "html", label: "HTML", text: "Paste the line before </head> on every page, or into the template all pages share." },
  {
    id: "gtm",
    label: "Google Tag Manager",
    text: "Create a tag of the type Custom HTML with this code, fire it on All Pages, and publish the container.",
  },
  {
    id: "wordpress",
    label: "WordPress",
    text: "Paste the line into your theme's header.php before </head>, or into a plugin for header scripts such as WPCode.",
  },
];

export function InstallPage({ site }: { site: Site }) {
  const [guide, setGuide] = useState(GUIDES[0]!);
  const [consent, setConsent] = useState(false);
  const options = { consent, referrer: site.keeps_referrer_host };
  const code = guide.id === "gtm" ? tagManagerSnippetFor(site, options) : snippetFor(site, options);
  return (
    <>
      <header className="stack">
        <h1>Install the snippet</h1>
        <p className="soft">
          One line on your pages at <strong>{site.site_hosts.map(({ host }) => host).join(", ")}</strong>. It sets no cookie,
          stores nothing in the browser and follows nobody.
        </p>
      </header>
      <InstallCheck site={site} />
      <section className="card card-body stack" aria-label="Snippet">
        <div className="segments" role="group" aria-label="Where to install">
          {GUIDES.map((entry) => (
            <button key={entry.id} type="button" aria-pressed={guide === entry} onClick={() => setGuide(entry)}>
              {entry.label}
            </button>
          ))}
        </div>
        <p className="small soft">{guide.text}</p>
        <Code text={code} label="Copy the snippet" />
        <label className="check">
          <input type="checkbox" checked={consent} onChange={({ target }) => setConsent(target.checked)} />
          <span>
            Wait for consent
            <span className="hint"> – nothing is sent until your consent banner says so. Whether you need this is for you to
            decide with your counsel.</span>
          </span>
        </label>
        {consent && (
          <>
            <p className="small soft">Let your consent banner run this code:</p>
            <Code text={consentCode} label="Copy the code" />
          </>
        )}
      </section>
    </>
  );
}

function Code({ text, label }: { text: string; label: string }) {
  return (
    <figure className="code">
      <pre tabIndex={0}>
        <code>{text}</code>
      </pre>
      <CopyButton text={text} label={label} />
    </figure>
  );
}
