create function private.check_may_use_contacts(account_id uuid, allowed public.account_role[], subject text) returns void
language plpgsql stable security definer set search_path = ''
as $$
begin
  if (select auth.uid()) is null then
    raise sqlstate 'PT401' using message = 'Sign in to work with contacts.';
  end if;
  -- A stranger learns nothing: to them another account's company is no different from none.
  if account_id is null or account_id not in (select private.account_ids()) then
    raise sqlstate 'PT404' using
      message = format('There is no such %s in your account.', subject), hint = 'Reload the page: it may show something older.';
  end if;
  if account_id not in (select private.account_ids(allowed)) then
    raise sqlstate 'PT403' using message = 'Your role in the account does not allow this.', hint = 'Ask an owner or admin.';
  end if;
end
$$;
comment on function private.check_may_use_contacts(uuid, public.account_role[], text) is
  'Refuses, in words, whoever has none of the allowed roles in an account.';

create function private.account_of_company(company_id uuid) returns uuid
language sql stable set search_path = ''
return (select company.account_id from public.companies as company where company.id = company_id);
comment on function private.account_of_company(uuid) is 'Whose a company''s row is; null for none.';

create function private.read_contacts(company_id uuid, action text) returns setof public.contacts
language plpgsql set search_path = ''
as $$
declare
  owner_id constant uuid := private.account_of_company(company_id);
begin
  perform private.check_may_use_contacts(
    owner_id, case action when 'exported' then '{owner,admin,member}' else '{owner,admin,member,viewer}' end::public.account_role[], 'company'
  );
  perform private.note_contact_access(
    owner_id, action, read_contacts.company_id,
    (select count(*)::int from public.contacts as contact where contact.company_id = read_contacts.company_id and contact.expires_at > now()),
    (select auth.uid())
  );
  return query
    select contact.* from public.contacts as contact
    where contact.account_id = owner_id and contact.company_id = read_contacts.company_id and contact.expires_at > now()
    order by
      array_position('{executive,senior,junior}'::text[], contact.seniority) nulls last, contact.is_shared_mailbox, contact.role nulls last,
      contact.work_email, contact.id
    limit 500;
end
$$;
comment on function private.read_contacts(uuid, text) is 'A company''s contacts, and a record that the caller viewed or exported them.';

create function public.list_contacts(company_id uuid) returns table (
  id uuid, role text, seniority text, work_email text, is_shared_mailbox boolean, linkedin_handle text, source text, lawful_basis text,
  found_at timestamptz, expires_at timestamptz, objection_token text
)
language sql security definer set search_path = ''
as $$
  select
    contact.id, contact.role, contact.seniority, contact.work_email, contact.is_shared_mailbox, contact.linkedin_handle, contact.source,
    contact.lawful_basis, contact.found_at, contact.expires_at, contact.objection_token
  from private.read_contacts(list_contacts.company_id, 'viewed') as contact
$$;
comment on function public.list_contacts(uuid) is 'A company''s contacts, for members of its account but for billing. That they were viewed is recorded.';

create function public.export_contacts(company_id uuid) returns table (
  id uuid, role text, seniority text, work_email text, is_shared_mailbox boolean, linkedin_handle text, source text, lawful_basis text,
  found_at timestamptz, expires_at timestamptz, objection_token text
)
language sql security definer set search_path = ''
as $$
  select
    contact.id, contact.role, contact.seniority, contact.work_email, contact.is_shared_mailbox, contact.linkedin_handle, contact.source,
    contact.lawful_basis, contact.found_at, contact.expires_at, contact.objection_token
  from private.read_contacts(export_contacts.company_id, 'exported') as contact
$$;
comment on function public.export_contacts(uuid) is 'The same, to be taken out of the product, for owners, admins and members: recorded as an export.';

create function public.delete_contact(contact_id uuid) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  contact public.contacts;
begin
  select * into contact from public.contacts as known where known.id = delete_contact.contact_id;
  perform private.check_may_use_contacts(contact.account_id, '{owner,admin,member}', 'contact');
  delete from public.contacts as known where known.id = contact.id;
  if found then
    perform private.note_contact_access(contact.account_id, 'deleted', contact.company_id, 1, (select auth.uid()));
  end if;
end
$$;
comment on function public.delete_contact(uuid) is 'Deletes a contact, for owners, admins and members; that it was is recorded.';

create function public.find_contacts(company_id uuid) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  again_after_days constant int := 30;
  company public.companies;
  latest private.enrichment_requests;
