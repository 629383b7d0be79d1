create schema audit;
comment on schema audit is 'What happened that somebody may have to account for. Out of the API''s reach, added to by audit.append alone, never changed.';
revoke all on schema audit from public;

create table audit.entries (
  chain uuid not null,
  seq bigint not null check (seq > 0),
  entry text not null,
  hash bytea not null check (octet_length(hash) = 32),
  at text not null generated always as (entry::jsonb ->> 'at') stored,
  action text not null generated always as (entry::jsonb ->> 'action') stored,
  subject_id text generated always as (entry::jsonb ->> 'subject_id') stored,
  primary key (chain, seq),
  constraint entries_hash_is_of_the_entry check (hash = sha256(convert_to(entry, 'UTF8')))
);
create index entries_subject_idx on audit.entries (chain, subject_id, seq);
create index entries_action_idx on audit.entries (chain, action, seq);
comment on table audit.entries is
  'Each thing that happened, as the bytes that were hashed. Every account has a chain of its own, so that its owner can check it without seeing '
  'any other; an entry names the hash of the one before. For good, with no person in it but by the id of their user: whoever is deleted is named no more.';
comment on column audit.entries.chain is 'The account''s id; all zeros for what concerns the platform as a whole. Refers to nothing: it outlives the account.';
comment on column audit.entries.seq is 'From 1 without gaps, within its chain.';
comment on column audit.entries.entry is
  'A JSON object with chain, seq, at (UTC, microseconds), actor, actor_kind, action, subject, subject_id, before, after, reason, previous (hex). '
  'Text, because its very bytes are hashed: whoever checks it need not write JSON the way this server does.';
comment on column audit.entries.hash is 'SHA-256 of the entry in UTF-8.';

create table audit.heads (
  chain uuid primary key,
  seq bigint not null,
  hash bytea not null
);
comment on table audit.heads is
  'The last entry of each chain. Whoever appends locks its row until their transaction ends, so that two entries never follow the same one.';

create table audit.anchors (
  day date primary key,
  root bytea not null check (octet_length(root) = 32),
  chains int not null check (chains > 0),
  made_at timestamptz not null default now()
);
comment on table audit.anchors is
  'A hash over the last entries of all chains (a Merkle tree as in RFC 9162), once a day. It is published and mailed, so that what is cut off '
  'the end of a chain afterwards is missed. For good.';
comment on column audit.anchors.chains is 'How many chains there were. Not published: it would say how many customers there are.';

create table audit.anchored_heads (
  day date not null references audit.anchors (day),
  chain uuid not null,
  seq bigint not null,
  hash bytea not null,
  position int not null check (position >= 0),
  path text[] not null,
  primary key (chain, day)
);
create index anchored_heads_day_idx on audit.anchored_heads (day, position);
comment on table audit.anchored_heads is
  'Where each chain stood when a day was anchored, and the hashes by which its owner gets from there to the day''s root without seeing other chains.';
comment on column audit.anchored_heads.path is 'The siblings on the way up, hexadecimal, each led by the side it stands on: L or R.';

revoke all on audit.entries, audit.heads, audit.anchors, audit.anchored_heads from public, anon, authenticated, service_role;

create function audit.refuse_change() returns trigger
language plpgsql set search_path = ''
as $$
begin
  raise sqlstate 'PT403' using message = format('audit.%s is a record of what happened: it is added to, never changed.', tg_table_name);
end
$$;
comment on function audit.refuse_change() is 'Keeps the record append-only for every role, its owner too: a missing grant would not hold for that one.';
create trigger entries_are_never_changed before update or delete or truncate on audit.entries
  for each statement execute function audit.refuse_change();
create trigger anchors_are_never_changed before update or delete or truncate on audit.anchors
  for each statement execute function audit.refuse_change();
create trigger anchored_heads_are_never_changed before update or delete or truncate on audit.anchored_heads
  for each statement execute function audit.refuse_change();
-- Also where a session asks for triggers to be left out. It adds nothing to a restore, which only inserts.
alter table audit.entries enable always trigger entries_are_never_changed;
alter table audit.anchors enable always trigger anchors_are_never_changed;
alter table audit.anchored_heads enable always trigger anchored_heads_are_never_changed;

create function audit.follow_head() returns trigger
language plpgsql set search_path = ''
as $$
declare
  head audit.heads;
begin
  select * into head from audit.heads where heads.chain = new.chain for update;
  if head.seq is null or new.seq <> head.seq + 1 or (new.entry::jsonb ->> 'previous') is distinct from encode(head.hash, 'hex')
    or (new.entry::jsonb ->> 'seq')::bigint <> new.seq or (new.entry::jsonb ->> 'chain')::uuid <> new.chain then
    raise sqlstate 'PT403' using message = 'An audit entry follows the last one of its chain: use audit.append.';
  end if;
  update audit.heads set seq = new.seq, hash = new.hash where heads.chain = new.chain;
  return null;
