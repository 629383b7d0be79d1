-- Finding before writing makes a push harmless to repeat. Three days are as long as a CRM may be away.
insert into private.channels values ('crm', true, 12, '3 days', true);
insert into private.listeners values ('crm');

create function private.crm_company(account_id uuid, company_id uuid) returns public.companies
language sql stable set search_path = ''
as $$
  select company.*
  from public.companies as company
  where company.account_id = crm_company.account_id and company.id = private.root_of(crm_company.company_id) and company.domain is not null
    and not exists (
      select from public.corrections as correction where correction.company_id = company.id and correction.undone_at is null
    )
$$;
comment on function private.crm_company(uuid, uuid) is
  'What a company is shown as, for a CRM: the one it counts as. Null for one that is left out by a correction or has no domain.';

create function private.post_crm_push(connection public.crm_connections, company_id uuid, key text) returns boolean
language plpgsql set search_path = ''
as $$
begin
  -- One that still waits says the same when it leaves: facts are looked up then.
  if exists (
    select from public.crm_links as link
    where link.connection_id = connection.id and link.company_id = post_crm_push.company_id and link.outcome = 'waiting'
      and exists (
        select from private.outbox as message
        where message.destination_id = connection.id and message.state = 'waiting'
          and message.content ->> 'company_id' = post_crm_push.company_id::text
      )
  ) or private.post(
    format('crm %s %s %s', connection.id, post_crm_push.company_id, post_crm_push.key), 'crm', format('crm %s', connection.id), 'crm.push',
    jsonb_build_object('company_id', post_crm_push.company_id, 'asked_by', (select auth.uid())), connection.account_id, destination_id => connection.id,
    expires_at => now() + interval '14 days'
  ) is null then
    return false;
  end if;
  insert into public.crm_links as link (account_id, connection_id, company_id)
  values (connection.account_id, connection.id, post_crm_push.company_id)
  on conflict on constraint crm_links_pkey do update set outcome = 'waiting', reason = null, asked_at = now();
  return true;
end
$$;
comment on function private.post_crm_push(public.crm_connections, uuid, text) is
  'Puts a company on its way to a CRM; false if it is on its way already, or was put there under the same key.';

create function private.is_crm_wanted(connection public.crm_connections, company_id uuid, at timestamptz) returns boolean
language plpgsql stable set search_path = ''
as $$
begin
  if connection.pushes <> 'segment' then
    return connection.pushes = 'all';
  end if;
  return coalesce((
    select private.segment_has(segment.filter, segment.account_id, is_crm_wanted.company_id, is_crm_wanted.at)
    from public.segments as segment
    where segment.id = connection.segment_id and segment.account_id = connection.account_id
  ), false);
end
$$;
comment on function private.is_crm_wanted(public.crm_connections, uuid, timestamptz) is 'Whether a company goes to a CRM by itself.';

create function private.crm_hear(event private.events) returns void
language plpgsql set search_path = ''
as $$
declare
  connection public.crm_connections;
  company public.companies := private.crm_company(event.account_id, event.company_id);
begin
  if company.id is null or event.kind not in ('company.identified', 'company.returned') then
    return;
  end if;
  for connection in
    select known.* from public.crm_connections as known where known.account_id = event.account_id and not known.is_paused order by known.id
  loop
    if private.is_crm_wanted(connection, company.id, event.happened_at) then
      -- Once a day: more would tell the CRM nothing new.
      perform private.post_crm_push(connection, company.id, to_char(event.happened_at at time zone 'UTC', 'YYYY-MM-DD'));
    end if;
  end loop;
end
$$;
comment on function private.crm_hear(private.events) is 'Puts a company that has visited on its way to the account''s CRMs, at most once a day to each.';

create function private.take_crm_contacts(message private.outbox, company_id uuid) returns jsonb
language plpgsql set search_path = ''
as $$
declare
  most_contacts constant int := 10;
  taken jsonb := '[]';
