import { useState } from "react";
import { type Digest, useChangeDigest, useDeleteDigest } from "../data/digests";
import { Failure } from "../design/failure";
import { formatExact } from "../format";
import { DigestDialog } from "./digest-dialog";
import { PreviewDialog } from "./preview-dialog";
import { sayNext, sayRhythm } from "./wording";

const STATES = { on: null, paused: "Paused", unsubscribed: "Unsubscribed" };

interface DigestEntryProps {
  accountId: string;
  digest: Digest;
}

/** A digest in words: pause it, see the next one, change it, delete it. */
export function DigestEntry({ accountId, digest }: DigestEntryProps) {
  const [shown, setShown] = useState<"preview" | "change" | null>(null);
  const change = useChangeDigest(accountId);
  const remove = useDeleteDigest(accountId);
  const error = change.error ?? remove.error;
  const isOn = digest.state === "on";
  const close = () => setShown(null);
  return (
    <li className="stack digest">
      <div className="row spread">
        <span className="entry">
          <strong>
            {digest.about} {digest.segment_id && <span className="chip">Segment</span>}{" "}
            {!isOn && <span className="chip">{STATES[digest.state]}</span>}
          </strong>
          <span className="soft small">{sayRhythm(digest)}</span>
          <span className="soft small">
            {isOn && sayNext(digest)} {digest.last_sent_at && `The last one told of visits until ${formatExact(digest.last_sent_at)}.`}
          </span>
        </span>
        <span className="row digest-actions" role="group" aria-label={`${digest.rhythm} digest of ${digest.about}`}>
          <button type="button" className="button plain" aria-haspopup="dialog" onClick={() => setShown("preview")}>
            Preview
          </button>
          <button
            type="button"
            className="button plain"
            disabled={change.isPending}
            onClick={() => change.mutate({ id: digest.id, state: isOn ? "paused" : "on" })}
          >
            {isOn ? "Pause" : "Send again"}
          </button>
          <button type="button" className="button plain" aria-haspopup="dialog" onClick={() => setShown("change")}>
            Change
          </button>
          <button type="button" className="button plain" disabled={remove.isPending} onClick={() => remove.mutate(digest.id)}>
            Delete
          </button>
        </span>
      </div>
      {error && <Failure error={error} />}
      {shown === "preview" && <PreviewDialog digest={digest} onClose={close} />}
      {shown === "change" && <DigestDialog accountId={accountId} digest={digest} onClose={close} />}
    </li>
  );
}
