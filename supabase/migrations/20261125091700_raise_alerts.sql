create table private.segment_members (
  account_id uuid not null,
  segment_id uuid not null,
  company_id uuid not null,
  visit_id uuid,
  matched_at timestamptz not null default now(),
  primary key (segment_id, company_id),
  foreign key (account_id, segment_id) references public.segments (account_id, id) on delete cascade,
  foreign key (account_id, company_id) references public.companies (account_id, id) on delete cascade
);
create index segment_members_segment_idx on private.segment_members (account_id, segment_id);
create index segment_members_company_idx on private.segment_members (account_id, company_id);
comment on table private.segment_members is
  'Which companies are in a segment as of their latest visit, and since when: so that it can be told that one has come to be. Kept for segments '
  'with a rule that asks for changes.';
comment on column private.segment_members.visit_id is 'The visit with which it came to be in it. Empty for those that were in it before anybody asked.';

create table private.watched_visits (
  visit_id uuid primary key,
  account_id uuid not null,
  site_id uuid not null,
  company_id uuid not null,
  kind text not null check (kind in ('identified', 'returned')),
  page_views int not null,
  foreign key (account_id, visit_id) references public.visits (account_id, id) on delete cascade
);
create index watched_visits_visit_idx on private.watched_visits (account_id, visit_id);
comment on table private.watched_visits is
  'Visits that may go on, of accounts with alert rules: a rule may come to apply with a later page. Each until its visit is over.';
comment on column private.watched_visits.page_views is 'How many there were when the rules were last looked at.';

revoke all on private.segment_members, private.watched_visits from public, anon, authenticated, service_role;

create function private.keep_members(segment public.segments) returns void
language plpgsql set search_path = ''
as $$
begin
  delete from private.segment_members as known where known.segment_id = segment.id;
  insert into private.segment_members (account_id, segment_id, company_id)
    select segment.account_id, segment.id, matching.id from private.list_matching(segment.filter, segment.account_id) as matching
    -- A visit that is being looked at may have brought one in meanwhile.
    on conflict do nothing;
end
$$;
comment on function private.keep_members(public.segments) is 'Writes down which companies are in a segment now, so that none of them counts as come.';

create function private.follow_segment() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  if new.filter <> old.filter and exists (
    select from public.alert_rules as rule where rule.segment_id = new.id and rule.only_on_change and rule.enabled
  ) then
    perform private.keep_members(new);
  end if;
  return null;
end
$$;
comment on function private.follow_segment() is 'A segment that means something else has other companies, and none of them has come just now.';
create trigger follow_segment after update of filter on public.segments for each row execute function private.follow_segment();

create function private.follow_rule() returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  ruled_id constant uuid := coalesce(new.account_id, old.account_id);
  segment public.segments;
begin
  perform private.listen(ruled_id, 'alerts', exists (
    select from public.alert_rules as rule where rule.account_id = ruled_id and rule.enabled
  ));
  if tg_op <> 'INSERT' and (tg_op = 'DELETE' or not new.enabled) then
    -- What waits for the morning was not asked for after all.
    delete from private.outbox as message
    where message.account_id = old.account_id and message.state = 'waiting' and message.content ->> 'rule_id' = old.id::text;
  end if;
  if tg_op <> 'DELETE' and new.enabled and new.only_on_change and not exists (
    select from public.alert_rules as other
    where other.segment_id = new.segment_id and other.only_on_change and other.enabled and other.id <> new.id
  ) and (tg_op = 'INSERT' or (old.enabled, old.only_on_change, old.segment_id) is distinct from (new.enabled, new.only_on_change, new.segment_id)) then
    select * into segment from public.segments as known where known.id = new.segment_id;
    perform private.keep_members(segment);
  end if;
  return null;
end
$$;
comment on function private.follow_rule() is
  'Whether anybody in an account is to be told; what waits of a rule that is muted or gone; and who is in its segment when it begins.';
create trigger follow_rule after insert or update or delete on public.alert_rules for each row execute function private.follow_rule();

create function private.limit_alert_rules() returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  most constant int := 50;
begin
  perform pg_advisory_xact_lock(hashtextextended('alert_rules ' || new.user_id::text, 0));
  if (select count(*) from public.alert_rules as rule where rule.account_id = new.account_id and rule.user_id = new.user_id) > most then
    raise sqlstate 'PT422' using message = format('You have %s alert rules already, which is the most.', most), hint = 'Delete one you no longer need.';
  end if;
  return null;
