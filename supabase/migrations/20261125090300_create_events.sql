-- Roles belong to the whole cluster and outlive a reset of the database.
do $$
begin
  if not exists (select from pg_catalog.pg_roles where rolname = 'announcer') then
    create role announcer nologin noinherit;
  end if;
end
$$;
comment on role announcer is 'What announces events signs in as. May execute the functions granted to it by name, and reads no table.';
grant announcer to authenticator;
alter role announcer set statement_timeout = '8s';
grant usage on schema public to announcer;

create table private.listeners (name text primary key check (name ~ '^[a-z_]{1,40}$'));
comment on table private.listeners is
  'Who is told of events: each has a function private.<name>_hear(private.events), which puts into the outbox whatever the event is a cause of.';

create table private.listening (
  account_id uuid not null references public.accounts (id) on delete cascade,
  listener text not null references private.listeners (name) on delete cascade,
  primary key (account_id, listener)
);
comment on table private.listening is
  'For which accounts a listener has anybody to tell: for others no event is written, so that a beacon costs them nothing. Kept by the listeners.';

create table private.events (
  id uuid primary key default gen_random_uuid(),
  sequence bigint generated always as identity,
  account_id uuid not null references public.accounts (id) on delete cascade,
  kind text not null check (kind in (
    'company.identified', 'company.returned', 'segment.matched', 'contact.enriched', 'plan.limit_reached'
  )),
  site_id uuid,
  company_id uuid,
  visit_id uuid,
  happened_at timestamptz not null default now(),
  content jsonb not null default '{}' check (jsonb_typeof(content) = 'object' and pg_column_size(content) < 8000)
);
create index events_sequence_idx on private.events (sequence);
create index events_account_id_idx on private.events (account_id);
comment on table private.events is
  'What has happened and nobody was told of yet: written in the transaction of what happened, deleted in the one that puts messages into the outbox.';
comment on column private.events.kind is
  'company.identified: a company''s first visit; company.returned: another visit; segment.matched: a company has come to match a segment; '
  'contact.enriched: a contact was found; plan.limit_reached: the plan holds no more.';
comment on column private.events.content is 'What else there is to tell, by kind.';

revoke all on private.listeners, private.listening, private.events from public, anon, authenticated, service_role;

create function private.is_heard(account_id uuid) returns boolean
language sql stable
return exists (select from private.listening as listening where listening.account_id = is_heard.account_id);
comment on function private.is_heard(uuid) is 'Whether anybody is to be told of what happens in an account.';

create function private.listen(account_id uuid, listener text, is_listening boolean) returns void
language plpgsql set search_path = ''
as $$
begin
  if is_listening then
    insert into private.listening (account_id, listener) values (listen.account_id, listen.listener) on conflict do nothing;
  else
    delete from private.listening as known where known.account_id = listen.account_id and known.listener = listen.listener;
  end if;
end
$$;
comment on function private.listen(uuid, text, boolean) is 'A listener has somebody in an account to tell, or nobody any more.';

create function private.tell(
  account_id uuid, kind text, content jsonb default '{}', company_id uuid default null, site_id uuid default null, visit_id uuid default null
) returns void
language plpgsql set search_path = ''
as $$
begin
  if private.is_heard(tell.account_id) then
    insert into private.events (account_id, kind, content, company_id, site_id, visit_id)
    values (tell.account_id, tell.kind, tell.content, tell.company_id, tell.site_id, tell.visit_id);
  end if;
end
$$;
comment on function private.tell(uuid, text, jsonb, uuid, uuid, uuid) is
  'Writes down that something happened, to be called in the transaction of what happened. Nothing is written where nobody listens.';

create or replace function private.keep_page_views(batch private.sent_beacon[]) returns void
language plpgsql set search_path = ''
as $$
declare
  silence constant interval := interval '30 minutes';
  longest constant interval := interval '24 hours';
begin
  with viewed as (
    select
      sent.account_id, sent.site_id, sent.beacon_id, sent.seen_at, sent.page, sent.referrer_host, company.id as company_id,
      company.first_seen_at as company_first_seen_at,
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
        min(numbered.seen_at) as first_at, max(numbered.seen_at) as last_at, count(*) as views,
        min(numbered.company_first_seen_at) as company_first_seen_at
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
  announced as (
    insert into private.events (account_id, kind, site_id, company_id, visit_id, happened_at)
    select
      placed.account_id,
      case when placed.first_at <= placed.company_first_seen_at then 'company.identified' else 'company.returned' end,
      placed.site_id, placed.company_id, placed.visit_id, placed.first_at
    from placed where placed.is_new and private.is_heard(placed.account_id)
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

create function public.announce_events(most int) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  event private.events;
  listener text;
  failing uuid[] := '{}';
  told int := 0;
  failed int := 0;
begin
  if most not between 1 and 500 then
    raise sqlstate 'PT400' using message = 'announce_events takes 1 to 500 events.';
  end if;
  -- In order, and each once: a second announcer waits, and finds what is left.
  perform pg_advisory_xact_lock(hashtextextended('events', 0));
  for event in
    select known.* from private.events as known
    where not private.holds_back('announce_events', known.account_id)
    order by known.sequence limit most
  loop
    -- Each account fails once in a call: eight events that meet one fault are no reason to give the account up.
    continue when event.account_id = any (failing);
    -- What goes wrong for one account must not keep the others from being told.
    begin
      for listener in
        select listening.listener from private.listening as listening where listening.account_id = event.account_id order by listening.listener
      loop
        execute format('select private.%I($1)', listener || '_hear') using event;
      end loop;
      delete from private.events as heard where heard.id = event.id;
      delete from private.job_failures as known where known.job = 'announce_events' and known.account_id = event.account_id;
      told := told + 1;
    exception when query_canceled or others then
      perform public.note_job_failure('announce_events', event.account_id, sqlstate);
      failing := failing || event.account_id;
      failed := failed + 1;
      -- The time of the whole statement is used up: what was told until now is kept, and the next call goes on.
      exit when sqlstate = '57014';
    end;
  end loop;
  return jsonb_build_object('done', told, 'failed', failed);
end
$$;
comment on function public.announce_events(int) is
  'Tells listeners of events, the oldest first, and answers how many were told of and how many failed. An account that fails is left out for a while.';

revoke execute on function private.is_heard(uuid) from public, anon, authenticated, service_role;
revoke execute on function private.listen(uuid, text, boolean) from public, anon, authenticated, service_role;
revoke execute on function private.tell(uuid, text, jsonb, uuid, uuid, uuid) from public, anon, authenticated, service_role;
revoke execute on function public.announce_events(int) from public, anon, authenticated, service_role;
grant execute on function public.announce_events(int) to announcer;
