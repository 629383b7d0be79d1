import type { PageView, Visit } from "../data/types";
import { counted, formatClock, formatDay, formatExact, formatLength, readablePath } from "../format";

/** A visit with its pages in the order they were looked at; under which name it came, where that is another company's. */
export function VisitCard({ visit, seenAs }: { visit: Visit; seenAs?: string | undefined }) {
  const length = formatLength(visit.started_at, visit.last_seen_at);
  return (
    <li className="card">
      <header className="visit-head row spread">
        <time dateTime={visit.started_at} title={formatExact(visit.started_at)}>
          <strong>{formatDay(visit.started_at)}</strong>, {formatClock(visit.started_at)}
        </time>
        {seenAs && <span className="chip">came as {seenAs}</span>}
        <span className="soft small">
          {counted(visit.page_view_count, "page", "pages")}
          {length && `, ${length}`}
        </span>
      </header>
      <ol className="pages">
        {visit.page_views.map((view) => (
          <PageRow key={view.id} view={view} />
        ))}
      </ol>
    </li>
  );
}

function PageRow({ view }: { view: PageView }) {
  const campaign = [view.utm_source, view.utm_medium, view.utm_campaign, view.utm_term, view.utm_content].filter(Boolean);
  return (
    <li>
      <time className="soft small number" dateTime={view.viewed_at}>
        {formatClock(view.viewed_at)}
      </time>
      <span className="path" title={view.host}>
        {readablePath(view.path)}
      </span>
      {(campaign.length > 0 || view.referrer_host) && (
        <span className="row marks">
          {view.referrer_host && <span className="chip">from {view.referrer_host}</span>}
          {campaign.map((value) => (
            <span key={value} className="chip">
              {value}
            </span>
          ))}
        </span>
      )}
    </li>
  );
}