end
$$;
comment on function private.limit_alert_rules() is 'Holds a member to their number of rules, for concurrent additions too.';
create trigger limit_alert_rules after insert on public.alert_rules for each row execute function private.limit_alert_rules();

create function private.check_rule_channel() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  if new.chat_destination_id is not null and exists (
    select from public.chat_destinations as known
    where known.account_id = new.account_id and known.id = new.chat_destination_id and known.kind <> new.channel
  ) then
    raise sqlstate 'PT422' using message = 'This channel belongs to another chat.', hint = 'Choose one of the kind that the rule names.';
  end if;
  return new;
end
$$;
comment on function private.check_rule_channel() is 'Refuses a rule for Slack that names a channel of Teams, and the other way round.';
create trigger check_rule_channel before insert or update of channel, chat_destination_id on public.alert_rules
  for each row execute function private.check_rule_channel();

create function private.matching_conditions(filter jsonb, company private.shown_company) returns jsonb
language plpgsql stable set search_path = ''
as $$
begin
  if not filter ? 'conditions' then
    return case when private.holds(filter, company) then jsonb_build_array(filter) else '[]' end;
  end if;
  return coalesce(
    (
      select jsonb_agg(leaf.value order by part.ordinality, leaf.ordinality)
      from jsonb_array_elements(filter -> 'conditions') with ordinality as part
      cross join jsonb_array_elements(private.matching_conditions(part.value, company)) with ordinality as leaf
    ),
    '[]'
  );
end
$$;
comment on function private.matching_conditions(jsonb, private.shown_company) is 'Those conditions of a filter that hold for a company: why it is in the segment.';

create function private.held_before(filter jsonb, company private.shown_company, visit_id uuid) returns boolean
language plpgsql stable set search_path = ''
as $$
begin
  select visit.started_at - interval '1 microsecond' into company.at from public.visits as visit where visit.id = visit_id;
  select max(earlier.last_seen_at) into company.last_seen_at
  from public.visits as earlier
  where earlier.company_id = any (company.member_ids) and earlier.started_at <= company.at;
  return company.last_seen_at is not null and private.holds(filter, company);
end
$$;
comment on function private.held_before(jsonb, private.shown_company, uuid) is
  'Whether a filter held for a company right before a visit began: it may have been in a segment, and meanwhile out of it without a visit.';

create function private.keep_member(segment public.segments, company private.shown_company, visit_id uuid, is_in boolean) returns boolean
language plpgsql set search_path = ''
as $$
declare
  member private.segment_members;
begin
  if not is_in then
    delete from private.segment_members as known where known.segment_id = segment.id and known.company_id = company.id;
    return false;
  end if;
  select * into member from private.segment_members as known where known.segment_id = segment.id and known.company_id = company.id;
  if member.segment_id is null
    or member.visit_id is distinct from keep_member.visit_id and not private.held_before(segment.filter, company, keep_member.visit_id)
  then
    insert into private.segment_members as known (account_id, segment_id, company_id, visit_id)
      values (segment.account_id, segment.id, company.id, keep_member.visit_id)
      on conflict on constraint segment_members_pkey do update set visit_id = excluded.visit_id, matched_at = now();
    return true;
  end if;
  return member.visit_id is not distinct from keep_member.visit_id;
end
$$;
comment on function private.keep_member(public.segments, private.shown_company, uuid, boolean) is
  'Keeps whether a company is in a segment; answers whether it came to be with this visit, however often it is asked.';

create function private.alert_content(
  rule public.alert_rules, segment public.segments, company private.shown_company, visit private.watched_visits
) returns jsonb
language sql stable set search_path = ''
as $$
  select jsonb_build_object(
    'rule_id', rule.id, 'rule', rule.name, 'about', rule.about, 'only_on_change', rule.only_on_change, 'segment', segment.name,
    'why', case when segment.id is null then '[]' else private.matching_conditions(segment.filter, company) end,
    'kind', visit.kind, 'site_id', visit.site_id, 'site', (select site.name from public.sites as site where site.id = visit.site_id),
    'company_id', company.id, 'name', company.name, 'domain', company.domain, 'industry', company.industry, 'country', company.country,
    'employee_range', company.employee_range, 'score', private.score_of(company.member_ids, company.at),
    'page_views', visit.page_views, 'pages', (
      select coalesce(jsonb_agg(page.path order by page.first_at), '[]')
      from (
        select left(view.path, 120) as path, min(view.viewed_at) as first_at
        from public.page_views as view where view.visit_id = visit.visit_id group by view.path order by min(view.viewed_at) limit 5
      ) as page
    )
  )
