-- What a proved request does. Access, portability, erasure and objection are carried out at once; the rest waits for the staff.

create function private.sole_accounts(user_id uuid) returns table (account_id uuid, name text, has_others boolean, is_large boolean)
language sql stable set search_path = ''
as $$
  select
    account.id, account.name,
    exists (
      select from public.memberships as other where other.account_id = account.id and other.user_id <> sole_accounts.user_id
    ),
    -- More than is deleted within the seconds that a door waits.
    (select count(*) from (select from public.visits as visit where visit.account_id = account.id limit 20001) as counted) > 20000
  from public.memberships as membership join public.accounts as account on account.id = membership.account_id
  where membership.user_id = sole_accounts.user_id
    and (
      membership.role = 'owner' or not exists (
        select from public.memberships as other where other.account_id = account.id and other.user_id <> sole_accounts.user_id
      )
    )
    and not exists (
      select from public.memberships as other
      where other.account_id = account.id and other.user_id <> sole_accounts.user_id and other.role = 'owner'
    )
$$;
comment on function private.sole_accounts(uuid) is
  'The accounts that nobody would own without a user. has_others: somebody else works there, who would be stranded.';

create function private.tell_recipients(subject private.subject, request_id uuid) returns void
language sql set search_path = ''
as $$
  select private.post(
    concat_ws(' ', 'data_request_told', tell_recipients.request_id, kept.company_id, member.user_id), 'mail', 'mail:' || member.user_id,
    'data_request.told', jsonb_build_object('account', account.name, 'company', company.name), account_id => account.id, recipient_id => member.user_id
  )
  from (select distinct contact.account_id, contact.company_id from private.contacts_of(subject) as contact) as kept
  join public.accounts as account on account.id = kept.account_id
  join public.companies as company on company.id = kept.company_id
  join public.memberships as member on member.account_id = kept.account_id and member.role in ('owner', 'admin')
$$;
comment on function private.tell_recipients(private.subject, uuid) is
  'Mails owners and admins of the accounts that keep a person that the entry goes, so that they delete what they took out too (Art. 19 GDPR). Names nobody.';

create function private.erase_contacts_of(subject private.subject, request_id uuid) returns int
language plpgsql set search_path = ''
as $$
declare
  known_as text;
  touched jsonb;
begin
  select coalesce(jsonb_object_agg(counted.account_id, counted.contacts), '{}') into touched from (
    select contact.account_id, count(*) as contacts from private.contacts_of(subject) as contact group by contact.account_id
  ) as counted;
  perform private.tell_recipients(subject, erase_contacts_of.request_id);
  -- Also where nothing is kept: so that nothing comes to be.
  foreach known_as in array subject.handles loop
    perform private.suppress_contact(null, known_as);
  end loop;
  perform private.suppress_contact(subject.email, null);
  delete from private.objections as asked where asked.work_email = subject.email;
  perform audit.append(
    told.key::uuid, 'data_request.erased', 'data_request', erase_contacts_of.request_id::text, null, jsonb_build_object('contacts', told.value)
  )
  from jsonb_each(touched) as told order by told.key;
  return (select coalesce(sum(told.value::int), 0) from jsonb_each(touched) as told);
end
$$;
comment on function private.erase_contacts_of(private.subject, uuid) is
  'Deletes a person''s contacts in every account and never lets them be kept again; each account reads in its audit log how many it was.';

create function private.erase_login_of(subject private.subject, request_id uuid) returns jsonb
language plpgsql set search_path = ''
as $$
declare
  alone constant uuid[] := array(select sole.account_id from private.sole_accounts(subject.user_id) as sole where not sole.has_others);
  waiting constant jsonb := (
    select jsonb_agg(sole.account_id order by sole.account_id) from private.sole_accounts(subject.user_id) as sole
    where sole.has_others or sole.is_large
  );
  joined constant uuid[] := array(select membership.account_id from public.memberships as membership where membership.user_id = subject.user_id);
begin
  -- Nobody is left with an account that nobody owns: first somebody else has to be its owner.
  if waiting is not null then
    return jsonb_build_object('accounts_waiting', waiting);
  end if;
  perform audit.append(
    membership.account_id, 'data_request.erased', 'data_request', erase_login_of.request_id::text, null,
    jsonb_build_object('user_id', subject.user_id, 'account', membership.account_id = any (alone))
  )
  from unnest(joined) as membership (account_id) order by membership.account_id;
  delete from public.accounts as account where account.id = any (alone);
  -- With it go sign-ins, memberships, digests, rules, settings, follows and mails that wait.
  delete from auth.users as person where person.id = subject.user_id;
  return jsonb_build_object('logins', 1, 'memberships', cardinality(joined), 'accounts', cardinality(alone));
