-- Roles belong to the whole cluster and outlive a reset of the database.
do $$
begin
  if not exists (select from pg_catalog.pg_roles where rolname = 'postmaster') then
    create role postmaster nologin noinherit;
  end if;
end
$$;
comment on role postmaster is 'What hears of mails that came back signs in as. May execute the function granted to it by name, and reads no table.';
grant postmaster to authenticator;
alter role postmaster set statement_timeout = '2500ms';
grant usage on schema public to postmaster;

create table private.mail_templates (
  template text primary key check (template ~ '^[a-z][a-z._]{1,60}$'),
  kind text check (kind in ('digests', 'alerts')),
  is_asked_for boolean not null default false
);
comment on table private.mail_templates is
  'What the reader may say about mails of a template; one that is not here is sent to whoever it names, unless their mailbox takes nothing.';
comment on column private.mail_templates.kind is 'What the reader may unsubscribe from. Goes to members of the account alone.';
comment on column private.mail_templates.is_asked_for is 'The reader waits for it at this moment, such as a new password: it is tried even where a mail came back.';

create table private.mail_refusals (
  user_id uuid not null references auth.users (id) on delete cascade,
  kind text not null check (kind in ('digests', 'alerts', 'all')),
  refused_at timestamptz not null default now(),
  primary key (user_id, kind)
);
comment on table private.mail_refusals is 'Which mails a user does not want; all: of no kind. Kept until they want them again.';

create table private.mail_links (
  token_hash bytea primary key check (length(token_hash) = 32),
  user_id uuid not null references auth.users (id) on delete cascade,
  kind text not null check (kind in ('digests', 'alerts')),
  subscription_id uuid,
  made_at timestamptz not null default now()
);
create index mail_links_user_id_idx on private.mail_links (user_id);
create index mail_links_made_at_idx on private.mail_links (made_at);
comment on table private.mail_links is
  'The links in mails by which a reader unsubscribes without signing in. Kept for 400 days, so that they work in old mails too.';
comment on column private.mail_links.token_hash is 'SHA-256 of the random text in the mail. It names nobody, and opens nothing else.';
comment on column private.mail_links.subscription_id is 'The digest that is ended by it; without one, all mails of the kind.';

create table private.suppressed_mail (
  address_hash bytea primary key check (length(address_hash) = 32),
  reason text not null check (reason in ('bounced', 'complained')),
  happened_at timestamptz not null,
  cleared_at timestamptz
);
comment on table private.suppressed_mail is
  'Mailboxes that take no mails, or whose owner called one of ours unwanted: nothing is sent there. Kept for good, without the address.';
comment on column private.suppressed_mail.address_hash is 'SHA-256 of the address in small letters: enough to know it again when it is somebody''s.';
comment on column private.suppressed_mail.happened_at is 'When the latest mail came back. Told of again, or in another order, it stays the latest.';
comment on column private.suppressed_mail.cleared_at is 'When its owner asked to try again; what came back before then no longer counts.';

revoke all on private.mail_templates, private.mail_refusals, private.mail_links, private.suppressed_mail
  from public, anon, authenticated, service_role;

create function private.address_hash(address text) returns bytea
language sql immutable set search_path = ''
return sha256(convert_to(lower(btrim(address)), 'UTF8'));
comment on function private.address_hash(text) is 'What is kept of a mail address: see suppressed_mail. The same as in lib/domain/mail_event.py.';

create function private.suppression_of(address text) returns text
language sql stable set search_path = ''
as $$
  select known.reason from private.suppressed_mail as known
  where known.address_hash = private.address_hash(address) and (known.cleared_at is null or known.cleared_at < known.happened_at)
$$;
comment on function private.suppression_of(text) is 'Why nothing is sent to an address, bounced or complained; null where mails are.';

create function private.may_mail(user_id uuid, kind text) returns boolean
language sql stable set search_path = ''
as $$
  select
    not exists (
      select from private.mail_refusals as refusal
      where refusal.user_id = may_mail.user_id and refusal.kind in (may_mail.kind, 'all')
    )
    and exists (
      select from auth.users as person
      where person.id = may_mail.user_id and person.email is not null and private.suppression_of(person.email) is null
    )
$$;
comment on function private.may_mail(uuid, text) is
  'Whether a user gets mails of a kind: they have not unsubscribed, and their mailbox takes mails.';

create function private.draw_mail_link(user_id uuid, kind text, subscription_id uuid default null) returns text
language plpgsql set search_path = ''
as $$
declare
  -- 256 bits nobody can guess, as private.draw_secret draws them, without its mark of a secret.
  drawn constant text := substr(private.draw_secret(), 6);
begin
  insert into private.mail_links (token_hash, user_id, kind, subscription_id)
  values (sha256(convert_to(drawn, 'UTF8')), draw_mail_link.user_id, draw_mail_link.kind, draw_mail_link.subscription_id);
  return drawn;
end
$$;
comment on function private.draw_mail_link(uuid, text, uuid) is
  'A new random text for the link in a mail by which its reader unsubscribes: from a digest, or from all mails of a kind.';

