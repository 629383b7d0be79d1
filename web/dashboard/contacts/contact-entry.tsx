import { Trash2 } from "lucide-react";
import { useState } from "react";
import { type Contact, useDeleteContact } from "../data/contacts";
import { useAccounts } from "../data/queries";
import type { Company } from "../data/types";
import { CopyButton } from "../design/copy-button";
import { ConfirmDialog } from "../design/confirm-dialog";
import { Dialog } from "../design/dialog";
import { formatDate, linkedinUrl, noticeFor, SOURCES } from "./words";

interface ContactEntryProps {
  company: Company;
  contact: Contact;
  mayWork: boolean;
}

/** One contact: role, address, profile, where from and until when; the notice for a first message, and deletion. */
export function ContactEntry({ company, contact, mayWork }: ContactEntryProps) {
  const [open, setOpen] = useState<"notice" | "delete" | null>(null);
  const name = contact.role ?? contact.work_email ?? contact.linkedin_handle ?? "contact";
  return (
    <li className="stack contact">
      <div className="entry">
        <strong>{contact.role ?? (contact.is_shared_mailbox ? "Shared mailbox" : "Role not known")}</strong>
        {contact.work_email && <a href={`mailto:${contact.work_email}`}>{contact.work_email}</a>}
        {contact.is_shared_mailbox && contact.role && <span className="small soft">a shared mailbox, nobody&rsquo;s own</span>}
        {contact.linkedin_handle && (
          <a href={linkedinUrl(contact.linkedin_handle)} target="_blank" rel="noreferrer">
            LinkedIn: {contact.linkedin_handle}
          </a>
        )}
        <span className="small soft">
          {SOURCES[contact.source]}, {formatDate(contact.found_at)}; deleted by {formatDate(contact.expires_at)}
        </span>
      </div>
      <div className="row">
        <button type="button" className="button" aria-haspopup="dialog" onClick={() => setOpen("notice")}>
          First message<span className="unseen"> to {name}</span>
        </button>
        {mayWork && (
          <button type="button" className="button plain" aria-label={`Delete ${name}`} onClick={() => setOpen("delete")}>
            <Trash2 size={16} aria-hidden="true" />
          </button>
        )}
      </div>
      {open === "notice" && <NoticeDialog company={company} contact={contact} onClose={() => setOpen(null)} />}
      {open === "delete" && <DeleteDialog company={company} contact={contact} name={name} onClose={() => setOpen(null)} />}
    </li>
  );
}

interface DialogProps {
  company: Company;
  contact: Contact;
  onClose: () => void;
}

/** The message is the customer's own; this is what the law wants in it. */
function NoticeDialog({ company, contact, onClose }: DialogProps) {
  const account = useAccounts().data?.find(({ id }) => id === company.account_id)?.name ?? "";
  const text = noticeFor(contact, company.name, account);
  return (
    <Dialog title="Put this under your first message" onClose={onClose}>
      <p className="small soft">
        Who gets a first message must be told where you have the address from, and how to object (Art. 14 and 21 GDPR). Complete
        what stands in brackets. In some countries mail to a person also needs their consent: ask your counsel.
      </p>
      <pre className="notice-text" tabIndex={0} aria-label="The notice">
        {text}
      </pre>
      <div className="row dialog-foot">
        <button type="button" className="button" onClick={onClose}>
          Close
        </button>
        <CopyButton text={text} label="Copy the notice" />
      </div>
    </Dialog>
  );
}

function DeleteDialog({ company, contact, name, onClose }: DialogProps & { name: string }) {
  const remove = useDeleteContact(company.id);
  return (
    <ConfirmDialog
      title={`Delete ${name}?`}
      verb="Delete"
      deed={remove}
      onConfirm={() => remove.mutate(contact, { onSuccess: onClose })}
      onClose={onClose}
    >
      It is deleted in your account and may be found or imported again. If the person asked you for it, use the link of the first
      message instead: then it never comes back.
    </ConfirmDialog>
  );
}