begin
  if not (select connection.pushes_contacts from public.crm_connections as connection where connection.id = message.destination_id) then
    return taken;
  end if;
  select coalesce(jsonb_agg(to_jsonb(known)), '[]') into taken
  from (
    -- A CRM finds a person again by the address alone.
    select contact.role, contact.work_email, contact.linkedin_handle from public.contacts as contact
    where contact.account_id = message.account_id and contact.company_id = take_crm_contacts.company_id
      and contact.work_email is not null and contact.expires_at > now()
    order by contact.found_at desc, contact.id limit most_contacts
  ) as known;
  -- Before it leaves, and once: attempts that follow say the same to the same CRM.
  if message.attempts = 0 then
    perform private.note_contact_access(
      message.account_id, 'exported', take_crm_contacts.company_id, jsonb_array_length(taken), (message.content ->> 'asked_by')::uuid
    );
  end if;
  return taken;
end
$$;
comment on function private.take_crm_contacts(private.outbox, uuid) is
  'The contacts that go to a CRM with a company, where its connection says so. That they do is recorded as an export, by who asked for it.';

create function private.crm_destination(message private.outbox) returns jsonb
language plpgsql set search_path = ''
as $$
declare
  company public.companies := private.crm_company(message.account_id, (message.content ->> 'company_id')::uuid);
begin
  if company.id is null then
    return null;
  end if;
  return (
    select jsonb_build_object(
      'connection_id', connection.id, 'account_id', connection.account_id, 'vendor', connection.vendor, 'place', connection.place,
      'key_field', connection.key_field, 'mapping', connection.mapping, 'sealed', token.sealed,
      'contacts', private.take_crm_contacts(message, company.id),
      'remote_id', (
        select link.remote_id from public.crm_links as link where link.connection_id = connection.id and link.company_id = company.id
      ),
      'company', jsonb_build_object(
        'name', company.name, 'domain', company.domain, 'industry', company.industry, 'country', company.country,
        'employee_range', company.employee_range, 'kind', company.kind,
        'first_seen_on', to_char(company.first_seen_at at time zone 'UTC', 'YYYY-MM-DD'),
        'last_seen_on', to_char(company.last_seen_at at time zone 'UTC', 'YYYY-MM-DD'),
        'page', format(
          '/app/sites/%s/companies/%s',
          (select visit.site_id from public.visits as visit where visit.company_id = company.id order by visit.last_seen_at desc limit 1),
          company.id
        )
      )
    )
    from public.crm_connections as connection
    join private.crm_tokens as token on token.connection_id = connection.id
    where connection.id = message.destination_id and connection.account_id = message.account_id
  );
end
$$;
comment on function private.crm_destination(private.outbox) is
  'Which CRM a company goes to, the encrypted token, and the company''s facts as they are now. Null when it is disconnected, or the company not shown.';

create function private.hold_crm_message() returns trigger
language plpgsql set search_path = ''
as $$
begin
  if exists (
    select from public.crm_connections as connection
    where connection.id = new.destination_id and (connection.is_paused or connection.state = 'broken')
  ) then
    new.next_attempt_at := 'infinity';
    new.first_attempt_at := null;
  end if;
  return new;
end
$$;
comment on function private.hold_crm_message() is 'A message to a CRM that is paused or broken waits until it is not, and is tried anew then.';
create trigger hold_crm_message before insert or update of state on private.outbox
  for each row when (new.channel = 'crm' and new.state = 'waiting') execute function private.hold_crm_message();

create function private.note_dead_crm_message() returns trigger
language plpgsql set search_path = ''
as $$
begin
  update public.crm_links as link set outcome = 'failed', reason = coalesce(left(new.fault, 300), 'It could not be delivered.')
  where link.connection_id = new.destination_id and link.company_id = (new.content ->> 'company_id')::uuid;
  return null;
