-- Everything that is kept of one person, found by their address: what an answer to Art. 15 and 20 GDPR is made of.

create type private.subject as (email text, handles text[], user_id uuid);
comment on type private.subject is 'A person by their address in small letters, their LinkedIn handles, and their login if they have one.';

create function private.subject_of(email text, linkedin_handle text default null) returns private.subject
language sql stable set search_path = ''
as $$
  select row(
    lower(btrim(subject_of.email)),
    -- A handle is theirs where a provider says so; a member could have brought any with an address.
    array(
      select distinct contact.linkedin_handle from public.contacts as contact
      where contact.work_email = lower(btrim(subject_of.email)) and contact.source <> 'import' and contact.linkedin_handle is not null
    ) || array_remove(array[lower(subject_of.linkedin_handle)], null),
    (select person.id from auth.users as person where lower(person.email) = lower(btrim(subject_of.email)) limit 1)
  )::private.subject
$$;
comment on function private.subject_of(text, text) is 'The person with an address, which somebody has proved to be theirs.';

create function private.contacts_of(subject private.subject) returns setof public.contacts
language sql stable set search_path = ''
as $$
  select * from public.contacts as contact where contact.work_email = subject.email or contact.linkedin_handle = any (subject.handles)
$$;
comment on function private.contacts_of(private.subject) is 'A person''s contacts in every account.';

create table private.data_sources (name text primary key check (name ~ '^[a-z_]{1,40}$'));
comment on table private.data_sources is
  'Where data of a person may be: each has a function private.find_<name>(private.subject), which answers an array of flat objects. A table that '
  'comes to hold some gets its function and its row here; and, where an erasure has more to do than delete contacts, mails and the login, a function '
  'private.erase_<name>(private.subject), which answers how many rows went.';
revoke all on private.data_sources from public, anon, authenticated, service_role;

create function private.find_contacts(subject private.subject) returns jsonb
language sql stable set search_path = ''
as $$
  select jsonb_agg(jsonb_build_object(
    'kept_by', account.name, 'company', company.name, 'role', contact.role, 'seniority', contact.seniority,
    -- Found by a handle it may carry somebody else's address (Art. 15(4) GDPR); and found by the address, a handle that a member brought.
    'work_email', case when contact.work_email = subject.email then contact.work_email end,
    'linkedin_handle', case when contact.work_email = subject.email or contact.linkedin_handle = any (subject.handles) then contact.linkedin_handle end,
    'source', contact.source, 'lawful_basis', contact.lawful_basis, 'found_at', contact.found_at,
    'deleted_at_the_latest', contact.expires_at,
    'seen_or_exported_by_the_account', (
      select count(*) from public.contact_accesses as access
      where access.account_id = contact.account_id and access.company_id = contact.company_id and access.action in ('viewed', 'exported')
    )
  ) order by account.name, company.name)
  from private.contacts_of(subject) as contact
  join public.accounts as account on account.id = contact.account_id
  join public.companies as company on company.id = contact.company_id
$$;

create function private.find_login(subject private.subject) returns jsonb
language sql stable set search_path = ''
as $$
  select jsonb_agg(jsonb_build_object(
    'user_id', person.id, 'email', person.email, 'created_at', to_jsonb(person) ->> 'created_at',
    'confirmed_at', to_jsonb(person) ->> 'email_confirmed_at', 'last_sign_in_at', to_jsonb(person) ->> 'last_sign_in_at',
    'details', to_jsonb(person) -> 'raw_user_meta_data', 'is_staff', exists (select from private.operators as operator where operator.user_id = person.id)
  ))
  from auth.users as person where person.id = subject.user_id
$$;

create function private.find_sign_ins(subject private.subject) returns jsonb
language plpgsql stable set search_path = ''
as $$
declare
  found jsonb;
begin
  -- The auth server's own: what it keeps there is its to decide.
  if to_regclass('auth.sessions') is not null then
    execute 'select jsonb_agg(to_jsonb(session) - array[''id'', ''user_id'', ''refresh_token_hmac_key''])
      from auth.sessions as session where session.user_id = $1' into found using subject.user_id;
  end if;
  return found;
end
$$;

create function private.find_memberships(subject private.subject) returns jsonb
language sql stable set search_path = ''
as $$
  select jsonb_agg(jsonb_build_object('account', account.name, 'role', membership.role, 'since', membership.created_at))
  from public.memberships as membership join public.accounts as account on account.id = membership.account_id
  where membership.user_id = subject.user_id
$$;

create function private.find_settings(subject private.subject) returns jsonb
language sql stable set search_path = ''
as $$
  select jsonb_agg(found.entry) from (
    select to_jsonb(settings) - 'user_id' || '{"what": "when to be told"}' from public.notification_settings as settings
    where settings.user_id = subject.user_id
    union all
    select to_jsonb(digest) - 'user_id' || '{"what": "digest"}' from public.digest_subscriptions as digest where digest.user_id = subject.user_id
    union all
    select to_jsonb(rule) - 'user_id' || '{"what": "alert rule"}' from public.alert_rules as rule where rule.user_id = subject.user_id
    union all
    select jsonb_build_object('what', 'follows', 'company', company.name, 'account_id', follow.account_id)
    from public.follows as follow join public.companies as company on company.id = follow.company_id where follow.user_id = subject.user_id
    union all
    select jsonb_build_object('what', 'wants no mails', 'kind', refusal.kind, 'since', refusal.refused_at)
    from private.mail_refusals as refusal where refusal.user_id = subject.user_id
  ) as found (entry)
