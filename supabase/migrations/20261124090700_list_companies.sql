-- Runs as the caller: row-level security on visits and companies is the boundary.
create function public.list_companies(
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
  with visited as (
    select visit.company_id, count(*) as visits, sum(visit.page_view_count) as page_views, max(visit.last_seen_at) as last_seen_at
    from public.visits as visit
    where visit.site_id = list_companies.site_id
      and visit.last_seen_at >= list_companies.since and visit.started_at < list_companies.until
    group by visit.company_id
  )
  select
    company.id, company.kind, company.name, company.domain, company.industry, company.country, company.employee_range,
    visited.visits, visited.page_views, company.first_seen_at, visited.last_seen_at, count(*) over ()
  from visited
  join public.companies as company on company.id = visited.company_id
  where list_companies.search is null
    or strpos(lower(company.name), lower(btrim(list_companies.search))) > 0
    or strpos(lower(coalesce(company.domain, '')), lower(btrim(list_companies.search))) > 0
  order by
    case when sort = 'name' and not descending then lower(company.name) end,
    case when sort = 'name' and descending then lower(company.name) end desc,
    case sort when 'last_seen' then extract(epoch from visited.last_seen_at) when 'first_seen' then extract(epoch from company.first_seen_at)
      when 'visits' then visited.visits when 'page_views' then visited.page_views end
      * case when descending then -1 else 1 end,
    visited.last_seen_at desc, company.id
  limit least(greatest(page_size, 1), 200) offset greatest(page_offset, 0);
end
$$;
comment on function public.list_companies(uuid, timestamptz, timestamptz, text, text, boolean, int, int) is
  'The companies that visited a site in a period, with their visits and page views in it; total counts all pages of the list.';
revoke execute on function public.list_companies(uuid, timestamptz, timestamptz, text, text, boolean, int, int) from public, anon, service_role;
grant execute on function public.list_companies(uuid, timestamptz, timestamptz, text, text, boolean, int, int) to authenticated;
