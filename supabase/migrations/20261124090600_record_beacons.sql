-- Roles belong to the whole cluster and outlive a reset of the database.
do $$
begin
  if not exists (select from pg_catalog.pg_roles where rolname = 'beacon') then
    create role beacon nologin noinherit;
  end if;
end
$$;
comment on role beacon is 'What the beacon door signs in as. May execute record_beacons and nothing else.';
grant beacon to authenticator;
-- The door promises an answer within 3 s; a custom role has no limit unless it is given one.
alter role beacon set statement_timeout = '2500ms';
grant usage on schema public to beacon;

create function private.site_has_host(site_id uuid, host text) returns boolean
language sql stable set search_path = ''
as $$
  select exists (
    select from public.site_hosts as allowed
    where allowed.site_id = site_has_host.site_id
      and lower(site_has_host.host) in (
        allowed.host,
        'www.' || allowed.host,
        -- for '*.example.com': the visited host's tail, if it is '.example.com'
        case when allowed.host like '*.%' and right(lower(site_has_host.host), char_length(allowed.host) - 1) = substr(allowed.host, 2)
          then lower(site_has_host.host) end
      )
  )
$$;
comment on function private.site_has_host(uuid, text) is 'Whether pages of a host may send beacons for a site.';

create function private.keep_company(account_id uuid, company jsonb, seen_at timestamptz) returns uuid
language sql set search_path = ''
as $$
  insert into public.companies as known
    (account_id, company_key, kind, name, domain, industry, country, employee_range, evidence, first_seen_at, last_seen_at)
  values (
    keep_company.account_id, company ->> 'key', company ->> 'kind', company ->> 'name', company ->> 'domain', company ->> 'industry',
    company ->> 'country', company ->> 'employee_range',
    jsonb_build_object(
      'organisation', company #> '{evidence,organisation}', 'asn', company #> '{evidence,asn}',
      'source', company #> '{evidence,source}', 'release', company #> '{evidence,release}', 'rule', company #> '{evidence,rule}'
    ),
    seen_at, seen_at
  )
  on conflict (account_id, company_key) do update set
    kind = excluded.kind, name = excluded.name, domain = excluded.domain, industry = excluded.industry, country = excluded.country,
    employee_range = excluded.employee_range, evidence = excluded.evidence, last_seen_at = greatest(known.last_seen_at, excluded.last_seen_at)
  returning known.id
$$;
comment on function private.keep_company(uuid, jsonb, timestamptz) is
  'Adds or refreshes an account''s company and locks it until the transaction ends, so that its visits grow one beacon at a time.';

create function private.keep_visit(site public.sites, company_id uuid, seen_at timestamptz) returns uuid
language plpgsql set search_path = ''
as $$
declare
  silence constant interval := interval '30 minutes';
  kept_id uuid;
begin
  update public.visits as visit
    set last_seen_at = greatest(visit.last_seen_at, seen_at), page_view_count = visit.page_view_count + 1
    where visit.id = (
      select latest.id from public.visits as latest
      where latest.company_id = keep_visit.company_id and latest.site_id = site.id and latest.last_seen_at > seen_at - silence
      order by latest.last_seen_at desc limit 1
    )
    returning visit.id into kept_id;
  if kept_id is null then
    insert into public.visits (account_id, site_id, company_id, started_at, last_seen_at, page_view_count)
      values (site.account_id, site.id, keep_visit.company_id, seen_at, seen_at, 1)
      returning id into kept_id;
  end if;
  return kept_id;
end
$$;
comment on function private.keep_visit(public.sites, uuid, timestamptz) is
  'The company''s visit that a page view belongs to: the one with less than 30 minutes of silence, or a new one.';

create function private.record_beacon(beacon jsonb) returns text
language plpgsql set search_path = ''
as $$
declare
  site public.sites;
  page constant jsonb := beacon -> 'page';
  seen_at constant timestamptz := now();
  visit_id uuid;
