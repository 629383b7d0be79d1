import { useState } from "react";
import { CorrectionDialog } from "../corrections/correction-dialog";
import { useCorrectCompany } from "../data/corrections";
import type { Company, Evidence } from "../data/types";

/** Why this company? The network's holder, where that was read, what decided and how sure; and a way to disagree. */
export function EvidenceCard({ company, mayCorrect }: { company: Company; mayCorrect: boolean }) {
  const { evidence } = company;
  return (
    <section className="card card-body stack" aria-labelledby="evidence-title">
      <h2 id="evidence-title">Why this company?</h2>
      <p className="small">
        The visit came from a network registered to <strong>{evidence.organisation ?? company.name}</strong>
        {evidence.asn ? ` (AS${evidence.asn})` : ""}.
      </p>
      {typeof evidence.sureness === "number" && <Sureness percent={evidence.sureness} />}
      <dl className="facts">
        {Object.entries(factsOf(evidence)).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value ?? <span className="soft">not known</span>}</dd>
          </div>
        ))}
      </dl>
      <p className="small soft">The visitor&rsquo;s address was looked up in memory and not kept.</p>
      {mayCorrect && <NotRight company={company} />}
    </section>
  );
}

function factsOf(evidence: Evidence): Record<string, string | null> {
  const { range } = evidence;
  return {
    "Registered to": evidence.organisation,
    ...(range === undefined ? {} : { Network: range ?? "narrower than /24 (IPv6: /48): not kept" }),
    Source: [evidence.source, evidence.release && `release ${evidence.release}`].filter(Boolean).join(", ") || null,
    "Decided by": evidence.rule,
  };
}

/** The number is said beside the bar: neither length nor colour says anything of its own. */
function Sureness({ percent }: { percent: number }) {
  return (
    <div className="sureness small">
      <svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
        <rect className="sureness-whole" width="100" height="6" />
        <rect className="sureness-part" width={percent} height="6" />
      </svg>
      <span className="number">{percent} % sure</span>
    </div>
  );
}

function NotRight({ company }: { company: Company }) {
  const [open, setOpen] = useState(false);
  const correct = useCorrectCompany();
  return (
    <div>
      <button type="button" className="button" aria-haspopup="dialog" onClick={() => setOpen(true)}>
        Not right?
      </button>
      {open && <CorrectionDialog company={company} onSay={(said) => correct.mutate(said)} onClose={() => setOpen(false)} />}
    </div>
  );
}
