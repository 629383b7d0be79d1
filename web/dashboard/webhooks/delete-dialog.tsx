import { useDeleteWebhook, type Webhook } from "../data/webhooks";
import { Dialog } from "../design/dialog";
import { Failure } from "../design/failure";

interface DeleteDialogProps {
  accountId: string;
  webhook: Webhook;
  onClose: () => void;
}

/** Asks first: the secret and the log go with it. */
export function DeleteDialog({ accountId, webhook, onClose }: DeleteDialogProps) {
  const remove = useDeleteWebhook(accountId, webhook.id);
  return (
    <Dialog title="Delete this webhook?" onClose={onClose}>
      <p>
        <code className="webhook-url">{webhook.url}</code> is told of nothing more; its secret and its log go with it. This cannot
        be undone. To pause it, switch it off instead.
      </p>
      {remove.error && <Failure error={remove.error} />}
      <div className="row dialog-foot">
        <button type="button" className="button" onClick={onClose}>
          Cancel
        </button>
        <button type="button" className="button primary" disabled={remove.isPending} onClick={() => remove.mutate()}>
          Delete
        </button>
      </div>
    </Dialog>
  );
}