$$;

create function private.find_written(subject private.subject) returns jsonb
language sql stable set search_path = ''
as $$
  select jsonb_agg(found.entry) from (
    select jsonb_build_object('what', 'segment', 'name', segment.name, 'account_id', segment.account_id, 'at', segment.created_at)
    from public.segments as segment where segment.created_by = subject.user_id
    union all
    select jsonb_build_object('what', 'correction', 'note', correction.note, 'account_id', correction.account_id, 'at', correction.created_at)
    from public.corrections as correction where correction.created_by = subject.user_id
    union all
    select jsonb_build_object('what', 'excluded network', 'network', network.network, 'note', network.note, 'account_id', network.account_id)
    from public.excluded_networks as network where network.created_by = subject.user_id
    union all
    select jsonb_build_object('what', 'webhook', 'description', webhook.description, 'account_id', webhook.account_id)
    from public.webhook_endpoints as webhook where webhook.created_by = subject.user_id
  ) as found (entry)
$$;

create function private.find_activity(subject private.subject) returns jsonb
language sql stable set search_path = ''
as $$
  select jsonb_agg(found.entry order by found.entry ->> 'at' desc) from (
    select jsonb_build_object('at', kept.at, 'action', kept.action, 'account_id', kept.chain)
    from audit.entries as kept where kept.entry::jsonb ->> 'actor' = subject.user_id::text
    order by kept.at desc limit 2000
  ) as found (entry)
$$;
create index entries_actor_idx on audit.entries ((entry::jsonb ->> 'actor'));

create function private.find_messages(subject private.subject) returns jsonb
language sql stable set search_path = ''
as $$
  select jsonb_agg(found.entry order by found.entry ->> 'at' desc) from (
    select jsonb_build_object('at', message.created_at, 'mail', message.template, 'state', message.state)
    from private.outbox as message
    where message.recipient_id = subject.user_id or (message.content ? 'to' and lower(message.content ->> 'to') = subject.email)
    union all
    select jsonb_build_object('at', asked.asked_at, 'mail', 'link to object everywhere', 'state', 'not used')
    from private.objections as asked where asked.work_email = subject.email
  ) as found (entry)
$$;

create function private.find_mailbox(subject private.subject) returns jsonb
language sql stable set search_path = ''
as $$
  select jsonb_agg(jsonb_build_object('what', found.what, 'since', found.since)) from (
    select 'hash: mails to this address ' || known.reason, known.happened_at from private.suppressed_mail as known
    where known.address_hash = private.address_hash(subject.email)
    union all
    select 'hash: must never be kept as a contact', known.created_at from private.contact_suppressions as known
    where known.hash = private.suppression_hash('mail', subject.email)
  ) as found (what, since)
$$;

create function private.find_requests(subject private.subject) returns jsonb
language sql stable set search_path = ''
as $$
  select jsonb_agg(jsonb_build_object(
    'reference', private.data_request_reference(request.id), 'kind', request.kind, 'received_at', request.received_at,
    'state', request.state, 'details', request.details
  ) order by request.received_at)
  from private.data_requests as request where request.email_hash = private.suppression_hash('mail', subject.email)
$$;

insert into private.data_sources values
  ('contacts'), ('login'), ('sign_ins'), ('memberships'), ('settings'), ('written'), ('activity'), ('messages'), ('mailbox'), ('requests');

create function private.personal_data(subject private.subject) returns jsonb
language plpgsql stable set search_path = ''
as $$
declare
  source text;
  entries jsonb;
  found jsonb := '{}';
begin
  for source in select known.name from private.data_sources as known order by known.name loop
    execute format('select private.%I($1)', 'find_' || source) into entries using subject;
    found := found || jsonb_build_object(source, coalesce(entries, '[]'));
  end loop;
  return found;
end
$$;
comment on function private.personal_data(private.subject) is 'Everything that is kept of a person, by where it is. Not kept anywhere itself.';

do $$
declare
  source text;
begin
  for source in select known.name from private.data_sources as known loop
    execute format('comment on function private.%I(private.subject) is %L', 'find_' || source, 'What is kept of a person there: see private.data_sources.');
    execute format('revoke execute on function private.%I(private.subject) from public, anon, authenticated, service_role', 'find_' || source);
  end loop;
end
$$;
revoke execute on function private.subject_of(text, text) from public, anon, authenticated, service_role;
revoke execute on function private.contacts_of(private.subject) from public, anon, authenticated, service_role;
revoke execute on function private.personal_data(private.subject) from public, anon, authenticated, service_role;