end
$$;
comment on function audit.follow_head() is 'Lets nobody write an entry that does not follow the last one, and moves the chain''s head on.';
create trigger entries_follow_their_chain after insert on audit.entries for each row execute function audit.follow_head();

create function audit.actor_kind() returns text
language sql stable set search_path = ''
return case
  when current_setting('leadsment.admin_session', true) <> '' then 'staff'
  when (select auth.uid()) is not null then 'member'
  when (select auth.role()) in ('public_door', 'anon') then 'public'
  when (select auth.role()) is not null then 'product'
  else 'operator'
end;
comment on function audit.actor_kind() is
  'Who is acting: a member of a customer, Leadsment''s staff, a person without an account, the product by itself, or an operator at the database.';

create function audit.append(
  account_id uuid, action text, subject text, subject_id text default null, before jsonb default null, after jsonb default null,
  reason text default null, actor text default null, actor_kind text default null
) returns bigint
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_column
declare
  of_chain constant uuid := coalesce(append.account_id, '00000000-0000-0000-0000-000000000000');
  head audit.heads;
  written text;
begin
  insert into audit.heads (chain, seq, hash) values (of_chain, 0, decode(repeat('00', 32), 'hex')) on conflict do nothing;
  -- Whoever else appends to this chain waits here until this transaction has ended, one way or the other.
  select * into head from audit.heads where heads.chain = of_chain for update;
  written := jsonb_build_object(
    'chain', of_chain, 'seq', head.seq + 1, 'previous', encode(head.hash, 'hex'),
    'at', to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    'actor', coalesce(append.actor, (select auth.uid())::text, (select auth.role()), session_user),
    'actor_kind', coalesce(append.actor_kind, audit.actor_kind()),
    'action', append.action, 'subject', append.subject, 'subject_id', append.subject_id,
    'before', append.before, 'after', append.after, 'reason', append.reason
  )::text;
  insert into audit.entries (chain, seq, entry, hash) values (of_chain, head.seq + 1, written, sha256(convert_to(written, 'UTF8')));
  return head.seq + 1;
end
$$;
comment on function audit.append(uuid, text, text, text, jsonb, jsonb, text, text, text) is
  'Adds an entry to an account''s chain (null: the platform''s), in the transaction of what it tells of, and answers its number. The one way in. '
  'subject: a kind of record, action: <subject>.<what was done>. before, after, reason: never a person''s name or address; ids and hashes.';

create function audit.note_change() returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  subject constant text := tg_argv[0];
  old_row constant jsonb := case when tg_op <> 'INSERT' then to_jsonb(old) end;
  new_row constant jsonb := case when tg_op <> 'DELETE' then to_jsonb(new) end;
  row_of constant jsonb := coalesce(new_row, old_row);
  columns text[] := '{}';
begin
  -- Of a change only what has changed; of a new or deleted row all that is told of it.
  select coalesce(array_agg(told), '{}') into columns from unnest(tg_argv[2:]) as told
  where tg_op <> 'UPDATE' or old_row -> told is distinct from new_row -> told;
  if tg_op = 'UPDATE' and cardinality(columns) = 0 then
    return null;
  end if;
  perform audit.append(
    coalesce(row_of ->> 'account_id', row_of ->> 'id')::uuid,
    subject || case tg_op when 'INSERT' then '.created' when 'UPDATE' then '.changed' else '.deleted' end,
    subject, row_of ->> tg_argv[1], audit.pick(old_row, columns), audit.pick(new_row, columns)
  );
  return null;
end
$$;
comment on function audit.note_change() is
  'Writes down that a row came, changed or went. Arguments of the trigger: the subject, the column that names the row, and the columns told before '
  'and after. The account is account_id; of accounts themselves, id.';

create function audit.pick(picked jsonb, columns text[]) returns jsonb
language sql immutable set search_path = ''
return (select jsonb_object_agg(entry.key, entry.value) from jsonb_each(picked) as entry where entry.key = any (columns));
comment on function audit.pick(jsonb, text[]) is 'The named fields of a row; null of none.';

revoke execute on function audit.refuse_change() from public, anon, authenticated, service_role;
revoke execute on function audit.follow_head() from public, anon, authenticated, service_role;
revoke execute on function audit.actor_kind() from public, anon, authenticated, service_role;
revoke execute on function audit.append(uuid, text, text, text, jsonb, jsonb, text, text, text) from public, anon, authenticated, service_role;
revoke execute on function audit.note_change() from public, anon, authenticated, service_role;
revoke execute on function audit.pick(jsonb, text[]) from public, anon, authenticated, service_role;
