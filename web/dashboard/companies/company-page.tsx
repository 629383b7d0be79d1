import { ArrowLeft, ExternalLink } from "lucide-react";
import { lazy, Suspense } from "react";
import { Link } from "wouter";
import { CorrectionBanner, MergedCompanies } from "../corrections/correction-banner";
import { useShown } from "../data/corrections";
import { useCompany, useVisits } from "../data/queries";
import type { Company, Shown, Site } from "../data/types";
import { Failure } from "../design/failure";
import { Monogram } from "../design/monogram";
import { Notice } from "../design/notice";
import { countryName, formatEmployees, formatExact, formatRelative } from "../format";
import { useRights } from "../sites/use-rights";
import { EvidenceCard } from "./evidence-card";
import { FollowButton } from "./follow-button";
import { ScoreCard } from "./score-card";
import { VisitCard } from "./visit-card";

// Who only looks at visits need not load it.
const ContactsCard = lazy(() => import("../contacts/contacts-card"));

const KINDS: Record<string, string> = {
  company: "Company",
  education: "Education",
  government: "Public body",
  nonprofit: "Nonprofit",
};

/** One company: what is known of it, why it is named, and its visits with their pages in order. */
export function CompanyPage({ site, companyId }: { site: Site; companyId: string }) {
  const company = useCompany(companyId);
  const shown = useShown(companyId);
  const failed = [company, shown].find(({ error }) => error);
  if (failed?.error) return <Failure error={failed.error} retry={() => void failed.refetch()} />;
  if (company.isPending || shown.isPending) return <div className="card card-body skeleton-box" aria-hidden="true" />;
  if (!company.data || !shown.data) {
    return (
      <Notice title="No such company" action={{ to: `/sites/${site.id}/companies`, label: "Go to your companies" }}>
        It did not visit your site, or it belongs to another account.
      </Notice>
    );
  }
  return <CompanyView key={companyId} site={site} company={company.data} shown={shown.data} />;
}

interface CompanyViewProps {
  site: Site;
  company: Company;
  shown: Shown;
}

function CompanyView({ site, company, shown }: CompanyViewProps) {
  const { mayCorrect } = useRights(site.account_id);
  return (
    <>
      <Link className="row small back" to={`/sites/${site.id}/companies`}>
        <ArrowLeft size={16} aria-hidden="true" /> All companies
      </Link>
      <Header company={company} shown={shown} />
      <CorrectionBanner siteId={site.id} shown={shown} mayCorrect={mayCorrect} />
      <div className="company-columns">
        <Visits site={site} company={company} shown={shown} />
        <aside className="stack">
          <Facts companies={[company, ...shown.merged]} />
          {!shown.verdict && <ScoreCard companyId={company.id} />}
          <Suspense fallback={null}>
            <ContactsCard company={company} />
          </Suspense>
          <EvidenceCard company={company} mayCorrect={mayCorrect} />
        </aside>
      </div>
    </>
  );
}

function Header({ company, shown }: { company: Company; shown: Shown }) {
  return (
    <header className="row company-header">
      <Monogram name={company.name} large />
      <div className="grow">
        <h1>{company.name}</h1>
        {company.domain && (
          <a className="row small domain" href={`https://${company.domain}`} target="_blank" rel="noreferrer">
            {company.domain} <ExternalLink size={14} aria-hidden="true" />
          </a>
        )}
      </div>
      {!shown.verdict && <FollowButton company={company} shown={shown} />}
    </header>
  );
}

/** What is known of the first company; the others are shown as it, and it was seen when they were. */
function Facts({ companies }: { companies: [Company, ...Company[]] }) {
  const [company] = companies;
  const facts = {
    Kind: KINDS[company.kind] ?? company.kind,
    Industry: company.industry,
    Country: countryName(company.country),
    Employees: formatEmployees(company.employee_range),
    "First seen": formatExact(companies.map(({ first_seen_at }) => first_seen_at).sort()[0]!),
    "Last seen": formatRelative(companies.map(({ last_seen_at }) => last_seen_at).sort().at(-1)!),
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

function Visits({ site, company, shown }: CompanyViewProps) {
  const companies = [company, ...shown.merged];
  const visits = useVisits(
    site.id,
    companies.map(({ id }) => id),
  );
  const nameOf = (id: string) => shown.merged.find((merged) => merged.id === id)?.name;
  const rows = visits.data?.pages.flat() ?? [];
  return (
    <section className="stack" aria-labelledby="visits-title">
      <h2 id="visits-title">Visits</h2>
      {shown.merged.length > 0 && <MergedCompanies siteId={site.id} merged={shown.merged} />}
      {visits.error && <Failure error={visits.error} retry={() => void visits.refetch()} />}
      {visits.isPending && <div className="card card-body skeleton-box" aria-hidden="true" />}
      {visits.isSuccess && !rows.length && <p className="soft">This company visited another of your sites, not this one.</p>}
      <ol className="stack">
        {rows.map((visit) => (
          <VisitCard key={visit.id} visit={visit} seenAs={nameOf(visit.company_id)} />
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
