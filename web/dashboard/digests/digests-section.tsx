import { Mail } from "lucide-react";
import { useState } from "react";
import "./digests.css";
import { useAddDigest, useDigests } from "../data/digests";
import { useSegments } from "../data/segments";
import type { Site } from "../data/types";
import { Failure } from "../design/failure";
import { ownTimeZone } from "../design/time-zone-options";
import { DigestDialog } from "./digest-dialog";
import { DigestEntry } from "./digest-entry";

/** The member's own digests: of which site or segment, when, and what the next one says. */
export function DigestsSection({ site }: { site: Site }) {
  const accountId = site.account_id;
  const [isNew, setIsNew] = useState(false);
  const digests = useDigests(accountId);
  const segments = useSegments(accountId);
  return (
    <section className="card card-body stack" aria-labelledby="digests-title">
      <h2 id="digests-title">Digests</h2>
      <p className="small soft">
        A mail with the companies that came: new ones, those that come more often, those you follow. Yours alone; nothing is sent
        when nobody came.
      </p>
      {digests.error && <Failure error={digests.error} retry={() => void digests.refetch()} />}
      {digests.data?.length === 0 && <Suggestion site={site} />}
      {digests.data && digests.data.length > 0 && (
        <ul className="entries" aria-label="Digests">
          {digests.data.map((digest) => (
            <DigestEntry key={digest.id} accountId={accountId} digest={digest} />
          ))}
        </ul>
      )}
      <div>
        <button type="button" className="button" aria-haspopup="dialog" onClick={() => setIsNew(true)}>
          <Mail size={16} aria-hidden="true" /> New digest
        </button>
      </div>
      {isNew && <DigestDialog site={site} segments={segments.data ?? []} onClose={() => setIsNew(false)} />}
    </section>
  );
}

/** One click for what most want. Nobody is sent a mail unasked. */
function Suggestion({ site }: { site: Site }) {
  const add = useAddDigest(site.account_id);
  const suggested = {
    site_id: site.id,
    segment_id: null,
    rhythm: "daily",
    weekday: null,
    hour: 8,
    time_zone: ownTimeZone(),
    tells_when_empty: false,
  } as const;
  return (
    <div className="message row spread suggestion">
      <span>You get no digest yet. How about one of {site.name} each morning at 8?</span>
      <button type="button" className="button primary" disabled={add.isPending} onClick={() => add.mutate(suggested)}>
        Send me one each morning
      </button>
      {add.error && <Failure error={add.error} />}
    </div>
  );
}
