import { X } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { CorrectionsSection } from "../corrections/corrections-section";
import { useChangeHosts, useUpdateSite } from "../data/queries";
import type { Site } from "../data/types";
import { Failure } from "../design/failure";
import { TimeZoneOptions } from "../design/time-zone-options";
import { NotCounted } from "../exclusions/not-counted";
import { SecretsSection } from "../secrets/secrets-section";
import { Field } from "../session/field";
import { useSubmit } from "../session/use-submit";
import { hostOf } from "./hosts";
import { useRights } from "./use-rights";

const EnrichmentSection = lazy(() => import("../contacts/enrichment-section"));
const AuditSection = lazy(() => import("../audit/audit-section"));
const DataSection = lazy(() => import("../account/data-section"));

export function SettingsPage({ site }: { site: Site }) {
  const { role, mayChange, mayCorrect } = useRights(site.account_id);
  return (
    <>
      <h1>Settings</h1>
      {role && !mayChange && <p className="message wait">Only owners and admins change these settings. Ask one of them.</p>}
      <General site={site} mayChange={mayChange} />
      <Hosts site={site} mayChange={mayChange} />
      <Privacy site={site} mayChange={mayChange} />
      <NotCounted key={site.account_id} site={site} mayChange={mayChange} />
      <Suspense fallback={null}>
        <EnrichmentSection key={site.account_id} site={site} mayChange={mayChange} />
      </Suspense>
      <SecretsSection key={site.id} site={site} mayChange={mayChange} />
      <CorrectionsSection site={site} mayCorrect={mayCorrect} />
      <Suspense fallback={null}>
        <AuditSection key={`audit ${site.account_id}`} site={site} isOwner={role === "owner"} />
        <DataSection key={`data ${site.account_id}`} accountId={site.account_id} mayChange={mayChange} isOwner={role === "owner"} />
      </Suspense>
    </>
  );
}

interface SectionProps {
  site: Site;
  mayChange: boolean;
}

function General({ site, mayChange }: SectionProps) {
  const update = useUpdateSite(site.id);
  const { busy, error, submit } = useSubmit(async ({ name = "", time_zone = "" }) => {
    await update.mutateAsync({ name: name.trim(), time_zone });
  });
  return (
    <form className="card card-body stack" onSubmit={submit} key={site.id}>
      <h2>Site</h2>
      <Field label="Name" name="name" defaultValue={site.name} maxLength={120} required disabled={!mayChange} />
      <div className="field">
        <label htmlFor="time-zone">Time zone</label>
        <select id="time-zone" className="input" name="time_zone" defaultValue={site.time_zone} disabled={!mayChange}>
          <TimeZoneOptions chosen={site.time_zone} />
        </select>
        <span className="hint">Where a day of the funnel ends and the next begins.</span>
      </div>
      {error && <Failure error={error} />}
      {update.isSuccess && <p className="message good">Saved.</p>}
      {mayChange && (
        <div>
          <button className="button primary" disabled={busy}>
            Save
          </button>
        </div>
      )}
    </form>
  );
}

function Hosts({ site, mayChange }: SectionProps) {
  const change = useChangeHosts(site);
  const { busy, error, submit } = useSubmit(async ({ host: typed = "" }) => {
    const host = hostOf(typed);
    if (!host) throw new Error("This is not a host. Write example.com, or *.example.com for everything below it.");
    await change.mutateAsync({ add: host });
  });
  return (
    <section className="card card-body stack">
      <h2>Hosts</h2>
      <p className="small soft">
        Only pages on these hosts may send beacons. example.com also stands for www.example.com; *.example.com for every host
        below it.
      </p>
      <ul className="hosts">
        {site.site_hosts.map(({ host }) => (
          <li key={host} className="row spread">
            <span>{host}</span>
            {mayChange && site.site_hosts.length > 1 && (
              <button
                type="button"
                className="button plain"
                aria-label={`Remove ${host}`}
                onClick={() => change.mutate({ remove: host })}
              >
                <X size={16} aria-hidden="true" />
              </button>
            )}
          </li>
        ))}
      </ul>
      {(error ?? change.error) && <Failure error={(error ?? change.error)!} />}
      {mayChange && (
        <form className="row" onSubmit={submit}>
          <input className="input grow" name="host" aria-label="New host" placeholder="shop.example.com" required />
          <button className="button" disabled={busy}>
            Add host
          </button>
        </form>
      )}
    </section>
  );
}

function Privacy({ site, mayChange }: SectionProps) {
  const update = useUpdateSite(site.id);
  // What was clicked shows at once; if the database refuses, what is true shows again, with the reason.
  const [wanted, setWanted] = useState<boolean | null>(null);
  const keepReferrer = (keeps_referrer_host: boolean) => {
    setWanted(keeps_referrer_host);
    update.mutate({ keeps_referrer_host }, { onSettled: () => setWanted(null) });
  };
  return (
    <section className="card card-body stack">
      <h2>Privacy</h2>
      <label className="check">
        <input
          type="checkbox"
          checked={wanted ?? site.keeps_referrer_host}
          disabled={!mayChange}
          onChange={({ target }) => keepReferrer(target.checked)}
        />
        <span>
          Keep the referring host
          <span className="hint">
            {" "}
            – which website a visit came from, such as news.example; never the page. Copy the snippet again after switching
            this on.
          </span>
        </span>
      </label>
      {update.error && <Failure error={update.error} />}
      <p className="small soft">
        Always on: browsers with Do Not Track or Global Privacy Control are not recorded; queries, fragments, e-mail addresses,
        phone numbers and tokens are taken out of page addresses before anything is kept.
      </p>
    </section>
  );
}