end
$$;
comment on function private.erase_login_of(private.subject, uuid) is
  'Deletes a login with all that is the user''s own, and accounts in which they were alone. Does nothing while an account would be left without '
  'an owner, or is too large to go at once: accounts_waiting names them.';

create function private.erase_subject(subject private.subject, request_id uuid) returns jsonb
language plpgsql set search_path = ''
as $$
declare
  outcome jsonb := jsonb_build_object('contacts', private.erase_contacts_of(subject, erase_subject.request_id));
  source text;
  gone int;
begin
  for source in select known.name from private.data_sources as known order by known.name loop
    if to_regprocedure(format('private.%I(private.subject)', 'erase_' || source)) is not null then
      execute format('select private.%I($1)', 'erase_' || source) into gone using subject;
      outcome := outcome || jsonb_build_object(source, gone);
    end if;
  end loop;
  delete from private.outbox as message
  where message.content ? 'to' and lower(message.content ->> 'to') = subject.email and message.state <> 'sending';
  get diagnostics gone = row_count;
  outcome := outcome || jsonb_build_object('messages', gone);
  if subject.user_id is not null then
    outcome := outcome || private.erase_login_of(subject, erase_subject.request_id);
  end if;
  return outcome;
end
$$;
comment on function private.erase_subject(private.subject, uuid) is 'Erases a person (Art. 17 GDPR), and answers what that was, in numbers.';

create function private.object_for(subject private.subject, request_id uuid) returns jsonb
language plpgsql set search_path = ''
as $$
begin
  if subject.user_id is not null then
    insert into private.mail_refusals (user_id, kind) values (subject.user_id, 'all') on conflict do nothing;
  end if;
  return jsonb_build_object(
    'contacts', private.erase_contacts_of(subject, object_for.request_id), 'mails_stopped', subject.user_id is not null
  );
end
$$;
comment on function private.object_for(private.subject, uuid) is
  'A person objects (Art. 21 GDPR): they are kept as a contact nowhere, ever; with a login, they get no digests and alerts.';

create function private.end_data_request(
  request private.data_requests, state text, outcome jsonb default null, answer text default null, files_token text default null
) returns void
language plpgsql set search_path = ''
as $$
begin
  perform private.mail_of_data_request(request, case state when 'done' then 'done' else 'refused' end, jsonb_build_object(
    'outcome', outcome, 'answer', answer, 'files', files_token, 'ended_on', (now() at time zone 'UTC')::date
  ));
  update private.data_requests as known
  set
    state = end_data_request.state, ended_at = now(), outcome = end_data_request.outcome, answer = end_data_request.answer,
    email = null, linkedin_handle = null, details = null, token_hash = null, token_expires_at = null,
    files_hash = sha256(convert_to(files_token, 'UTF8')), files_expire_at = case when files_token is not null then now() + interval '7 days' end
  where known.id = request.id;
  perform private.note_data_request(request, end_data_request.state, jsonb_build_object('outcome', end_data_request.outcome));
end
$$;
comment on function private.end_data_request(private.data_requests, text, jsonb, text, text) is
  'Ends a request as done or refused, mails the person what was done and why, and forgets whom it was about but for a hash.';

create function private.open_data_request(request private.data_requests, outcome jsonb default null) returns void
language plpgsql set search_path = ''
as $$
begin
  update private.data_requests as known
  set state = 'open', outcome = open_data_request.outcome, token_hash = null, token_expires_at = null where known.id = request.id;
  perform private.mail_of_data_request(request, 'received', jsonb_build_object('outcome', outcome));
  perform private.tell_staff_of_data_request(request, 'open');
end
$$;
comment on function private.open_data_request(private.data_requests, jsonb) is 'Lays a proved request before the staff, and tells the person so.';

create function private.carry_out_data_request(request_id uuid) returns jsonb
language plpgsql set search_path = ''
as $$
declare
  request private.data_requests;
  subject private.subject;
  outcome jsonb;
  token text;
