-- Beacons that arrive together are committed together: each step below takes a whole batch in one statement.
create type private.sent_beacon as (
  place int,
  verdict text,
  account_id uuid,
  site_id uuid,
  time_zone text,
  beacons_per_day int,
  beacon_id text,
  seen_at timestamptz,
  company_key text,
  referrer_host text,
  page jsonb,
  company jsonb
);
comment on type private.sent_beacon is
  'A beacon on its way through record_beacons. place: its number in the batch, from 1. verdict: what has become of it so far; while nothing '
  'speaks against it, the outcome the function decided on.';

create function private.is_open(verdict text) returns boolean
language sql immutable
return verdict not in ('unknown_site', 'origin_not_allowed', 'over_quota', 'stale_rules', 'duplicate');
comment on function private.is_open(text) is 'Whether a verdict is an outcome, which is kept or counted, rather than a reason to do nothing.';

create function private.matches_host(allowed text, host text) returns boolean
language sql immutable
return host = allowed
  or left(host, 4) = 'www.' and substr(host, 5) = allowed
  or left(allowed, 2) = '*.' and right(host, char_length(allowed) - 1) = substr(allowed, 2);
comment on function private.matches_host(text, text) is
  'Whether a host is what site_hosts allows: the same, its www., or for *.example.com any host below example.com. Both in lower case.';

create or replace function private.site_has_host(site_id uuid, host text) returns boolean
language plpgsql stable set search_path = ''
as $$
begin
  return exists (
    select from public.site_hosts as allowed
    where allowed.site_id = site_has_host.site_id and private.matches_host(allowed.host, lower(site_has_host.host))
  );
end
$$;

create function private.read_beacons(beacons jsonb) returns private.sent_beacon[]
language plpgsql stable set search_path = ''
as $$
begin
  return (
    select array_agg(
      row(
        sent.place,
        case
          when site.id is null then 'unknown_site'
          when not exists (
            select from public.site_hosts as allowed
            where allowed.site_id = site.id and private.matches_host(allowed.host, lower(sent.origin_host))
          ) or sent.page ->> 'host' is distinct from sent.origin_host and not exists (
            select from public.site_hosts as allowed
            where allowed.site_id = site.id and private.matches_host(allowed.host, lower(sent.page ->> 'host'))
          ) then 'origin_not_allowed'
          when exists (
            select from public.site_pauses as pause
            -- The day it is counted on: what a server tells of later must not go past that day's quota.
            where pause.site_id = site.id and pause.day = (seen.at at time zone site.time_zone)::date
          ) then 'over_quota'
          -- Beacons that name no rules were decided whatever the rules are.
          when jsonb_typeof(sent.rules) = 'object' and (
            (sent.rules ->> 'opt_outs')::bigint is distinct from opt_outs.version
            or (sent.rules ->> 'account')::bigint is distinct from coalesce(known.version, 0)
          ) then 'stale_rules'
          else sent.outcome
        end,
        site.account_id, site.id, site.time_zone, site.beacons_per_day, sent.beacon_id,
        seen.at, sent.company ->> 'key',
        case when site.keeps_referrer_host then sent.referrer_host end, sent.page, sent.company
      )::private.sent_beacon
      order by sent.place
    )
    from rows from (
      jsonb_to_recordset(beacons) as (
        site_key text, beacon_id text, outcome text, origin_host text, referrer_host text, seen_at timestamptz,
        page jsonb, rules jsonb, company jsonb
      )
    ) with ordinality as sent (site_key, beacon_id, outcome, origin_host, referrer_host, seen_at, page, rules, company, place)
    cross join lateral (
      -- A server may send what it saw earlier, within a day.
      select least(greatest(coalesce(sent.seen_at, now()), now() - interval '24 hours'), now()) as at
    ) as seen
    cross join private.opt_out_rules as opt_outs
    left join public.sites as site on site.public_key = sent.site_key
    left join private.account_rules as known on known.account_id = site.account_id
  );
end
$$;
comment on function private.read_beacons(jsonb) is
  'A batch as it was sent, with whose it is; unknown_site, origin_not_allowed, over_quota or stale_rules (decided under rules that hold no more) '
  'for those that are not taken.';

