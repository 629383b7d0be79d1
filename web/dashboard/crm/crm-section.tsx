import { useState } from "react";
import { type CrmVendor, useCrmConnections } from "../data/crm";
import type { Site } from "../data/types";
import { Failure } from "../design/failure";
import { useRights } from "../sites/use-rights";
import { ConnectForm } from "./connect-form";
import { Connection } from "./connection";
import "./crm.css";
import { VENDORS } from "./vendors";

/** The CRMs an account pushes companies to: connect, choose what goes there, see what arrived. */
export function CrmSection({ site }: { site: Site }) {
  const { mayChange, mayCorrect } = useRights(site.account_id);
  const connections = useCrmConnections(site.account_id);
  const connected = connections.data ?? [];
  const others = (Object.keys(VENDORS) as CrmVendor[]).filter((vendor) => !connected.some((known) => known.vendor === vendor));
  return (
    <section className="card card-body stack" aria-labelledby="crm-title">
      <div>
        <h2 id="crm-title">CRM</h2>
        <p className="small soft">
          Companies become records in your CRM, one for each domain. What a person has written there stays, unless you say
          otherwise.
        </p>
      </div>
      {connections.error && <Failure error={connections.error} retry={() => void connections.refetch()} />}
      {connections.isPending && <div className="skeleton-box" aria-hidden="true" />}
      {connections.isSuccess && !connected.length && <p className="small">No CRM is connected.</p>}
      {connected.length > 0 && (
        <ul className="stack" aria-label="Connected CRMs">
          {connected.map((connection) => (
            <Connection
              key={connection.id}
              siteId={site.id}
              connection={connection}
              mayChange={mayChange}
              mayPush={mayCorrect}
            />
          ))}
        </ul>
      )}
      {connections.isSuccess && mayChange && others.length > 0 && <Connecting accountId={site.account_id} vendors={others} />}
      {connections.isSuccess && !mayChange && <p className="small soft">Only owners and admins connect a CRM. Ask one of them.</p>}
    </section>
  );
}

/** One form at a time, of the vendor that was chosen. */
function Connecting({ accountId, vendors }: { accountId: string; vendors: CrmVendor[] }) {
  const [chosen, setChosen] = useState<CrmVendor | null>(null);
  if (chosen && vendors.includes(chosen)) {
    return <ConnectForm key={chosen} accountId={accountId} vendor={chosen} onDone={() => setChosen(null)} />;
  }
  return (
    <div className="row" role="group" aria-label="Connect a CRM">
      {vendors.map((vendor) => (
        <button key={vendor} type="button" className="button" onClick={() => setChosen(vendor)}>
          Connect {VENDORS[vendor].label}
        </button>
      ))}
    </div>
  );
}