$$;
comment on function private.alert_content(public.alert_rules, public.segments, private.shown_company, private.watched_visits) is
  'What an alert says: the rule that applied and why, the company, and what it looked at so far.';

create function private.hold_alert(rule public.alert_rules, company_id uuid, visit private.watched_visits, reason text) returns void
language sql set search_path = ''
as $$
  insert into private.held_alerts (rule_id, visit_id, account_id, user_id, company_id, site_id, reason)
  values (rule.id, visit.visit_id, rule.account_id, rule.user_id, hold_alert.company_id, visit.site_id, hold_alert.reason)
  on conflict do nothing
$$;
comment on function private.hold_alert(public.alert_rules, uuid, private.watched_visits, text) is 'Keeps an alert for the digest instead.';

create function private.raise_alert(
  rule public.alert_rules, segment public.segments, company private.shown_company, visit private.watched_visits
) returns void
language plpgsql set search_path = ''
as $$
declare
  settings constant public.notification_settings := private.settings_of(rule.account_id, rule.user_id);
  leaves_at constant timestamptz := private.end_of_quiet(now(), settings.time_zone, settings.quiet_from, settings.quiet_until);
begin
  if exists (select from private.sent_alerts as told where told.rule_id = rule.id and told.visit_id = visit.visit_id)
    or exists (select from private.held_alerts as held where held.rule_id = rule.id and held.visit_id = visit.visit_id)
  then
    return;
  end if;
  if rule.channel = 'webhook' then
    -- A machine needs no rest, and its number is not the member's.
    perform private.tell(
      rule.account_id, 'segment.matched',
      jsonb_build_object(
        'segment_id', segment.id, 'segment', segment.name, 'rule_id', rule.id, 'rule', rule.name,
        'why', private.matching_conditions(segment.filter, company)
      ),
      company.id, visit.site_id, visit.visit_id
    );
  elsif exists (select from public.chat_destinations as known where known.id = rule.chat_destination_id and known.broken_at is not null) then
    perform private.hold_alert(rule, company.id, visit, 'chat_broken');
    return;
  elsif (
    select count(*) from private.sent_alerts as told
    join public.alert_rules as other on other.id = told.rule_id and other.channel <> 'webhook'
    where told.account_id = rule.account_id and told.user_id = rule.user_id
      and (told.due_at at time zone settings.time_zone)::date = (leaves_at at time zone settings.time_zone)::date
  ) >= settings.alerts_per_day then
    perform private.hold_alert(rule, company.id, visit, 'over_budget');
    return;
  else
    perform private.post(
      format('alert:%s:%s', rule.id, visit.visit_id), rule.channel,
      -- Of a member and a channel: whose quiet hours end later keeps nobody else waiting.
      format('alert:%s:%s', rule.user_id, coalesce(rule.chat_destination_id::text, rule.channel)), 'alert',
      private.alert_content(rule, segment, company, visit), account_id => rule.account_id,
      recipient_id => rule.user_id, destination_id => rule.chat_destination_id, expires_at => leaves_at + interval '24 hours', not_before => leaves_at
    );
  end if;
  insert into private.sent_alerts (rule_id, visit_id, account_id, user_id, due_at)
    values (rule.id, visit.visit_id, rule.account_id, rule.user_id, leaves_at);
end
$$;
comment on function private.raise_alert(public.alert_rules, public.segments, private.shown_company, private.watched_visits) is
  'Tells of a visit by a rule: at once, after quiet hours, or if the day''s number is used up in the digest. Once for a rule and a visit.';

create function private.judge_visit(visit private.watched_visits) returns void
language plpgsql set search_path = ''
as $$
declare
  company constant private.shown_company := private.find_shown_company(visit.account_id, visit.company_id, now());
  rule public.alert_rules;
  segment public.segments;
  is_in jsonb := '{}';
  has_come jsonb := '{}';
