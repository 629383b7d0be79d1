import { useState } from "react";
import { useChangeWebhook, useSendTest, type Webhook } from "../data/webhooks";
import { Failure } from "../design/failure";
import { formatExact, formatRelative } from "../format";
import { DeleteDialog } from "./delete-dialog";
import { RotateDialog } from "./rotate-dialog";
import { WebhookForm } from "./webhook-form";
import { WebhookLog } from "./webhook-log";

interface WebhookEntryProps {
  accountId: string;
  webhook: Webhook;
  mayChange: boolean;
}

type Opened = "edit" | "rotate" | "delete" | null;

export function WebhookEntry({ accountId, webhook, mayChange }: WebhookEntryProps) {
  const [opened, setOpened] = useState<Opened>(null);
  const [isLogShown, setLogShown] = useState(false);
  const change = useChangeWebhook(accountId, webhook);
  const close = () => setOpened(null);
  return (
    <li className="stack webhook">
      {opened === "edit" ? (
        <WebhookForm
          webhook={webhook}
          label="Save"
          onSave={async (changed) => {
            await change.mutateAsync(changed);
            close();
          }}
          onCancel={close}
        />
      ) : (
        <Summary webhook={webhook} />
      )}
      {change.error && opened !== "edit" && <Failure error={change.error} />}
      {mayChange && opened !== "edit" && (
        <Actions
          webhook={webhook}
          isLogShown={isLogShown}
          isBusy={change.isPending}
          onOpen={setOpened}
          onLog={setLogShown}
          onSwitch={(is_enabled) => change.mutate({ is_enabled })}
        />
      )}
      {isLogShown && <WebhookLog webhook={webhook} />}
      {opened === "rotate" && <RotateDialog webhook={webhook} onClose={close} />}
      {opened === "delete" && <DeleteDialog accountId={accountId} webhook={webhook} onClose={close} />}
    </li>
  );
}

function Summary({ webhook }: { webhook: Webhook }) {
  return (
    <div className="stack webhook-summary">
      <div className="row spread">
        <span className="entry">
          <code className="webhook-url">{webhook.url}</code>
          {webhook.description && <span className="soft small">{webhook.description}</span>}
        </span>
        <State webhook={webhook} />
      </div>
      <ul className="row" aria-label="Events">
        {webhook.events.map((event) => (
          <li key={event} className="chip">
            {event}
          </li>
        ))}
      </ul>
      {webhook.ended_for && (
        <p className="message bad">
          {webhook.ended_for === "gone"
            ? "Your server answered 410 Gone, so we switched it off."
            : "Your server took nothing for five days, so we switched it off."}{" "}
          Look at the log, and switch it on again when it is well.
        </p>
      )}
    </div>
  );
}

function State({ webhook }: { webhook: Webhook }) {
  const { is_enabled, failing_since, last_delivered_at } = webhook;
  if (!is_enabled) return <span className="chip">Off</span>;
  if (failing_since) return <span className="chip webhook-bad">Failing since {formatExact(failing_since)}</span>;
  return (
    <span className="chip webhook-good">
      {last_delivered_at ? `Delivered ${formatRelative(last_delivered_at)}` : "On"}
    </span>
  );
}

interface ActionsProps {
  webhook: Webhook;
  isLogShown: boolean;
  isBusy: boolean;
  onOpen: (opened: Opened) => void;
  onLog: (isShown: boolean) => void;
  onSwitch: (isEnabled: boolean) => void;
}

function Actions({ webhook, isLogShown, isBusy, onOpen, onLog, onSwitch }: ActionsProps) {
  const test = useSendTest(webhook.id);
  // A test is sent to be looked at.
  const send = () => test.mutate(undefined, { onSuccess: () => onLog(true) });
  return (
    <>
      {test.error && <Failure error={test.error} />}
      <div className="row webhook-actions" role="group" aria-label={`Actions for ${webhook.url}`}>
        <button type="button" className="button" disabled={test.isPending} onClick={send}>
          Send a test
        </button>
        <button type="button" className="button" aria-expanded={isLogShown} onClick={() => onLog(!isLogShown)}>
          Log
        </button>
        <button type="button" className="button plain" onClick={() => onOpen("edit")}>
          Edit
        </button>
        <button type="button" className="button plain" onClick={() => onOpen("rotate")}>
          New secret
        </button>
        <button type="button" className="button plain" disabled={isBusy} onClick={() => onSwitch(!webhook.is_enabled)}>
          {webhook.is_enabled ? "Switch off" : "Switch on"}
        </button>
        <button type="button" className="button plain" onClick={() => onOpen("delete")}>
          Delete
        </button>
      </div>
    </>
  );
}