begin
  select * into strict request from private.data_requests as known where known.id = request_id;
  subject := private.subject_of(request.email, request.linkedin_handle);
  if request.kind in ('rectification', 'restriction') then
    perform private.open_data_request(request);
  elsif request.kind in ('access', 'portability') then
    token := private.draw_data_request_token();
    perform private.end_data_request(request, 'done', '{}', null, token);
  else
    outcome := case request.kind when 'erasure' then private.erase_subject(subject, request_id) else private.object_for(subject, request_id) end;
    -- What waited for another owner has done its first part before.
    outcome := outcome || jsonb_build_object(
      'contacts', (outcome ->> 'contacts')::int + coalesce((request.outcome ->> 'contacts')::int, 0)
    );
    if outcome ? 'accounts_waiting' then
      perform private.open_data_request(request, outcome);
    else
      perform private.end_data_request(request, 'done', outcome);
    end if;
  end if;
  select * into strict request from private.data_requests as known where known.id = request_id;
  return jsonb_build_object(
    'state', request.state, 'kind', request.kind, 'reference', private.data_request_reference(request.id), 'due_at', request.due_at,
    'outcome', request.outcome, 'files', token, 'files_expire_at', request.files_expire_at
  );
end
$$;
comment on function private.carry_out_data_request(uuid) is
  'Does what a proved request asks for, where nobody has to judge it, and answers what became of it; else it waits for the staff.';

create function private.keep_data_request(
  kind text, channel text, email text, details text, received_at timestamptz default now(), linkedin_handle text default null
) returns private.data_requests
language plpgsql set search_path = ''
as $$
declare
  kept private.data_requests;
begin
  insert into private.data_requests (kind, channel, email, email_hash, linkedin_handle, details, received_at, due_at)
  values (
    keep_data_request.kind, keep_data_request.channel, lower(btrim(keep_data_request.email)),
    private.suppression_hash('mail', btrim(keep_data_request.email)), keep_data_request.linkedin_handle, keep_data_request.details,
    keep_data_request.received_at, keep_data_request.received_at + interval '30 days'
  )
  returning * into kept;
  perform private.note_data_request(kept, 'received', jsonb_build_object('received_at', kept.received_at));
  return kept;
end
$$;
comment on function private.keep_data_request(text, text, text, text, timestamptz, text) is 'Writes down that a request was received.';

create function private.mail_proof_of_data_request(request_id uuid) returns void
language plpgsql set search_path = ''
as $$
declare
  token constant text := private.draw_data_request_token();
  request private.data_requests;
begin
  update private.data_requests as known
  set token_hash = sha256(convert_to(token, 'UTF8')), token_expires_at = now() + interval '7 days'
  where known.id = request_id returning * into strict request;
  perform private.mail_of_data_request(request, 'link', jsonb_build_object('token', token), left(encode(request.token_hash, 'hex'), 16));
end
$$;
comment on function private.mail_proof_of_data_request(uuid) is
  'Mails the person the link by which they prove that the address is theirs; an earlier one is void.';

create function public.request_data(kind text, email text, details text default null) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  since constant timestamptz := now() - interval '1 day';
  hash constant bytea := private.suppression_hash('mail', btrim(request_data.email));
  kept private.data_requests;
begin
  -- Serialises all requests, so that the limits hold for concurrent ones too: nobody can have somebody flooded with our mails.
  perform pg_advisory_xact_lock(hashtextextended('request_data', 0));
  if (
    select count(*) from private.data_requests as earlier
    where earlier.email_hash = hash and earlier.received_at > since and earlier.channel = 'form'
  ) >= 3 or (
    select count(*) from private.data_requests as earlier where earlier.channel = 'form' and earlier.received_at > since
  ) >= 300 then
    return null;
  end if;
  kept := private.keep_data_request(request_data.kind, 'form', request_data.email, nullif(btrim(request_data.details), ''));
  perform private.mail_proof_of_data_request(kept.id);
  return jsonb_build_object(
    'reference', private.data_request_reference(kept.id), 'kind', kept.kind, 'received_at', kept.received_at, 'due_at', kept.due_at
  );
end
$$;
comment on function public.request_data(text, text, text) is
  'Keeps a person''s request and mails them the link that proves their address; the answer does not depend on whether anything is kept of them. '
  'Null when an address, or everybody together, asked too often within a day.';

create function public.find_data_request(token text) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
declare
  request private.data_requests;
  subject private.subject;
