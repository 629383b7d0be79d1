import { Search } from "lucide-react";
import { useDeferredValue, useState } from "react";
import { Link, useSearchParams } from "wouter";
import { useFollowed } from "../data/follows";
import { useCompanies, useLastBeacon } from "../data/queries";
import type { CompanyQuery, Site, Sort } from "../data/types";
import { Failure } from "../design/failure";
import { Notice } from "../design/notice";
import { counted } from "../format";
import { CompanyTable, CompanyTableSkeleton } from "./company-table";
import { Funnel } from "./funnel";
import { PERIODS, periodStart } from "./period";

/** The companies that visited a site in a period. Search, order and period are part of the address. */
export function CompaniesPage({ site }: { site: Site }) {
  const [parameters, setParameters] = useSearchParams();
  const period = PERIODS.find(({ id }) => id === parameters.get("period")) ?? PERIODS[1]!;
  const [typed, setTyped] = useState(parameters.get("search") ?? "");
  const query: CompanyQuery = {
    since: periodStart(period),
    search: useDeferredValue(typed.trim()),
    sort: (parameters.get("sort") as Sort | null) ?? "last_seen",
    descending: parameters.get("order") !== "up",
  };
  const companies = useCompanies(site.id, query);
  const followed = useFollowed(site.account_id);
  const rows = companies.data?.pages.flat() ?? [];

  const change = (changes: Record<string, string>) =>
    setParameters(
      (old) => {
        const next = new URLSearchParams(old);
        for (const [name, value] of Object.entries(changes)) value ? next.set(name, value) : next.delete(name);
        return next;
      },
      { replace: true },
    );
  const sortBy = (sort: Sort) => {
    const turned = sort === query.sort ? !query.descending : sort !== "name";
    change({ sort, order: turned ? "" : "up" });
  };

  return (
    <>
      <header className="row spread">
        <h1>Companies</h1>
        <div className="segments" role="group" aria-label="Period">
          {PERIODS.map((entry) => (
            <button
              key={entry.id}
              type="button"
              aria-pressed={entry === period}
              onClick={() => change({ period: entry.id })}
            >
              {entry.label}
            </button>
          ))}
        </div>
      </header>
      <Funnel site={site} period={period} />
      <div className="row spread">
        <label className="search">
          <Search size={16} aria-hidden="true" />
          <input
            className="input"
            type="search"
            aria-label="Search companies"
            placeholder="Search by name or domain"
            value={typed}
            onChange={({ target }) => {
              setTyped(target.value);
              change({ search: target.value.trim() });
            }}
          />
        </label>
        <span className="soft small number" role="status">
          {rows[0] ? counted(rows[0].total, "company", "companies") : ""}
        </span>
      </div>
      {companies.error && <Failure error={companies.error} retry={() => void companies.refetch()} />}
      {companies.isPending && <CompanyTableSkeleton />}
      {rows.length > 0 && <CompanyTable siteId={site.id} followed={followed.data} rows={rows} query={query} onSort={sortBy} />}
      {companies.isSuccess && !rows.length && <Empty site={site} search={query.search} everything={period.days === null} />}
      {companies.hasNextPage && (
        <button
          type="button"
          className="button more"
          disabled={companies.isFetchingNextPage}
          onClick={() => void companies.fetchNextPage()}
        >
          {companies.isFetchingNextPage ? "Loading …" : "Show more"}
        </button>
      )}
    </>
  );
}

function Empty({ site, search, everything }: { site: Site; search: string; everything: boolean }) {
  const last = useLastBeacon(site.id);
  if (search) return <Notice title="Nothing found">No company&rsquo;s name or domain holds &ldquo;{search}&rdquo; in this period.</Notice>;
  if (last.isPending) return null;
  if (!last.data) {
    return (
      <Notice title="No page view yet" action={{ to: `/sites/${site.id}/install`, label: "Install the snippet" }}>
        Paste one line into your website, and the companies that visit it appear here.
      </Notice>
    );
  }
  return (
    <div className="empty">
      <h2>No company in this period</h2>
      <p>
        Page views came, but none from the network of a company that is shown. Above you see what became of them.
        {!everything && " A longer period may show more."}
      </p>
      {!everything && (
        <Link className="button" to={`/sites/${site.id}/companies?period=all`}>
          Show all time
        </Link>
      )}
    </div>
  );
}
