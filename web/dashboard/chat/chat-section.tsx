import { useState } from "react";
import "../alerts/alerts.css";
import { type ChatDestination, useChatDestinations, useTestChat } from "../data/chat";
import type { Site } from "../data/types";
import { Failure } from "../design/failure";
import { formatRelative } from "../format";
import { useRights } from "../sites/use-rights";
import { ChatForm } from "./chat-form";
import { RemoveDialog, ReplaceDialog } from "./chat-dialogs";

/** Channels of Slack and Teams that alerts may be posted to. */
export function ChatSection({ site }: { site: Site }) {
  const accountId = site.account_id;
  const { mayChange } = useRights(accountId);
  const destinations = useChatDestinations(accountId);
  return (
    <section className="card card-body stack" aria-labelledby="chat-title">
      <h2 id="chat-title">Chat</h2>
      <p className="small soft">
        Channels of Slack and Microsoft Teams. What is posted there is up to each member&rsquo;s alerts, under Notifications.
      </p>
      {destinations.error && <Failure error={destinations.error} retry={() => void destinations.refetch()} />}
      {destinations.data?.length === 0 && <p className="small">No channel is connected.</p>}
      {destinations.data && destinations.data.length > 0 && (
        <ul className="entries" aria-label="Chat channels">
          {destinations.data.map((destination) => (
            <Entry key={destination.id} accountId={accountId} destination={destination} mayChange={mayChange} />
          ))}
        </ul>
      )}
      {mayChange && <ChatForm accountId={accountId} />}
      {!mayChange && <p className="small soft">Only owners and admins connect channels. Ask one of them.</p>}
    </section>
  );
}

interface EntryProps {
  accountId: string;
  destination: ChatDestination;
  mayChange: boolean;
}

function Entry({ accountId, destination, mayChange }: EntryProps) {
  const [asked, setAsked] = useState<"replace" | "remove" | null>(null);
  const test = useTestChat(accountId);
  const { id, kind, name, ending, broken_reason, last_delivered_at } = destination;
  const close = () => setAsked(null);
  return (
    <li className="stack rule">
      <div className="row spread">
        <span className="entry">
          <strong>{name}</strong>
          <span className="soft small">
            {kind === "slack" ? "Slack" : "Microsoft Teams"}, address ending in {ending};{" "}
            {last_delivered_at ? `last took a message ${formatRelative(last_delivered_at)}` : "took no message yet"}
          </span>
        </span>
        {mayChange && (
          <span className="row actions" role="group" aria-label={name}>
            <button type="button" className="button plain" disabled={test.isPending} onClick={() => test.mutate(id)}>
              Send a test
            </button>
            <button type="button" className="button plain" aria-haspopup="dialog" onClick={() => setAsked("replace")}>
              Replace address
            </button>
            <button type="button" className="button plain" aria-haspopup="dialog" onClick={() => setAsked("remove")}>
              Remove
            </button>
          </span>
        )}
      </div>
      {broken_reason && (
        <p className="message bad">
          {broken_reason} Alerts for this channel are in their members&rsquo; digests until a test goes through.
        </p>
      )}
      {test.isSuccess && <p className="message good">A test is on its way. It should arrive within two minutes.</p>}
      {test.error && <Failure error={test.error} />}
      {asked === "replace" && <ReplaceDialog accountId={accountId} destination={destination} onClose={close} />}
      {asked === "remove" && <RemoveDialog accountId={accountId} destination={destination} onClose={close} />}
    </li>
  );
}
