import { useState } from "react";
import { Link } from "wouter";
import { useReleases } from "../data/install";
import type { Site } from "../data/types";
import { CopyButton } from "../design/copy-button";
import { Failure } from "../design/failure";
import { type Guide, GUIDES, type Way } from "./guides";
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
      <Ways key={guide.id} site={site} guide={guide} options={options} />
      {guide.tagOptions.length > 0 && <hr />}
      {guide.tagOptions.includes("consent") && <ConsentOption consent={consent} setConsent={setConsent} />}
      {guide.tagOptions.includes("pin") && <PinOption releases={releases} pins={pins} setPins={setPins} />}
    </section>
  );
}

/** A guide's ways: all of them, or the one that is chosen. */
function Ways({ site, guide, options }: { site: Site; guide: Guide; options: SnippetOptions }) {
  const [chosen, setChosen] = useState(0);
  const ways = guide.ways(site, options);
  if (!guide.choice) return ways.map((way) => <Steps key={way.title} site={site} way={way} />);
  return (
    <>
      <p className="small soft">{guide.about}</p>
      <div className="field ways">
        <label htmlFor="way">{guide.choice}</label>
        <select id="way" className="input" value={chosen} onChange={({ target }) => setChosen(Number(target.value))}>
          {ways.map(({ title }, place) => (
            <option key={title} value={place}>
              {title}
            </option>
          ))}
        </select>
      </div>
      <Steps site={site} way={{ steps: ways[chosen]!.steps }} />
    </>
  );
}

function ConsentOption({ consent, setConsent }: { consent: boolean; setConsent: (consent: boolean) => void }) {
  return (
    <>
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
    </>
  );
}

interface PinOptionProps {
  releases: ReturnType<typeof useReleases>;
  pins: boolean;
  setPins: (pins: boolean) => void;
}

function PinOption({ releases, pins, setPins }: PinOptionProps) {
  const newest = releases.data?.[0];
  return (
    <>
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
    </>
  );
}

function Steps({ site, way }: { site: Site; way: Way }) {
  const isList = way.steps.length > 1;
  return (
    <div className="stack way">
      {way.title && <h2>{way.title}</h2>}
      <ol className={isList ? "steps" : "steps single"}>
        {way.steps.map(({ text, code, file, inSettings }) => (
          <li key={text}>
            <p className="small">
              {text}
              {inSettings && (
                <>
                  {" "}
                  <Link to={`/sites/${site.id}/settings`}>Open Settings, Secrets</Link>
                </>
              )}
            </p>
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
