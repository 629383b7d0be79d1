import { useChangeSupport, useSupport } from "../data/audit";
import { Failure } from "../design/failure";
import { formatExact } from "../format";

/** Whether staff may see the account as a viewer would; owners decide, everybody sees it. */
export function Support({ accountId, isOwner }: { accountId: string; isOwner: boolean }) {
  const support = useSupport(accountId);
  const change = useChangeSupport(accountId);
  const until = support.data;
  return (
    <div className="stack" role="group" aria-label="Support access">
      <p className="small" role="status">
        {until
          ? `Leadsment’s staff may see this account, as a viewer would, until ${formatExact(until)}.`
          : "Leadsment’s staff may not see this account’s companies and visits."}
      </p>
      {(support.error ?? change.error) && <Failure error={(support.error ?? change.error)!} />}
      {isOwner && (
        <div className="row">
          {[24, 168].map((hours) => (
            <button key={hours} type="button" className="button" disabled={change.isPending} onClick={() => change.mutate(hours)}>
              {hours === 24 ? "Let staff see it for 24 hours" : "For 7 days"}
            </button>
          ))}
          {until && (
            <button type="button" className="button" disabled={change.isPending} onClick={() => change.mutate(null)}>
              Withdraw
            </button>
          )}
        </div>
      )}
    </div>
  );
}