end
$$;
comment on function private.note_dead_crm_message() is 'Says in the log that a push was given up, and why.';
create trigger note_dead_crm_message after update of state on private.outbox
  for each row when (new.channel = 'crm' and new.state = 'dead') execute function private.note_dead_crm_message();

create function private.follow_crm_connection() returns trigger
language plpgsql set search_path = ''
as $$
declare
  tenant constant uuid := coalesce(new.account_id, old.account_id);
begin
  if tg_op = 'DELETE' then
    delete from private.outbox as message where message.destination_id = old.id and message.channel = 'crm' and message.state <> 'delivered';
  elsif tg_op = 'UPDATE' and (new.is_paused, new.state) is distinct from (old.is_paused, old.state) then
    -- The trigger above decides anew for each.
    update private.outbox as message set state = 'waiting', next_attempt_at = now()
    where message.destination_id = new.id and message.channel = 'crm' and message.state = 'waiting';
  end if;
  -- An account that is being deleted listens to nothing more.
  if exists (select from public.accounts as account where account.id = tenant) then
    perform private.listen(tenant, 'crm', exists (
      select from public.crm_connections as known
      where known.account_id = tenant and known.pushes <> 'by_hand' and not known.is_paused
    ));
  end if;
  return null;
end
$$;
comment on function private.follow_crm_connection() is
  'Holds or releases what waits for a CRM as it is paused, broken or mended, drops it with the connection, and says whether the account listens.';
create trigger follow_crm_connection after insert or delete or update of is_paused, state, pushes on public.crm_connections
  for each row execute function private.follow_crm_connection();

create function public.push_to_crm(company_id uuid, connection_id uuid) returns public.crm_links
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_column
declare
  connection public.crm_connections;
  company public.companies;
  link public.crm_links;
begin
  select known.* into connection from public.crm_connections as known where known.id = push_to_crm.connection_id;
  if (select auth.uid()) is null then
    raise sqlstate 'PT401' using message = 'Sign in before you push a company to your CRM.';
  end if;
  if connection.id is null or connection.account_id not in (select private.account_ids())
    or not exists (
      select from public.companies as known where known.id = push_to_crm.company_id and known.account_id = connection.account_id
    ) then
    raise sqlstate 'PT404' using
      message = 'There is no such company or CRM connection in your account.', hint = 'Reload the page: it may show something older.';
  end if;
  if connection.account_id not in (select private.account_ids('{owner,admin,member}')) then
    raise sqlstate 'PT403' using
      message = 'Your role reads companies and does not push them.', hint = 'Ask an owner or admin to make you a member.';
  end if;
  if connection.state = 'broken' or connection.is_paused then
    raise sqlstate 'PT409' using
      message = case when connection.is_paused then 'The connection to this CRM is paused.' else 'The CRM no longer takes the token.' end,
      hint = 'An owner or admin mends it under Integrations.';
  end if;
  company := private.crm_company(connection.account_id, push_to_crm.company_id);
  if company.id is null then
    raise sqlstate 'PT422' using
      message = 'This company cannot be pushed: its domain is not known, or your account does not show it.',
      hint = 'A CRM finds a company again by its domain.';
  end if;
  perform private.post_crm_push(connection, company.id, 'by hand ' || gen_random_uuid());
  select known.* into link from public.crm_links as known where known.connection_id = connection.id and known.company_id = company.id;
  return link;
end
$$;
comment on function public.push_to_crm(uuid, uuid) is
  'Puts a company on its way to a CRM, for the first time or once more, and answers what its log says.';

create function private.break_crm_connection(connection_id uuid, reason text) returns void
language plpgsql set search_path = ''
as $$
declare
  broken public.crm_connections;
  member public.memberships;
