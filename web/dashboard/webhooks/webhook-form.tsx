import { useState } from "react";
import type { NewWebhook } from "../data/webhooks";
import { Failure } from "../design/failure";
import { Field } from "../session/field";
import { useSubmit } from "../session/use-submit";
import { EVENTS } from "./events";

const DESCRIPTION_CHARACTERS = 120;
const URL_CHARACTERS = 2000;

interface WebhookFormProps {
  webhook?: NewWebhook;
  label: string;
  onSave: (webhook: NewWebhook) => Promise<void>;
  onCancel: () => void;
}

/** The URL, what it is told of, and a word for oneself. */
export function WebhookForm({ webhook, label, onSave, onCancel }: WebhookFormProps) {
  const [events, setEvents] = useState<string[]>(webhook?.events ?? EVENTS.slice(0, 2).map(([event]) => event));
  const { busy, error, submit } = useSubmit(async ({ url = "", description = "" }) => {
    if (!events.length) throw new Error("Choose at least one event that the webhook is to be told of.");
    await onSave({ url: url.trim(), events, description: description.trim() });
  });
  const toggle = (event: string) =>
    setEvents(EVENTS.map(([known]) => known).filter((known) => events.includes(known) !== (known === event)));
  return (
    <form className="stack" onSubmit={submit}>
      <Field
        label="URL"
        name="url"
        type="url"
        defaultValue={webhook?.url}
        placeholder="https://example.com/leadsment"
        maxLength={URL_CHARACTERS}
        autoComplete="off"
        spellCheck={false}
        autoFocus
        required
      />
      <fieldset className="stack webhook-events">
        <legend>What it is told of</legend>
        {EVENTS.map(([event, words]) => (
          <label key={event} className="check">
            <input type="checkbox" checked={events.includes(event)} onChange={() => toggle(event)} />
            <span>
              {words} <code className="soft small">{event}</code>
            </span>
          </label>
        ))}
      </fieldset>
      <Field
        label="Description (optional)"
        name="description"
        defaultValue={webhook?.description}
        placeholder="Our CRM"
        maxLength={DESCRIPTION_CHARACTERS}
        autoComplete="off"
      />
      {error && <Failure error={error} />}
      <div className="row">
        <button className="button primary" disabled={busy}>
          {busy ? "Looking where it leads …" : label}
        </button>
        <button type="button" className="button plain" onClick={onCancel}>
          Cancel
        </button>
      </div>
    </form>
  );
}
