import { useState } from "react";
import { useRotateSecret, type Webhook } from "../data/webhooks";
import { Dialog } from "../design/dialog";
import { Failure } from "../design/failure";
import { ShownOnce } from "../design/shown-once";

interface RotateDialogProps {
  webhook: Webhook;
  onClose: () => void;
}

/** Ask for a new secret, and see it once. */
export function RotateDialog({ webhook, onClose }: RotateDialogProps) {
  const rotate = useRotateSecret(webhook.id);
  const [hasLeaked, setLeaked] = useState(false);
  return (
    <Dialog title="A new secret" onClose={onClose}>
      {rotate.data ? (
        <ShownOnce secret={rotate.data} onKept={onClose}>
          {hasLeaked ? "Messages are signed with it alone from now on." : "For 24 hours messages are signed with both, so either verifies."}
        </ShownOnce>
      ) : (
        <>
          <p>
            For 24 hours each message carries a signature of the new secret and one of the secret before, so that your server can
            change over without losing any. An older one stops at once.
          </p>
          <label className="check">
            <input type="checkbox" checked={hasLeaked} onChange={() => setLeaked(!hasLeaked)} />
            <span>The secret has leaked: stop signing with it now</span>
          </label>
          {rotate.error && <Failure error={rotate.error} />}
          <div className="row dialog-foot">
            <button type="button" className="button" onClick={onClose}>
              Cancel
            </button>
            <button
              type="button"
              className="button primary"
              disabled={rotate.isPending}
              onClick={() => rotate.mutate(hasLeaked)}
            >
              Make a new secret
            </button>
          </div>
        </>
      )}
    </Dialog>
  );
}
