-- Roles belong to the whole cluster and outlive a reset of the database.
do $$
begin
  if not exists (select from pg_catalog.pg_roles where rolname = 'deliverer') then
    create role deliverer nologin noinherit;
  end if;
end
$$;
comment on role deliverer is 'What delivers the outbox signs in as. May execute the functions granted to it by name, and reads no table.';
grant deliverer to authenticator;
alter role deliverer set statement_timeout = '8s';
grant usage on schema public to deliverer;

create table private.channels (
  channel text primary key check (channel ~ '^[a-z]{2,20}$'),
  repeats boolean not null,
  most_attempts smallint not null check (most_attempts between 1 and 50),
  longest interval not null,
  kept_content boolean not null
);
comment on table private.channels is
  'The ways a message leaves. Each has a function private.<channel>_destination(private.outbox), which says where to; null where that is no more.';
comment on column private.channels.repeats is
  'Whether a message of which nobody knows if it arrived is sent again: where the receiver knows its id and takes it once.';
comment on column private.channels.most_attempts is 'After how many attempts a message is given up.';
comment on column private.channels.longest is
  'How long after its first attempt a message is still sent: for mail the provider remembers its key for a day, and later would send it twice.';
comment on column private.channels.kept_content is 'Whether what was delivered is kept, to be sent again by hand, or emptied at once.';
-- Resend keeps idempotency keys for 24 hours. Source: its API reference, "Idempotency keys".
insert into private.channels values ('mail', true, 12, '23 hours', false);

create table private.outbox (
  id uuid primary key default gen_random_uuid(),
  sequence bigint generated always as identity,
  account_id uuid references public.accounts (id) on delete cascade,
  key text not null unique check (char_length(key) between 1 and 300),
  channel text not null references private.channels (channel),
  lane text not null check (char_length(lane) between 1 and 300),
  recipient_id uuid references auth.users (id) on delete cascade,
  destination_id uuid,
  template text not null check (template ~ '^[a-z][a-z._]{1,60}$'),
  content jsonb not null check (jsonb_typeof(content) = 'object' and pg_column_size(content) < 200000),
  created_at timestamptz not null default now(),
  expires_at timestamptz,
  state text not null default 'waiting' check (state in ('waiting', 'sending', 'delivered', 'dead')),
  attempts smallint not null default 0,
  next_attempt_at timestamptz not null default now(),
  first_attempt_at timestamptz,
  claim uuid,
  leased_until timestamptz,
  ended_at timestamptz,
  fault text check (char_length(fault) between 1 and 200),
  check ((state = 'sending') = (claim is not null)),
  check ((state in ('delivered', 'dead')) = (ended_at is not null))
);
-- The head of each lane, and what is due: of what has ended there is much more than of what has not.
create index outbox_lane_idx on private.outbox (lane, sequence) where state in ('waiting', 'sending');
create index outbox_ended_at_idx on private.outbox (ended_at) where ended_at is not null;
create index outbox_account_id_idx on private.outbox (account_id, sequence desc);
create index outbox_recipient_id_idx on private.outbox (recipient_id);
create index outbox_destination_id_idx on private.outbox (destination_id, sequence desc) where destination_id is not null;
comment on table private.outbox is
  'Every message to somebody outside: written in the transaction of its cause, delivered by the job deliver_outbox. Ended ones are kept for 30 days.';
comment on column private.outbox.key is 'What it is about: the same cause makes the same key, so that it is told once.';
comment on column private.outbox.lane is 'Where it goes, as far as order matters: a lane''s messages are delivered one after another.';
comment on column private.outbox.recipient_id is 'The user a mail goes to; the address is looked up when it is sent, and kept nowhere here.';
comment on column private.outbox.destination_id is 'What else it goes to: see private.channels.';
comment on column private.outbox.content is 'What it says, as values for its template. Emptied when it has ended, where the channel does not keep it.';
comment on column private.outbox.expires_at is 'After which it is no longer worth sending.';
comment on column private.outbox.claim is 'Drawn for each attempt: only who holds it may say what became of the attempt.';
comment on column private.outbox.leased_until is 'When an attempt of which nothing was heard counts as lost.';
comment on column private.outbox.fault is 'Why it is dead.';

