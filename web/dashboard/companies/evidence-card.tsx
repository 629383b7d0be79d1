import type { Evidence } from "../data/types";

/** Why this company? The network's holder, where that was read, and what decided. */
export function EvidenceCard({ evidence }: { evidence: Evidence }) {
  return (
    <section className="card card-body stack" aria-labelledby="evidence-title">
      <h2 id="evidence-title">Why this company?</h2>
      <p className="small soft">
        The visitor&rsquo;s network is registered to <strong>{evidence.organisation ?? "this organisation"}</strong>
        {evidence.asn ? ` (AS${evidence.asn})` : ""}. The address itself was looked up in memory and not kept.
      </p>
      <dl className="facts">
        <div>
          <dt>Decided by</dt>
          <dd>{evidence.rule ?? "not known"}</dd>
        </div>
        <div>
          <dt>Source</dt>
          <dd>{evidence.source ?? "not known"}</dd>
        </div>
        <div>
          <dt>Release</dt>
          <dd>{evidence.release ?? "not known"}</dd>
        </div>
      </dl>
    </section>
  );
}
