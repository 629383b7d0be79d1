import { useRef, useState } from "react";
import { type ChatKind, useAddChat } from "../data/chat";
import { Failure } from "../design/failure";
import { Field } from "../session/field";
import { useSubmit } from "../session/use-submit";

const HINTS: Record<ChatKind, { hint: string; placeholder: string }> = {
  slack: {
    hint: "In Slack: your app, Incoming Webhooks, Add New Webhook. Nobody sees the address again.",
    placeholder: "https://hooks.slack.com/services/…",
  },
  teams: {
    hint: "In Teams: Workflows, “Post to a channel when a webhook request is received”. Nobody sees the address again.",
    placeholder: "https://….api.powerplatform.com/…",
  },
};

/** Connect a channel by the address it takes messages at. */
export function ChatForm({ accountId }: { accountId: string }) {
  const add = useAddChat(accountId);
  const form = useRef<HTMLFormElement>(null);
  const [kind, setKind] = useState<ChatKind>("slack");
  const { busy, error, submit } = useSubmit(async ({ name = "", url = "" }) => {
    await add.mutateAsync({ kind, name, url });
    form.current?.reset();
  });
  return (
    <form ref={form} className="stack exclusions" onSubmit={submit} aria-labelledby="connect-title">
      <h3 id="connect-title">Connect a channel</h3>
      <div className="segments" role="group" aria-label="Chat">
        {(["slack", "teams"] as ChatKind[]).map((choice) => (
          <button key={choice} type="button" aria-pressed={kind === choice} onClick={() => setKind(choice)}>
            {choice === "slack" ? "Slack" : "Microsoft Teams"}
          </button>
        ))}
      </div>
      <Field label="Name" name="name" placeholder="#sales" maxLength={80} required />
      <Field
        label="Webhook address"
        name="url"
        type="url"
        autoComplete="off"
        spellCheck={false}
        placeholder={HINTS[kind].placeholder}
        hint={HINTS[kind].hint}
        required
      />
      {error && <Failure error={error} />}
      {add.isSuccess && !error && <p className="message good">Connected. Send a test to see whether messages arrive.</p>}
      <div>
        <button className="button" disabled={busy}>
          Connect
        </button>
      </div>
    </form>
  );
}
