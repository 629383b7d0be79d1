import { useState } from "react";
import { useLocation } from "wouter";
import { type DataRequestKind, useDataRequestDeed } from "../data/data-requests";
import { Dialog } from "../design/dialog";
import { Failure } from "../design/failure";
import { Field } from "../session/field";
import { useSubmit } from "../session/use-submit";

const KINDS: Record<DataRequestKind, string> = {
  access: "A copy (Art. 15)",
  portability: "Data to take along (Art. 20)",
  erasure: "Erasure (Art. 17)",
  objection: "Objection (Art. 21)",
  rectification: "Rectification (Art. 16)",
  restriction: "Restriction (Art. 18)",
};

/** Enter what came by mail or by post. Without a proof that was seen, the person is mailed the link. */
export function EnterDialog({ onClose }: { onClose: () => void }) {
  const enter = useDataRequestDeed("enter_data_request");
  const [proof, setProof] = useState("");
  const [, go] = useLocation();
  const { busy, error, submit } = useSubmit(async ({ received_at, ...fields }) => {
    const entered = await enter.mutateAsync({
      kind: fields["kind"] ?? null,
      email: fields["email"] ?? null,
      channel: fields["channel"] ?? null,
      // Noon, so that it is that day in every time zone of Europe; of today, now.
      received_at: received_at === today() ? new Date().toISOString() : `${received_at}T12:00:00Z`,
      details: fields["details"] || null,
      proof_seen: fields["proof_seen"] || null,
      linkedin_handle: fields["linkedin_handle"] || null,
    });
    onClose();
    if (entered?.id) go(`/admin/data-requests?id=${entered.id}`);
  });
  return (
    <Dialog title="Enter a request" onClose={onClose}>
      <form className="stack" onSubmit={submit}>
        <Choice label="What is asked for" name="kind" options={Object.entries(KINDS)} />
        <Field label="E-mail address of the person" name="email" type="email" autoComplete="off" required />
        <Choice label="How it came" name="channel" options={[["mail", "By mail"], ["post", "By post"]]} />
        <Field
          label="Received on"
          name="received_at"
          type="date"
          defaultValue={today()}
          max={today()}
          required
          hint="The 30 days count from here."
        />
        <TextField label="What was asked, in their words (optional)" name="details" />
        <Field
          label="Proof you saw (optional)"
          name="proof_seen"
          value={proof}
          onChange={({ target }) => setProof(target.value)}
          maxLength={500}
          hint={
            "How you made sure who asks; no name, no copy of a document. Empty: they are mailed a link. " +
            "Filled in: it is carried out at once."
          }
        />
        <Field label="LinkedIn handle (optional, with a proof)" name="linkedin_handle" autoComplete="off" />
        {error && <Failure error={error} />}
        <div className="row dialog-foot">
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button className="button primary" disabled={busy}>
            {proof.trim() ? "Enter and carry out" : "Enter and mail the link"}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

const today = (): string => new Date().toISOString().slice(0, 10);

function Choice({ label, name, options }: { label: string; name: string; options: [string, string][] }) {
  return (
    <div className="field">
      <label htmlFor={`enter-${name}`}>{label}</label>
      <select id={`enter-${name}`} name={name} className="input">
        {options.map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
    </div>
  );
}

/** Several lines of text. */
export function TextField({ label, name, required }: { label: string; name: string; required?: boolean }) {
  return (
    <div className="field">
      <label htmlFor={`text-${name}`}>{label}</label>
      <textarea id={`text-${name}`} name={name} className="input" maxLength={2000} required={required} />
    </div>
  );
}
