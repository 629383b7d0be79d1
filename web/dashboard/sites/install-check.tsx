import { CircleCheck, Loader } from "lucide-react";
import { Link } from "wouter";
import { useLastBeacon } from "../data/queries";
import type { Site } from "../data/types";
import { Failure } from "../design/failure";
import { formatRelative } from "../format";
import { OUTCOMES } from "./outcomes";
import { ownSignal } from "./own-signal";

/** Is it installed? Asks the database every two seconds and says what came last. */
export function InstallCheck({ site }: { site: Site }) {
  const last = useLastBeacon(site.id);
  const signal = ownSignal();
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
              Paste the snippet, then open a page of your site: this line changes within two seconds. Nothing happens?{" "}
              {signal ? (
                <>This browser sends {signal}, so the snippet sends nothing: try another one.</>
              ) : (
                <>&ldquo;Check my page&rdquo; below says why.</>
              )}
            </p>
          </div>
        </>
      )}
    </section>
  );
}
