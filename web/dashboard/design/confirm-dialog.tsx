import type { ReactNode } from "react";
import { Dialog } from "./dialog";
import { Failure } from "./failure";

interface ConfirmDialogProps {
  title: string;
  /** What the button does, as a verb. */
  verb: string;
  /** The mutation behind it: whether it is under way, and what went wrong. */
  deed: { isPending: boolean; error: Error | null };
  onConfirm: () => void;
  onClose: () => void;
  /** What will happen, and what cannot be undone. */
  children: ReactNode;
}

/** Asks before something is done that has no way back. */
export function ConfirmDialog({ title, verb, deed, onConfirm, onClose, children }: ConfirmDialogProps) {
  return (
    <Dialog title={title} onClose={onClose}>
      <p>{children}</p>
      {deed.error && <Failure error={deed.error} />}
      <div className="row dialog-foot">
        <button type="button" className="button" onClick={onClose}>
          Cancel
        </button>
        <button type="button" className="button primary" disabled={deed.isPending} onClick={onConfirm}>
          {verb}
        </button>
      </div>
    </Dialog>
  );
}
