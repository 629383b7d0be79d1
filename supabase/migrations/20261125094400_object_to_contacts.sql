create function private.suppress_contact(work_email text, linkedin_handle text) returns int
language plpgsql set search_path = ''
as $$
declare
  gone int;
begin
  -- Whoever keeps a contact at this moment is waited for, and found below; who comes later finds the suppression.
  perform pg_advisory_xact_lock(hashtextextended('contact_suppressions', 0));
  insert into private.contact_suppressions (hash)
  select hashed.hash
  from (values (private.suppression_hash('mail', work_email)), (private.suppression_hash('linkedin', linkedin_handle))) as hashed (hash)
  where hashed.hash is not null
  on conflict do nothing;
  with deleted as (
    delete from public.contacts as contact
    where contact.work_email = lower(suppress_contact.work_email) or contact.linkedin_handle = lower(suppress_contact.linkedin_handle)
    returning contact.account_id, contact.company_id
  ),
  noted as (
    insert into public.contact_accesses (account_id, action, company_id, contacts)
    select deleted.account_id, 'objected', deleted.company_id, count(*) from deleted group by deleted.account_id, deleted.company_id
  )
  select count(*) into gone from deleted;
  return gone;
end
$$;
comment on function private.suppress_contact(text, text) is
  'Deletes a person''s contacts in every account and never lets them be kept again; answers how many there were. An operator may call it for who writes.';

create function public.find_objection(token text) returns jsonb
language sql stable security definer set search_path = ''
as $$
  select jsonb_build_object(
    'account', account.name, 'company', company.name, 'role', contact.role,
    -- Whoever was forwarded the link need not learn the whole address.
    'work_email', left(contact.work_email, 1) || '…@' || split_part(contact.work_email, '@', 2), 'has_linkedin', contact.linkedin_handle is not null,
    'source', contact.source, 'lawful_basis', contact.lawful_basis, 'found_at', contact.found_at, 'expires_at', contact.expires_at
  )
  from public.contacts as contact
  join public.accounts as account on account.id = contact.account_id
  join public.companies as company on company.id = contact.company_id
  where contact.objection_token = find_objection.token and contact.expires_at > now()
$$;
comment on function public.find_objection(text) is
  'What is kept of the person with a link, by whom, where from and until when (Art. 14 GDPR). Null where nothing is kept under it. Changes nothing.';

create function public.object_to_contact(token text) returns boolean
language plpgsql security definer set search_path = ''
as $$
declare
  contact public.contacts;
begin
  select * into contact from public.contacts as known where known.objection_token = object_to_contact.token;
  if not found then
    return false;
  end if;
  perform private.suppress_contact(contact.work_email, contact.linkedin_handle);
  return true;
end
$$;
comment on function public.object_to_contact(text) is
  'The person objects (Art. 21 GDPR): deleted in every account, and never kept again. False where nothing is kept under the link.';

revoke execute on function private.suppress_contact(text, text) from public, anon, authenticated, service_role;
revoke execute on function public.find_objection(text) from public, anon, authenticated, service_role;
revoke execute on function public.object_to_contact(text) from public, anon, authenticated, service_role;
grant execute on function public.find_objection(text) to public_door;
grant execute on function public.object_to_contact(text) to public_door;
