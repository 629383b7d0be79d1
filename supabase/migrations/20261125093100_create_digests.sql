-- Roles belong to the whole cluster and outlive a reset of the database.
do $$
begin
  if not exists (select from pg_catalog.pg_roles where rolname = 'digester') then
    create role digester nologin noinherit;
  end if;
end
$$;
comment on role digester is 'What writes digests signs in as. May execute the functions granted to it by name, and reads no table.';
grant digester to authenticator;
alter role digester set statement_timeout = '8s';
grant usage on schema public to digester;

create table public.digest_subscriptions (
  id uuid primary key default gen_random_uuid(),
  account_id uuid not null,
  user_id uuid not null default auth.uid(),
  site_id uuid,
  segment_id uuid,
  rhythm text not null check (rhythm in ('daily', 'weekly')),
  weekday smallint check (weekday between 1 and 7),
  hour smallint not null check (hour between 0 and 23),
  time_zone text not null constraint digest_subscriptions_time_zone_is_known check (private.is_time_zone(time_zone)),
  tells_when_empty boolean not null default false,
  state text not null default 'on' check (state in ('on', 'paused', 'unsubscribed')),
  settled_at timestamptz not null default now(),
  created_at timestamptz not null default now(),
  foreign key (account_id, user_id) references public.memberships (account_id, user_id) on delete cascade,
  foreign key (account_id, site_id) references public.sites (account_id, id) on delete cascade,
  foreign key (account_id, segment_id) references public.segments (account_id, id) on delete cascade,
  constraint digest_subscriptions_are_of_one_thing check (num_nonnulls(site_id, segment_id) = 1),
  constraint digest_subscriptions_weekly_ones_have_a_day check ((rhythm = 'weekly') = (weekday is not null)),
  constraint digest_subscriptions_weekly_ones_alone_tell_of_nothing check (rhythm = 'weekly' or not tells_when_empty),
  constraint digest_subscriptions_are_there_once unique nulls not distinct (account_id, user_id, site_id, segment_id, rhythm)
);
create index digest_subscriptions_site_idx on public.digest_subscriptions (account_id, site_id);
create index digest_subscriptions_segment_idx on public.digest_subscriptions (account_id, segment_id);
comment on table public.digest_subscriptions is
  'Which mails about companies'' visits a member asked for. Nobody gets one unasked. Kept until deleted, or the member, site or segment is gone. At '
  'most 20 of a member in an account.';
comment on column public.digest_subscriptions.user_id is 'Set by the database: nobody subscribes somebody else.';
comment on column public.digest_subscriptions.segment_id is 'The segment it is of, on all of the account''s sites. Empty: it is of a site.';
comment on column public.digest_subscriptions.weekday is '1 is Monday, 7 is Sunday. Empty: daily.';
comment on column public.digest_subscriptions.hour is 'By the clock of time_zone.';
comment on column public.digest_subscriptions.time_zone is 'IANA name.';
comment on column public.digest_subscriptions.tells_when_empty is 'Whether a week without a visit is told of, in a short note.';
comment on column public.digest_subscriptions.state is 'paused: by the member, in the dashboard; unsubscribed: by the link in a mail.';
comment on column public.digest_subscriptions.settled_at is
  'When its time was last changed, or it was last switched on: only hours that strike after that count.';

create table private.digests (
  subscription_id uuid not null references public.digest_subscriptions (id) on delete cascade,
  local_date date not null,
  account_id uuid not null references public.accounts (id) on delete cascade,
  covers_from timestamptz not null,
  covers_until timestamptz not null check (covers_until > covers_from),
  companies int not null check (companies >= 0),
  message_id uuid,
  kept_at timestamptz not null default now(),
  primary key (subscription_id, local_date)
);
create index digests_account_id_idx on private.digests (account_id);
create index digests_kept_at_idx on private.digests (kept_at);
comment on table private.digests is 'Which digests were written, one for a day of the reader''s calendar. Kept for 90 days.';
comment on column private.digests.local_date is 'The day by the clock of the subscription''s time zone, so that an hour that comes twice makes one digest.';
comment on column private.digests.covers_from is 'Where the one before that was sent ended: days without a digest are caught up with in the next.';
comment on column private.digests.message_id is 'The mail in private.outbox. Empty where there was nothing to say.';

