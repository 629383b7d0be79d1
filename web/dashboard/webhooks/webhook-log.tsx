import { useReplay, useWebhookLog, type Webhook, type WebhookAttempt, type WebhookMessage } from "../data/webhooks";
import { Failure } from "../design/failure";
import { counted, formatAhead, formatExact, formatRelative } from "../format";

const OUTCOMES: Record<string, string> = {
  delivered: "Taken",
  refused: "Refused",
  unavailable: "Not taken",
  uncertain: "Perhaps taken",
  lost: "Lost on our side",
};

/** What was sent to a webhook within 30 days, and what was answered. Renewed every few seconds. */
export function WebhookLog({ webhook }: { webhook: Webhook }) {
  const log = useWebhookLog(webhook.id);
  const replay = useReplay(webhook.id);
  const error = log.error ?? replay.error;
  return (
    <div className="stack webhook-log">
      {error && <Failure error={error} />}
      {log.data?.length === 0 && <p className="small soft">Nothing was sent within the last 30 days.</p>}
      {!!log.data?.length && (
        <ol aria-label="Messages">
          {log.data.map((message) => (
            <Message key={message.id} message={message} isBusy={replay.isPending} onReplay={() => replay.mutate(message)} />
          ))}
        </ol>
      )}
    </div>
  );
}

interface MessageProps {
  message: WebhookMessage;
  isBusy: boolean;
  onReplay: () => void;
}

function Message({ message, isBusy, onReplay }: MessageProps) {
  const hasEnded = message.state === "delivered" || message.state === "dead";
  return (
    <li className="webhook-message">
      <div className="row spread">
        <span className="entry">
          <span>
            <code>{message.type}</code>{" "}
            <time className="soft small" dateTime={message.created_at} title={formatExact(message.created_at)}>
              {formatRelative(message.created_at)}
            </time>
          </span>
          <span className="soft small">{inWords(message)}</span>
        </span>
        <StateChip message={message} />
        {hasEnded && (
          <button
            type="button"
            className="button plain"
            aria-label={`Send again: ${message.type}, ${formatExact(message.created_at)}`}
            disabled={isBusy}
            onClick={onReplay}
          >
            Send again
          </button>
        )}
      </div>
      {message.attempts.length > 0 && (
        <details>
          <summary>{counted(message.attempts.length, "attempt", "attempts")}</summary>
          <ol className="webhook-attempts">
            {message.attempts.map((attempt) => (
              <Attempt key={attempt.number} attempt={attempt} />
            ))}
          </ol>
          <p className="soft small">
            webhook-id <code>{message.id}</code>
          </p>
        </details>
      )}
    </li>
  );
}

function StateChip({ message }: { message: WebhookMessage }) {
  if (message.state === "delivered") return <span className="chip webhook-good">Delivered</span>;
  if (message.state === "dead") return <span className="chip webhook-bad">Given up</span>;
  return <span className="chip">{message.state === "sending" ? "Being sent" : "Waiting"}</span>;
}

function inWords(message: WebhookMessage): string {
  if (message.fault) return message.fault;
  if (message.next_attempt_at) return `Next attempt ${formatAhead(message.next_attempt_at)}`;
  return message.ended_at ? `Delivered ${formatRelative(message.ended_at)}` : "On its way";
}

function Attempt({ attempt }: { attempt: WebhookAttempt }) {
  return (
    <li className="small">
      <span>
        {attempt.outcome ? OUTCOMES[attempt.outcome] : "Under way"}
        {attempt.status && ` (${attempt.status})`}{" "}
        <time className="soft" dateTime={attempt.started_at}>
          {formatExact(attempt.started_at)}
        </time>
      </span>
      {attempt.detail && <code className="webhook-answer">{attempt.detail}</code>}
    </li>
  );
}