create function private.purge_mail_links() returns int
language plpgsql set search_path = ''
as $$
declare
  gone int;
begin
  delete from private.mail_links as old where old.token_hash in (
    select known.token_hash from private.mail_links as known
    where known.made_at < now() - interval '400 days' order by known.made_at limit 5000
  );
  get diagnostics gone = row_count;
  return gone;
end
$$;
comment on function private.purge_mail_links() is 'Deletes the links of mails that are more than 400 days old.';
insert into private.chores values ('mail_links');

create function public.note_mail_event(address_hashes bytea[], reason text, happened_at timestamptz) returns void
language plpgsql security definer set search_path = ''
as $$
begin
  if cardinality(address_hashes) > 50 then
    raise sqlstate 'PT400' using message = 'note_mail_event takes 50 addresses at most.';
  end if;
  insert into private.suppressed_mail as known (address_hash, reason, happened_at)
  select distinct sent.hash, note_mail_event.reason, least(note_mail_event.happened_at, now()) from unnest(address_hashes) as sent (hash)
  -- Told of twice, late or in another order, it comes to the same; what is older than the owner's word changes nothing.
  on conflict on constraint suppressed_mail_pkey do update set
    reason = case
      when known.reason = 'complained' and (known.cleared_at is null or known.cleared_at < known.happened_at) then known.reason
      else excluded.reason
    end,
    happened_at = greatest(known.happened_at, excluded.happened_at)
  where known.cleared_at is null or known.cleared_at < excluded.happened_at;
  if note_mail_event.reason = 'complained' then
    insert into private.mail_refusals (user_id, kind)
    select person.id, 'all'
    from auth.users as person
    join private.suppressed_mail as known on known.address_hash = private.address_hash(person.email)
    where known.address_hash = any (address_hashes) and (known.cleared_at is null or known.cleared_at < note_mail_event.happened_at)
    on conflict do nothing;
  end if;
end
$$;
comment on function public.note_mail_event(bytea[], text, timestamptz) is
  'A mail came back for good (bounced), or its reader called it unwanted (complained): nothing more is sent there. Harmless when told of again.';

create function public.own_mail() returns jsonb
language sql stable security definer set search_path = ''
as $$
  select jsonb_build_object(
    'address', person.email, 'suppressed', private.suppression_of(person.email),
    'refused', (
      select coalesce(jsonb_agg(refusal.kind order by refusal.kind), '[]')
      from private.mail_refusals as refusal where refusal.user_id = person.id
    )
  )
  from auth.users as person where person.id = (select auth.uid())
$$;
comment on function public.own_mail() is
  'Where the caller''s mails go, why they do not (suppressed: bounced or complained), and which kinds the caller does not want.';

create function public.want_mail(kind text, wanted boolean) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  caller constant uuid := (select auth.uid());
begin
  if caller is null then
    raise sqlstate 'PT401' using message = 'Sign in before you choose your mails.';
  end if;
  if want_mail.kind is null or want_mail.kind not in ('digests', 'alerts', 'all') then
    raise sqlstate 'PT400' using message = 'There are no mails of this kind.', hint = 'Choose digests, alerts or all.';
  end if;
  if wanted then
    delete from private.mail_refusals as refusal
    where refusal.user_id = caller and (refusal.kind in (want_mail.kind, 'all') or want_mail.kind = 'all');
  else
    insert into private.mail_refusals (user_id, kind) values (caller, want_mail.kind) on conflict do nothing;
  end if;
end
$$;
comment on function public.want_mail(text, boolean) is 'The caller wants mails of a kind (digests, alerts, all), or no longer does.';

create function public.try_mail_again() returns void
language sql security definer set search_path = ''
as $$
  update private.suppressed_mail as known set cleared_at = now()
  from auth.users as person
  where person.id = (select auth.uid()) and known.address_hash = private.address_hash(person.email)
$$;
comment on function public.try_mail_again() is 'The caller''s mailbox takes mails again, they say: what came back before now no longer counts.';

revoke execute on function private.address_hash(text) from public, anon, authenticated, service_role;
revoke execute on function private.suppression_of(text) from public, anon, authenticated, service_role;
revoke execute on function private.may_mail(uuid, text) from public, anon, authenticated, service_role;
revoke execute on function private.draw_mail_link(uuid, text, uuid) from public, anon, authenticated, service_role;
revoke execute on function private.purge_mail_links() from public, anon, authenticated, service_role;
revoke execute on function public.note_mail_event(bytea[], text, timestamptz) from public, anon, authenticated, service_role;
revoke execute on function public.own_mail() from public, anon, authenticated, service_role;
revoke execute on function public.want_mail(text, boolean) from public, anon, authenticated, service_role;
revoke execute on function public.try_mail_again() from public, anon, authenticated, service_role;
grant execute on function public.note_mail_event(bytea[], text, timestamptz) to postmaster;
grant execute on function public.own_mail() to authenticated;
grant execute on function public.want_mail(text, boolean) to authenticated;
grant execute on function public.try_mail_again() to authenticated;