revoke all on private.digests from public, anon, authenticated, service_role;
alter table public.digest_subscriptions enable row level security;
revoke all on public.digest_subscriptions from public, anon, authenticated, service_role;
grant select, delete on public.digest_subscriptions to authenticated;
grant insert (account_id, site_id, segment_id, rhythm, weekday, hour, time_zone, tells_when_empty)
  on public.digest_subscriptions to authenticated;
grant update (rhythm, weekday, hour, time_zone, tells_when_empty, state) on public.digest_subscriptions to authenticated;

create policy "Members read their own digest subscriptions" on public.digest_subscriptions
  for select to authenticated using (user_id = (select auth.uid()));
create policy "Members subscribe themselves to digests" on public.digest_subscriptions
  for insert to authenticated with check (user_id = (select auth.uid()) and account_id in (select private.account_ids()));
create policy "Members change their own digest subscriptions" on public.digest_subscriptions
  for update to authenticated
  using (user_id = (select auth.uid()))
  with check (user_id = (select auth.uid()) and account_id in (select private.account_ids()));
create policy "Members delete their own digest subscriptions" on public.digest_subscriptions
  for delete to authenticated using (user_id = (select auth.uid()));

create function private.settle_digest_subscription() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  if new.state = 'on' and (
    (new.rhythm, new.weekday, new.hour, new.time_zone, new.state) is distinct from (old.rhythm, old.weekday, old.hour, old.time_zone, old.state)
  ) then
    new.settled_at := now();
  end if;
  return new;
end
$$;
comment on function private.settle_digest_subscription() is 'Lets an hour that has struck already strike no more for a subscription whose time was changed.';
revoke execute on function private.settle_digest_subscription() from public, anon, authenticated, service_role;
create trigger settle_digest_subscription before update on public.digest_subscriptions
  for each row execute function private.settle_digest_subscription();

create function private.limit_digest_subscriptions() returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  most constant int := 20;
begin
  -- Serialises a member's additions, so that the limit holds for concurrent ones too.
  perform pg_advisory_xact_lock(hashtextextended('digest_subscriptions ' || new.account_id::text || new.user_id::text, 0));
  if (
    select count(*) from public.digest_subscriptions as known where known.account_id = new.account_id and known.user_id = new.user_id
  ) >= most then
    raise sqlstate 'PT422' using message = format('You get %s digests already, which is the most.', most), hint = 'Delete one you do not read.';
  end if;
  return new;
end
$$;
comment on function private.limit_digest_subscriptions() is 'Refuses a member''s twenty-first digest in an account.';
revoke execute on function private.limit_digest_subscriptions() from public, anon, authenticated, service_role;
create trigger limit_digest_subscriptions before insert on public.digest_subscriptions
  for each row execute function private.limit_digest_subscriptions();

create function private.digest_moments(subscription public.digest_subscriptions, at timestamptz)
returns table (local_date date, moment timestamptz)
language sql stable set search_path = ''
as $$
  -- An hour that daylight saving skips strikes when the next one begins; of one that comes twice, the second counts.
  select day.local_date, (day.local_date + make_interval(hours => (digest_moments.subscription).hour)) at time zone (digest_moments.subscription).time_zone
  from (
    select (digest_moments.at at time zone (digest_moments.subscription).time_zone)::date + shift.days as local_date
    from generate_series(-8, 9) as shift (days)
  ) as day
  where (digest_moments.subscription).weekday is null or extract(isodow from day.local_date) = (digest_moments.subscription).weekday
$$;
comment on function private.digest_moments(public.digest_subscriptions, timestamptz) is
  'When a subscription''s hour strikes in the days around a moment, with the day of the reader''s calendar.';

create function private.digest_due(subscription public.digest_subscriptions, at timestamptz) returns private.digests
language plpgsql stable set search_path = ''
as $$
declare
  due private.digests;
  struck timestamptz;
  covered timestamptz;
begin
  select known.local_date, known.moment into due.local_date, struck
  from private.digest_moments(subscription, at) as known
  where known.moment <= at order by known.local_date desc limit 1;
  if struck is null or struck < subscription.settled_at or exists (
    select from private.digests as kept
    where kept.subscription_id = subscription.id and (kept.local_date = due.local_date or kept.covers_until >= struck)
  ) then
    return null;
  end if;
  due.subscription_id := subscription.id;
  due.account_id := subscription.account_id;
  due.covers_until := struck;
  due.covers_from := private.digest_begin(subscription, struck);
  return due;
