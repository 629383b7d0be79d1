import { useDeleteWebhook, type Webhook } from "../data/webhooks";
import { ConfirmDialog } from "../design/confirm-dialog";

interface DeleteDialogProps {
  accountId: string;
  webhook: Webhook;
  onClose: () => void;
}

/** Asks first: the secret and the log go with it. */
export function DeleteDialog({ accountId, webhook, onClose }: DeleteDialogProps) {
  const remove = useDeleteWebhook(accountId, webhook.id);
  return (
    <ConfirmDialog
      title="Delete this webhook?"
      verb="Delete"
      deed={remove}
      onConfirm={() => remove.mutate()}
      onClose={onClose}
    >
      <code className="webhook-url">{webhook.url}</code> is told of nothing more; its secret and its log go with it. This cannot
      be undone. To pause it, switch it off instead.
    </ConfirmDialog>
  );
}
