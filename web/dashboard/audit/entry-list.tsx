import type { AuditEntry } from "../data/audit";
import { formatExact } from "../format";
import "./audit.css";
import { sentenceOf } from "./sentences";

interface EntryListProps {
  entries: AuditEntry[];
  named?: (userId: string | null) => string;
  /** Whether to say the id of who acted: among the staff, "staff" says too little. */
  showsActor?: boolean;
}

/** Entries of a log as sentences, with what changed on demand. */
export function EntryList({ entries, named, showsActor = false }: EntryListProps) {
  return (
    <ul className="audit-entries small" aria-label="Entries of the audit log">
      {entries.map((entry) => (
        <li key={entry.seq}>
          <div className="row spread">
            <span className="audit-sentence">
              {sentenceOf(entry, named)}
              {showsActor && entry.actor && <span className="soft"> ({entry.actor})</span>}
            </span>
            <time className="soft" dateTime={entry.at}>
              {formatExact(entry.at)}
            </time>
          </div>
          {(entry.before || entry.after) && <Change entry={entry} />}
        </li>
      ))}
    </ul>
  );
}

function Change({ entry: { seq, before, after } }: { entry: AuditEntry }) {
  return (
    <details>
      <summary>What changed in entry {seq}</summary>
      <dl className="audit-change">
        {before && <Side name="Before" fields={before} />}
        {after && <Side name="After" fields={after} />}
      </dl>
    </details>
  );
}

function Side({ name, fields }: { name: string; fields: Record<string, unknown> }) {
  return (
    <div>
      <dt>{name}</dt>
      {Object.entries(fields).map(([field, value]) => (
        <dd key={field}>
          {field.replaceAll("_", " ")}: {typeof value === "string" ? value : JSON.stringify(value)}
        </dd>
      ))}
    </div>
  );
}
