-- A week of an account with tens of thousands of companies takes seconds, and nobody waits for it.
alter role digester set statement_timeout = '14s';

-- The same companies as before, scored and looked up all at once: one by one, a week of 30,000 took longer than a statement may.
create or replace function private.list_digest_companies(subscription public.digest_subscriptions, since timestamptz, until timestamptz)
returns table (
  company private.shown_company, site_id uuid, part text, score int, visits int, page_views int, is_followed boolean, rules text[]
)
language sql stable set search_path = ''
as $$
  with shown as materialized (
    select known.* from private.list_shown_companies(subscription.account_id, list_digest_companies.until) as known
    where subscription.segment_id is null
    union all
    select known.*
    from public.segments as segment
    cross join lateral private.list_matching(segment.filter, segment.account_id, list_digest_companies.until) as known
    where segment.id = subscription.segment_id
  ),
  counted as materialized (
    select shown.id as shown_id, member.id from shown cross join lateral unnest(shown.member_ids) as member (id)
  ),
  visited as (
    select
      counted.shown_id, count(*) filter (where visit.started_at >= list_digest_companies.since) as visits,
      count(*) filter (where visit.started_at < list_digest_companies.since) as visits_before,
      sum(visit.page_view_count) filter (where visit.started_at >= list_digest_companies.since) as page_views,
      (array_agg(visit.site_id order by visit.started_at desc))[1] as site_id
    from counted
    join public.visits as visit on visit.company_id = counted.id
    where visit.started_at < list_digest_companies.until
      -- The four periods before it, of the same length: what is usual for a company.
      and visit.started_at >= list_digest_companies.since - 4 * (list_digest_companies.until - list_digest_companies.since)
      and (subscription.site_id is null or visit.site_id = subscription.site_id)
    group by counted.shown_id
  ),
  held as (
    select counted.shown_id, array_agg(distinct rule.name) as rules, (array_agg(alert.site_id order by alert.held_at desc))[1] as site_id
    from private.held_alerts as alert
    join public.alert_rules as rule on rule.id = alert.rule_id
    join counted on counted.id = alert.company_id
    where alert.account_id = subscription.account_id and alert.user_id = subscription.user_id
      and alert.held_at >= list_digest_companies.since and alert.held_at < list_digest_companies.until
      and (subscription.site_id is null or alert.site_id = subscription.site_id)
    group by counted.shown_id
  ),
  followed as (
    select distinct counted.shown_id
    from public.follows as follow
    join counted on counted.id = follow.company_id
    where follow.account_id = subscription.account_id and follow.user_id = subscription.user_id
  ),
  told as (
    select
      shown::private.shown_company as company, coalesce(visited.site_id, held.site_id) as site_id, coalesce(visited.visits, 0) as visits,
      coalesce(visited.visits_before, 0) as visits_before, coalesce(visited.page_views, 0) as page_views,
      shown.first_seen_at >= list_digest_companies.since as is_new,
      followed.shown_id is not null as is_followed, coalesce(held.rules, '{}') as rules
    from shown
    left join visited on visited.shown_id = shown.id
    left join held on held.shown_id = shown.id
    left join followed on followed.shown_id = shown.id
    where visited.visits > 0 or held.shown_id is not null
  ),
  -- All at once, and not by private.score_of for each: there may be tens of thousands of them. What it counts is the same.
  scored as (
    select counted.shown_id, sum(private.visit_points(
      visit.page_view_count, greatest(floor(extract(epoch from list_digest_companies.until - visit.last_seen_at) / 86400), 0)::int
    )) as tenths
    from counted
    join public.visits as visit on visit.company_id = counted.id
    where visit.started_at > list_digest_companies.until - interval '156 days' and visit.started_at <= list_digest_companies.until
    group by counted.shown_id
  )
  select
    told.company, told.site_id,
    case
      when told.is_new then 'new'
      when told.visits >= 5 and told.visits * 4 >= 3 * told.visits_before then 'surging'
      when told.is_followed then 'followed'
      when told.rules <> '{}' then 'held'
      else 'returning'
    end,
    private.saturated(coalesce(scored.tenths, 0)), told.visits::int, told.page_views::int, told.is_followed, told.rules
  from told
  left join scored on scored.shown_id = (told.company).id
$$;
