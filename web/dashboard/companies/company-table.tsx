import { ArrowDown, ArrowUp, Star } from "lucide-react";
import type { ReactNode } from "react";
import { Link } from "wouter";
import type { CompanyQuery, ListedCompany, Sort } from "../data/types";
import { Monogram } from "../design/monogram";
import { countryName, formatEmployees, formatExact, formatNumber, formatRelative } from "../format";

const SKELETON_ROWS = 8;

interface CompanyTableProps {
  siteId: string;
  /** The companies the reader follows. */
  followed: ReadonlySet<string> | undefined;
  rows: ListedCompany[];
  query: CompanyQuery;
  onSort: (sort: Sort) => void;
}

export function CompanyTable({ siteId, followed, rows, query, onSort }: CompanyTableProps) {
  const heading = (sort: Sort, label: string, className?: string) => (
    <SortHeading sort={sort} query={query} onSort={onSort} className={className}>
      {label}
    </SortHeading>
  );
  return (
    <div className="card table-card">
      <table className="companies">
        <thead>
          <tr>
            {heading("name", "Company")}
            <th scope="col">Industry</th>
            <th scope="col">Country</th>
            <th scope="col" className="figure">
              Employees
            </th>
            {heading("visits", "Visits", "figure")}
            {heading("page_views", "Pages", "figure")}
            {heading("last_seen", "Last seen", "figure")}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <CompanyRow key={row.company_id} siteId={siteId} row={row} isFollowed={followed?.has(row.company_id) ?? false} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface CompanyRowProps {
  siteId: string;
  row: ListedCompany;
  isFollowed: boolean;
}

function CompanyRow({ siteId, row, isFollowed }: CompanyRowProps) {
  return (
    <tr>
      <th scope="row">
        <Link className="company-link" to={`/sites/${siteId}/companies/${row.company_id}`}>
          <Monogram name={row.name} />
          <span className="company-name">
            <strong>
              {row.name}
              {isFollowed && <Star className="followed" size={14} role="img" aria-label="You follow it" fill="currentColor" />}
            </strong>
            {row.domain && <span className="soft small">{row.domain}</span>}
          </span>
        </Link>
      </th>
      <td className="soft cut" data-label="Industry">
        {row.industry}
      </td>
      <td className="soft cut" data-label="Country">
        {countryName(row.country)}
      </td>
      <td className="soft figure number" data-label="Employees">
        {formatEmployees(row.employee_range)}
      </td>
      <td className="figure number" data-label="Visits">
        {formatNumber(row.visits)}
      </td>
      <td className="figure number" data-label="Pages">
        {formatNumber(row.page_views)}
      </td>
      <td className="figure soft" data-label="Last seen">
        <time dateTime={row.last_seen_at} title={formatExact(row.last_seen_at)}>
          {formatRelative(row.last_seen_at)}
        </time>
      </td>
    </tr>
  );
}

interface SortHeadingProps {
  sort: Sort;
  query: CompanyQuery;
  onSort: (sort: Sort) => void;
  className?: string | undefined;
  children: ReactNode;
}

function SortHeading({ sort, query, onSort, className, children }: SortHeadingProps) {
  const active = query.sort === sort;
  const Arrow = query.descending ? ArrowDown : ArrowUp;
  return (
    <th scope="col" className={className} aria-sort={active ? (query.descending ? "descending" : "ascending") : "none"}>
      <button type="button" onClick={() => onSort(sort)}>
        {children}
        {active && <Arrow size={14} aria-hidden="true" />}
      </button>
    </th>
  );
}

export function CompanyTableSkeleton() {
  return (
    <div className="card table-card" aria-hidden="true">
      {Array.from({ length: SKELETON_ROWS }, (_, row) => (
        <div key={row} className="skeleton-row">
          <span className="monogram skeleton" />
          <span className="skeleton" />
        </div>
      ))}
    </div>
  );
}