create table private.outbox_attempts (
  message_id uuid not null references private.outbox (id) on delete cascade,
  number smallint not null,
  started_at timestamptz not null default now(),
  ended_at timestamptz,
  outcome text check (outcome in ('delivered', 'refused', 'unavailable', 'uncertain', 'lost')),
  status smallint check (status between 100 and 599),
  detail text check (char_length(detail) <= 300),
  primary key (message_id, number)
);
comment on table private.outbox_attempts is 'Each attempt to deliver a message. Kept with the message.';
comment on column private.outbox_attempts.outcome is
  'delivered; refused: it never will be; unavailable: it was not taken, another attempt may succeed; uncertain: it may have been taken; lost: the '
  'sender died meanwhile.';
comment on column private.outbox_attempts.status is 'The HTTP status of the answer, if there was one.';
comment on column private.outbox_attempts.detail is 'What the other side said or did, for who owns the destination to read. Holds no mail address.';

revoke all on private.channels, private.outbox, private.outbox_attempts from public, anon, authenticated, service_role;

create function private.mail_destination(message private.outbox) returns jsonb
language sql stable set search_path = ''
as $$
  select jsonb_build_object('to', coalesce(person.email, message.content ->> 'to'))
  from (select) as one
  left join auth.users as person on person.id = message.recipient_id
  where coalesce(person.email, message.content ->> 'to') is not null
$$;
comment on function private.mail_destination(private.outbox) is
  'A user''s address as it is now; for one who is no user yet, as an invitation is, the one the message names. Null where there is none.';

create function private.post(
  key text, channel text, lane text, template text, content jsonb, account_id uuid default null, recipient_id uuid default null,
  destination_id uuid default null, expires_at timestamptz default null, not_before timestamptz default null
) returns uuid
language plpgsql set search_path = ''
as $$
declare
  posted uuid;
begin
  insert into private.outbox (key, channel, lane, template, content, account_id, recipient_id, destination_id, expires_at, next_attempt_at)
  values (
    post.key, post.channel, post.lane, post.template, post.content, post.account_id, post.recipient_id, post.destination_id,
    post.expires_at, coalesce(post.not_before, now())
  )
  on conflict on constraint outbox_key_key do nothing
  returning id into posted;
  return posted;
end
$$;
comment on function private.post(text, text, text, text, jsonb, uuid, uuid, uuid, timestamptz, timestamptz) is
  'Adds a message to the outbox, to be called in the transaction of its cause. Null if one with this key is there already.';

create function private.end_message(id uuid, state text, fault text default null) returns void
language plpgsql set search_path = ''
as $$
begin
  update private.outbox as message
  set
    state = end_message.state, fault = left(end_message.fault, 200), ended_at = now(), claim = null, leased_until = null,
    -- What is dead may be sent again by hand; what has arrived need not lie about.
    content = case when end_message.state = 'delivered' and not channel.kept_content then '{}' else message.content end
  from private.channels as channel
  where message.id = end_message.id and channel.channel = message.channel;
end
$$;
comment on function private.end_message(uuid, text, text) is 'Ends a message: delivered, or dead for a reason.';

create function private.retry_message(message private.outbox, wait_seconds int, fault text) returns void
language plpgsql set search_path = ''
as $$
declare
  channel private.channels;
  asked int;
  tried int;
  wait interval;