begin
  update public.crm_connections as connection
  set state = 'broken', reason = break_crm_connection.reason, broken_at = now()
  where connection.id = break_crm_connection.connection_id and connection.state = 'connected'
  returning * into broken;
  if broken.id is null then
    return;
  end if;
  for member in
    select known.* from public.memberships as known where known.account_id = broken.account_id and known.role in ('owner', 'admin')
  loop
    perform private.post(
      format('crm_broken %s %s %s', broken.id, broken.broken_at, member.user_id), 'mail', format('mail %s', member.user_id), 'crm.broken',
      jsonb_build_object(
        'vendor', broken.vendor, 'reason', broken.reason,
        'account', (select account.name from public.accounts as account where account.id = broken.account_id),
        'site_id', (select site.id from public.sites as site where site.account_id = broken.account_id order by site.created_at limit 1)
      ),
      broken.account_id, member.user_id
    );
  end loop;
end
$$;
comment on function private.break_crm_connection(uuid, text) is
  'The CRM does not take the token any more: stops sending, and tells owners and admins, once.';

create function public.note_crm_push(
  claim uuid, outcome text, remote_id text default null, remote_url text default null, reason text default null, resealed text default null
) returns boolean
language plpgsql security definer set search_path = ''
as $$
declare
  message private.outbox;
  said constant text := nullif(left(btrim(note_crm_push.reason), 300), '');
begin
  if outcome is null or outcome not in ('created', 'updated', 'unchanged', 'waiting', 'broken') then
    raise sqlstate 'PT400' using message = 'Say created, updated, unchanged, waiting or broken.';
  end if;
  select sent.* into message from private.outbox as sent where sent.claim = note_crm_push.claim and sent.channel = 'crm';
  if message.id is null then
    return false;
  end if;
  if resealed is not null then
    update private.crm_tokens as token set sealed = resealed, sealed_at = now() where token.connection_id = message.destination_id;
  end if;
  if outcome = 'broken' then
    perform private.break_crm_connection(message.destination_id, coalesce(said, 'The CRM refused the token.'));
  end if;
  if outcome in ('broken', 'waiting') then
    update public.crm_links as link set reason = said
    where link.connection_id = message.destination_id and link.company_id = (message.content ->> 'company_id')::uuid;
  else
    update public.crm_links as link
    set
      outcome = note_crm_push.outcome, reason = said, pushed_at = now(),
      remote_id = note_crm_push.remote_id, remote_url = note_crm_push.remote_url
    where link.connection_id = message.destination_id and link.company_id = (message.content ->> 'company_id')::uuid;
  end if;
  return true;
end
$$;
comment on function public.note_crm_push(uuid, text, text, text, text, text) is
  'Writes down what a CRM said to the attempt that holds the claim: taken as which record, not now, or not with this token. resealed: the token '
  'under the key of now. False for an attempt that counts as lost.';

revoke execute on function private.crm_company(uuid, uuid) from public, anon, authenticated, service_role;
revoke execute on function private.post_crm_push(public.crm_connections, uuid, text) from public, anon, authenticated, service_role;
revoke execute on function private.is_crm_wanted(public.crm_connections, uuid, timestamptz) from public, anon, authenticated, service_role;
revoke execute on function private.crm_hear(private.events) from public, anon, authenticated, service_role;
revoke execute on function private.take_crm_contacts(private.outbox, uuid) from public, anon, authenticated, service_role;
revoke execute on function private.crm_destination(private.outbox) from public, anon, authenticated, service_role;
revoke execute on function private.hold_crm_message() from public, anon, authenticated, service_role;
revoke execute on function private.note_dead_crm_message() from public, anon, authenticated, service_role;
revoke execute on function private.follow_crm_connection() from public, anon, authenticated, service_role;
revoke execute on function private.break_crm_connection(uuid, text) from public, anon, authenticated, service_role;
revoke execute on function public.push_to_crm(uuid, uuid) from public, anon, authenticated, service_role;
revoke execute on function public.note_crm_push(uuid, text, text, text, text, text) from public, anon, authenticated, service_role;
grant execute on function public.push_to_crm(uuid, uuid) to authenticated;
grant execute on function public.note_crm_push(uuid, text, text, text, text, text) to deliverer;
