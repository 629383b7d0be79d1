import { type ScoredVisit, useScore } from "../data/score";
import { Failure } from "../design/failure";
import { counted, formatExact, formatNumber } from "../format";

const point = new Intl.NumberFormat(undefined, { minimumFractionDigits: 1, maximumFractionDigits: 1 });

/** How interested the company is, and each step to the number: docs/score.md has the formula. */
export function ScoreCard({ companyId }: { companyId: string }) {
  const score = useScore(companyId);
  if (score.error) return <Failure error={score.error} retry={() => void score.refetch()} />;
  if (!score.data) return null;
  const { points, visits, others, others_points } = score.data;
  return (
    <section className="card card-body stack" aria-labelledby="score-title">
      <h2 id="score-title">Score</h2>
      <Bar score={score.data.score} />
      {!visits.length && <p className="small soft">No visit in the last months counts any more.</p>}
      {visits.length > 0 && (
        <details>
          <summary>How it comes about</summary>
          <table className="score-parts small">
            <thead>
              <tr>
                <th scope="col">Visit, on any of your sites</th>
                <th scope="col" className="figure">
                  Points
                </th>
              </tr>
            </thead>
            <tbody>
              {visits.map((visit) => (
                <Part key={visit.visit_id} visit={visit} />
              ))}
              {others > 0 && (
                <tr>
                  <td>{counted(others, "earlier visit", "earlier visits")}</td>
                  <td className="figure number">{point.format(others_points)}</td>
                </tr>
              )}
            </tbody>
            <tfoot>
              <tr>
                <th scope="row">Together</th>
                <td className="figure number">{point.format(points)}</td>
              </tr>
              <tr>
                <th scope="row">
                  Score: {point.format(points)} ÷ ({point.format(points)} + 50)
                </th>
                <td className="figure number">{formatNumber(score.data.score)}</td>
              </tr>
            </tfoot>
          </table>
          <p className="small soft">A visit is worth 10 × √pages, and half as much every 14 days.</p>
        </details>
      )}
    </section>
  );
}

function Part({ visit }: { visit: ScoredVisit }) {
  const age = visit.days ? `${counted(visit.days, "day", "days")} ago` : "today";
  return (
    <tr>
      <td>
        <span title={formatExact(visit.last_seen_at)}>{age}</span>, {counted(visit.page_views, "page", "pages")}
      </td>
      <td className="figure number">{point.format(visit.points)}</td>
    </tr>
  );
}

/** The number is said beside the bar: neither length nor colour says anything of its own. */
function Bar({ score }: { score: number }) {
  return (
    <div className="sureness small">
      <svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
        <rect className="sureness-whole" width="100" height="6" />
        <rect className="sureness-part" width={score} height="6" />
      </svg>
      <span className="number">{score} of 100</span>
    </div>
  );
}