begin
  select * into company from public.companies as known where known.id = find_contacts.company_id;
  perform private.check_may_use_contacts(company.account_id, '{owner,admin,member}', 'company');
  if exists (select from public.enrichment_settings as chosen where chosen.account_id = company.account_id and chosen.companies = 'none') then
    raise sqlstate 'PT409' using message = 'Your account does not look for contacts.', hint = 'An owner or admin can change that in the settings.';
  end if;
  if not private.is_enrichable(company) then
    raise sqlstate 'PT422' using
      message = 'Contacts cannot be looked for at this company.',
      hint = 'Its domain is not known, it is no company, the match was corrected, or the company asked to be left alone.';
  end if;
  -- Two members at once: the second sees what the first has asked.
  perform pg_advisory_xact_lock(hashtextextended('enrichment ' || company.id::text, 0));
  select * into latest from private.enrichment_requests as request
  where request.account_id = company.account_id and request.company_id = company.id order by request.asked_at desc limit 1;
  if latest.state in ('waiting', 'working') then
    raise sqlstate 'PT409' using message = 'We are looking already.', hint = 'It usually takes less than an hour.';
  end if;
  if latest.state in ('found', 'nothing') and latest.ended_at > now() - make_interval(days => again_after_days) then
    raise sqlstate 'PT409' using
      message = format('You have asked for this company within %s days; what was found is what there is.', again_after_days),
      hint = 'You can import contacts you know from a file.';
  end if;
  if private.ask_for_contacts(company, (select auth.uid())) is null then
    raise sqlstate 'PT402' using
      message = 'Your account has used its credits of this month.', hint = 'There are new ones on the first of the next month.';
  end if;
end
$$;
comment on function public.find_contacts(uuid) is
  'Asks for a company''s contacts, for owners, admins and members: takes one of the month''s credits, given back if nothing is found. The job '
  'enrich_contacts does the rest.';

create function public.get_enrichment(company_id uuid) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  company public.companies;
  latest private.enrichment_requests;
begin
  select * into company from public.companies as known where known.id = get_enrichment.company_id;
  perform private.check_may_use_contacts(company.account_id, '{owner,admin,member,viewer,billing}', 'company');
  select * into latest from private.enrichment_requests as request
  where request.account_id = company.account_id and request.company_id = company.id order by request.asked_at desc limit 1;
  return jsonb_build_object(
    'contacts', (
      select count(*) from public.contacts as contact
      where contact.account_id = company.account_id and contact.company_id = company.id and contact.expires_at > now()
    ),
    'state', latest.state, 'asked_at', latest.asked_at, 'ended_at', latest.ended_at, 'fault', latest.fault,
    'is_possible', private.is_enrichable(company)
      and not exists (select from public.enrichment_settings as chosen where chosen.account_id = company.account_id and chosen.companies = 'none'),
    'credits_left', private.enrichment_credits_left(company.account_id)
  );
end
$$;
comment on function public.get_enrichment(uuid) is
  'How many contacts a company has, whether they may be looked for, what became of the latest request, and the credits left. Shows no contact.';

create function private.enrichment_credits_left(account_id uuid) returns int
language sql stable set search_path = ''
as $$
  select coalesce(
    (
      select greatest(credits.granted, private.monthly_enrichment_credits(credits.account_id)) - credits.used
      from public.enrichment_credits as credits
      where credits.account_id = enrichment_credits_left.account_id and credits.month = date_trunc('month', now() at time zone 'UTC')
    ),
    private.monthly_enrichment_credits(enrichment_credits_left.account_id)
  )
$$;
comment on function private.enrichment_credits_left(uuid) is 'For how many more companies an account may look for contacts this month.';

create function public.get_enrichment_settings(account_id uuid) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  chosen public.enrichment_settings;
begin
  perform private.check_may_use_contacts(get_enrichment_settings.account_id, '{owner,admin,member,viewer,billing}', 'account');
  select * into chosen from public.enrichment_settings as known where known.account_id = get_enrichment_settings.account_id;
  return jsonb_build_object(
    'companies', coalesce(chosen.companies, 'by_hand'), 'segment_id', chosen.segment_id, 'roles', coalesce(chosen.roles, '{management}'),
    'seniorities', coalesce(chosen.seniorities, '{executive,senior}'), 'provider', chosen.provider,
    'most_contacts', coalesce(chosen.most_contacts, 5), 'credits_left', private.enrichment_credits_left(get_enrichment_settings.account_id),
    'credits', private.monthly_enrichment_credits(get_enrichment_settings.account_id)
  );
end
$$;
comment on function public.get_enrichment_settings(uuid) is 'Whom an account looks for, with what holds where nothing was chosen, and its credits.';

create function public.choose_enrichment(
  account_id uuid, companies text, roles text[], seniorities text[], provider text default null, most_contacts int default 5,
  segment_id uuid default null
) returns void
language plpgsql security definer set search_path = ''
as $$
begin
  perform private.check_may_use_contacts(choose_enrichment.account_id, '{owner,admin}', 'account');
  if choose_enrichment.companies = 'segment' and choose_enrichment.segment_id is null then
    raise sqlstate 'PT422' using message = 'Choose a segment whose companies contacts are looked for at.';
  end if;
  insert into public.enrichment_settings as known (account_id, companies, segment_id, roles, seniorities, provider, most_contacts)
  values (
    choose_enrichment.account_id, choose_enrichment.companies, choose_enrichment.segment_id, choose_enrichment.roles,
    choose_enrichment.seniorities, choose_enrichment.provider, choose_enrichment.most_contacts
  )
  on conflict on constraint enrichment_settings_pkey do update set
    companies = excluded.companies, segment_id = excluded.segment_id, roles = excluded.roles, seniorities = excluded.seniorities,
    provider = excluded.provider, most_contacts = excluded.most_contacts, changed_at = now();
