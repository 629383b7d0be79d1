import { Undo2 } from "lucide-react";
import { useRef } from "react";
import { Link } from "wouter";
import { useUndoCorrection } from "../data/corrections";
import type { Company, Correction, Shown } from "../data/types";
import { formatExact, formatRelative } from "../format";
import { useSession } from "../session/session";
import { speakerOf, VERDICTS } from "./verdicts";

interface CorrectionBannerProps {
  siteId: string;
  shown: Shown;
  mayCorrect: boolean;
}

/** What holds of a company instead of its name: who said it, when, and the way back. */
export function CorrectionBanner({ siteId, shown, mayCorrect }: CorrectionBannerProps) {
  const undo = useUndoCorrection();
  const banner = useRef<HTMLDivElement>(null);
  const { correction } = shown;
  const takeBack = () => {
    // The button is about to go; the focus stays with what it did.
    banner.current?.focus();
    if (correction) undo.mutate(correction);
  };
  return (
    <div ref={banner} role="status" tabIndex={-1} className="correction-banner">
      {correction && (
        <div className="message wait row spread">
          <div className="stack banner-words">
            <Holds siteId={siteId} shown={shown} correction={correction} />
            <Said correction={correction} />
          </div>
          {mayCorrect && (
            // One that is not kept yet cannot be undone.
            <button type="button" className="button" disabled={!correction.id} onClick={takeBack}>
              <Undo2 size={16} aria-hidden="true" /> Undo
            </button>
          )}
        </div>
      )}
      {!correction && undo.isSuccess && <p className="message good">Undone. Its visits show as before.</p>}
    </div>
  );
}

function Holds({ siteId, shown, correction }: { siteId: string; shown: Shown; correction: Correction }) {
  if (!shown.as) return <strong>{VERDICTS[correction.verdict].holds}</strong>;
  return (
    <strong>
      Shown as <CompanyLink siteId={siteId} company={shown.as} />
      {shown.verdict && `, which is left out: ${VERDICTS[shown.verdict].said}`}.
    </strong>
  );
}

function Said({ correction }: { correction: Correction }) {
  const { session } = useSession();
  return (
    <span>
      {speakerOf(correction, session?.user.id)} said so{" "}
      <time dateTime={correction.created_at} title={formatExact(correction.created_at)}>
        {formatRelative(correction.created_at)}
      </time>
      {correction.note && correction.created_by && <>: &ldquo;{correction.note}&rdquo;</>}.
    </span>
  );
}

function CompanyLink({ siteId, company }: { siteId: string; company: Company }) {
  return <Link to={`/sites/${siteId}/companies/${company.id}`}>{company.name}</Link>;
}

/** Which companies count as this one. */
export function MergedCompanies({ siteId, merged }: { siteId: string; merged: Company[] }) {
  return (
    <p className="small soft">
      Together with{" "}
      {merged.map((company, place) => (
        <span key={company.id}>
          {place > 0 && ", "}
          <CompanyLink siteId={siteId} company={company} />
        </span>
      ))}
      , which your account shows as this company.
    </p>
  );
}