create function private.lock_beacons(batch private.sent_beacon[]) returns void
language plpgsql set search_path = ''
as $$
begin
  -- Before anything else is locked: a member who corrects holds this and then waits for rows.
  perform pg_advisory_xact_lock(hashtextextended('corrections ' || former.account_id::text, 0))
  from (
    select distinct sent.account_id
    from unnest(batch) as sent
    where sent.verdict = 'identified' and sent.company -> 'former_keys' ->> 0 is not null
      and private.has_former_rows(sent.account_id, sent.company)
    order by sent.account_id
  ) as former;
  -- A retry may run beside the beacon it repeats, and two visitors of a company beside each other: the second waits here until
  -- it can see the first. One order for everybody, so that no two batches wait for each other.
  perform pg_advisory_xact_lock(locked.key)
  from (
    select hashtextextended(sent.beacon_id, hashtextextended(sent.site_id::text, 0)) as key
    from unnest(batch) as sent where private.is_open(sent.verdict)
    union
    select hashtextextended(sent.company_key, hashtextextended(sent.site_id::text, 1))
    from unnest(batch) as sent where sent.verdict = 'identified'
    order by key
  ) as locked;
end
$$;
comment on function private.lock_beacons(private.sent_beacon[]) is 'Makes batches that hold the same beacon or the same company of a site wait for each other.';

create function private.decide_beacons(batch private.sent_beacon[]) returns private.sent_beacon[]
language plpgsql set search_path = ''
as $$
begin
  return (
    select array_agg(
      row(
        sent.place,
        case
          when not private.is_open(sent.verdict) then sent.verdict
          -- Rules may have changed between a beacon and its retry: whatever became of the first, the second adds nothing.
          when sent.sending > 1
            or exists (select from public.page_views as kept where kept.site_id = sent.site_id and kept.beacon_id = sent.beacon_id)
            or exists (select from private.beacon_receipts as counted where counted.site_id = sent.site_id and counted.beacon_id = sent.beacon_id)
            then 'duplicate'
          when sent.verdict <> 'identified' then sent.verdict
          when exists (select from private.opt_outs as opt_out where opt_out.company_key = sent.company_key) then 'company_opted_out'
          when exists (
            select from public.excluded_countries as excluded
            where excluded.account_id = sent.account_id and excluded.country = sent.company ->> 'country'
          ) then 'excluded'
          when sent.company -> 'former_keys' ->> 0 is null and not exists (
            select from public.companies as known
            join public.corrections as correction on correction.company_id = known.id and correction.undone_at is null
            where known.account_id = sent.account_id and known.company_key = sent.company_key
          ) then 'identified'
          else private.outcome_of_match(sent.account_id, sent.company)
        end,
        sent.account_id, sent.site_id, sent.time_zone, sent.beacons_per_day, sent.beacon_id, sent.seen_at, sent.company_key,
        sent.referrer_host, sent.page, sent.company
      )::private.sent_beacon
      order by sent.place
    )
    from (
      select
        listed.*,
        -- Of those that are taken: what is refused or stale keeps nothing, and so makes no other a duplicate.
        row_number() over (
          partition by listed.site_id, listed.beacon_id, private.is_open(listed.verdict) order by listed.place
        ) as sending
      from unnest(batch) as listed
    ) as sent
  );
end
$$;
comment on function private.decide_beacons(private.sent_beacon[]) is
  'Which beacons of a batch are new, and whether the account gets to see the company: it asked never to be identified, its country is excluded, '
  'or a member said that it is none.';

