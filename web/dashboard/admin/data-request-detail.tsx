import { Fragment, useState } from "react";
import { Link } from "wouter";
import { type DataRequest, useDataRequest, useDataRequestDeed } from "../data/data-requests";
import { Dialog } from "../design/dialog";
import { Failure } from "../design/failure";
import { formatExact } from "../format";
import { Field } from "../session/field";
import { useSubmit } from "../session/use-submit";
import { TextField } from "./data-request-entry";

type Words = "extend" | "refuse" | "finish";
const DIALOGS: Record<Words, { title: string; label: string; field: string; lead: string; verb: string }> = {
  extend: {
    title: "Extend to 90 days",
    label: "Reason",
    field: "reason",
    verb: "Extend and mail the reason",
    lead: "Once, and within the first 30 days. The person reads the reason (Art. 12(3) GDPR).",
  },
  refuse: {
    title: "Refuse the request",
    label: "Reason",
    field: "reason",
    verb: "Refuse and mail the reason",
    lead:
      "Only where it is manifestly unfounded or excessive, or the law says so (Art. 12(5) GDPR). The person reads the reason, " +
      "and where to complain.",
  },
  finish: {
    title: "Mark as done",
    label: "What was done",
    field: "answer",
    verb: "Done: mail the receipt",
    lead: "The person reads this as their receipt: what was done, and what is kept and why.",
  },
};

/** One request: who asks for what, by what it is proved, what is kept of them, and what staff can do. */
export function DataRequestDetail({ id }: { id: string }) {
  const request = useDataRequest(id);
  return (
    <>
      <p>
        <Link to="/admin/data-requests">All data requests</Link>
      </p>
      {request.error && <Failure error={request.error} retry={() => void request.refetch()} />}
      {request.data && <Loaded request={request.data} />}
    </>
  );
}

function Loaded({ request }: { request: DataRequest }) {
  return (
    <>
      <h1>
        {request.reference}: {request.kind}
      </h1>
      <Facts request={request} />
      {request.accounts_waiting.length > 0 && !request.ended_at && <Waiting request={request} />}
      {request.contacts.length > 0 && <Contacts request={request} />}
      {!request.ended_at && <Deeds request={request} />}
    </>
  );
}

function Facts({ request }: { request: DataRequest }) {
  const facts: [string, string | null][] = [
    ["Person", request.email ?? "forgotten: the request has ended"],
    ["In their words", request.details],
    ["Received", `${formatExact(request.received_at)}, by ${request.channel}`],
    ["Answer due", request.ended_at ? null : formatExact(request.due_at)],
    ["Proved", request.proof ? (request.proof_seen ?? "by the mailed link") : "not yet"],
    ["Extended, because", request.extension_reason],
    ["Login", request.ended_at ? null : request.has_login ? "yes" : "none"],
    ["Ended", request.ended_at && `${formatExact(request.ended_at)}: ${request.state}`],
    ["Answer", request.answer],
  ];
  return (
    <dl className="facts card card-body">
      {facts
        .filter(([, value]) => value)
        .map(([name, value]) => (
          <Fragment key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </Fragment>
        ))}
    </dl>
  );
}