begin
  select * into site from public.sites where public_key = beacon ->> 'site_key';
  if not found then
    return 'unknown_site';
  end if;
  if not (private.site_has_host(site.id, beacon ->> 'origin_host') and private.site_has_host(site.id, page ->> 'host')) then
    return 'origin_not_allowed';
  end if;
  if beacon ->> 'outcome' <> 'identified' then
    insert into private.beacon_receipts (site_id, beacon_id) values (site.id, beacon ->> 'beacon_id') on conflict do nothing;
    return case when found then beacon ->> 'outcome' else 'duplicate' end;
  end if;
  -- A retry may run beside the beacon it repeats: the second waits here until it can see the first.
  perform pg_advisory_xact_lock(hashtextextended(site.id::text || (beacon ->> 'beacon_id'), 0));
  if exists (select from public.page_views where site_id = site.id and beacon_id = beacon ->> 'beacon_id') then
    return 'duplicate';
  end if;
  visit_id := private.keep_visit(site, private.keep_company(site.account_id, beacon -> 'company', seen_at), seen_at);
  insert into public.page_views (
    account_id, site_id, visit_id, beacon_id, viewed_at, host, path,
    utm_source, utm_medium, utm_campaign, utm_term, utm_content, referrer_host
  ) values (
    site.account_id, site.id, visit_id, beacon ->> 'beacon_id', seen_at, page ->> 'host', page ->> 'path',
    page ->> 'utm_source', page ->> 'utm_medium', page ->> 'utm_campaign', page ->> 'utm_term', page ->> 'utm_content',
    case when site.keeps_referrer_host then beacon ->> 'referrer_host' end
  );
  return 'identified';
end
$$;
comment on function private.record_beacon(jsonb) is 'Keeps one beacon''s company visit, or says why not. Counts nothing.';

create function private.count_beacons(beacons jsonb, verdicts text[]) returns void
language sql set search_path = ''
as $$
  insert into public.site_days as counted (account_id, site_id, day, outcome, beacons, last_at)
  select site.account_id, site.id, (now() at time zone site.time_zone)::date, verdict.outcome, count(*), now()
  from unnest(verdicts) with ordinality as verdict (outcome, place)
  join public.sites as site on site.public_key = beacons -> (verdict.place::int - 1) ->> 'site_key'
  where verdict.outcome not in ('unknown_site', 'origin_not_allowed', 'duplicate')
  group by site.account_id, site.id, verdict.outcome
  -- one order for everybody, so that two batches never wait for each other in a circle
  order by site.id, verdict.outcome
  on conflict (site_id, day, outcome) do update set
    beacons = counted.beacons + excluded.beacons, last_at = greatest(counted.last_at, excluded.last_at)
$$;
comment on function private.count_beacons(jsonb, text[]) is 'Adds a batch''s verdicts to the funnel.';

create function private.forget_old_receipts() returns void
language sql set search_path = ''
as $$
  -- A few at a time, beside whoever else is doing the same: more go than come.
  delete from private.beacon_receipts
  where (site_id, beacon_id) in (
    select old.site_id, old.beacon_id from private.beacon_receipts as old
    where old.received_at < now() - interval '1 hour'
    order by old.received_at limit 200 for update skip locked
  )
$$;
comment on function private.forget_old_receipts() is 'Deletes receipts older than an hour; every batch of beacons takes some along.';

create function public.record_beacons(beacons jsonb) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  most_at_once constant int := 500;
  verdicts text[];
  item record;
begin
  if jsonb_typeof(beacons) is distinct from 'array' or jsonb_array_length(beacons) > most_at_once then
    raise sqlstate 'PT400' using message = format('record_beacons takes an array of at most %s beacons.', most_at_once);
  end if;
  verdicts := array_fill(null::text, array[jsonb_array_length(beacons)]);
  for item in
    select element.beacon, element.place
    from jsonb_array_elements(beacons) with ordinality as element (beacon, place)
    -- companies and beacons are locked in one order, for the same reason as in count_beacons
    order by element.beacon #>> '{company,key}', element.beacon ->> 'beacon_id', element.place
  loop
    verdicts[item.place] := private.record_beacon(item.beacon);
  end loop;
  perform private.count_beacons(beacons, verdicts);
  perform private.forget_old_receipts();
  return to_jsonb(verdicts);
end
$$;
comment on function public.record_beacons(jsonb) is
  'Commits a batch of beacons and answers, in their order, what became of each: its outcome, or duplicate, unknown_site, origin_not_allowed.';

revoke execute on function private.site_has_host(uuid, text) from public, anon, authenticated, service_role;
revoke execute on function private.keep_company(uuid, jsonb, timestamptz) from public, anon, authenticated, service_role;
revoke execute on function private.keep_visit(public.sites, uuid, timestamptz) from public, anon, authenticated, service_role;
revoke execute on function private.record_beacon(jsonb) from public, anon, authenticated, service_role;
revoke execute on function private.count_beacons(jsonb, text[]) from public, anon, authenticated, service_role;
revoke execute on function private.forget_old_receipts() from public, anon, authenticated, service_role;
revoke execute on function public.record_beacons(jsonb) from public, anon, authenticated, service_role;
grant execute on function public.record_beacons(jsonb) to beacon;