begin
  if company.id is null then
    return;
  end if;
  for segment in
    select known.* from public.segments as known
    where known.account_id = visit.account_id and exists (
      select from public.alert_rules as asking
      where asking.account_id = visit.account_id and asking.segment_id = known.id and asking.enabled
        and (asking.only_on_change or visit.kind = any (asking.kinds))
    )
  loop
    is_in := is_in || jsonb_build_object(segment.id, private.holds(segment.filter, company));
    if exists (select from public.alert_rules as asking where asking.segment_id = segment.id and asking.enabled and asking.only_on_change) then
      has_come := has_come || jsonb_build_object(
        segment.id, private.keep_member(segment, company, visit.visit_id, (is_in ->> segment.id::text)::boolean)
      );
    end if;
  end loop;
  for rule in
    select known.* from public.alert_rules as known
    where known.account_id = visit.account_id and known.enabled and visit.kind = any (known.kinds)
    order by known.created_at, known.id
  loop
    if (
      case rule.about
        when 'every' then true
        when 'followed' then private.is_followed(company, rule.user_id)
        else (case when rule.only_on_change then has_come else is_in end ->> rule.segment_id::text)::boolean
      end
    ) then
      segment := null;
      select * into segment from public.segments as known where known.id = rule.segment_id;
      perform private.raise_alert(rule, segment, company, visit);
    end if;
  end loop;
end
$$;
comment on function private.judge_visit(private.watched_visits) is
  'Looks which rules apply to a visit as it is by now, and tells. A rule that told of it already does not do so again.';

create function private.alerts_hear(event private.events) returns void
language plpgsql set search_path = ''
as $$
declare
  visit private.watched_visits;
begin
  if event.kind not in ('company.identified', 'company.returned') then
    return;
  end if;
  insert into private.watched_visits as watched (visit_id, account_id, site_id, company_id, kind, page_views)
    select known.id, known.account_id, known.site_id, known.company_id, split_part(event.kind, '.', 2), known.page_view_count
    from public.visits as known where known.id = event.visit_id and known.account_id = event.account_id
    on conflict (visit_id) do update set page_views = watched.page_views
    returning * into visit;
  -- Its site may have been deleted since.
  if visit.visit_id is not null then
    perform private.judge_visit(visit);
  end if;
end
$$;
comment on function private.alerts_hear(private.events) is 'See private.listeners.';
insert into private.listeners values ('alerts');

-- Roles belong to the whole cluster and outlive a reset of the database.
do $$
begin
  if not exists (select from pg_catalog.pg_roles where rolname = 'watcher') then
    create role watcher nologin noinherit;
  end if;
end
$$;
comment on role watcher is 'What looks at visits that go on signs in as. May execute the functions granted to it by name, and reads no table.';
grant watcher to authenticator;
alter role watcher set statement_timeout = '8s';
grant usage on schema public to watcher;

create function public.watch_visits(most int) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  silence constant interval := interval '30 minutes';
  going record;
  visit private.watched_visits;
  failing uuid[] := '{}';
  looked int := 0;
  failed int := 0;
begin
  if most not between 1 and 500 then
    raise sqlstate 'PT400' using message = 'watch_visits takes 1 to 500 visits.';
  end if;
  -- One at a time, and not beside announce_events: the day's number of a member holds, and a rule tells of a visit once.
  perform pg_advisory_xact_lock(hashtextextended('events', 0));
  for going in
    select watched as visit, known.page_view_count as page_views, known.last_seen_at < now() - silence as is_over
    from private.watched_visits as watched
    join public.visits as known on known.id = watched.visit_id
    where (known.page_view_count > watched.page_views or known.last_seen_at < now() - silence)
      and not private.holds_back('watch_visits', watched.account_id)
    order by known.last_seen_at limit most
  loop
    visit := going.visit;
    -- Each account fails once in a call, and what goes wrong for it must not keep the others from being told: as in announce_events.
    continue when visit.account_id = any (failing);
    begin
      if going.page_views > visit.page_views then
        visit.page_views := going.page_views;
        perform private.judge_visit(visit);
      end if;
      if going.is_over then
        delete from private.watched_visits as watched where watched.visit_id = visit.visit_id;
      else
        update private.watched_visits as watched set page_views = visit.page_views where watched.visit_id = visit.visit_id;
      end if;
      perform public.forget_job_failure('watch_visits', visit.account_id);
      looked := looked + 1;
    exception when query_canceled or others then
      perform public.note_job_failure('watch_visits', visit.account_id, sqlstate);
      failing := failing || visit.account_id;
      failed := failed + 1;
      exit when sqlstate = '57014';
    end;
  end loop;
  return jsonb_build_object('done', looked, 'failed', failed);
