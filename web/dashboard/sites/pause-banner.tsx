import { todayIn } from "../companies/period";
import { usePause } from "../data/queries";
import type { Site } from "../data/types";
import { formatClock, formatNumber } from "../format";

/** Why nothing is recorded any more today. */
export function PauseBanner({ site }: { site: Site }) {
  const pause = usePause(site.id, todayIn(site.time_zone));
  if (!pause.data) return null;
  return (
    <div role="status" className="message wait">
      <p>
        <strong>{site.name} has used up its page views for today</strong>: {formatNumber(site.beacons_per_day)} a day. Since{" "}
        {formatClock(pause.data.began_at)} none is recorded; it goes on at midnight ({site.time_zone}). Did somebody flood your
        site, or have you grown? Write to us, and we raise it.
      </p>
    </div>
  );
}