create function private.kept_evidence(company jsonb) returns jsonb
language sql immutable
return jsonb_build_object(
  'organisation', company #> '{evidence,organisation}', 'asn', company #> '{evidence,asn}',
  'source', company #> '{evidence,source}', 'release', company #> '{evidence,release}', 'rule', company #> '{evidence,rule}',
  'range', private.wide_range(company #>> '{evidence,range}'), 'sureness', company #> '{evidence,sureness}'
);
comment on function private.kept_evidence(jsonb) is 'What is kept of why a match was made: see the column evidence of companies.';

create function private.keep_companies(batch private.sent_beacon[]) returns void
language plpgsql set search_path = ''
as $$
begin
  perform private.keep_company(former.account_id, former.company, former.seen_at)
  from (
    select distinct on (sent.account_id, sent.company_key) sent.account_id, sent.company, sent.seen_at
    from unnest(batch) as sent
    where sent.verdict = 'identified' and sent.company -> 'former_keys' ->> 0 is not null
      and private.has_former_rows(sent.account_id, sent.company)
    order by sent.account_id, sent.company_key
  ) as former;
  insert into public.companies as known
    (account_id, company_key, kind, name, domain, industry, country, employee_range, evidence, first_seen_at, last_seen_at)
  select distinct on (sent.account_id, sent.company_key)
    sent.account_id, sent.company_key, sent.company ->> 'kind', sent.company ->> 'name', sent.company ->> 'domain',
    sent.company ->> 'industry', sent.company ->> 'country', sent.company ->> 'employee_range', private.kept_evidence(sent.company),
    min(sent.seen_at) over (partition by sent.account_id, sent.company_key), sent.seen_at
  from unnest(batch) as sent
  left join public.companies as kept on kept.account_id = sent.account_id and kept.company_key = sent.company_key
  where sent.verdict = 'identified' and (
    kept.id is null
    or kept.last_seen_at < sent.seen_at - interval '1 minute' or kept.first_seen_at > sent.seen_at
    or (kept.kind, kept.name, kept.domain, kept.industry, kept.country, kept.employee_range) is distinct from (
      sent.company ->> 'kind', sent.company ->> 'name', sent.company ->> 'domain', sent.company ->> 'industry', sent.company ->> 'country',
      sent.company ->> 'employee_range'
    )
    or kept.evidence ->> 'release' is distinct from sent.company #>> '{evidence,release}'
  )
  order by sent.account_id, sent.company_key, sent.seen_at desc
  on conflict (account_id, company_key) do update set
    kind = excluded.kind, name = excluded.name, domain = excluded.domain, industry = excluded.industry, country = excluded.country,
    employee_range = excluded.employee_range, evidence = excluded.evidence,
    first_seen_at = least(known.first_seen_at, excluded.first_seen_at), last_seen_at = greatest(known.last_seen_at, excluded.last_seen_at);
end
$$;

comment on function private.keep_companies(private.sent_beacon[]) is
  'Adds a batch''s companies to their accounts, or refreshes them: once a minute, so that a company everybody visits is not written for each page.';

create function private.keep_page_views(batch private.sent_beacon[]) returns void
language plpgsql set search_path = ''
as $$
declare
  silence constant interval := interval '30 minutes';
  longest constant interval := interval '24 hours';
begin
  with viewed as (
    select
      sent.account_id, sent.site_id, sent.beacon_id, sent.seen_at, sent.page, sent.referrer_host, company.id as company_id,
      sent.seen_at - lag(sent.seen_at) over (partition by sent.site_id, company.id order by sent.seen_at) > silence as is_after_silence
    from unnest(batch) as sent
    join public.companies as company on company.account_id = sent.account_id and company.company_key = sent.company_key
    where sent.verdict = 'identified'
  ),
  numbered as (
    select
      viewed.*,
      count(*) filter (where viewed.is_after_silence) over (partition by viewed.site_id, viewed.company_id order by viewed.seen_at) as spell
    from viewed
  ),
  placed as materialized (
    select
      spell.*, visit.id is null as is_new, coalesce(visit.id, gen_random_uuid()) as visit_id
    from (
      select
        numbered.account_id, numbered.site_id, numbered.company_id, numbered.spell,
        min(numbered.seen_at) as first_at, max(numbered.seen_at) as last_at, count(*) as views
      from numbered
      group by numbered.account_id, numbered.site_id, numbered.company_id, numbered.spell
    ) as spell
    left join lateral (
      select known.id from public.visits as known
      where known.company_id = spell.company_id and known.site_id = spell.site_id
        and known.started_at > spell.last_at - longest and known.started_at < spell.last_at + silence
        and known.last_seen_at > spell.first_at - silence
      -- The nearest in time: what comes late must not go to a later visit past the one it belongs to.
      order by greatest(known.started_at - spell.last_at, spell.first_at - known.last_seen_at, interval '0'), known.started_at desc limit 1
    ) as visit on true
  ),
  begun as (
    insert into public.visits (id, account_id, site_id, company_id, started_at, last_seen_at, page_view_count)
    select placed.visit_id, placed.account_id, placed.site_id, placed.company_id, placed.first_at, placed.last_at, placed.views
    from placed where placed.is_new
  ),
  continued as (
    update public.visits as visit
    set
      started_at = least(visit.started_at, spell.first_at), last_seen_at = greatest(visit.last_seen_at, spell.last_at),
      page_view_count = visit.page_view_count + spell.views
    from (
      select placed.visit_id, min(placed.first_at) as first_at, max(placed.last_at) as last_at, sum(placed.views) as views
      from placed where not placed.is_new group by placed.visit_id
    ) as spell
    where visit.id = spell.visit_id
  )
  insert into public.page_views (
    account_id, site_id, visit_id, beacon_id, viewed_at, host, path,
    utm_source, utm_medium, utm_campaign, utm_term, utm_content, referrer_host
  )
  select
    numbered.account_id, numbered.site_id, placed.visit_id, numbered.beacon_id, numbered.seen_at,
    numbered.page ->> 'host', numbered.page ->> 'path', numbered.page ->> 'utm_source', numbered.page ->> 'utm_medium',
    numbered.page ->> 'utm_campaign', numbered.page ->> 'utm_term', numbered.page ->> 'utm_content', numbered.referrer_host
  from numbered
  join placed on placed.site_id = numbered.site_id and placed.company_id = numbered.company_id and placed.spell = numbered.spell;
end
$$;

comment on function private.keep_page_views(private.sent_beacon[]) is
  'Adds a batch''s page views to their companies'' visits: to the one with less than 30 minutes of silence, which lasts a day at most, or to a new one.';

drop function private.count_beacons(jsonb, text[]);
create function private.count_beacons(batch private.sent_beacon[]) returns void
language plpgsql set search_path = ''
as $$
begin
  insert into private.beacon_receipts (site_id, beacon_id, received_at)
    select
      sent.site_id, sent.beacon_id,
      -- What a server tells of later it may repeat for as long as it may tell of it: a day.
      case when sent.seen_at < now() then greatest(now(), sent.seen_at + interval '23 hours') else now() end
    from unnest(batch) as sent
    where private.is_open(sent.verdict) and sent.verdict <> 'identified';
  with added as materialized (
    select
      counting.account_id, counting.site_id, counting.beacons_per_day, (counting.seen_at at time zone counting.time_zone)::date as day,
      counting.verdict as outcome, sum(counting.beacons)::int as beacons, max(counting.seen_at) as last_at
    from (
      select sent.account_id, sent.site_id, sent.time_zone, sent.beacons_per_day, sent.seen_at, sent.verdict, count(*) as beacons
      from unnest(batch) as sent
      where private.is_open(sent.verdict)
      group by sent.account_id, sent.site_id, sent.time_zone, sent.beacons_per_day, sent.seen_at, sent.verdict
    ) as counting
    group by counting.account_id, counting.site_id, counting.beacons_per_day, day, counting.verdict
    -- one order for everybody, so that two batches never wait for each other in a circle
    order by counting.site_id, day, counting.verdict
  ),
  counted as (
    insert into public.site_days as counted (account_id, site_id, day, outcome, beacons, last_at)
    select added.account_id, added.site_id, added.day, added.outcome, added.beacons, added.last_at from added
    on conflict (site_id, day, outcome) do update set
      beacons = counted.beacons + excluded.beacons, last_at = greatest(counted.last_at, excluded.last_at)
    returning counted.site_id, counted.day, counted.outcome, counted.beacons
  )
  insert into public.site_pauses (account_id, site_id, day)
  select distinct added.account_id, added.site_id, added.day
  from added
  join counted on counted.site_id = added.site_id and counted.day = added.day and counted.outcome = added.outcome
  -- The day's sum is looked at once in a hundredth of the quota, not for every beacon.
  where counted.beacons / greatest(added.beacons_per_day / 100, 1)
      <> (counted.beacons - added.beacons) / greatest(added.beacons_per_day / 100, 1)
    and added.beacons_per_day <= added.beacons + (
      select coalesce(sum(before.beacons), 0) from public.site_days as before where before.site_id = added.site_id and before.day = added.day
    )
  on conflict do nothing;
end
$$;
comment on function private.count_beacons(private.sent_beacon[]) is
  'Adds a batch''s outcomes to the funnel, leaves receipts of what makes no page view, and pauses sites that have used up their day''s quota.';

create or replace function public.record_beacons(beacons jsonb) returns jsonb
language plpgsql security definer set search_path = ''
-- The plans are the same for every batch; by itself PostgreSQL would plan anew for each size of one.
set plan_cache_mode = force_generic_plan
-- What holds one site's rows, such as deleting it, must not hold up the others': the function sends each site's by itself then.
set lock_timeout = '200ms'
as $$
declare
  most_at_once constant int := 500;
  batch private.sent_beacon[];
begin
  if jsonb_typeof(beacons) is distinct from 'array' or jsonb_array_length(beacons) > most_at_once then
    raise sqlstate 'PT400' using message = format('record_beacons takes an array of at most %s beacons.', most_at_once);
  end if;
  batch := private.read_beacons(beacons);
  perform private.lock_beacons(batch);
  batch := private.decide_beacons(batch);
  if exists (select from unnest(batch) as sent where sent.verdict = 'identified') then
    perform private.keep_companies(batch);
    perform private.keep_page_views(batch);
  end if;
  perform private.count_beacons(batch);
  perform private.forget_old_receipts();
  return coalesce((select jsonb_agg(sent.verdict order by sent.place) from unnest(batch) as sent), '[]');
end
$$;
comment on function public.record_beacons(jsonb) is
  'Commits a batch of beacons and answers, in their order, what became of each: its outcome, or duplicate, unknown_site, origin_not_allowed, '
  'over_quota, or stale_rules for one to be decided again under beacon_rules.';

-- Apart from the batch: a host is text of whoever sent the beacon, and only the function can tell whether it names a person.
create function public.note_refused_hosts(site_key text, hosts text[]) returns void
language plpgsql security definer set search_path = ''
as $$
begin
  perform private.keep_refused_host(site.account_id, site.id, named.host, 1)
  from public.sites as site
  cross join unnest(hosts[1:2]) as named (host)
  where site.public_key = note_refused_hosts.site_key and not private.site_has_host(site.id, named.host);
end
$$;
comment on function public.note_refused_hosts(text, text[]) is
  'Remembers from which hosts a beacon came that was refused, its page''s and its browser''s, so that an owner can be told.';

drop function private.record_beacon(jsonb);
drop function private.keep_page_view(public.sites, uuid, jsonb, timestamptz);
drop function private.keep_visit(public.sites, uuid, timestamptz);
drop function private.are_current(jsonb, uuid);

revoke execute on function private.is_open(text) from public, anon, authenticated, service_role;
revoke execute on function private.matches_host(text, text) from public, anon, authenticated, service_role;
revoke execute on function public.note_refused_hosts(text, text[]) from public, anon, authenticated, service_role;
grant execute on function public.note_refused_hosts(text, text[]) to beacon;
revoke execute on function private.read_beacons(jsonb) from public, anon, authenticated, service_role;
revoke execute on function private.lock_beacons(private.sent_beacon[]) from public, anon, authenticated, service_role;
revoke execute on function private.decide_beacons(private.sent_beacon[]) from public, anon, authenticated, service_role;
revoke execute on function private.kept_evidence(jsonb) from public, anon, authenticated, service_role;
revoke execute on function private.keep_companies(private.sent_beacon[]) from public, anon, authenticated, service_role;
revoke execute on function private.keep_page_views(private.sent_beacon[]) from public, anon, authenticated, service_role;
revoke execute on function private.count_beacons(private.sent_beacon[]) from public, anon, authenticated, service_role;
comment on role beacon is
  'What the beacon door signs in as. May execute record_beacons, beacon_rules, beacon_sites, is_site_secret and note_refused_hosts, and nothing '
  'else.';
