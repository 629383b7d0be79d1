import { ArrowLeft, ExternalLink } from "lucide-react";
import { Link } from "wouter";
import { useCompany, useVisits } from "../data/queries";
import type { Company, Site } from "../data/types";
import { Failure } from "../design/failure";
import { Monogram } from "../design/monogram";
import { Notice } from "../design/notice";
import { countryName, formatEmployees, formatExact, formatRelative } from "../format";
import { EvidenceCard } from "./evidence-card";
import { VisitCard } from "./visit-card";

const KINDS: Record<string, string> = {
  company: "Company",
  education: "Education",
  government: "Public body",
  nonprofit: "Nonprofit",
};

/** One company: what is known of it, why it is named, and its visits with their pages in order. */
export function CompanyPage({ site, companyId }: { site: Site; companyId: string }) {
  const company = useCompany(companyId);
  if (company.error) return <Failure error={company.error} retry={() => void company.refetch()} />;
  if (company.isPending) return <div className="card card-body skeleton-box" aria-hidden="true" />;
  if (!company.data) {
    return (
      <Notice title="No such company" action={{ to: `/sites/${site.id}/companies`, label: "Go to your companies" }}>
        It did not visit your site, or it belongs to another account.
      </Notice>
    );
  }
  return (
    <>
      <Link className="row small back" to={`/sites/${site.id}/companies`}>
        <ArrowLeft size={16} aria-hidden="true" /> All companies
      </Link>
      <Header company={company.data} />
      <div className="company-columns">
        <Visits site={site} company={company.data} />
        <aside className="stack">
          <Facts company={company.data} />
          <EvidenceCard evidence={company.data.evidence} />
        </aside>
      </div>
    </>
  );
}

function Header({ company }: { company: Company }) {
  return (
    <header className="row company-header">
      <Monogram name={company.name} large />
      <div>
        <h1>{company.name}</h1>
        {company.domain && (
          <a className="row small domain" href={`https://${company.domain}`} target="_blank" rel="noreferrer">
            {company.domain} <ExternalLink size={14} aria-hidden="true" />
          </a>
        )}
      </div>
    </header>
  );
}

function Facts({ company }: { company: Company }) {
  const facts = {
    Kind: KINDS[company.kind] ?? company.kind,
    Industry: company.industry,
    Country: countryName(company.country),
    Employees: formatEmployees(company.employee_range),
    "First seen": formatExact(company.first_seen_at),
    "Last seen": formatRelative(company.last_seen_at),
  };
  return (
    <section className="card card-body" aria-label="Facts">
      <dl className="facts">
        {Object.entries(facts).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value ?? <span className="soft">not known</span>}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function Visits({ site, company }: { site: Site; company: Company }) {
  const visits = useVisits(site.id, company.id);
  const rows = visits.data?.pages.flat() ?? [];
  return (
    <section className="stack" aria-labelledby="visits-title">
      <h2 id="visits-title">Visits</h2>
      {visits.error && <Failure error={visits.error} retry={() => void visits.refetch()} />}
      {visits.isPending && <div className="card card-body skeleton-box" aria-hidden="true" />}
      {visits.isSuccess && !rows.length && <p className="soft">This company visited another of your sites, not this one.</p>}
      <ol className="stack">
        {rows.map((visit) => (
          <VisitCard key={visit.id} visit={visit} />
        ))}
      </ol>
      {visits.hasNextPage && (
        <button type="button" className="button more" onClick={() => void visits.fetchNextPage()}>
          Show earlier visits
        </button>
      )}
    </section>
  );
}
