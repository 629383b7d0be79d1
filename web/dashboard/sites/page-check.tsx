import { CircleCheck, CircleX, Info, TriangleAlert } from "lucide-react";
import { useCheckPage } from "../data/install";
import { useLastBeacon } from "../data/queries";
import type { CheckedPage, Finding, Site } from "../data/types";
import { CopyButton } from "../design/copy-button";
import { Failure } from "../design/failure";
import { useSubmit } from "../session/use-submit";
import { ownSignal } from "./own-signal";

/** Have a page read, and say what is wrong with it and how to mend it. */
export function PageCheck({ site }: { site: Site }) {
  const check = useCheckPage(site.id);
  const { busy, error, submit } = useSubmit(async ({ url = "" }) => {
    check.reset();
    await check.mutateAsync(url);
  });
  return (
    <section className="card card-body stack" aria-labelledby="page-check-title">
      <div>
        <h2 id="page-check-title">Check my page</h2>
        <p className="small soft">
          We read the page as a browser would, and say what keeps the snippet from working. Nothing of it is kept.
        </p>
      </div>
      <form className="row" onSubmit={submit}>
        <input
          className="input grow"
          name="url"
          aria-label="Address of a page"
          defaultValue={firstPage(site)}
          autoComplete="url"
          spellCheck={false}
          required
        />
        <button className="button primary" disabled={busy}>
          {busy ? "Reading the page …" : "Check"}
        </button>
      </form>
      {error && <Failure error={error} />}
      <div aria-live="polite">{check.data && <Findings site={site} checked={check.data} />}</div>
    </section>
  );
}

const firstPage = (site: Site): string => {
  const host = site.site_hosts.map(({ host }) => host).find((host) => !host.startsWith("*"));
  return host ? `https://${host}/` : "";
};

function Findings({ site, checked }: { site: Site; checked: CheckedPage }) {
  const last = useLastBeacon(site.id);
  const isFine = checked.findings.some(({ code }) => code === "all_fine");
  // The page is in order, and yet nothing came: what is left is the browser that opened it.
  const findings = isFine && last.data === null ? [...checked.findings, blocked()] : checked.findings;
  return (
    <>
      <p className="small soft">
        What was found at <span className="host">{checked.url}</span>
      </p>
      <ul className="findings">
        {findings.map((finding) => (
          <li key={finding.code + finding.add} className={`finding ${finding.severity}`} data-code={finding.code}>
            <Icon severity={finding.severity} />
            <div className="stack">
              <div>
                <p>{finding.message}</p>
                {finding.mend && <p className="small soft">{finding.mend}</p>}
              </div>
              {finding.add && (
                <div className="row">
                  <code className="add">{finding.add}</code>
                  <CopyButton text={finding.add} label="Copy" />
                </div>
              )}
            </div>
          </li>
        ))}
      </ul>
    </>
  );
}

function Icon({ severity }: { severity: Finding["severity"] }) {
  const [Shown, label] = { bad: [CircleX, "Wrong"], wait: [TriangleAlert, "Look at this"], note: [Info, "Note"], good: [CircleCheck, "Good"] }[
    severity
  ] as [typeof Info, string];
  return <Shown className="icon" size={20} role="img" aria-label={label} />;
}

function blocked(): Finding {
  const signal = ownSignal();
  return {
    code: "blocked",
    severity: "wait",
    message: signal
      ? `No beacon has come yet, and this browser sends ${signal}: the snippet then sends nothing.`
      : "No beacon has come yet. If you have opened the page, an ad blocker, Do Not Track or Global Privacy Control in your own browser is the likely reason.",
    mend:
      "Open the page in another browser without extensions, or on a phone without Wi-Fi. If it counts there, all is well: such " +
      "visitors are left out on purpose, or by their ad blocker. A proxy on your own host lets the snippet pass ad blockers.",
    add: "",
  };
}
