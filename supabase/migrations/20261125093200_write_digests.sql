insert into private.mail_templates (template, kind) values ('digest', 'digests'), ('alert', 'alerts');

create function private.list_digest_companies(subscription public.digest_subscriptions, since timestamptz, until timestamptz)
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
  counted as (
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
  told as (
    select
      shown::private.shown_company as company, coalesce(visited.site_id, held.site_id) as site_id, coalesce(visited.visits, 0) as visits,
      coalesce(visited.visits_before, 0) as visits_before, coalesce(visited.page_views, 0) as page_views,
      shown.first_seen_at >= list_digest_companies.since as is_new,
      private.is_followed(shown::private.shown_company, subscription.user_id) as is_followed, coalesce(held.rules, '{}') as rules
    from shown
    left join visited on visited.shown_id = shown.id
    left join held on held.shown_id = shown.id
    where visited.visits > 0 or held.shown_id is not null
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
    private.score_of((told.company).member_ids, list_digest_companies.until), told.visits::int, told.page_views::int, told.is_followed, told.rules
  from told
$$;
comment on function private.list_digest_companies(public.digest_subscriptions, timestamptz, timestamptz) is
  'The companies a digest tells of, each in one part: new; surging, with 5 visits or more and three times what is usual; followed; held, where an '
  'alert was held back; returning. A visit counts in the period in which it began.';

create function private.digest_pages(
  member_ids uuid[], site_id uuid, since timestamptz, until timestamptz
) returns jsonb
language sql stable set search_path = ''
as $$
  with viewed as (
    select view.path, view.utm_campaign
    from public.visits as visit
    join public.page_views as view on view.visit_id = visit.id
    where visit.company_id = any (digest_pages.member_ids) and (digest_pages.site_id is null or visit.site_id = digest_pages.site_id)
      and visit.started_at >= digest_pages.since and visit.started_at < digest_pages.until
  )
  select jsonb_build_object(
    'pages', (
      select coalesce(jsonb_agg(jsonb_build_object('path', left(top.path, 120), 'views', top.views) order by top.views desc, top.path), '[]')
      from (select viewed.path, count(*) as views from viewed group by viewed.path order by count(*) desc, viewed.path limit 5) as top
    ),
    'campaign', (
      select left(viewed.utm_campaign, 80) from viewed where viewed.utm_campaign is not null
      group by viewed.utm_campaign order by count(*) desc, viewed.utm_campaign limit 1
    )
  )
$$;
comment on function private.digest_pages(uuid[], uuid, timestamptz, timestamptz) is
  'The five pages that companies looked at most in a period, on a site or on all of them, and the campaign that most views came from.';

create function private.digest_funnel(subscription public.digest_subscriptions, since timestamptz, until timestamptz) returns jsonb
language sql stable set search_path = ''
as $$
  with counted as (
    select day.day, day.outcome, sum(day.beacons)::bigint as beacons
    from public.sites as site
    cross join lateral public.list_funnel(site.id, (digest_funnel.since at time zone site.time_zone)::date) as day
    -- Whole days of the site's own calendar, which the digest's hour need not end; the one that is under way is in the next digest.
    where site.account_id = subscription.account_id and (subscription.site_id is null or site.id = subscription.site_id)
      and day.day < (digest_funnel.until at time zone site.time_zone)::date
    group by day.day, day.outcome
  )
  select jsonb_build_object(
    'since', min(counted.day), 'until', max(counted.day),
    'outcomes', (
      select jsonb_object_agg(each_outcome.outcome, each_outcome.beacons)
      from (select same.outcome, sum(same.beacons) as beacons from counted as same group by same.outcome) as each_outcome
    )
  )
  from counted having count(*) > 0
$$;
comment on function private.digest_funnel(public.digest_subscriptions, timestamptz, timestamptz) is
  'What became of the page views of the whole days a digest covers, so that nobody wonders what was held back. Null where there were none.';

create function private.digest_content(subscription public.digest_subscriptions, since timestamptz, until timestamptz) returns jsonb
language sql stable set search_path = ''
as $$
  with told as materialized (
    select
      (known.company).id, (known.company).name, (known.company).domain, (known.company).industry, (known.company).country,
      (known.company).employee_range, (known.company).member_ids, known.site_id, known.part, known.score, known.visits, known.page_views,
      known.is_followed, known.rules,
      row_number() over (partition by known.part order by known.score desc, known.visits desc, (known.company).name, (known.company).id) as place
    from private.list_digest_companies(subscription, digest_content.since, digest_content.until) as known
  ),
  -- So many that the mail stays whole: Gmail cuts mails of more than 102 KB.
  shown as (
    select told.* from told where told.place <= case told.part when 'new' then 12 else 6 end
  )
  select jsonb_build_object(
    'about', private.digest_subject(subscription),
    'is_segment', subscription.segment_id is not null, 'rhythm', subscription.rhythm, 'time_zone', subscription.time_zone,
    'site_id', coalesce(
      subscription.site_id,
      (select site.id from public.sites as site where site.account_id = subscription.account_id order by site.created_at, site.id limit 1)
    ),
    'since_local', to_char(digest_content.since at time zone subscription.time_zone, 'YYYY-MM-DD"T"HH24:MI'),
    'until_local', to_char(digest_content.until at time zone subscription.time_zone, 'YYYY-MM-DD"T"HH24:MI'),
    'funnel', private.digest_funnel(subscription, digest_content.since, digest_content.until),
    'totals', (
      select coalesce(jsonb_object_agg(part.part, part.companies), '{}')
      from (select told.part, count(*) as companies from told group by told.part) as part
    ),
    'companies', (
      select coalesce(
        jsonb_agg(
          jsonb_build_object(
            'id', shown.id, 'site_id', shown.site_id, 'part', shown.part, 'name', shown.name, 'domain', shown.domain,
            'industry', shown.industry, 'country', shown.country, 'employee_range', shown.employee_range, 'score', shown.score,
            'visits', shown.visits, 'page_views', shown.page_views, 'is_followed', shown.is_followed, 'rules', to_jsonb(shown.rules)
          )
          || private.digest_pages(shown.member_ids, subscription.site_id, digest_content.since, digest_content.until)
          order by shown.part, shown.place
        ),
        '[]'
      )
      from shown
    )
  )
$$;
comment on function private.digest_content(public.digest_subscriptions, timestamptz, timestamptz) is
  'What a digest says, by the account''s corrections: totals of each part, and of its companies the highest scores. See lib/mail/digest_letter.py.';

create function public.due_digests(at timestamptz, most int) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
begin
  if most not between 1 and 500 then
    raise sqlstate 'PT400' using message = 'due_digests takes 1 to 500 digests.';
  end if;
  return (
    select coalesce(jsonb_agg(jsonb_build_object('subscription_id', found.id, 'account_id', found.account_id)), '[]')
    from (
      select known.id, known.account_id
      from public.digest_subscriptions as known
      cross join lateral private.digest_due(known, due_digests.at) as due
      where known.state = 'on' and due.subscription_id is not null
        and private.may_mail(known.user_id, 'digests') and not private.holds_back('send_digests', known.account_id)
      order by due.covers_until, known.id limit most
    ) as found
  );
end
$$;
comment on function public.due_digests(timestamptz, int) is
  'The subscriptions whose hour has struck and of which no digest was written for that day, the longest due first. Accounts that fail are left out.';

create function public.keep_digest(subscription_id uuid, at timestamptz) returns text
language plpgsql security definer set search_path = ''
as $$
declare
  subscription public.digest_subscriptions;
  due private.digests;
  content jsonb;
begin
  -- Two jobs at once: the second waits, and finds what the first has kept.
  select known.* into subscription from public.digest_subscriptions as known
  where known.id = keep_digest.subscription_id and known.state = 'on' for update;
  due := private.digest_due(subscription, at);
  if subscription.id is null or due.subscription_id is null or not private.may_mail(subscription.user_id, 'digests') then
    return 'not_due';
  end if;
  content := private.digest_content(subscription, due.covers_from, due.covers_until);
  due.companies := (select coalesce(sum(part.value::int), 0) from jsonb_each_text(content -> 'totals') as part);
  if due.companies > 0 or subscription.tells_when_empty then
    due.message_id := private.post(
      key => format('digest %s %s', subscription.id, due.local_date), channel => 'mail', lane => format('digest %s', subscription.id),
      template => 'digest', account_id => subscription.account_id, recipient_id => subscription.user_id, destination_id => subscription.id,
      content => content, expires_at => now() + interval '22 hours'
    );
  end if;
  insert into private.digests (subscription_id, local_date, account_id, covers_from, covers_until, companies, message_id)
  values (subscription.id, due.local_date, due.account_id, due.covers_from, due.covers_until, due.companies, due.message_id);
  return case when due.message_id is null then 'empty' else 'sent' end;
end
$$;
comment on function public.keep_digest(uuid, timestamptz) is
  'Writes a subscription''s digest that is due, and its mail, in one: sent; empty, where there is nothing to say; not_due, where somebody else has '
  'written it or its reader does not want it any more.';

create function public.preview_digest(subscription_id uuid) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
declare
  subscription public.digest_subscriptions;
begin
  select known.* into subscription from public.digest_subscriptions as known
  where known.id = preview_digest.subscription_id and known.user_id = (select auth.uid());
  if subscription.id is null then
    raise sqlstate 'PT404' using message = 'You get no such digest.', hint = 'Reload the page: it may have been deleted.';
  end if;
  return private.digest_content(subscription, private.digest_begin(subscription, now()), now());
end
$$;
comment on function public.preview_digest(uuid) is 'What the next digest would say if it were due now, for the caller''s own subscription.';

create or replace function private.mail_destination(message private.outbox) returns jsonb
language plpgsql stable set search_path = ''
as $$
declare
  address text;
  known private.mail_templates;
begin
  select person.email into address from auth.users as person where person.id = message.recipient_id;
  address := coalesce(address, message.content ->> 'to');
  select * into known from private.mail_templates as template where template.template = message.template;
  if address is null or (private.suppression_of(address) is not null and not coalesce(known.is_asked_for, false)) then
    return null;
  end if;
  -- What has changed since it was written counts: who has unsubscribed or left the account in between is told nothing.
  if known.kind is not null and not (
    private.may_mail(message.recipient_id, known.kind)
    and exists (
      select from public.memberships as membership
      where membership.account_id = message.account_id and membership.user_id = message.recipient_id
    )
  ) then
    return null;
  end if;
  -- A digest may be paused or ended while it is on its way.
  if message.template = 'digest' and not exists (
    select from public.digest_subscriptions as subscription
    where subscription.id = message.destination_id and subscription.state = 'on' and subscription.user_id = message.recipient_id
  ) then
    return null;
  end if;
  return jsonb_build_object('to', address);
end
$$;

comment on function private.mail_destination(private.outbox) is
  'A user''s address as it is now; for one who is no user yet, as an invitation is, the one the message names. Null where there is none, where '
  'mails came back, and where the reader has unsubscribed or left.';

create function private.offer_unsubscribing() returns trigger
language plpgsql set search_path = ''
as $$
declare
  kind constant text := (select known.kind from private.mail_templates as known where known.template = new.template);
begin
  if kind is not null and not new.content ? 'unsubscribe' then
    new.content := new.content || jsonb_build_object(
      'unsubscribe', private.draw_mail_link(new.recipient_id, kind, case kind when 'digests' then new.destination_id end)
    );
  end if;
  return new;
end
$$;
comment on function private.offer_unsubscribing() is
  'Puts a link to unsubscribe into each mail of a kind that one can unsubscribe from, whoever writes it.';
revoke execute on function private.offer_unsubscribing() from public, anon, authenticated, service_role;
create trigger offer_unsubscribing before insert on private.outbox
  for each row when (new.channel = 'mail' and new.recipient_id is not null) execute function private.offer_unsubscribing();

create function private.mail_link_state(link private.mail_links) returns jsonb
language sql stable set search_path = ''
as $$
  select jsonb_build_object(
    'kind', (mail_link_state.link).kind,
    'about', (
      select private.digest_subject(subscription) from public.digest_subscriptions as subscription
      where subscription.id = (mail_link_state.link).subscription_id
    ),
    'rhythm', (
      select subscription.rhythm from public.digest_subscriptions as subscription
      where subscription.id = (mail_link_state.link).subscription_id
    ),
    'stopped', case
      when exists (
        select from private.mail_refusals as refusal where refusal.user_id = (mail_link_state.link).user_id and refusal.kind = 'all'
      ) then 'all'
      when exists (
        select from private.mail_refusals as refusal
        where refusal.user_id = (mail_link_state.link).user_id and refusal.kind = (mail_link_state.link).kind
      ) or (
        (mail_link_state.link).subscription_id is not null and not exists (
          select from public.digest_subscriptions as subscription
          where subscription.id = (mail_link_state.link).subscription_id and subscription.state <> 'unsubscribed'
        )
      ) then 'these'
      else 'none'
    end
  )
$$;
comment on function private.mail_link_state(private.mail_links) is
  'What a link in a mail is about, and what is stopped: none, these (the digest or the kind), all.';

create function public.find_mail_link(token_hash bytea) returns jsonb
language sql stable security definer set search_path = ''
as $$
  select private.mail_link_state(link) from private.mail_links as link where link.token_hash = find_mail_link.token_hash
$$;
comment on function public.find_mail_link(bytea) is 'What the link of a mail is about, changing nothing; null for one there is not. Names nobody.';

create function public.use_mail_link(token_hash bytea, wish text) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  link private.mail_links;
begin
  if wish is null or wish not in ('stop', 'stop_all', 'resume') then
    raise sqlstate 'PT400' using message = 'A link is for stop, stop_all or resume.';
  end if;
  select known.* into link from private.mail_links as known where known.token_hash = use_mail_link.token_hash;
  if link.user_id is null then
    return null;
  end if;
  if wish = 'resume' then
    delete from private.mail_refusals as refusal where refusal.user_id = link.user_id and refusal.kind in (link.kind, 'all');
    update public.digest_subscriptions as subscription set state = 'on'
    where subscription.id = link.subscription_id and subscription.state = 'unsubscribed';
  elsif wish = 'stop' and link.subscription_id is not null then
    update public.digest_subscriptions as subscription set state = 'unsubscribed' where subscription.id = link.subscription_id;
  else
    insert into private.mail_refusals (user_id, kind) values (link.user_id, case wish when 'stop_all' then 'all' else link.kind end)
    on conflict do nothing;
  end if;
  return private.mail_link_state(link);
end
$$;
comment on function public.use_mail_link(bytea, text) is
  'Stops what the link of a mail is about, or all mails of every kind, or lets them come again. As often as one likes; null for a link there is not.';

revoke execute on function private.list_digest_companies(public.digest_subscriptions, timestamptz, timestamptz)
  from public, anon, authenticated, service_role;
revoke execute on function private.digest_pages(uuid[], uuid, timestamptz, timestamptz) from public, anon, authenticated, service_role;
revoke execute on function private.digest_funnel(public.digest_subscriptions, timestamptz, timestamptz)
  from public, anon, authenticated, service_role;
revoke execute on function private.digest_content(public.digest_subscriptions, timestamptz, timestamptz)
  from public, anon, authenticated, service_role;
revoke execute on function private.mail_destination(private.outbox) from public, anon, authenticated, service_role;
revoke execute on function private.mail_link_state(private.mail_links) from public, anon, authenticated, service_role;
revoke execute on function public.due_digests(timestamptz, int) from public, anon, authenticated, service_role;
revoke execute on function public.keep_digest(uuid, timestamptz) from public, anon, authenticated, service_role;
revoke execute on function public.preview_digest(uuid) from public, anon, authenticated, service_role;
revoke execute on function public.find_mail_link(bytea) from public, anon, authenticated, service_role;
revoke execute on function public.use_mail_link(bytea, text) from public, anon, authenticated, service_role;
grant execute on function public.due_digests(timestamptz, int) to digester;
grant execute on function public.keep_digest(uuid, timestamptz) to digester;
grant execute on function public.preview_digest(uuid) to authenticated;
grant execute on function public.find_mail_link(bytea) to public_door;
grant execute on function public.use_mail_link(bytea, text) to public_door;
