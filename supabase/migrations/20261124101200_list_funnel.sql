-- Runs as the caller: row-level security on what it reads is the boundary.
create function public.list_funnel(site_id uuid, since date default '-infinity')
returns table (day date, outcome text, beacons bigint, last_at timestamptz)
language sql stable set search_path = ''
as $$
  with hidden as (
    select
      site.id as site_id, (view.viewed_at at time zone site.time_zone)::date as day,
      count(*) as beacons, max(view.viewed_at) as last_at
    from public.sites as site
    join public.visits as visit on visit.site_id = site.id
    join public.shown_companies as shown on shown.company_id = visit.company_id and shown.verdict is not null
    join public.page_views as view on view.visit_id = visit.id
    where site.id = list_funnel.site_id
      and view.viewed_at >= list_funnel.since::timestamp at time zone site.time_zone
    group by site.id, 2
  ),
  moved as (
    -- Never more than were counted: a site whose time zone was changed has older days that end at another hour.
    select counted.day, least(hidden.beacons, counted.beacons) as beacons, hidden.last_at
    from hidden
    join public.site_days as counted
      on counted.site_id = hidden.site_id and counted.day = hidden.day and counted.outcome = 'identified'
  ),
  entries as (
    select counted.day, counted.outcome, counted.beacons::bigint as beacons, counted.last_at
    from public.site_days as counted
    where counted.site_id = list_funnel.site_id and counted.day >= list_funnel.since
    union all
    select moved.day, 'identified', -moved.beacons, null from moved
    union all
    select moved.day, 'corrected', moved.beacons, moved.last_at from moved
  )
  select entries.day, entries.outcome, sum(entries.beacons)::bigint, max(entries.last_at)
  from entries
  group by entries.day, entries.outcome
  having sum(entries.beacons) > 0
  order by entries.day, entries.outcome
$$;
comment on function public.list_funnel(uuid, date) is
  'A site''s funnel since a day of its own calendar, as the account''s corrections have it: page views of companies that were corrected count '
  'as corrected, on the day they came.';
revoke execute on function public.list_funnel(uuid, date) from public, anon, authenticated, service_role;
grant execute on function public.list_funnel(uuid, date) to authenticated;