begin
  select * into request from private.data_requests as known where known.token_hash = sha256(convert_to(find_data_request.token, 'UTF8'));
  if not found or request.token_expires_at <= now() then
    return null;
  end if;
  subject := private.subject_of(request.email, request.linkedin_handle);
  return jsonb_build_object(
    'kind', request.kind, 'reference', private.data_request_reference(request.id), 'received_at', request.received_at, 'due_at', request.due_at,
    'contacts', (select count(*) from private.contacts_of(subject)), 'has_login', subject.user_id is not null,
    -- What erasing the login takes along, and what it has to wait for: to be read before the button is pressed.
    'accounts_deleted', (
      select coalesce(jsonb_agg(sole.name order by sole.name), '[]') from private.sole_accounts(subject.user_id) as sole where not sole.has_others
    ),
    'accounts_waiting', (
      select coalesce(jsonb_agg(sole.name order by sole.name), '[]') from private.sole_accounts(subject.user_id) as sole where sole.has_others
    )
  );
end
$$;
comment on function public.find_data_request(text) is
  'What a mailed link stands for and what carrying it out would do; null for one that was used, is void or too old. Changes nothing.';

create function public.prove_data_request(token text) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  request private.data_requests;
begin
  -- Of two presses of the button one goes first; the other then finds no such link.
  select * into request from private.data_requests as known
  where known.token_hash = sha256(convert_to(prove_data_request.token, 'UTF8')) for update;
  if not found or request.token_expires_at <= now() then
    return null;
  end if;
  update private.data_requests as known set proof = 'mail', proved_at = now(), state = 'open' where known.id = request.id;
  perform private.note_data_request(request, 'proved', '{"proof": "mail"}');
  return private.carry_out_data_request(request.id);
end
$$;
comment on function public.prove_data_request(text) is
  'The person has pressed the button behind the mailed link: proved, and carried out at once where nobody has to judge it. Null as above.';

create function private.information_on_processing() returns jsonb
language sql immutable set search_path = ''
return jsonb_build_object(
  'purposes', 'Contacts: so that a customer knows whom to speak to at a company. Login, settings and activity: to run the service for you.',
  'recipients', 'The customers named under "kept by", and those who run the service for us: Supabase (database), Vercel (servers), Resend (mails); see /security.',
  'sources', 'Contacts: the provider named under "source", or the customer who brought them. All else: you.',
  'kept_for', 'Contacts: a year at the most. Login and settings: until you erase them. Mails: 30 days. Requests: three years, under a code.',
  'automated_decisions', 'None about you.',
  'your_rights', 'Rectification, erasure, restriction, objection and portability, with us on this page; a complaint to a data protection authority.'
);
comment on function private.information_on_processing() is 'What goes with a copy of one''s data: Art. 15(1)(a) to (h) GDPR.';

create function public.fetch_personal_data(token text, email text) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  request private.data_requests;
begin
  select * into request from private.data_requests as known
  where known.files_hash = sha256(convert_to(fetch_personal_data.token, 'UTF8')) and known.files_expire_at > now()
    and known.email_hash = private.suppression_hash('mail', btrim(fetch_personal_data.email));
  if not found then
    return null;
  end if;
  perform private.note_data_request(request, 'downloaded');
  return jsonb_build_object(
    'reference', private.data_request_reference(request.id), 'address', lower(btrim(fetch_personal_data.email)), 'made_at', now(),
    'available_until', request.files_expire_at, 'information', private.information_on_processing(),
    'data', private.personal_data(private.subject_of(fetch_personal_data.email))
  );
end
$$;
comment on function public.fetch_personal_data(text, text) is
  'Everything that is kept of a person now, for whoever has the link they were mailed and their address, for seven days; else null. Nothing of it is kept.';

do $$
declare
  made regprocedure;
begin
  for made in
    select procedure.oid::regprocedure from pg_catalog.pg_proc as procedure
    where procedure.pronamespace in ('public'::regnamespace, 'private'::regnamespace) and procedure.proname in (
      'sole_accounts', 'tell_recipients', 'erase_contacts_of', 'erase_login_of', 'erase_subject', 'object_for', 'end_data_request', 'open_data_request',
      'carry_out_data_request', 'keep_data_request', 'mail_proof_of_data_request', 'request_data', 'find_data_request', 'prove_data_request',
      'fetch_personal_data', 'information_on_processing'
    )
  loop
    execute format('revoke execute on function %s from public, anon, authenticated, service_role', made);
  end loop;
end
$$;
grant execute on function public.request_data(text, text, text) to public_door;
grant execute on function public.find_data_request(text) to public_door;
grant execute on function public.prove_data_request(text) to public_door;
grant execute on function public.fetch_personal_data(text, text) to public_door;
