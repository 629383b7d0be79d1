import { EntryList } from "../audit/entry-list";
import { usePlatformAudit } from "../data/audit";
import { Failure } from "../design/failure";

/** What concerns the platform as a whole: sessions of the staff, and what they did outside single accounts. */
export default function AuditPage() {
  const log = usePlatformAudit();
  const entries = log.data?.pages.flat();
  return (
    <>
      <h1>Audit</h1>
      {log.error && <Failure error={log.error} retry={() => void log.refetch()} />}
      {entries && (
        <section className="card card-body">
          <EntryList entries={entries} showsActor />
        </section>
      )}
      {log.hasNextPage && (
        <div>
          <button type="button" className="button" disabled={log.isFetchingNextPage} onClick={() => void log.fetchNextPage()}>
            More
          </button>
        </div>
      )}
    </>
  );
}
