import { Search } from "lucide-react";
import { useState } from "react";
import { type Enrichment, exportContacts, useContacts, useEnrichment, useFindContacts, useProviders } from "../data/contacts";
import type { Company } from "../data/types";
import { Failure } from "../design/failure";
import { CSV_TYPE } from "../../shared/csv";
import { saveFile } from "../../shared/save-file";
import { counted } from "../format";
import { useRights } from "../sites/use-rights";
import { ContactEntry } from "./contact-entry";
import "./contacts.css";
import { csvOf } from "./csv";
import { ImportDialog } from "./import-dialog";
import { PROVIDERS } from "./words";

/** Whom to speak to at a company. They are shown on demand, because each view is recorded. */
export default function ContactsCard({ company }: { company: Company }) {
  const { role } = useRights(company.account_id);
  const enrichment = useEnrichment(company.id);
  const [shown, setShown] = useState(false);
  if (!role || role === "billing") return null;
  const mayWork = role !== "viewer";
  return (
    <section className="card card-body stack contacts" aria-labelledby="contacts-title">
      <h2 id="contacts-title">Contacts</h2>
      {enrichment.error && <Failure error={enrichment.error} retry={() => void enrichment.refetch()} />}
      {enrichment.data && (
        <>
          <Stand enrichment={enrichment.data} />
          {enrichment.data.contacts > 0 && !shown && (
            <div>
              <button type="button" className="button" onClick={() => setShown(true)}>
                Show {counted(enrichment.data.contacts, "contact", "contacts")}
              </button>
            </div>
          )}
          {shown && <Contacts company={company} mayWork={mayWork} />}
          {mayWork && <Work company={company} enrichment={enrichment.data} />}
        </>
      )}
    </section>
  );
}

/** What became of the latest request, in a sentence; nothing where the contacts say it. */
function Stand({ enrichment }: { enrichment: Enrichment }) {
  const { state, fault, contacts } = enrichment;
  if (state === "waiting" || state === "working") {
    return (
      <p className="message wait" role="status">
        We are looking. It usually takes a few minutes; you need not wait here.
      </p>
    );
  }
  if (state === "failed" || state === "dropped") return <p className="message bad">{fault}</p>;
  if (state === "nothing" && !contacts) {
    return <p className="small">Nobody was found who may be kept. Your credit was given back.</p>;
  }
  return contacts ? null : <p className="small soft">Roles and work addresses of whom to speak to. Never private ones.</p>;
}

function Contacts({ company, mayWork }: { company: Company; mayWork: boolean }) {
  const contacts = useContacts(company.id, true);
  if (contacts.error) return <Failure error={contacts.error} retry={() => void contacts.refetch()} />;
  if (!contacts.data) return <div className="skeleton-box" aria-hidden="true" />;
  return (
    <>
      <ul className="entries" aria-label="Contacts">
        {contacts.data.map((contact) => (
          <ContactEntry key={contact.id} company={company} contact={contact} mayWork={mayWork} />
        ))}
      </ul>
      <p className="small soft">That you looked at them is recorded.</p>
    </>
  );
}

function Work({ company, enrichment }: { company: Company; enrichment: Enrichment }) {
  const providers = useProviders();
  const find = useFindContacts(company.id);
  const [importing, setImporting] = useState(false);
  const [failure, setFailure] = useState<Error | null>(null);
  const save = () => {
    setFailure(null);
    exportContacts(company.id)
      .then((contacts) => saveFile(`contacts-${company.domain ?? "company"}.csv`, [csvOf(contacts)], CSV_TYPE))
      .catch((error: Error) => setFailure(error));
  };
  const isUnderWay = enrichment.state === "waiting" || enrichment.state === "working";
  const isAsked = enrichment.state === "found" || enrichment.state === "nothing";
  const isOpen = enrichment.is_possible && enrichment.credits_left > 0 && Boolean(providers.data?.length);
  const mayFind = isOpen && !isUnderWay && !isAsked;
  return (
    <>
      {(find.error ?? failure ?? providers.error) && <Failure error={(find.error ?? failure ?? providers.error)!} />}
      <div className="row">
        {mayFind && (
          <button type="button" className="button primary" disabled={find.isPending} onClick={() => find.mutate()}>
            <Search size={16} aria-hidden="true" /> Find contacts
          </button>
        )}
        <button type="button" className="button" aria-haspopup="dialog" onClick={() => setImporting(true)}>
          Import
        </button>
        {enrichment.contacts > 0 && (
          <button type="button" className="button" onClick={save}>
            Export
          </button>
        )}
      </div>
      {mayFind && (
        <p className="small soft">
          Asks {providers.data?.map((name) => PROVIDERS[name]).join(" or ")} for the company&rsquo;s domain, and for no person.{" "}
          {counted(enrichment.credits_left, "credit", "credits")} left this month.
        </p>
      )}
      {!mayFind && !isUnderWay && <p className="small soft">{whyNot(enrichment, providers.data?.length === 0)}</p>}
      {importing && <ImportDialog company={company} onClose={() => setImporting(false)} />}
    </>
  );
}

function whyNot({ state, is_possible, credits_left }: Enrichment, isWithoutProvider: boolean): string {
  if (state === "found" || state === "nothing") return "You can look again 30 days after the last time.";
  if (!is_possible) {
    return (
      "Nobody is looked for here: the domain is not known, it is no company, it was corrected or opted out, or your settings " +
      "say so."
    );
  }
  if (isWithoutProvider) return "No provider of contacts is set up here, so that contacts can only be imported.";
  return credits_left > 0 ? "" : "Your account has used its credits of this month.";
}