begin
  select * into strict channel from private.channels as known where known.channel = message.channel;
  -- Since it was last let go: one sent again by hand begins anew. To be told to come later is no failure.
  select count(*), count(*) filter (where attempt.status is distinct from 429) into asked, tried from private.outbox_attempts as attempt
  where attempt.message_id = message.id and attempt.started_at >= message.first_attempt_at;
  -- 15 s, 30 s, 1 min and so on up to 6 h; each a little off, so that what failed together does not come back together.
  wait := greatest(
    least(interval '15 seconds' * power(2, least(asked - 1, 12)), interval '6 hours') * (0.8 + 0.4 * random()),
    make_interval(secs => least(coalesce(wait_seconds, 0), 86400))
  );
  if tried >= channel.most_attempts or now() + wait > message.first_attempt_at + channel.longest then
    perform private.end_message(message.id, 'dead', format('given up after %s attempts: %s', tried, fault));
  elsif now() + wait > message.expires_at then
    perform private.end_message(message.id, 'dead', format('no longer worth sending: %s', fault));
  else
    update private.outbox as waiting
    set state = 'waiting', claim = null, leased_until = null, next_attempt_at = now() + wait
    where waiting.id = message.id;
  end if;
end
$$;
comment on function private.retry_message(private.outbox, int, text) is
  'Lets a message wait for its next attempt: longer each time, and as long as the other side asked for; or gives it up.';

create function private.end_lost_attempts() returns void
language plpgsql set search_path = ''
as $$
declare
  lost private.outbox;
begin
  for lost in
    select * from private.outbox as message
    where message.state = 'sending' and message.leased_until < now()
    order by message.id limit 100 for update skip locked
  loop
    update private.outbox_attempts as attempt set outcome = 'lost', ended_at = now()
    where attempt.message_id = lost.id and attempt.number = lost.attempts;
    if (select channel.repeats from private.channels as channel where channel.channel = lost.channel) then
      perform private.retry_message(lost, 0, 'the sender died');
    else
      perform private.end_message(lost.id, 'dead', 'the sender died meanwhile: it may have arrived, and a second one would not be told from it');
    end if;
  end loop;
end
$$;
comment on function private.end_lost_attempts() is 'Attempts of which nothing was heard for the time of their lease: the sender died.';

create function public.claim_messages(most int, lease_seconds int) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  claimed jsonb := '[]';
  message private.outbox;
  destination jsonb;
begin
  if most not between 1 and 100 or lease_seconds not between 5 and 900 then
    raise sqlstate 'PT400' using message = 'claim_messages takes 1 to 100 messages, for 5 to 900 seconds.';
  end if;
  -- Two deliverers at once would each find a lane''s head: the second waits, and finds it taken.
  perform pg_advisory_xact_lock(hashtextextended('outbox', 0));
  perform private.end_lost_attempts();
  for message in
    select due.*
    from (
      select distinct on (head.lane) head.* from private.outbox as head
      where head.state in ('waiting', 'sending') order by head.lane, head.sequence
    ) as due
    where due.state = 'waiting' and due.next_attempt_at <= now()
    order by due.next_attempt_at, due.sequence limit most
  loop
    if message.expires_at <= now() then
      perform private.end_message(message.id, 'dead', 'no longer worth sending');
      continue;
    end if;
    execute format('select private.%I($1)', message.channel || '_destination') into destination using message;
    if destination is null then
      perform private.end_message(message.id, 'dead', 'there is nowhere to send it to any more');
      continue;
    end if;
    update private.outbox as taken
    set
      state = 'sending', claim = gen_random_uuid(), attempts = taken.attempts + 1, leased_until = now() + make_interval(secs => lease_seconds),
      first_attempt_at = coalesce(taken.first_attempt_at, now())
    where taken.id = message.id
    returning * into message;
    insert into private.outbox_attempts (message_id, number) values (message.id, message.attempts);
    claimed := claimed || jsonb_build_object(
      'id', message.id, 'claim', message.claim, 'attempt', message.attempts, 'account_id', message.account_id, 'channel', message.channel,
      'template', message.template, 'content', message.content, 'created_at', message.created_at, 'destination', destination
    );
  end loop;
  return claimed;
end
$$;
comment on function public.claim_messages(int, int) is
  'Takes messages that are due, the first of each lane, to be delivered within the lease; each attempt is written down before it is made.';

