import { CircleCheck, Loader } from "lucide-react";
import { Link } from "wouter";
import { useLastBeacon } from "../data/queries";
import type { Site } from "../data/types";
import { Failure } from "../design/failure";
import { formatRelative } from "../format";
import { OUTCOMES } from "./outcomes";

/** Is it installed? Asks the database every two seconds and says what came last. */
export function InstallCheck({ site }: { site: Site }) {
  const last = useLastBeacon(site.id);
  if (last.error) return <Failure error={last.error} retry={() => void last.refetch()} />;
  if (last.isPending) return <div className="card card-body skeleton-box" aria-hidden="true" />;
  return (
    <section className="card card-body check-state" role="status" aria-live="polite">
      {last.data ? (
        <>
          <CircleCheck className="good" aria-hidden="true" />
          <div>
            <h2>Installed and working</h2>
            <p className="soft small">
              The last beacon came {formatRelative(last.data.last_at)}. {OUTCOMES[last.data.outcome].lastBeacon}
            </p>
          </div>
          <Link className="button" to={`/sites/${site.id}/companies`}>
            See companies
          </Link>
        </>
      ) : (
        <>
          <Loader className="waiting" aria-hidden="true" />
          <div>
            <h2>Waiting for the first beacon</h2>
            <p className="soft small">
              Paste the snippet, then open a page of your site: this line changes within two seconds. Nothing happens? Check
              that the page&rsquo;s host is one of <strong>{site.site_hosts.map(({ host }) => host).join(", ")}</strong>, that
              your browser does not send Do Not Track, and that no ad blocker stops the request.
            </p>
          </div>
        </>
      )}
    </section>
  );
}
