-- A visit is continued by every page view. With no index on what changes, PostgreSQL writes the row's new version beside the old
-- one and touches no index (a heap-only tuple).
create index visits_site_id_started_at_idx on public.visits (site_id, started_at desc);
create index visits_company_id_started_at_idx on public.visits (company_id, site_id, started_at desc);
drop index public.visits_site_id_last_seen_at_idx;
drop index public.visits_company_id_last_seen_at_idx;
alter table public.visits set (fillfactor = 80);
alter table public.site_days set (fillfactor = 50);
comment on table public.visits is
  'One company''s page views on one site until 30 minutes of silence, or for a day. It belongs to a company: two people of one company are one '
  'visit.';

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
      -- No visit is longer than a day: this lets the index find them.
      and visit.started_at > list_companies.since - interval '25 hours'
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
