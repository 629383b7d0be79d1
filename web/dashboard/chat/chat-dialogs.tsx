import { type ChatDestination, useRemoveChat, useReplaceChatUrl } from "../data/chat";
import { ConfirmDialog } from "../design/confirm-dialog";
import { Dialog } from "../design/dialog";
import { Failure } from "../design/failure";
import { Field } from "../session/field";
import { useSubmit } from "../session/use-submit";

interface ChatDialogProps {
  accountId: string;
  destination: ChatDestination;
  onClose: () => void;
}

export function ReplaceDialog({ accountId, destination, onClose }: ChatDialogProps) {
  const replace = useReplaceChatUrl(accountId);
  const { busy, error, submit } = useSubmit(async ({ url = "" }) => {
    await replace.mutateAsync({ id: destination.id, url });
    onClose();
  });
  return (
    <Dialog title={`Replace the address of ${destination.name}`} onClose={onClose}>
      <form className="stack" onSubmit={submit}>
        <p>Alerts go to the new address from now on. Rules stay as they are.</p>
        <Field label="New webhook address" name="url" type="url" autoComplete="off" spellCheck={false} required />
        {error && <Failure error={error} />}
        <div className="row dialog-foot">
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button className="button primary" disabled={busy}>
            Replace
          </button>
        </div>
      </form>
    </Dialog>
  );
}

/** Asks first: others' rules may post there, which the reader does not see. */
export function RemoveDialog({ accountId, destination, onClose }: ChatDialogProps) {
  const remove = useRemoveChat(accountId);
  return (
    <ConfirmDialog
      title={`Remove ${destination.name}?`}
      verb="Remove"
      deed={remove}
      onConfirm={() => remove.mutate(destination.id, { onSuccess: onClose })}
      onClose={onClose}
    >
      Alerts that are posted there, your own and your colleagues&rsquo;, are deleted with it. This cannot be undone.
    </ConfirmDialog>
  );
}