function Waiting({ request }: { request: DataRequest }) {
  const handOver = useDataRequestDeed("hand_over_account");
  return (
    <section className="card card-body stack" aria-labelledby="waiting-title">
      <h2 id="waiting-title">Accounts that would be left without an owner</h2>
      <p className="small soft">
        Ask them who shall own the account. Then make that member its owner, and carry the request out.
      </p>
      {handOver.error && <Failure error={handOver.error} />}
      {request.accounts_waiting.map((account) => (
        <div key={account.id} className="stack">
          <h3>{account.name}</h3>
          {account.members.length === 0 && (
            <p className="small">Nobody else works there, and it is large: an operator deletes it (docs/data-requests.md).</p>
          )}
          <ul className="entries" aria-label={`Members of ${account.name}`}>
            {account.members.map((member) => (
              <li key={member.user_id} className="row spread">
                <span>
                  {member.email} <span className="soft small">{member.role}</span>
                </span>
                <button
                  type="button"
                  className="button"
                  disabled={handOver.isPending}
                  onClick={() => handOver.mutate({ request_id: request.id, account_id: account.id, user_id: member.user_id })}
                >
                  Make owner
                </button>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </section>
  );
}

function Contacts({ request }: { request: DataRequest }) {
  const mayMend = request.kind === "rectification" && request.proof !== null;
  return (
    <section className="card card-body stack" aria-labelledby="contacts-title">
      <h2 id="contacts-title">Kept as a contact</h2>
      <ul className="entries" aria-label="Contact entries">
        {request.contacts.map((contact) => (
          <li key={contact.id} className="stack">
            <span>
              {contact.account}: {contact.role ?? "no role"} at {contact.company}
            </span>
            {mayMend && <Mend requestId={request.id} contactId={contact.id} role={contact.role ?? ""} />}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Mend({ requestId, contactId, role }: { requestId: string; contactId: string; role: string }) {
  const mend = useDataRequestDeed("rectify_contact");
  const { busy, error, submit } = useSubmit(async (fields) => {
    await mend.mutateAsync({ request_id: requestId, contact_id: contactId, role: fields["role"] ?? "" });
  });
  return (
    <form className="contact-mend" onSubmit={submit}>
      <Field label="Role, in known words" name="role" defaultValue={role} maxLength={80} />
      <button className="button" disabled={busy}>
        Put right
      </button>
      {error && <Failure error={error} />}
    </form>
  );
}

function Deeds({ request }: { request: DataRequest }) {
  const [asked, setAsked] = useState<Words | null>(null);
  const mail = useDataRequestDeed("mail_data_request_link");
  const carryOut = useDataRequestDeed("carry_out_data_request");
  const byHand = ["rectification", "restriction"].includes(request.kind);
  const error = mail.error ?? carryOut.error;
  return (
    <>
      {error && <Failure error={error} />}
      {mail.isSuccess && <p className="message good" role="status">A new link is on its way; the earlier one is void.</p>}
      <div className="row">
        {!request.proof && (
          <button
            type="button"
            className="button primary"
            disabled={mail.isPending}
            onClick={() => mail.mutate({ id: request.id })}
          >
            Mail the link again
          </button>
        )}
        {request.proof && !byHand && (
          <button
            type="button"
            className="button primary"
            disabled={carryOut.isPending}
            onClick={() => carryOut.mutate({ id: request.id })}
          >
            Carry out
          </button>
        )}
        {request.proof && byHand && (
          <button type="button" className="button primary" onClick={() => setAsked("finish")}>
            Mark as done
          </button>
        )}
        {!request.extended_at && (
          <button type="button" className="button" onClick={() => setAsked("extend")}>
            Extend
          </button>
        )}
        <button type="button" className="button" onClick={() => setAsked("refuse")}>
          Refuse
        </button>
      </div>
      {asked && <WordsDialog id={request.id} deed={asked} onClose={() => setAsked(null)} />}
    </>
  );
}

function WordsDialog({ id, deed, onClose }: { id: string; deed: Words; onClose: () => void }) {
  const { title, label, field, lead, verb } = DIALOGS[deed];
  const act = useDataRequestDeed(`${deed}_data_request`);
  const { busy, error, submit } = useSubmit(async (fields) => {
    await act.mutateAsync({ id, [field]: fields[field] ?? "" });
    onClose();
  });
  return (
    <Dialog title={title} onClose={onClose}>
      <form className="stack" onSubmit={submit}>
        <p className="small soft">{lead}</p>
        <TextField label={label} name={field} required />
        {error && <Failure error={error} />}
        <div className="row dialog-foot">
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button className="button primary" disabled={busy}>
            {verb}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
