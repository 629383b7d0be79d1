create function audit.note_contact_access() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  perform audit.append(
    new.account_id, 'contacts.' || new.action, 'contacts', new.company_id::text, null, jsonb_build_object('contacts', new.contacts),
    actor => new.actor::text
  );
  return null;
end
$$;
comment on function audit.note_contact_access() is
  'Writes each use of contacts into the account''s chain as well: contact_accesses goes with the account, the chain stays.';
revoke execute on function audit.note_contact_access() from public, anon, authenticated, service_role;
create trigger audit_contact_access after insert on public.contact_accesses
  for each row execute function audit.note_contact_access();