end
$$;
comment on function private.digest_due(public.digest_subscriptions, timestamptz) is
  'The digest that a subscription''s last hour before a moment makes, with what it covers; null if it was written, or is of before the last change.';

create function private.digest_begin(subscription public.digest_subscriptions, until timestamptz) returns timestamptz
language sql stable set search_path = ''
as $$
  select greatest(
    coalesce(
      -- A mail that was given up was not read: the next one tells of the same again.
      max(kept.covers_until) filter (where kept.message_id is not null and message.state is distinct from 'dead'),
      min(kept.covers_from),
      digest_begin.until - case (digest_begin.subscription).rhythm when 'weekly' then interval '7 days' else interval '1 day' end
    ),
    digest_begin.until - interval '31 days'
  )
  from private.digests as kept
  left join private.outbox as message on message.id = kept.message_id
  where kept.subscription_id = (digest_begin.subscription).id
$$;
comment on function private.digest_begin(public.digest_subscriptions, timestamptz) is
  'Since when a digest tells: where the last one that was sent ended, or a day or a week ago for the first one; 31 days ago at most.';

create function private.purge_digests() returns int
language plpgsql set search_path = ''
as $$
declare
  gone int;
begin
  delete from private.digests as old where (old.subscription_id, old.local_date) in (
    select kept.subscription_id, kept.local_date from private.digests as kept
    where kept.kept_at < now() - interval '90 days' order by kept.kept_at limit 5000
  );
  get diagnostics gone = row_count;
  return gone;
end
$$;
comment on function private.purge_digests() is 'Deletes what is kept of digests of more than 90 days ago.';
insert into private.chores values ('digests');

create function private.digest_subject(subscription public.digest_subscriptions) returns text
language sql stable set search_path = ''
as $$
  select coalesce(
    (select site.name from public.sites as site where site.id = (digest_subject.subscription).site_id),
    (select segment.name from public.segments as segment where segment.id = (digest_subject.subscription).segment_id)
  )
$$;
comment on function private.digest_subject(public.digest_subscriptions) is 'The name of the site or segment a digest is of.';

create function public.list_digest_subscriptions(account_id uuid)
returns table (
  id uuid, site_id uuid, segment_id uuid, about text, rhythm text, weekday smallint, hour smallint, time_zone text, tells_when_empty boolean,
  state text, next_at timestamptz, last_sent_at timestamptz
)
language sql stable security definer set search_path = ''
as $$
  select
    known.id, known.site_id, known.segment_id, private.digest_subject(known), known.rhythm, known.weekday, known.hour, known.time_zone,
    known.tells_when_empty, known.state,
    (
      select min(coming.moment) from private.digest_moments(known, now()) as coming
      where coming.moment > now() and not exists (
        select from private.digests as kept where kept.subscription_id = known.id and kept.local_date = coming.local_date
      )
    ),
    (select max(kept.covers_until) from private.digests as kept where kept.subscription_id = known.id and kept.message_id is not null)
  from public.digest_subscriptions as known
  where known.account_id = list_digest_subscriptions.account_id and known.user_id = (select auth.uid())
  order by known.created_at, known.id
$$;
comment on function public.list_digest_subscriptions(uuid) is
  'The caller''s own digests in an account: what each is of, when the next one is due and the last one was sent.';

revoke execute on function private.digest_moments(public.digest_subscriptions, timestamptz) from public, anon, authenticated, service_role;
revoke execute on function private.digest_due(public.digest_subscriptions, timestamptz) from public, anon, authenticated, service_role;
revoke execute on function private.digest_begin(public.digest_subscriptions, timestamptz) from public, anon, authenticated, service_role;
revoke execute on function private.digest_subject(public.digest_subscriptions) from public, anon, authenticated, service_role;
revoke execute on function private.purge_digests() from public, anon, authenticated, service_role;
revoke execute on function public.list_digest_subscriptions(uuid) from public, anon, authenticated, service_role;
grant execute on function public.list_digest_subscriptions(uuid) to authenticated;
