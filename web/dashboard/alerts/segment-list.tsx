import { useState } from "react";
import { type Segment, useDeleteSegment } from "../data/segments";
import { ConfirmDialog } from "../design/confirm-dialog";
import { SegmentDialog } from "./segment-dialog";
import { sayFilter } from "./wording";

interface SegmentListProps {
  accountId: string;
  segments: Segment[];
  mayShare: boolean;
}

/** The account's segments: what they say, to change and to delete. */
export function SegmentList({ accountId, segments, mayShare }: SegmentListProps) {
  if (!segments.length) return null;
  return (
    <details>
      <summary>Segments of your account</summary>
      <ul className="entries" aria-label="Segments">
        {segments.map((segment) => (
          <Entry key={segment.id} accountId={accountId} segment={segment} mayShare={mayShare} />
        ))}
      </ul>
    </details>
  );
}

function Entry({ accountId, segment, mayShare }: Omit<SegmentListProps, "segments"> & { segment: Segment }) {
  const [asked, setAsked] = useState<"change" | "delete" | null>(null);
  const close = () => setAsked(null);
  return (
    <li className="row spread">
      <span className="entry">
        <strong>{segment.name}</strong>
        <span className="soft small">{sayFilter(segment.filter)}</span>
      </span>
      {mayShare && (
        <span className="row actions" role="group" aria-label={segment.name}>
          <button type="button" className="button plain" aria-haspopup="dialog" onClick={() => setAsked("change")}>
            Change
          </button>
          <button type="button" className="button plain" aria-haspopup="dialog" onClick={() => setAsked("delete")}>
            Delete
          </button>
        </span>
      )}
      {asked === "change" && <SegmentDialog accountId={accountId} segment={segment} onClose={close} />}
      {asked === "delete" && <DeleteDialog accountId={accountId} segment={segment} onClose={close} />}
    </li>
  );
}

/** Asks first: others' rules may be about it, which the reader does not see. */
function DeleteDialog({ accountId, segment, onClose }: { accountId: string; segment: Segment; onClose: () => void }) {
  const remove = useDeleteSegment(accountId);
  return (
    <ConfirmDialog
      title={`Delete “${segment.name}”?`}
      verb="Delete"
      deed={remove}
      onConfirm={() => remove.mutate(segment.id, { onSuccess: onClose })}
      onClose={onClose}
    >
      Alerts about it, your own and your colleagues&rsquo;, are deleted with it. This cannot be undone.
    </ConfirmDialog>
  );
}
