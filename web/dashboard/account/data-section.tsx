import { useState } from "react";
import { type Retention, useChangeRetention, useRetention } from "../data/account";
import { useAccounts } from "../data/queries";
import { Failure } from "../design/failure";
import { Field } from "../session/field";
import { useSubmit } from "../session/use-submit";
import { DeleteAccountDialog } from "./delete-account-dialog";
import { Portability } from "./portability";

interface SectionProps {
  accountId: string;
  mayChange: boolean;
  isOwner: boolean;
}

/** For how long the account keeps what, and how it leaves with what it has. */
export default function DataSection({ accountId, mayChange, isOwner }: SectionProps) {
  const retention = useRetention(accountId);
  const account = useAccounts().data?.find(({ id }) => id === accountId);
  const [deleting, setDeleting] = useState(false);
  return (
    <section className="card card-body stack" aria-labelledby="data-title">
      <h2 id="data-title">Data of the account</h2>
      <p className="small soft">
        What is over is deleted each night; the audit log says what, how many and of before which day. Holds for all websites of the
        account.
      </p>
      {retention.error && <Failure error={retention.error} retry={() => void retention.refetch()} />}
      {retention.data && <RetentionForm accountId={accountId} retention={retention.data} mayChange={mayChange} />}
      {mayChange && <Portability accountId={accountId} mayImport={isOwner} />}
      {isOwner && account && (
        <div className="row spread">
          <p className="small soft grow">
            Deleting the account deletes everything it has. The audit log stays, which names nobody; backups forget it as they grow
            old.
          </p>
          <button type="button" className="button" aria-haspopup="dialog" onClick={() => setDeleting(true)}>
            Delete this account
          </button>
        </div>
      )}
      {deleting && account && <DeleteAccountDialog account={account} onClose={() => setDeleting(false)} />}
    </section>
  );
}

const FIELDS: { name: keyof Retention; label: string; most: number; hint: string }[] = [
  { name: "visits_days", label: "Visits", most: 1095, hint: "with the companies that came" },
  { name: "counts_days", label: "Daily counts", most: 1825, hint: "which name no company" },
  { name: "contacts_days", label: "Contacts", most: 365, hint: "from the day they were found" },
];

function RetentionForm({ accountId, retention, mayChange }: Omit<SectionProps, "isOwner"> & { retention: Retention }) {
  const change = useChangeRetention(accountId);
  const { busy, error, submit } = useSubmit(async (fields) => {
    await change.mutateAsync({
      visits_days: Number(fields.visits_days),
      counts_days: Number(fields.counts_days),
      contacts_days: Number(fields.contacts_days),
    });
  });
  return (
    <form className="stack" onSubmit={submit}>
      <fieldset className="plain-set network-fields" disabled={!mayChange}>
        {FIELDS.map(({ name, label, most, hint }) => (
          <Field
            key={name}
            label={`${label}, days`}
            name={name}
            type="number"
            min={30}
            max={most}
            defaultValue={retention[name]}
            hint={`30 to ${most.toLocaleString()}, ${hint}`}
            required
          />
        ))}
      </fieldset>
      {error && <Failure error={error} />}
      {change.isSuccess && !error && (
        <p className="message good" role="status">
          Saved. What is over by then goes with the next night.
        </p>
      )}
      {mayChange && (
        <div>
          <button className="button primary" disabled={busy}>
            Save
          </button>
        </div>
      )}
    </form>
  );
}
