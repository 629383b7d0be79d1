import { Undo2 } from "lucide-react";
import { Link } from "wouter";
import { useCorrections, useUndoCorrection } from "../data/corrections";
import type { NamedCorrection, Site } from "../data/types";
import { Failure } from "../design/failure";
import { formatExact, formatRelative } from "../format";
import { useSession } from "../session/session";
import { speakerOf, VERDICTS } from "./verdicts";

/** All that members said about matches: what holds, with the way back, and what was undone. */
export function CorrectionsSection({ site, mayCorrect }: { site: Site; mayCorrect: boolean }) {
  const corrections = useCorrections(site.account_id);
  const rows = corrections.data?.pages.flat() ?? [];
  const active = rows.filter(({ undone_at }) => !undone_at);
  const ended = rows.filter(({ undone_at }) => undone_at);
  return (
    <section className="card card-body stack" aria-labelledby="corrections-title">
      <h2 id="corrections-title">Corrections</h2>
      <p className="small soft">
        What your account said about matches. They hold for all its websites and for nobody else. To correct one, open the
        company and choose &ldquo;Not right?&rdquo;.
      </p>
      {corrections.error && <Failure error={corrections.error} retry={() => void corrections.refetch()} />}
      {corrections.isSuccess && !active.length && <p className="small">No correction holds.</p>}
      {active.length > 0 && (
        <ul className="entries" aria-label="Corrections that hold">
          {active.map((correction) => (
            <Entry key={correction.id} siteId={site.id} correction={correction} mayUndo={mayCorrect} />
          ))}
        </ul>
      )}
      {ended.length > 0 && (
        <details>
          <summary>History: ended corrections</summary>
          <ul className="entries" aria-label="Corrections that were ended">
            {ended.map((correction) => (
              <Entry key={correction.id} siteId={site.id} correction={correction} mayUndo={false} />
            ))}
          </ul>
        </details>
      )}
      {corrections.hasNextPage && (
        <button type="button" className="button more" onClick={() => void corrections.fetchNextPage()}>
          Show more
        </button>
      )}
    </section>
  );
}

interface EntryProps {
  siteId: string;
  correction: NamedCorrection;
  mayUndo: boolean;
}

function Entry({ siteId, correction, mayUndo }: EntryProps) {
  const undo = useUndoCorrection();
  const { company, same_as, verdict, note } = correction;
  return (
    <li className="row spread">
      <div className="entry">
        <span>
          <Link to={`/sites/${siteId}/companies/${company.id}`}>{company.name}</Link>
          {": "}
          {same_as ? `same as ${same_as.name}` : VERDICTS[verdict].said}
        </span>
        {note && <span className="small">&ldquo;{note}&rdquo;</span>}
        <Told correction={correction} />
      </div>
      {mayUndo && (
        <button
          type="button"
          className="button"
          aria-label={`Undo: ${company.name}`}
          disabled={undo.isPending}
          onClick={() => undo.mutate(correction)}
        >
          <Undo2 size={16} aria-hidden="true" /> Undo
        </button>
      )}
    </li>
  );
}

/** "You, 3 days ago; ended by a teammate yesterday". */
function Told({ correction }: { correction: NamedCorrection }) {
  const { session } = useSession();
  const { created_at, undone_at, undone_by } = correction;
  return (
    <span className="soft small">
      {speakerOf(correction, session?.user.id)}, <Time at={created_at} />
      {undone_at && (
        <>
          ; ended by {undone_by === session?.user.id ? "you" : "a teammate"} <Time at={undone_at} />
        </>
      )}
    </span>
  );
}

function Time({ at }: { at: string }) {
  return (
    <time dateTime={at} title={formatExact(at)}>
      {formatRelative(at)}
    </time>
  );
}
