import { useState } from "react";
import { type Segment, useSaveSegment } from "../data/segments";
import { Dialog } from "../design/dialog";
import { Failure } from "../design/failure";
import { Field } from "../session/field";
import { useSubmit } from "../session/use-submit";
import { SegmentFields } from "./segment-fields";
import { draftOf, filterOf } from "./segment-filter";

interface SegmentDialogProps {
  accountId: string;
  segment: Segment;
  onClose: () => void;
}

/** Change a segment. One whose filter the form cannot say keeps it, and can be renamed. */
export function SegmentDialog({ accountId, segment, onClose }: SegmentDialogProps) {
  const save = useSaveSegment(accountId);
  const [draft, setDraft] = useState(() => draftOf(segment.filter));
  const { busy, error, submit } = useSubmit(async ({ name = "" }) => {
    const filter = draft ? filterOf(draft) : segment.filter;
    if (!filter.conditions.length) throw new Error("Say at least one thing that these companies have in common.");
    await save.mutateAsync({ id: segment.id, name: name.trim(), filter });
    onClose();
  });
  return (
    <Dialog title={`Change “${segment.name}”`} onClose={onClose}>
      <form className="stack" onSubmit={submit}>
        <Field label="Name" name="name" defaultValue={segment.name} maxLength={80} required />
        {draft && <SegmentFields accountId={accountId} draft={draft} onChange={setDraft} />}
        {!draft && <p className="message wait">Its conditions are more than this form can show. They stay as they are.</p>}
        {error && <Failure error={error} />}
        <div className="row dialog-foot">
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button className="button primary" disabled={busy}>
            Save
          </button>
        </div>
      </form>
    </Dialog>
  );
}
