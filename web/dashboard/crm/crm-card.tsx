import { Link } from "wouter";
import { type CrmConnection, type CrmLink, useCrmConnections, useCrmLinks, usePushToCrm } from "../data/crm";
import type { Company, Site } from "../data/types";
import { Failure } from "../design/failure";
import { useRights } from "../sites/use-rights";
import "./crm.css";
import { Outcome } from "./outcome";
import { VENDORS } from "./vendors";

interface CrmCardProps {
  site: Site;
  company: Company;
}

/** A company in the account's CRMs: whether it is there, and the button that pushes it. Nothing where no CRM is connected. */
export default function CrmCard({ site, company }: CrmCardProps) {
  const { mayCorrect } = useRights(site.account_id);
  const connections = useCrmConnections(site.account_id);
  const links = useCrmLinks(company.id);
  if (!connections.data?.length) return null;
  return (
    <section className="card card-body stack" aria-labelledby="crm-card-title">
      <h2 id="crm-card-title">CRM</h2>
      {links.error && <Failure error={links.error} retry={() => void links.refetch()} />}
      {!company.domain && <p className="small soft">It cannot be pushed: its domain is not known.</p>}
      {links.isSuccess && (
        <ul className="stack" aria-label="In your CRM">
          {connections.data.map((connection) => (
            <Entry
              key={connection.id}
              site={site}
              company={company}
              connection={connection}
              link={links.data.find(({ connection_id }) => connection_id === connection.id)}
              mayPush={mayCorrect && !!company.domain}
            />
          ))}
        </ul>
      )}
    </section>
  );
}

interface EntryProps extends CrmCardProps {
  connection: CrmConnection;
  link: CrmLink | undefined;
  mayPush: boolean;
}

function Entry({ site, company, connection, link, mayPush }: EntryProps) {
  const push = usePushToCrm();
  const { label } = VENDORS[connection.vendor];
  const isHeld = connection.is_paused || connection.state === "broken";
  const isOnItsWay = link?.outcome === "waiting";
  return (
    <li className="stack crm-logged">
      <span className="entry" aria-live="polite">
        <strong className="small">{label}</strong>
        {link ? <Outcome vendor={connection.vendor} link={link} /> : <span className="small soft">Not pushed yet</span>}
      </span>
      {isHeld && (
        <p className="small soft">
          {connection.is_paused ? "Paused" : "The connection is broken"}: see{" "}
          <Link to={`/sites/${site.id}/integrations`}>Integrations</Link>.
        </p>
      )}
      {mayPush && !isHeld && (
        <div>
          <button
            type="button"
            className="button"
            disabled={push.isPending || isOnItsWay}
            onClick={() => push.mutate({ company_id: company.id, connection_id: connection.id })}
          >
            {link ? `Push to ${label} again` : `Push to ${label}`}
          </button>
        </div>
      )}
      {push.error && <Failure error={push.error} />}
    </li>
  );
}
