import { type OwnMail, useMailAgain, useOwnMail } from "../data/digests";
import { Failure } from "../design/failure";

/** Why no mails come, and the way to let them come again. Nothing where they do. */
export function MailBanner() {
  const { data: mail } = useOwnMail();
  const again = useMailAgain();
  const reason = mail && reasonOf(mail);
  if (!mail || !reason) return null;
  return (
    <div className="message wait row spread" role="status">
      <span>{reason}</span>
      <button type="button" className="button" disabled={again.isPending} onClick={() => again.mutate(mail.refused)}>
        {mail.suppressed ? "Try again" : "Send them again"}
      </button>
      {again.error && <Failure error={again.error} />}
    </div>
  );
}

function reasonOf({ address, suppressed, refused }: OwnMail): string | null {
  if (suppressed === "bounced") return `A mail to ${address} came back, so we send none. Does the mailbox take mails again?`;
  if (suppressed === "complained") return `A mail to ${address} was marked as unwanted, so we send none.`;
  if (refused.includes("all")) return "You have unsubscribed from all digests and alerts by mail.";
  if (refused.length === 2) return "You have unsubscribed from digests and from alerts by mail.";
  if (refused.includes("digests")) return "You have unsubscribed from all digests.";
  return refused.includes("alerts") ? "You have unsubscribed from alerts by mail." : null;
}
