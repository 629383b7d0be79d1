import { Plus } from "lucide-react";
import { useState } from "react";
import { useCreateWebhook, useWebhooks } from "../data/webhooks";
import { Failure } from "../design/failure";
import { ShownOnce } from "../design/shown-once";
import { useRights } from "../sites/use-rights";
import { WebhookEntry } from "./webhook-entry";
import { WebhookForm } from "./webhook-form";
import "./webhooks.css";

const MOST = 10;

/** URLs of the customer's own that are told of what happens. */
export function WebhooksSection({ accountId }: { accountId: string }) {
  const webhooks = useWebhooks(accountId);
  const { mayChange } = useRights(accountId);
  return (
    <section className="card card-body stack" aria-labelledby="webhooks-title">
      <div>
        <h2 id="webhooks-title">Webhooks</h2>
        <p className="small soft">
          Your own server is told of companies that visit: within a minute or two, in order, and again until it answers. Each message is signed, so that you
          know it is ours.
        </p>
      </div>
      {webhooks.error && <Failure error={webhooks.error} retry={() => void webhooks.refetch()} />}
      {webhooks.data?.length === 0 && <p className="small">There is no webhook.</p>}
      {!!webhooks.data?.length && (
        <ul className="webhooks" aria-label="Webhooks">
          {webhooks.data.map((webhook) => (
            <WebhookEntry key={webhook.id} accountId={accountId} webhook={webhook} mayChange={mayChange} />
          ))}
        </ul>
      )}
      {mayChange && webhooks.isSuccess && <Creation accountId={accountId} isFull={webhooks.data.length >= MOST} />}
    </section>
  );
}

function Creation({ accountId, isFull }: { accountId: string; isFull: boolean }) {
  const create = useCreateWebhook(accountId);
  const [isOpen, setOpen] = useState(false);
  if (create.data) {
    return (
      <ShownOnce secret={create.data.secret} onKept={create.reset}>
        The webhook is saved. Your server verifies messages with this secret, by Standard Webhooks.
      </ShownOnce>
    );
  }
  if (isOpen) {
    return (
      <WebhookForm
        label="Add webhook"
        onSave={async (webhook) => {
          await create.mutateAsync(webhook);
          setOpen(false);
        }}
        onCancel={() => setOpen(false)}
      />
    );
  }
  return (
    <div className="row">
      <button type="button" className="button" disabled={isFull} onClick={() => setOpen(true)}>
        <Plus size={16} aria-hidden="true" /> Add a webhook
      </button>
      {isFull && <span className="small soft">Ten is the most. Delete one you no longer need first.</span>}
    </div>
  );
}
