create function private.outcome_of_match(account_id uuid, company jsonb) returns text
language plpgsql stable set search_path = ''
as $$
begin
  if exists (select from unnest(private.keys_of(company)) as known (key) where private.is_opted_out(known.key)) then
    return 'company_opted_out';
  end if;
  if exists (
    select from public.excluded_countries as excluded
    where excluded.account_id = outcome_of_match.account_id and excluded.country = company ->> 'country'
  ) then
    return 'excluded';
  end if;
  if exists (
    -- What holds of a root that has a verdict: one that is the same as another is no root.
    select from public.corrections as correction
    where correction.company_id = private.root_of(private.find_company(outcome_of_match.account_id, company))
      and correction.undone_at is null
  ) then
    return 'corrected';
  end if;
  return 'identified';
end
$$;
comment on function private.outcome_of_match(uuid, jsonb) is
  'Whether an account gets to see a company: it asked never to be identified, its country is excluded, or a member said it is none.';

create function private.keep_page_view(site public.sites, visit_id uuid, beacon jsonb, seen_at timestamptz) returns void
language plpgsql set search_path = ''
as $$
begin
  insert into public.page_views (
    account_id, site_id, visit_id, beacon_id, viewed_at, host, path,
    utm_source, utm_medium, utm_campaign, utm_term, utm_content, referrer_host
  ) values (
    site.account_id, site.id, keep_page_view.visit_id, beacon ->> 'beacon_id', seen_at, beacon #>> '{page,host}', beacon #>> '{page,path}',
    beacon #>> '{page,utm_source}', beacon #>> '{page,utm_medium}', beacon #>> '{page,utm_campaign}', beacon #>> '{page,utm_term}',
    beacon #>> '{page,utm_content}', case when site.keeps_referrer_host then beacon ->> 'referrer_host' end
  );
end
$$;
comment on function private.keep_page_view(public.sites, uuid, jsonb, timestamptz) is 'Adds a page view to a visit.';

create or replace function private.record_beacon(beacon jsonb) returns text
language plpgsql set search_path = ''
as $$
declare
  site public.sites;
  outcome text := beacon ->> 'outcome';
  seen_at constant timestamptz := now();
begin
  select * into site from public.sites where public_key = beacon ->> 'site_key';
  if not found then
    return 'unknown_site';
  end if;
  if not (private.site_has_host(site.id, beacon ->> 'origin_host') and private.site_has_host(site.id, beacon #>> '{page,host}')) then
    return 'origin_not_allowed';
  end if;
  if not private.are_current(beacon -> 'rules', site.account_id) then
    return 'stale_rules';
  end if;
  if outcome = 'identified' then
    -- A retry may run beside the beacon it repeats: the second waits here until it can see the first.
    perform pg_advisory_xact_lock(hashtextextended(site.id::text || (beacon ->> 'beacon_id'), 0));
    outcome := private.outcome_of_match(site.account_id, beacon -> 'company');
  end if;
  -- Rules may have changed between a beacon and its retry: whatever became of the first, the second adds nothing.
  if exists (select from public.page_views where site_id = site.id and beacon_id = beacon ->> 'beacon_id') then
    return 'duplicate';
  end if;
  if outcome <> 'identified' then
    insert into private.beacon_receipts (site_id, beacon_id) values (site.id, beacon ->> 'beacon_id') on conflict do nothing;
    return case when found then outcome else 'duplicate' end;
  end if;
  if exists (select from private.beacon_receipts where site_id = site.id and beacon_id = beacon ->> 'beacon_id') then
    return 'duplicate';
  end if;
  perform private.keep_page_view(
    site, private.keep_visit(site, private.keep_company(site.account_id, beacon -> 'company', seen_at), seen_at), beacon, seen_at
  );
  return 'identified';
end
$$;
comment on function private.record_beacon(jsonb) is
  'Keeps one beacon''s company visit, or says why not; stale_rules when it was decided under rules that hold no more. Counts nothing.';

create or replace function private.count_beacons(beacons jsonb, verdicts text[]) returns void
language sql set search_path = ''
as $$
  insert into public.site_days as counted (account_id, site_id, day, outcome, beacons, last_at)
  select site.account_id, site.id, (now() at time zone site.time_zone)::date, verdict.outcome, count(*), now()
  from unnest(verdicts) with ordinality as verdict (outcome, place)
  join public.sites as site on site.public_key = beacons -> (verdict.place::int - 1) ->> 'site_key'
  where verdict.outcome not in ('unknown_site', 'origin_not_allowed', 'duplicate', 'stale_rules')
  group by site.account_id, site.id, verdict.outcome
  -- one order for everybody, so that two batches never wait for each other in a circle
  order by site.id, verdict.outcome
  on conflict (site_id, day, outcome) do update set
    beacons = counted.beacons + excluded.beacons, last_at = greatest(counted.last_at, excluded.last_at)
$$;
comment on function public.record_beacons(jsonb) is
  'Commits a batch of beacons and answers, in their order, what became of each: its outcome, or duplicate, unknown_site, origin_not_allowed, or '
  'stale_rules for one to be decided again under beacon_rules.';

revoke execute on function private.outcome_of_match(uuid, jsonb) from public, anon, authenticated, service_role;
revoke execute on function private.keep_page_view(public.sites, uuid, jsonb, timestamptz) from public, anon, authenticated, service_role;
