import { type FormEvent, useState } from "react";
import {
  type EnrichmentSettings,
  type Provider,
  useChooseEnrichment,
  useContactAccesses,
  useEnrichmentSettings,
  useProviders,
  useSegmentNames,
} from "../data/contacts";
import type { Site } from "../data/types";
import { Failure } from "../design/failure";
import { counted, formatExact, formatRelative } from "../format";
import { useSession } from "../session/session";
import "./contacts.css";
import { PROVIDERS, ROLES, SENIORITIES } from "./words";

interface SectionProps {
  site: Site;
  mayChange: boolean;
}

/** Whom the account looks for and at which companies, its credits, who is asked, and who used contacts. */
export default function EnrichmentSection({ site, mayChange }: SectionProps) {
  const settings = useEnrichmentSettings(site.account_id);
  const providers = useProviders();
  const failed = [settings, providers].find(({ error }) => error);
  return (
    <section className="card card-body stack" aria-labelledby="enrichment-title">
      <h2 id="enrichment-title">Contacts</h2>
      <p className="small soft">
        Whom to speak to at a company: roles, work addresses and LinkedIn profiles, each with its source and a date on which it is
        deleted. Private addresses and phone numbers are never kept. Holds for all websites of the account.
      </p>
      {failed?.error && <Failure error={failed.error} retry={() => void failed.refetch()} />}
      {settings.data && providers.data && (
        <>
          {providers.data.length ? (
            <>
              <p className="small">
                <strong>
                  {settings.data.credits_left} of {settings.data.credits}
                </strong>{" "}
                credits are left this month. Looking for a company&rsquo;s contacts costs one; it is given back if nobody is found.
              </p>
              <Choices site={site} settings={settings.data} providers={providers.data} mayChange={mayChange} />
            </>
          ) : (
            <p className="message wait">
              Nobody who could be asked for contacts is set up here. You can import contacts you know, on a company&rsquo;s page.
            </p>
          )}
        </>
      )}
      {mayChange && <Accesses accountId={site.account_id} />}
    </section>
  );
}

interface ChoicesProps extends SectionProps {
  settings: EnrichmentSettings;
  providers: Provider[];
}

function Choices({ site, settings, providers, mayChange }: ChoicesProps) {
  const choose = useChooseEnrichment(site.account_id);
  const segments = useSegmentNames(site.account_id);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    const wanted = fields.get("companies") as string;
    const isSegment = wanted !== "none" && wanted !== "by_hand";
    choose.mutate({
      companies: isSegment ? "segment" : wanted,
      segment_id: isSegment ? wanted : null,
      roles: fields.getAll("roles") as string[],
      seniorities: fields.getAll("seniorities") as string[],
      provider: (fields.get("provider") as Provider) || null,
      most_contacts: Number(fields.get("most_contacts")),
    });
  };
  return (
    <form className="stack" onSubmit={submit}>
      <fieldset className="stack plain-set" disabled={!mayChange}>
        <div className="field">
          <label htmlFor="enrichment-companies">At which companies</label>
          <select
            id="enrichment-companies"
            className="input"
            name="companies"
            key={segments.data?.length}
            defaultValue={settings.segment_id ?? (settings.companies === "none" ? "none" : "by_hand")}
          >
            <option value="by_hand">Those a member asks for</option>
            {segments.data?.map(({ id, name }) => (
              <option key={id} value={id}>
                Also those of the segment {name}, when they visit
              </option>
            ))}
            <option value="none">None: do not look for contacts</option>
          </select>
        </div>
        <Checks legend="In which areas" name="roles" labels={ROLES} chosen={settings.roles} />
        <Checks legend="How senior" name="seniorities" labels={SENIORITIES} chosen={settings.seniorities} />
        <div className="choice-fields">
          <div className="field">
            <label htmlFor="enrichment-most">At most, of each company</label>
            <select id="enrichment-most" className="input" name="most_contacts" defaultValue={settings.most_contacts}>
              {[...new Set([1, 2, 3, 5, 10, 20, settings.most_contacts])].sort((a, b) => a - b).map((most) => (
                <option key={most} value={most}>
                  {counted(most, "contact", "contacts")}
                </option>
              ))}
            </select>
          </div>
          {providers.length > 1 && (
            <div className="field">
              <label htmlFor="enrichment-provider">Who is asked</label>
              <select id="enrichment-provider" className="input" name="provider" defaultValue={settings.provider ?? ""}>
                <option value="">Whichever is set up</option>
                {providers.map((name) => (
                  <option key={name} value={name}>
                    {PROVIDERS[name]}
                  </option>
                ))}
              </select>
            </div>
          )}
        </div>
      </fieldset>
      {choose.error && <Failure error={choose.error} />}
      {choose.isSuccess && <p className="message good" role="status">Saved.</p>}
      {mayChange && (
        <div>
          <button className="button primary" disabled={choose.isPending}>
            Save
          </button>
        </div>
      )}
    </form>
  );
}

interface ChecksProps {
  legend: string;
  name: string;
  labels: Record<string, string>;
  chosen: string[];
}

function Checks({ legend, name, labels, chosen }: ChecksProps) {
  return (
    <fieldset className="plain-set checks">
      <legend>{legend}</legend>
      {Object.entries(labels).map(([value, label]) => (
        <label key={value} className="check">
          <input type="checkbox" name={name} value={value} defaultChecked={chosen.includes(value)} /> {label}
        </label>
      ))}
    </fieldset>
  );
}

const DEEDS = {
  viewed: "looked at",
  exported: "exported",
  enriched: "had found",
  imported: "imported",
  deleted: "deleted",
  objected: "objected to",
};

/** Who used contacts, asked for when it is opened. */
function Accesses({ accountId }: { accountId: string }) {
  const { session } = useSession();
  const [open, setOpen] = useState(false);
  const accesses = useContactAccesses(accountId, open);
  const who = (actor: string | null, action: string) => {
    if (actor) return actor === session?.user.id ? "You" : "A teammate";
    return action === "objected" ? "The person" : "Leadsment";
  };
  return (
    <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>Who used contacts</summary>
      {accesses.error && <Failure error={accesses.error} />}
      {accesses.data?.length === 0 && <p className="small">Nobody yet.</p>}
      <ul className="entries small" aria-label="Uses of contacts">
        {accesses.data?.map(({ actor, action, company_name, contacts, at }) => (
          <li key={`${at} ${action} ${company_name}`} className="row spread">
            <span>
              {who(actor, action)} {DEEDS[action]} {counted(contacts, "contact", "contacts")} of {company_name ?? "a former company"}
            </span>
            <time className="soft" dateTime={at} title={formatExact(at)}>
              {formatRelative(at)}
            </time>
          </li>
        ))}
      </ul>
    </details>
  );
}
