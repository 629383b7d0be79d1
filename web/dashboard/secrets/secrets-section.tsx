import { KeyRound } from "lucide-react";
import { useState } from "react";
import { useCreateSecret, useSecrets } from "../data/secrets";
import type { Site, SiteSecret } from "../data/types";
import { Failure } from "../design/failure";
import { ShownOnce } from "../design/shown-once";
import { formatExact, formatRelative } from "../format";
import { RevokeDialog } from "./revoke-dialog";

const MOST_ACTIVE = 2;

interface SecretsSectionProps {
  site: Site;
  mayChange: boolean;
}

/** What a customer's own proxy signs with, and their server signs in with: create, see once, tell apart, revoke. */
export function SecretsSection({ site, mayChange }: SecretsSectionProps) {
  const secrets = useSecrets(site.id);
  const active = secrets.data?.filter(({ revoked_at }) => !revoked_at) ?? [];
  const revoked = secrets.data?.filter(({ revoked_at }) => revoked_at) ?? [];
  return (
    <section className="card card-body stack" aria-labelledby="secrets-title">
      <h2 id="secrets-title">Secrets for proxies and servers</h2>
      <p className="small soft">
        Needed only if Leadsment runs under your own domain, or your server sends the page views. With a secret, your proxy
        signs where a visitor comes from, and your server shows that it is yours. Keep it on the server: whoever has it can add
        visits to this website.
      </p>
      {secrets.error && <Failure error={secrets.error} retry={() => void secrets.refetch()} />}
      {secrets.isSuccess && !active.length && <p className="small">There is no secret.</p>}
      {active.length > 0 && (
        <ul className="entries" aria-label="Secrets">
          {active.map((secret) => (
            <Entry key={secret.id} siteId={site.id} secret={secret} mayChange={mayChange} />
          ))}
        </ul>
      )}
      {mayChange && secrets.isSuccess && <Creation siteId={site.id} isFull={active.length >= MOST_ACTIVE} />}
      {revoked.length > 0 && (
        <details>
          <summary>Revoked secrets</summary>
          <ul className="entries" aria-label="Revoked secrets">
            {revoked.map((secret) => (
              <Entry key={secret.id} siteId={site.id} secret={secret} mayChange={false} />
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}

interface EntryProps extends Pick<SecretsSectionProps, "mayChange"> {
  siteId: string;
  secret: SiteSecret;
}

function Entry({ siteId, secret, mayChange }: EntryProps) {
  const [asked, setAsked] = useState(false);
  const { ending, created_at, revoked_at } = secret;
  return (
    <li className="row spread">
      <span className="entry">
        <code className="secret-ending">lmsk_…{ending}</code>
        <span className="soft small">
          created <Time at={created_at} />
          {revoked_at && (
            <>
              ; revoked <Time at={revoked_at} />
            </>
          )}
        </span>
      </span>
      {mayChange && (
        <button type="button" className="button" aria-label={`Revoke …${ending}`} onClick={() => setAsked(true)}>
          Revoke
        </button>
      )}
      {asked && <RevokeDialog siteId={siteId} secret={secret} onClose={() => setAsked(false)} />}
    </li>
  );
}

function Creation({ siteId, isFull }: { siteId: string; isFull: boolean }) {
  const create = useCreateSecret(siteId);
  if (create.data) {
    return (
      <ShownOnce secret={create.data} onKept={create.reset}>
        Put it into the setting <code>LEADSMENT_SECRET</code> of your proxy or server.
      </ShownOnce>
    );
  }
  return (
    <>
      {create.error && <Failure error={create.error} />}
      <div className="row">
        <button type="button" className="button" disabled={isFull || create.isPending} onClick={() => create.mutate()}>
          <KeyRound size={16} aria-hidden="true" /> Create a secret
        </button>
        {isFull && <span className="small soft">Two is the most. Revoke the one you no longer use first.</span>}
      </div>
    </>
  );
}

function Time({ at }: { at: string }) {
  return (
    <time dateTime={at} title={formatExact(at)}>
      {formatRelative(at)}
    </time>
  );
}
