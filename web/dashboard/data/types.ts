export type Role = "owner" | "admin" | "member" | "viewer" | "billing";

export interface Membership {
  role: Role;
  user_id: string;
}

export interface Account {
  id: string;
  name: string;
  memberships: Membership[];
}

export interface Site {
  id: string;
  account_id: string;
  name: string;
  public_key: string;
  time_zone: string;
  keeps_referrer_host: boolean;
  beacons_per_day: number;
  created_at: string;
  site_hosts: { host: string }[];
}

export type Outcome =
  | "identified"
  | "carrier"
  | "hoster"
  | "relay"
  | "natural_person"
  | "reserved"
  | "unknown"
  | "bot"
  | "prefetch"
  | "opted_out"
  | "excluded"
  | "corrected"
  | "company_opted_out";

/** A day on which a site used up its quota, and when. */
export interface SitePause {
  day: string;
  began_at: string;
}

export interface SiteDay {
  day: string;
  outcome: Outcome;
  beacons: number;
  last_at: string;
}

interface CompanyFacts {
  kind: string;
  name: string;
  domain: string | null;
  industry: string | null;
  country: string | null;
  employee_range: string | null;
}

export interface ListedCompany extends CompanyFacts {
  company_id: string;
  visits: number;
  page_views: number;
  first_seen_at: string;
  last_seen_at: string;
  total: number;
}

export interface Evidence {
  organisation: string | null;
  asn: number | null;
  source: string | null;
  release: string | null;
  rule: string | null;
  /** In per cent. Companies seen last under an older table have none. */
  sureness?: number | null;
  /** Null if it was too narrow to be kept; missing where an older release kept none. */
  range?: string | null;
}

export interface Company extends CompanyFacts {
  id: string;
  account_id: string;
  evidence: Evidence;
  first_seen_at: string;
  last_seen_at: string;
}

export interface PageView {
  id: string;
  viewed_at: string;
  host: string;
  path: string;
  utm_source: string | null;
  utm_medium: string | null;
  utm_campaign: string | null;
  utm_term: string | null;
  utm_content: string | null;
  referrer_host: string | null;
}

export interface Visit {
  id: string;
  company_id: string;
  started_at: string;
  last_seen_at: string;
  page_view_count: number;
  page_views: PageView[];
}

export type Sort = "last_seen" | "first_seen" | "visits" | "page_views" | "name";

export interface CompanyQuery {
  since: string;
  search: string;
  sort: Sort;
  descending: boolean;
}

export type Verdict = "wrong_company" | "isp" | "own" | "same_as";

export interface Correction {
  id: string;
  company_id: string;
  verdict: Verdict;
  same_as_company_id: string | null;
  note: string | null;
  /** Null where a newer company table joined two companies. */
  created_by: string | null;
  created_at: string;
  undone_by: string | null;
  undone_at: string | null;
}

type CompanyName = Pick<Company, "id" | "name">;

export interface NamedCorrection extends Correction {
  company: CompanyName;
  same_as: CompanyName | null;
}

export interface ShownCompany {
  company_id: string;
  shown_id: string;
  verdict: Exclude<Verdict, "same_as"> | null;
}

export interface Shown {
  /** The company it counts as in the end; null for itself. */
  as: Company | null;
  /** Why it is left out, itself or what it counts as; null if it is not. */
  verdict: Exclude<Verdict, "same_as"> | null;
  /** Companies that count as this one. */
  merged: Company[];
  correction: Correction | null;
}

export interface ExcludedNetwork {
  id: string;
  network: string;
  note: string | null;
}

export interface ExcludedCountry {
  country: string;
}

export interface SiteSecret {
  id: string;
  /** Its last four characters. */
  ending: string;
  created_at: string;
  revoked_at: string | null;
}

export interface RefusedHost {
  host: string;
  beacons: number;
  last_at: string;
}

/** A frozen release of the snippet. */
export interface Release {
  version: string;
  date: string;
  integrity: string;
  bytes: number;
  changes: string;
}

export interface Finding {
  code: string;
  severity: "bad" | "wait" | "note" | "good";
  message: string;
  mend: string;
  /** The very text to add; empty where there is none. */
  add: string;
}

export interface CheckedPage {
  url: string;
  findings: Finding[];
}
