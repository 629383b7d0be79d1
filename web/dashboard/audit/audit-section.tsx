import { Download } from "lucide-react";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { type AuditEntry, exportAudit, useAuditEntries } from "../data/audit";
import type { Site } from "../data/types";
import { Failure } from "../design/failure";
import { saveFile } from "../../shared/save-file";
import { EntryList } from "./entry-list";
import { KINDS } from "./sentences";
import { Support } from "./support";

/** What happened in the account, for each of its members; and whether Leadsment's staff may see it. */
export default function AuditSection({ site, isOwner }: { site: Site; isOwner: boolean }) {
  const [subject, setSubject] = useState("");
  const log = useAuditEntries(site.account_id, subject);
  const entries = log.data?.pages.flat();
  return (
    <section className="card card-body stack" aria-labelledby="audit-title">
      <h2 id="audit-title">Audit log</h2>
      <p className="small soft">
        Who changed what in this account, and each look of Leadsment&rsquo;s staff. Nobody can change it. An export can be{" "}
        <a href="/audit-anchors">checked in your browser</a>.
      </p>
      <Support accountId={site.account_id} isOwner={isOwner} />
      <div className="row spread">
        <select className="input switcher" aria-label="Kind of entry" value={subject} onChange={({ target }) => setSubject(target.value)}>
          <option value="">Everything</option>
          {Object.entries(KINDS).map(([kind, label]) => (
            <option key={kind} value={kind}>
              {label}
            </option>
          ))}
        </select>
        <ExportButton accountId={site.account_id} />
      </div>
      {log.error && <Failure error={log.error} retry={() => void log.refetch()} />}
      {entries?.length === 0 && <p className="small soft">No entries of this kind.</p>}
      {entries && entries.length > 0 && <EntryList entries={entries} named={namesIn(entries)} />}
      {log.hasNextPage && (
        <div>
          <button type="button" className="button" disabled={log.isFetchingNextPage} onClick={() => void log.fetchNextPage()}>
            More
          </button>
        </div>
      )}
    </section>
  );
}

/** Colleagues by the addresses they acted under; the log itself names nobody. */
function namesIn(entries: AuditEntry[]) {
  const names = new Map(entries.map(({ actor, actor_email }) => [actor, actor_email]));
  return (userId: string | null) => names.get(userId) ?? "a member";
}

function ExportButton({ accountId }: { accountId: string }) {
  const exported = useMutation({
    mutationFn: async () => saveFile("audit-log.jsonl", [await exportAudit(accountId)], "application/x-ndjson"),
  });
  return (
    <>
      <button type="button" className="button" disabled={exported.isPending} onClick={() => exported.mutate()}>
        <Download size={16} aria-hidden="true" /> Export
      </button>
      {exported.error && <Failure error={exported.error} />}
    </>
  );
}