end
$$;
comment on function public.watch_visits(int) is
  'Looks at visits that went on whether alert rules have come to apply, and lets go of those that are over; answers how many, and how many failed.';

create function public.send_alert_test(rule_id uuid) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  rule public.alert_rules;
begin
  select known.* into rule from public.alert_rules as known
  where known.id = send_alert_test.rule_id and known.user_id = (select auth.uid());
  if rule.id is null then
    raise sqlstate 'PT404' using message = 'There is no such rule of yours.', hint = 'Reload the page: it may show something older.';
  end if;
  if rule.channel = 'webhook' then
    raise sqlstate 'PT422' using message = 'Webhooks are tested where they are set up.', hint = 'Open Integrations, and send a test from there.';
  end if;
  if private.post(
    format('alert.test:%s:%s', rule.id, to_char(now() at time zone 'UTC', 'YYYYMMDDHH24MI')), rule.channel, 'alert.test:' || rule.id, 'alert',
    jsonb_build_object(
      'is_test', true, 'rule_id', rule.id, 'rule', rule.name, 'about', rule.about, 'only_on_change', rule.only_on_change,
      'segment', (select segment.name from public.segments as segment where segment.id = rule.segment_id), 'why', '[]'::jsonb,
      'kind', 'identified', 'site_id', (select min(site.id::text) from public.sites as site where site.account_id = rule.account_id),
      'site', 'your site', 'company_id', null, 'name', 'Example Company', 'domain', 'example.com', 'industry', 'Manufacturing', 'country', 'DE',
      'employee_range', '50-249', 'score', 38, 'page_views', 3, 'pages', jsonb_build_array('/', '/products', '/pricing')
    ),
    account_id => rule.account_id, recipient_id => rule.user_id, destination_id => rule.chat_destination_id,
    expires_at => now() + interval '10 minutes'
  ) is null then
    raise sqlstate 'PT429' using message = 'A test was sent a moment ago.', hint = 'Wait a minute before you send another.';
  end if;
end
$$;
comment on function public.send_alert_test(uuid) is 'Sends an example of what a rule of the caller''s sends, marked as a test, at most once a minute.';

revoke execute on function private.keep_members(public.segments) from public, anon, authenticated, service_role;
revoke execute on function private.follow_segment() from public, anon, authenticated, service_role;
revoke execute on function private.follow_rule() from public, anon, authenticated, service_role;
revoke execute on function private.limit_alert_rules() from public, anon, authenticated, service_role;
revoke execute on function private.check_rule_channel() from public, anon, authenticated, service_role;
revoke execute on function private.matching_conditions(jsonb, private.shown_company) from public, anon, authenticated, service_role;
revoke execute on function private.held_before(jsonb, private.shown_company, uuid) from public, anon, authenticated, service_role;
revoke execute on function private.keep_member(public.segments, private.shown_company, uuid, boolean) from public, anon, authenticated, service_role;
revoke execute on function private.alert_content(public.alert_rules, public.segments, private.shown_company, private.watched_visits)
  from public, anon, authenticated, service_role;
revoke execute on function private.hold_alert(public.alert_rules, uuid, private.watched_visits, text) from public, anon, authenticated, service_role;
revoke execute on function private.raise_alert(public.alert_rules, public.segments, private.shown_company, private.watched_visits)
  from public, anon, authenticated, service_role;
revoke execute on function private.judge_visit(private.watched_visits) from public, anon, authenticated, service_role;
revoke execute on function private.alerts_hear(private.events) from public, anon, authenticated, service_role;
revoke execute on function public.watch_visits(int) from public, anon, authenticated, service_role;
revoke execute on function public.send_alert_test(uuid) from public, anon, authenticated, service_role;
grant execute on function public.watch_visits(int) to watcher;
grant execute on function public.send_alert_test(uuid) to authenticated;
