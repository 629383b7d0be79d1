-- The link in a first message passes through the hands of whoever sends that message. So it speaks for the person where they were written
-- to, and to object everywhere they read a mail of ours at the address in question.

create table private.account_suppressions (
  account_id uuid not null references public.accounts (id) on delete cascade,
  hash bytea not null,
  created_at timestamptz not null default now(),
  primary key (account_id, hash)
);
comment on table private.account_suppressions is
  'Whom an account must not keep, as hashes like those of contact_suppressions: people who objected by the link of a message of that account. With the account.';

create table private.objections (
  token_hash bytea primary key check (length(token_hash) = 32),
  work_email text not null,
  asked_at timestamptz not null default now()
);
create index objections_work_email_idx on private.objections (work_email, asked_at);
comment on table private.objections is
  'Links that were mailed to people who objected at one account, to object at all. The address is kept until the link was used, for seven days at the most.';
comment on column private.objections.token_hash is 'SHA-256 of the random text in the mail.';
revoke all on private.account_suppressions, private.objections from public, anon, authenticated, service_role;

create function private.purge_objections() returns int
language plpgsql set search_path = ''
as $$
declare
  gone int;
begin
  delete from private.objections as old where old.token_hash in (
    select objection.token_hash from private.objections as objection where objection.asked_at < now() - interval '7 days' limit 3000
  );
  get diagnostics gone = row_count;
  return gone;
end
$$;
comment on function private.purge_objections() is 'Deletes links to object everywhere that nobody used.';
insert into private.chores values ('objections');

create function private.refuse_objected_contact() returns trigger
language plpgsql set search_path = ''
as $$
begin
  -- check_contact, which comes before by its name, holds the lock that objections wait for.
  if exists (
    select from private.account_suppressions as known
    where known.account_id = new.account_id
      and known.hash in (private.suppression_hash('mail', new.work_email), private.suppression_hash('linkedin', new.linkedin_handle))
  ) then
    raise sqlstate 'PT409' using message = 'This person has objected to your account: the contact must not be kept.';
  end if;
  return new;
end
$$;
comment on function private.refuse_objected_contact() is 'Refuses a contact of whoever has objected to this account. Holds for every role.';
create trigger refuse_objected_contact before insert or update on public.contacts
  for each row execute function private.refuse_objected_contact();
alter table public.contacts enable always trigger refuse_objected_contact;

create function private.suppress_in_account(contact public.contacts) returns void
language plpgsql set search_path = ''
as $$
declare
  gone record;
begin
  -- As in suppress_contact: whoever keeps a contact at this moment is waited for, and found below.
  perform pg_advisory_xact_lock(hashtextextended('contact_suppressions', 0));
  insert into private.account_suppressions (account_id, hash)
  select contact.account_id, hashed.hash
  from (
    values (private.suppression_hash('mail', contact.work_email)), (private.suppression_hash('linkedin', contact.linkedin_handle))
  ) as hashed (hash)
  where hashed.hash is not null
  on conflict do nothing;
  for gone in
    with deleted as (
      delete from public.contacts as kept
      where kept.account_id = contact.account_id
        and (kept.work_email = contact.work_email or kept.linkedin_handle = contact.linkedin_handle)
      returning kept.company_id
    )
    select deleted.company_id, count(*)::int as contacts from deleted group by deleted.company_id
  loop
    perform private.note_contact_access(contact.account_id, 'objected', gone.company_id, gone.contacts);
  end loop;
end
$$;
comment on function private.suppress_in_account(public.contacts) is 'Deletes a person''s contacts in one account, and never lets it keep them again.';

create function private.mail_objection(address text) returns boolean
language plpgsql set search_path = ''
as $$
declare
  token constant text := rtrim(
    translate(encode(sha256(convert_to(concat(gen_random_uuid(), gen_random_uuid(), gen_random_uuid()), 'UTF8')), 'base64'), '+/', '-_'), '='
  );
begin
  -- One mail a day, however often the address is brought and objected for.
  if exists (
    select from private.objections as asked where asked.work_email = mail_objection.address and asked.asked_at > now() - interval '1 day'
  ) then
    return false;
  end if;
  insert into private.objections (token_hash, work_email) values (sha256(convert_to(token, 'UTF8')), mail_objection.address);
  perform private.post(
    'objection ' || encode(sha256(convert_to(token, 'UTF8')), 'hex'), 'mail', 'objection ' || encode(private.suppression_hash('mail', address), 'hex'),
    'objection', jsonb_build_object('to', mail_objection.address, 'token', token), expires_at => now() + interval '2 days'
  );
  return true;
end
$$;
comment on function private.mail_objection(text) is
  'Mails somebody the link by which they object at every customer; false where they got one within a day.';

drop function public.object_to_contact(text);
create function public.object_to_contact(token text) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  contact public.contacts;
begin
  select * into contact from public.contacts as known where known.objection_token = object_to_contact.token;
  if not found then
    return null;
  end if;
  perform private.suppress_in_account(contact);
  return jsonb_build_object('is_mailed', contact.work_email is not null and private.mail_objection(contact.work_email));
end
$$;
comment on function public.object_to_contact(text) is
  'The person objects (Art. 21 GDPR) where they were written to: deleted in that account and never kept there again, and a link to object everywhere is '
  'mailed to their address. is_mailed: whether it was, just now. Null where nothing is kept under the link.';

create function public.object_everywhere(token text) returns boolean
language plpgsql security definer set search_path = ''
as $$
declare
  proved private.objections;
  handle text;
begin
  delete from private.objections as asked
  where asked.token_hash = sha256(convert_to(object_everywhere.token, 'UTF8')) and asked.asked_at > now() - interval '7 days'
  returning * into proved;
  if not found then
    return false;
  end if;
  -- The mailbox proves the address. A handle is theirs as well where a provider says so; a member could have brought any with it.
  for handle in
    select contact.linkedin_handle from public.contacts as contact
    where contact.work_email = proved.work_email and contact.source <> 'import' and contact.linkedin_handle is not null
  loop
    perform private.suppress_contact(null, handle);
  end loop;
  perform private.suppress_contact(proved.work_email, null);
  return true;
end
$$;
comment on function public.object_everywhere(text) is
  'The person objects at every customer, by the link in the mail to their address: deleted in every account, and never kept again. False for a link '
  'that was used or is too old.';

revoke execute on function private.purge_objections() from public, anon, authenticated, service_role;
revoke execute on function private.refuse_objected_contact() from public, anon, authenticated, service_role;
revoke execute on function private.suppress_in_account(public.contacts) from public, anon, authenticated, service_role;
revoke execute on function private.mail_objection(text) from public, anon, authenticated, service_role;
revoke execute on function public.object_to_contact(text) from public, anon, authenticated, service_role;
revoke execute on function public.object_everywhere(text) from public, anon, authenticated, service_role;
grant execute on function public.object_to_contact(text) to public_door;
grant execute on function public.object_everywhere(text) to public_door;
