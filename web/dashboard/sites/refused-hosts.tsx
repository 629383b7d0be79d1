import { TriangleAlert } from "lucide-react";
import { useRefusedHosts } from "../data/install";
import { useChangeHosts } from "../data/queries";
import type { Site } from "../data/types";
import { Failure } from "../design/failure";
import { formatRelative } from "../format";
import { useRights } from "./use-rights";

/** Hosts whose beacons are refused, each with a button that lets them in. */
export function RefusedHosts({ site }: { site: Site }) {
  const refused = useRefusedHosts(site.id);
  const change = useChangeHosts(site);
  const { mayChange } = useRights(site.account_id);
  const add = (host: string) => change.mutate({ add: host }, { onSettled: () => void refused.refetch() });
  if (!refused.data?.length) return null;
  return (
    <section className="card card-body stack" aria-label="Refused hosts">
      {refused.data.map(({ host, beacons, last_at }) => (
        <div key={host} className="check-state">
          <TriangleAlert className="waiting still" aria-hidden="true" />
          <div>
            <p>
              Pages of <strong className="host">{host}</strong> send beacons, but this host is not on the site&rsquo;s list.
            </p>
            <p className="soft small">
              {beacons === 1 ? "One beacon" : `${beacons.toLocaleString()} beacons`}, the last {formatRelative(last_at)}.{" "}
              {mayChange ? "Add it only if it is yours." : "If it is yours, ask an owner or admin to add it."}
            </p>
          </div>
          {mayChange && (
            <button type="button" className="button" disabled={change.isPending} onClick={() => add(host)}>
              Add host
            </button>
          )}
        </div>
      ))}
      {change.error && <Failure error={change.error} />}
    </section>
  );
}
