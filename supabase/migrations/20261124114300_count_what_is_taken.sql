-- Two corrections to how a batch is read. Replaced whole, as PostgreSQL has no smaller way; rights and comments stay.
create or replace function private.read_beacons(beacons jsonb) returns private.sent_beacon[]
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

create or replace function private.decide_beacons(batch private.sent_beacon[]) returns private.sent_beacon[]
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
