import type { Condition, Filter } from "../data/segments";

/** What the form can say; every condition must hold. */
export interface SegmentDraft {
  industries: string[];
  countries: string[];
  employees: string[];
  pages: string;
  visits: string;
  visitDays: string;
  score: string;
}

export const EMPTY_DRAFT: SegmentDraft = {
  industries: [],
  countries: [],
  employees: [],
  pages: "",
  visits: "",
  visitDays: "7",
  score: "",
};

export const EMPLOYEE_RANGES = ["1-9", "10-49", "50-249", "250-999", "1000-4999", "5000-9999", "10000+"];

/** The sections of NACE Rev. 2 as the company-IP table labels them. */
export const INDUSTRIES = [
  "Agriculture, forestry and fishing",
  "Mining, oil and gas",
  "Manufacturing",
  "Electricity and gas supply",
  "Water supply and waste management",
  "Construction",
  "Wholesale and retail trade",
  "Transport and storage",
  "Accommodation and food service",
  "Information and communication",
  "Finance and insurance",
  "Real estate",
  "Professional, scientific and technical services",
  "Administrative and support services",
  "Public administration and defence",
  "Education",
  "Health and social work",
  "Arts, entertainment and recreation",
  "Other services",
];

/** The filter that a draft means; without conditions where nothing was said. */
export function filterOf(draft: SegmentDraft): Filter {
  const pages = draft.pages.split(/[\s,]+/).filter(Boolean);
  const conditions: Condition[] = [];
  if (draft.industries.length) conditions.push({ field: "industry", is: draft.industries });
  if (draft.countries.length) conditions.push({ field: "country", is: draft.countries });
  if (draft.employees.length) conditions.push({ field: "employee_range", is: draft.employees });
  if (pages.length) conditions.push({ field: "page", starts_with: pages.map((page) => (page.startsWith("/") ? page : `/${page}`)) });
  if (draft.visits) conditions.push({ field: "visits", at_least: Number(draft.visits), within_days: Number(draft.visitDays || 7) });
  if (draft.score) conditions.push({ field: "score", at_least: Number(draft.score) });
  return { match: "all", conditions };
}

/** The draft that says a filter; null for one that says more than the form can. */
export function draftOf(filter: Filter): SegmentDraft | null {
  const draft = { ...EMPTY_DRAFT };
  for (const part of filter.conditions) {
    if ("conditions" in part) return null;
    if (part.field === "industry" && part.is) draft.industries = part.is;
    if (part.field === "country" && part.is) draft.countries = part.is;
    if (part.field === "employee_range" && part.is) draft.employees = part.is;
    if (part.field === "page" && part.starts_with) draft.pages = part.starts_with.join(", ");
    if (part.field === "score") draft.score = String(part.at_least);
    if (part.field === "visits") {
      draft.visits = String(part.at_least);
      draft.visitDays = String(part.within_days);
    }
  }
  // Whatever got lost on the way there and back, the form cannot say.
  return same(filterOf(draft), filter) ? draft : null;
}

const same = (one: Filter, other: Filter): boolean => sorted(one) === sorted(other);
const sorted = ({ match, conditions }: Filter): string =>
  match +
  conditions
    .map((part) => JSON.stringify(Object.entries(part).sort(([name], [next]) => name.localeCompare(next))))
    .sort()
    .join();
