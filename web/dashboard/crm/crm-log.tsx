import { Link } from "wouter";
import { type CrmConnection, type LoggedPush, useCrmLog, usePushToCrm } from "../data/crm";
import { Failure } from "../design/failure";
import { Outcome } from "./outcome";

interface CrmLogProps {
  siteId: string;
  connection: CrmConnection;
  mayPush: boolean;
}

/** The companies that were pushed latest, and what became of each. */
export function CrmLog({ siteId, connection, mayPush }: CrmLogProps) {
  const log = useCrmLog(connection.id);
  return (
    <div className="stack crm-part">
      {log.error && <Failure error={log.error} retry={() => void log.refetch()} />}
      {log.data?.length === 0 && <p className="small">Nothing was pushed yet.</p>}
      {!!log.data?.length && (
        <ul className="entries" aria-label="Log">
          {log.data.map((push) => (
            <Entry key={push.company_id} siteId={siteId} connection={connection} push={push} mayPush={mayPush} />
          ))}
        </ul>
      )}
    </div>
  );
}

function Entry({ siteId, connection, push, mayPush }: Omit<CrmLogProps, "log"> & { push: LoggedPush }) {
  const again = usePushToCrm();
  return (
    <li className="stack crm-logged">
      <div className="row spread">
        <span className="entry">
          <Link to={`/sites/${siteId}/companies/${push.company.id}`}>{push.company.name}</Link>
          <Outcome vendor={connection.vendor} link={push} />
        </span>
        {mayPush && push.outcome !== "waiting" && (
          <button
            type="button"
            className="button"
            aria-label={`Push again: ${push.company.name}`}
            disabled={again.isPending}
            onClick={() => again.mutate({ company_id: push.company_id, connection_id: connection.id })}
          >
            Push again
          </button>
        )}
      </div>
      {again.error && <Failure error={again.error} />}
    </li>
  );
}
