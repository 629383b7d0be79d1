import { useState } from "react";
import { useReleases } from "../data/install";
import type { Site } from "../data/types";
import { CopyButton } from "../design/copy-button";
import { Failure } from "../design/failure";
import { GUIDES, type Way } from "./guides";
import { InstallCheck } from "./install-check";
import { PageCheck } from "./page-check";
import { RefusedHosts } from "./refused-hosts";
import { consentCode, type SnippetOptions } from "./snippet";

export function InstallPage({ site }: { site: Site }) {
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
      <RefusedHosts site={site} />
      <Snippet site={site} />
      <PageCheck site={site} />
    </>
  );
}

function Snippet({ site }: { site: Site }) {
  const [guide, setGuide] = useState(GUIDES[0]!);
  const [consent, setConsent] = useState(false);
  const [pins, setPins] = useState(false);
  const releases = useReleases();
  const newest = releases.data?.[0];
  const options: SnippetOptions = { consent, referrer: site.keeps_referrer_host, pinned: (pins && newest) || null };
  return (
    <section className="card card-body stack" aria-label="Snippet">
      <div className="segments tabs" role="group" aria-label="Where to install">
        {GUIDES.map((entry) => (
          <button key={entry.id} type="button" aria-pressed={guide === entry} onClick={() => setGuide(entry)}>
            {entry.label}
          </button>
        ))}
      </div>
      {guide.ways(site, options).map((way) => (
        <Steps key={guide.id + way.title} way={way} />
      ))}
      <hr />
      <label className="check">
        <input type="checkbox" checked={consent} onChange={({ target }) => setConsent(target.checked)} />
        <span>
          Wait for consent
          <span className="hint">
            {" "}
            – nothing is sent until your consent banner says so. Whether you need this is for you to decide with your counsel.
          </span>
        </span>
      </label>
      {consent && (
        <>
          <p className="small soft">Let your consent banner run this code:</p>
          <Code text={consentCode} file="JavaScript" />
        </>
      )}
      <label className="check">
        <input type="checkbox" checked={pins} disabled={!newest} onChange={({ target }) => setPins(target.checked)} />
        <span>
          Pin this version
          <span className="hint">
            {" "}
            – browsers run exactly these bytes and nothing else, also if our server were taken over. You then get no
            improvements until you copy the line again.
          </span>
        </span>
      </label>
      {pins && newest && (
        <p className="small soft">
          Version {newest.version} of {newest.date}, {newest.bytes} bytes. {newest.changes}
        </p>
      )}
      {releases.error && <Failure error={releases.error} retry={() => void releases.refetch()} />}
    </section>
  );
}

function Steps({ way }: { way: Way }) {
  const isList = way.steps.length > 1;
  return (
    <div className="stack way">
      {way.title && <h2>{way.title}</h2>}
      <ol className={isList ? "steps" : "steps single"}>
        {way.steps.map(({ text, code, file }) => (
          <li key={text}>
            <p className="small">{text}</p>
            {code && <Code text={code} file={file ?? "HTML"} />}
          </li>
        ))}
      </ol>
    </div>
  );
}

function Code({ text, file }: { text: string; file: string }) {
  return (
    <figure className="code">
      <figcaption className="code-head">
        <span className="file">{file}</span>
        <CopyButton text={text} label="Copy" />
      </figcaption>
      <pre tabIndex={0} aria-label={file} className={text.includes("\n") ? undefined : "wraps"}>
        <code>{text}</code>
      </pre>
    </figure>
  );
}