create function public.finish_message(claim uuid, outcome text, status int default null, detail text default null, wait_seconds int default null)
returns boolean
language plpgsql security definer set search_path = ''
as $$
declare
  message private.outbox;
begin
  select * into message from private.outbox as claimed where claimed.claim = finish_message.claim for update;
  if not found then
    return false;
  end if;
  update private.outbox_attempts as attempt
  set outcome = finish_message.outcome, status = finish_message.status, detail = left(finish_message.detail, 300), ended_at = now()
  where attempt.message_id = message.id and attempt.number = message.attempts;
  if outcome = 'delivered' then
    perform private.end_message(message.id, 'delivered');
  elsif outcome = 'refused' then
    perform private.end_message(message.id, 'dead', coalesce(detail, 'it was refused'));
  elsif outcome = 'uncertain' and not (select channel.repeats from private.channels as channel where channel.channel = message.channel) then
    perform private.end_message(message.id, 'dead', 'it may have arrived, and a second one would not be told from it');
  else
    perform private.retry_message(message, wait_seconds, coalesce(detail, outcome));
  end if;
  return true;
end
$$;
comment on function public.finish_message(uuid, text, int, text, int) is
  'Says what became of an attempt: see outbox_attempts. wait_seconds: what the other side asked to wait. False for an attempt that counts as lost.';

create function private.replay(message_id uuid) returns boolean
language plpgsql set search_path = ''
as $$
begin
  update private.outbox as message
  set
    state = 'waiting', ended_at = null, fault = null, next_attempt_at = now(), first_attempt_at = null, expires_at = null
  where message.id = replay.message_id and message.state in ('dead', 'delivered') and message.content <> '{}';
  return found;
end
$$;
comment on function private.replay(uuid) is
  'Lets an ended message be sent once more, under the same id, by which a receiver may know it. False for one that has not ended, or is emptied.';

create function private.purge_outbox() returns int
language plpgsql set search_path = ''
as $$
declare
  gone int;
begin
  delete from private.outbox as old where old.id in (
    select ended.id from private.outbox as ended where ended.ended_at < now() - interval '30 days' order by ended.ended_at limit 5000
  );
  get diagnostics gone = row_count;
  return gone;
end
$$;
comment on function private.purge_outbox() is 'Deletes messages that ended more than 30 days ago, with their attempts.';

create function public.list_outbox() returns table (channel text, state text, messages int, oldest_at timestamptz, fault text)
language sql stable security definer set search_path = ''
as $$
  select message.channel, message.state, count(*)::int, min(message.created_at), (max(array[message.ended_at::text, message.fault]))[2]
  from private.outbox as message
  where message.state <> 'delivered'
  group by message.channel, message.state
  order by message.channel, message.state
$$;
comment on function public.list_outbox() is 'How many messages wait, are being sent or are dead, by channel, and why the latest dead one is. Names nobody.';

revoke execute on function private.mail_destination(private.outbox) from public, anon, authenticated, service_role;
revoke execute on function private.post(text, text, text, text, jsonb, uuid, uuid, uuid, timestamptz, timestamptz)
  from public, anon, authenticated, service_role;
revoke execute on function private.end_message(uuid, text, text) from public, anon, authenticated, service_role;
revoke execute on function private.retry_message(private.outbox, int, text) from public, anon, authenticated, service_role;
revoke execute on function private.end_lost_attempts() from public, anon, authenticated, service_role;
revoke execute on function private.replay(uuid) from public, anon, authenticated, service_role;
revoke execute on function private.purge_outbox() from public, anon, authenticated, service_role;
revoke execute on function public.claim_messages(int, int) from public, anon, authenticated, service_role;
revoke execute on function public.finish_message(uuid, text, int, text, int) from public, anon, authenticated, service_role;
revoke execute on function public.list_outbox() from public, anon, authenticated, service_role;
grant execute on function public.claim_messages(int, int) to deliverer;
grant execute on function public.finish_message(uuid, text, int, text, int) to deliverer;
grant execute on function public.list_outbox() to deliverer;
