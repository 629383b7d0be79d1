import { useFunnel } from "../data/queries";
import type { Outcome, Site, SiteDay } from "../data/types";
import { Failure } from "../design/failure";
import { counted, formatNumber } from "../format";
import { OUTCOMES } from "../sites/outcomes";
import { type Period, periodFirstDay } from "./period";

const OUTCOME_ORDER = Object.keys(OUTCOMES) as Outcome[];

/** From beacons to companies: how many came, and what became of each, so that nobody wonders what was filtered. */
export function Funnel({ site, period }: { site: Site; period: Period }) {
  const funnel = useFunnel(site.id, periodFirstDay(period, site.time_zone));
  if (funnel.error) return <Failure error={funnel.error} retry={() => void funnel.refetch()} />;
  if (!funnel.data) return <div className="card card-body funnel skeleton-box" aria-hidden="true" />;
  const counts = countByOutcome(funnel.data);
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  if (!total) return null;
  const steps = OUTCOME_ORDER.filter((outcome) => counts.has(outcome));
  const identified = counts.get("identified") ?? 0;
  return (
    <section className="card card-body funnel" aria-labelledby="funnel-title">
      <div className="row spread">
        <h2 id="funnel-title">{counted(total, "page view", "page views")} measured</h2>
        <span className="soft small number">{percent(identified, total)} identified</span>
      </div>
      <div className="funnel-bar" aria-hidden="true">
        {steps.map((outcome, place) => (
          <i key={outcome} className={`step-${Math.min(place + 1, 5)}`} style={{ flexGrow: counts.get(outcome)! }} />
        ))}
      </div>
      <details>
        <summary>What became of them</summary>
        <ul className="funnel-steps">
          {steps.map((outcome, place) => (
            <li key={outcome} data-outcome={outcome}>
              <i className={`dot step-${Math.min(place + 1, 5)}`} aria-hidden="true" />
              <strong>{OUTCOMES[outcome].label}</strong>
              <span className="number">{formatNumber(counts.get(outcome)!)}</span>
              <span className="number soft">{percent(counts.get(outcome)!, total)}</span>
              <span className="soft small why">{OUTCOMES[outcome].why}</span>
            </li>
          ))}
        </ul>
      </details>
    </section>
  );
}

function countByOutcome(days: SiteDay[]): Map<Outcome, number> {
  const counts = new Map<Outcome, number>();
  for (const { outcome, beacons } of days) counts.set(outcome, (counts.get(outcome) ?? 0) + beacons);
  return counts;
}

function percent(part: number, whole: number): string {
  const share = part / whole;
  return share > 0 && share < 0.01 ? "< 1 %" : `${Math.round(share * 100)} %`;
}
