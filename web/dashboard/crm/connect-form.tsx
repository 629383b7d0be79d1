import { useEffect, useRef } from "react";
import { type CrmVendor, useConnectCrm } from "../data/crm";
import { Failure } from "../design/failure";
import { Field } from "../session/field";
import { useSubmit } from "../session/use-submit";
import { VENDORS } from "./vendors";

interface ConnectFormProps {
  accountId: string;
  vendor: CrmVendor;
  /** Of the connection that gets another token; none for a new one. */
  connectionId?: string;
  onDone: () => void;
}

/** Asks for a vendor's token, and has it tried out at once. It is shown to nobody afterwards. */
export function ConnectForm({ accountId, vendor, connectionId, onDone }: ConnectFormProps) {
  const { label, advice, parts } = VENDORS[vendor];
  const connect = useConnectCrm(accountId);
  const form = useRef<HTMLFormElement>(null);
  const { busy, error, submit } = useSubmit(async (fields) => {
    await connect.mutateAsync({ vendor, ...(connectionId ? { connection_id: connectionId } : {}), ...fields });
    onDone();
  });
  useEffect(() => form.current?.querySelector("input")?.focus(), []);
  return (
    <form ref={form} className="stack crm-part" onSubmit={submit} aria-label={`Connect ${label}`}>
      <h3>{connectionId ? `A new token for ${label}` : `Connect ${label}`}</h3>
      <p className="small soft">{advice}</p>
      {parts.map(({ secret, initial, ...part }) => (
        <Field
          key={part.name}
          {...part}
          type={secret ? "password" : "text"}
          defaultValue={initial}
          autoComplete="off"
          spellCheck={false}
          required
        />
      ))}
      <p className="small soft">It is tried out at once and kept encrypted. Nobody, you included, sees it again.</p>
      {error && <Failure error={error} />}
      <div className="row">
        <button className="button primary" disabled={busy}>
          {busy ? `Asking ${label} …` : "Connect"}
        </button>
        <button type="button" className="button" onClick={onDone}>
          Cancel
        </button>
      </div>
    </form>
  );
}
