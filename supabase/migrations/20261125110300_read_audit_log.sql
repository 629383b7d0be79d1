create function private.check_may_read_audit(account_id uuid) returns void
language plpgsql stable security definer set search_path = ''
as $$
begin
  if (select auth.uid()) is null then
    raise sqlstate 'PT401' using message = 'Sign in to read the audit log.';
  end if;
  -- A stranger learns nothing: to them another account is no different from none.
  if account_id is null or account_id not in (select private.account_ids()) then
    raise sqlstate 'PT404' using message = 'There is no such account among yours.', hint = 'Reload the page: it may show something older.';
  end if;
end
$$;
comment on function private.check_may_read_audit(uuid) is 'Refuses, in words, whoever is no member of the account.';

create function public.list_audit_entries(account_id uuid, before_seq bigint default null, most int default 100, subject text default null)
returns table (
  seq bigint, at timestamptz, actor text, actor_kind text, actor_email text, action text, subject_id text, before jsonb, after jsonb, reason text
)
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_column
begin
  perform private.check_may_read_audit(list_audit_entries.account_id);
  return query
    select
      kept.seq, kept.at::timestamptz, told.entry ->> 'actor', told.entry ->> 'actor_kind', person.email::text, kept.action, kept.subject_id,
      nullif(told.entry -> 'before', 'null'), nullif(told.entry -> 'after', 'null'), told.entry ->> 'reason'
    from audit.entries as kept
    cross join lateral (select kept.entry::jsonb as entry) as told
    -- Colleagues are named by their address as it is now; whoever has left, and Leadsment's staff, by their id alone.
    left join public.memberships as colleague
      on colleague.account_id = list_audit_entries.account_id and colleague.user_id::text = told.entry ->> 'actor'
    left join auth.users as person on person.id = colleague.user_id
    where kept.chain = list_audit_entries.account_id
      and (list_audit_entries.before_seq is null or kept.seq < list_audit_entries.before_seq)
      and (list_audit_entries.subject is null or kept.action like list_audit_entries.subject || '.%')
    order by kept.seq desc
    limit least(greatest(list_audit_entries.most, 1), 500);
end
$$;
comment on function public.list_audit_entries(uuid, bigint, int, text) is
  'An account''s audit log for its members, the latest first, at most 500 at once; before_seq to go on, subject for one kind of record.';

create function public.export_audit_entries(account_id uuid, after_seq bigint default 0) returns table (seq bigint, entry text, hash text)
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_column
begin
  perform private.check_may_read_audit(export_audit_entries.account_id);
  if export_audit_entries.after_seq = 0 then
    perform audit.append(export_audit_entries.account_id, 'audit_log.exported', 'audit_log');
  end if;
  return query
    select kept.seq, kept.entry, encode(kept.hash, 'hex') from audit.entries as kept
    where kept.chain = export_audit_entries.account_id and kept.seq > export_audit_entries.after_seq
    order by kept.seq limit 1000;
end
$$;
comment on function public.export_audit_entries(uuid, bigint) is
  'An account''s entries with the bytes that were hashed, for its members: the first 1,000 after one. Beginning an export is an entry itself.';

create function public.export_audit_anchors(account_id uuid) returns table (day date, chain uuid, seq bigint, hash text, path text[], root text)
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_column
begin
  perform private.check_may_read_audit(export_audit_anchors.account_id);
  return query
    select head.day, head.chain, head.seq, encode(head.hash, 'hex'), head.path, encode(anchor.root, 'hex')
    from audit.anchored_heads as head join audit.anchors as anchor on anchor.day = head.day
    where head.chain = export_audit_anchors.account_id order by head.day desc limit 1000;
end
$$;
comment on function public.export_audit_anchors(uuid) is
  'Where an account''s chain stood on the latest 1,000 anchored days, with the way to each day''s root, for its members.';

create function public.list_audit_anchors() returns table (day date, root text, made_at timestamptz)
language sql stable security definer set search_path = ''
as $$
  select anchor.day, encode(anchor.root, 'hex'), anchor.made_at from audit.anchors as anchor order by anchor.day desc limit 400
$$;
comment on function public.list_audit_anchors() is 'The roots of the latest 400 anchored days, for everybody: they say nothing about any account.';

-- Roles belong to the whole cluster and outlive a reset of the database.
do $$
begin
  if not exists (select from pg_catalog.pg_roles where rolname = 'auditor') then
    create role auditor nologin noinherit;
  end if;
end
$$;
comment on role auditor is 'What the job that anchors the audit log signs in as. May execute the functions granted to it by name, and reads no table.';
grant auditor to authenticator;
alter role auditor set statement_timeout = '20s';
grant usage on schema public to auditor;

create function public.list_audit_heads(day date) returns jsonb
language sql stable security definer set search_path = ''
as $$
  select coalesce(
    jsonb_agg(jsonb_build_object('chain', head.chain, 'seq', head.seq, 'hash', encode(head.hash, 'hex')) order by head.chain), '[]'
  )
  from audit.heads as head
  where head.seq > 0 and not exists (select from audit.anchors as anchor where anchor.day = list_audit_heads.day)
$$;
comment on function public.list_audit_heads(date) is 'The last entry of every chain, by chain; none where the day is anchored already.';

create function public.keep_audit_anchor(day date, root text, heads jsonb) returns boolean
language plpgsql security definer set search_path = ''
as $$
begin
  insert into audit.anchors (day, root, chains)
  values (keep_audit_anchor.day, decode(keep_audit_anchor.root, 'hex'), jsonb_array_length(keep_audit_anchor.heads))
  on conflict do nothing;
  if not found then
    return false;
  end if;
  insert into audit.anchored_heads (day, chain, seq, hash, position, path)
  select
    keep_audit_anchor.day, (head.value ->> 'chain')::uuid, (head.value ->> 'seq')::bigint, decode(head.value ->> 'hash', 'hex'),
    head.ordinality - 1, array(select jsonb_array_elements_text(head.value -> 'path'))
  from jsonb_array_elements(keep_audit_anchor.heads) with ordinality as head;
  perform private.post_to_staff(
    'audit_anchor ' || keep_audit_anchor.day, 'audit_anchor', jsonb_build_object('day', keep_audit_anchor.day, 'root', keep_audit_anchor.root)
  );
  return true;
end
$$;
comment on function public.keep_audit_anchor(date, text, jsonb) is
  'Keeps a day''s root with the heads it is over, [{chain, seq, hash, path}], and mails it to the staff; false where there is one.';

revoke execute on function private.check_may_read_audit(uuid) from public, anon, authenticated, service_role;
revoke execute on function public.list_audit_entries(uuid, bigint, int, text) from public, anon, authenticated, service_role;
revoke execute on function public.export_audit_entries(uuid, bigint) from public, anon, authenticated, service_role;
revoke execute on function public.export_audit_anchors(uuid) from public, anon, authenticated, service_role;
revoke execute on function public.list_audit_anchors() from public, anon, authenticated, service_role;
revoke execute on function public.list_audit_heads(date) from public, anon, authenticated, service_role;
revoke execute on function public.keep_audit_anchor(date, text, jsonb) from public, anon, authenticated, service_role;
grant execute on function public.list_audit_entries(uuid, bigint, int, text) to authenticated;
grant execute on function public.export_audit_entries(uuid, bigint) to authenticated;
grant execute on function public.export_audit_anchors(uuid) to authenticated;
grant execute on function public.list_audit_anchors() to anon, authenticated;
grant execute on function public.list_audit_heads(date) to auditor;
grant execute on function public.keep_audit_anchor(date, text, jsonb) to auditor;