exception
  when foreign_key_violation then
    raise sqlstate 'PT422' using message = 'There is no such segment in your account.', hint = 'Reload the page: it may show something older.';
  when check_violation or not_null_violation or numeric_value_out_of_range then
    raise sqlstate 'PT422' using
      message = 'Choose at least one area and one seniority, out of those offered, and 1 to 20 contacts.',
      hint = 'A segment is named only where contacts are looked for by one.';
end
$$;
comment on function public.choose_enrichment(uuid, text, text[], text[], text, int, uuid) is 'Says whom an account looks for, for owners and admins.';

create function public.import_contacts(company_id uuid, contacts jsonb) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  most constant int := 500;
  owner_id constant uuid := private.account_of_company(import_contacts.company_id);
  contact jsonb;
  results jsonb := '[]';
begin
  perform private.check_may_use_contacts(owner_id, '{owner,admin,member}', 'company');
  if jsonb_typeof(contacts) is distinct from 'array' or jsonb_array_length(contacts) > most then
    raise sqlstate 'PT422' using message = format('At most %s contacts are imported at once.', most);
  end if;
  for contact in select entry.value from jsonb_array_elements(contacts) as entry loop
    results := results || to_jsonb(private.add_contact(owner_id, import_contacts.company_id, 'import', contact));
  end loop;
  perform private.note_contact_access(
    owner_id, 'imported', import_contacts.company_id,
    (select count(*)::int from jsonb_array_elements_text(results) as result where result.value in ('added', 'known')), (select auth.uid())
  );
  return results;
end
$$;
comment on function public.import_contacts(uuid, jsonb) is
  'Keeps contacts a member brings, [{role, seniority, work_email, linkedin_handle}], and answers for each: added, known, suppressed or refused.';

create function public.list_contact_accesses(account_id uuid) returns table (
  actor uuid, action text, company_id uuid, company_name text, contacts int, at timestamptz
)
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_column
begin
  perform private.check_may_use_contacts(list_contact_accesses.account_id, '{owner,admin}', 'account');
  return query
    select access.actor, access.action, access.company_id, company.name, access.contacts, access.at
    from public.contact_accesses as access
    left join public.companies as company on company.id = access.company_id and company.account_id = access.account_id
    where access.account_id = list_contact_accesses.account_id
    order by access.at desc limit 100;
end
$$;
comment on function public.list_contact_accesses(uuid) is 'The latest 100 times contacts were used, for owners and admins.';

revoke execute on function private.check_may_use_contacts(uuid, public.account_role[], text) from public, anon, authenticated, service_role;
revoke execute on function private.account_of_company(uuid) from public, anon, authenticated, service_role;
revoke execute on function private.read_contacts(uuid, text) from public, anon, authenticated, service_role;
revoke execute on function private.enrichment_credits_left(uuid) from public, anon, authenticated, service_role;
revoke execute on function public.list_contacts(uuid) from public, anon, authenticated, service_role;
revoke execute on function public.export_contacts(uuid) from public, anon, authenticated, service_role;
revoke execute on function public.delete_contact(uuid) from public, anon, authenticated, service_role;
revoke execute on function public.find_contacts(uuid) from public, anon, authenticated, service_role;
revoke execute on function public.get_enrichment(uuid) from public, anon, authenticated, service_role;
revoke execute on function public.get_enrichment_settings(uuid) from public, anon, authenticated, service_role;
revoke execute on function public.choose_enrichment(uuid, text, text[], text[], text, int, uuid) from public, anon, authenticated, service_role;
revoke execute on function public.import_contacts(uuid, jsonb) from public, anon, authenticated, service_role;
revoke execute on function public.list_contact_accesses(uuid) from public, anon, authenticated, service_role;
grant execute on function public.list_contacts(uuid) to authenticated;
grant execute on function public.export_contacts(uuid) to authenticated;
grant execute on function public.delete_contact(uuid) to authenticated;
grant execute on function public.find_contacts(uuid) to authenticated;
grant execute on function public.get_enrichment(uuid) to authenticated;
grant execute on function public.get_enrichment_settings(uuid) to authenticated;
grant execute on function public.choose_enrichment(uuid, text, text[], text[], text, int, uuid) to authenticated;
grant execute on function public.import_contacts(uuid, jsonb) to authenticated;
grant execute on function public.list_contact_accesses(uuid) to authenticated;
