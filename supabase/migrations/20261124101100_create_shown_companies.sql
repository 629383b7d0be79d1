-- Runs as the caller: row-level security on companies and corrections is the boundary.
create view public.shown_companies with (security_invoker = true) as
with recursive merged (account_id, company_id, shown_id) as (
  select correction.account_id, correction.company_id, correction.same_as_company_id
  from public.corrections as correction
  where correction.verdict = 'same_as' and correction.undone_at is null
  union
  select merged.account_id, merged.company_id, further.same_as_company_id
  from merged
  join public.corrections as further
    on further.account_id = merged.account_id and further.company_id = merged.shown_id
    and further.verdict = 'same_as' and further.undone_at is null
),
rooted as (
  select merged.company_id, merged.shown_id
  from merged
  where not exists (
    select from public.corrections as further
    where further.company_id = merged.shown_id and further.verdict = 'same_as' and further.undone_at is null
  )
)
select company.account_id, company.id as company_id, coalesce(rooted.shown_id, company.id) as shown_id, correction.verdict
from public.companies as company
left join rooted on rooted.company_id = company.id
left join public.corrections as correction
  on correction.company_id = coalesce(rooted.shown_id, company.id)
  and correction.verdict <> 'same_as' and correction.undone_at is null;
comment on view public.shown_companies is
  'What each company is shown as under the account''s corrections. History is relabelled by reading it through here, never by changing it.';
comment on column public.shown_companies.shown_id is 'The company itself, or the one it counts as in the end.';
comment on column public.shown_companies.verdict is 'Why it is not shown: wrong_company, isp or own, said of shown_id. Empty where it is shown.';
revoke all on public.shown_companies from public, anon, authenticated, service_role;
grant select on public.shown_companies to authenticated;

-- Runs as the caller, as before.
create or replace function public.list_companies(
  site_id uuid,
  since timestamptz default '-infinity',
  until timestamptz default 'infinity',
  search text default null,
  sort text default 'last_seen',
  descending boolean default true,
  page_size int default 50,
  page_offset int default 0
)
returns table (
  company_id uuid, kind text, name text, domain text, industry text, country text, employee_range text,
  visits bigint, page_views bigint, first_seen_at timestamptz, last_seen_at timestamptz, total bigint
)
language plpgsql stable set search_path = ''
as $$
#variable_conflict use_column
begin
  if sort not in ('last_seen', 'first_seen', 'visits', 'page_views', 'name') then
    raise sqlstate 'PT400' using
      message = 'Unknown sort order.', hint = 'Sort by last_seen, first_seen, visits, page_views or name.';
  end if;
  return query
  with shown as (
    select
      label.company_id, label.shown_id, min(company.first_seen_at) over (partition by label.shown_id) as first_seen_at
    from public.shown_companies as label
    join public.companies as company on company.id = label.company_id
    where label.verdict is null
      and label.account_id = (select site.account_id from public.sites as site where site.id = list_companies.site_id)
  ),
  visited as (
    select
      shown.shown_id, count(*) as visits, sum(visit.page_view_count) as page_views,
      min(shown.first_seen_at) as first_seen_at, max(visit.last_seen_at) as last_seen_at
    from public.visits as visit
    join shown on shown.company_id = visit.company_id
    where visit.site_id = list_companies.site_id
      and visit.last_seen_at >= list_companies.since and visit.started_at < list_companies.until
    group by shown.shown_id
  )
  select
    company.id, company.kind, company.name, company.domain, company.industry, company.country, company.employee_range,
    visited.visits, visited.page_views, visited.first_seen_at, visited.last_seen_at, count(*) over ()
  from visited
  join public.companies as company on company.id = visited.shown_id
  where list_companies.search is null
    or strpos(lower(company.name), lower(btrim(list_companies.search))) > 0
    or strpos(lower(coalesce(company.domain, '')), lower(btrim(list_companies.search))) > 0
  order by
    case when sort = 'name' and not descending then lower(company.name) end,
    case when sort = 'name' and descending then lower(company.name) end desc,
    case sort when 'last_seen' then extract(epoch from visited.last_seen_at) when 'first_seen' then extract(epoch from visited.first_seen_at)
      when 'visits' then visited.visits when 'page_views' then visited.page_views end
      * case when descending then -1 else 1 end,
    visited.last_seen_at desc, company.id
  limit least(greatest(page_size, 1), 200) offset greatest(page_offset, 0);
end
$$;
comment on function public.list_companies(uuid, timestamptz, timestamptz, text, text, boolean, int, int) is
  'The companies that visited a site in a period, with their visits and page views in it; total counts all pages of the list. A company that '
  'is the same as another counts for that one; a corrected one is left out.';
