create function private.is_crm_mapping(mapping jsonb) returns boolean
language plpgsql immutable set search_path = ''
as $$
declare
  entry jsonb;
  facts constant text[] := '{name,domain,industry,country,employee_range,kind,first_seen_on,last_seen_on,page}';
begin
  if jsonb_typeof(mapping) is distinct from 'array' or jsonb_array_length(mapping) > 20 then
    return false;
  end if;
  for entry in select value from jsonb_array_elements(mapping) loop
    if jsonb_typeof(entry) <> 'object' or not entry ?& '{fact,field,when}' or entry - '{fact,field,when}'::text[] <> '{}'
      or not coalesce(entry ->> 'fact', '') = any (facts) or not coalesce(entry ->> 'when', '') = any ('{empty,always}')
      or coalesce(entry ->> 'field', '') !~ '^[A-Za-z][A-Za-z0-9_]{0,79}$|^[0-9a-f]{40}$' then
      return false;
    end if;
  end loop;
  return (select count(*) = count(distinct value ->> 'field') from jsonb_array_elements(mapping));
end
$$;
comment on function private.is_crm_mapping(jsonb) is
  'Whether something is a field mapping: at most 20 of {fact, field, when}, no field twice; when is empty (a person''s entry stays) or always.';

create table public.crm_connections (
  id uuid primary key,
  account_id uuid not null references public.accounts (id) on delete cascade,
  vendor text not null check (vendor in ('hubspot', 'pipedrive', 'salesforce')),
  place text not null check (place ~ '^[A-Za-z0-9.-]{1,100}$'),
  key_field text not null check (key_field ~ '^[A-Za-z][A-Za-z0-9_]{0,79}$|^[0-9a-f]{40}$'),
  mapping jsonb not null check (private.is_crm_mapping(mapping)),
  pushes text not null default 'by_hand' check (pushes in ('all', 'segment', 'by_hand')),
  segment_id uuid,
  pushes_contacts boolean not null default false,
  is_paused boolean not null default false,
  state text not null default 'connected' check (state in ('connected', 'broken')),
  reason text check (char_length(reason) between 1 and 300),
  broken_at timestamptz,
  created_by uuid references auth.users (id) on delete set null,
  created_at timestamptz not null default now(),
  unique (account_id, id),
  constraint crm_connections_one_for_each_vendor unique (account_id, vendor),
  -- Without one the segment was deleted, and nothing goes by itself.
  constraint crm_connections_name_a_segment_only_if_they_push_one check (segment_id is null or pushes = 'segment'),
  constraint crm_connections_broken_ones_say_why check ((state = 'broken') = (reason is not null) and (state = 'broken') = (broken_at is not null))
);
create index crm_connections_created_by_idx on public.crm_connections (created_by);
comment on table public.crm_connections is
  'A CRM that an account''s companies are pushed to, one of each vendor. Kept until it is disconnected; its token is in private.crm_tokens.';
comment on column public.crm_connections.place is
  'Which customer of the vendor it is: HubSpot''s account number, Pipedrive''s company domain, Salesforce''s My Domain. No address of anything else.';
comment on column public.crm_connections.key_field is 'The CRM''s field that holds a company''s domain, by which a record is found again.';
comment on column public.crm_connections.mapping is 'Which fact goes into which field, and whether over what a person wrote there.';
comment on column public.crm_connections.pushes is 'Which companies go by themselves: all that are identified, those of a segment, or none.';
comment on column public.crm_connections.pushes_contacts is
  'Whether a company''s contacts go with it: role, work address and LinkedIn handle. Each time is recorded as an export.';
comment on column public.crm_connections.state is 'broken: the CRM no longer takes the token. Nothing is sent until it has another; what waits is kept.';
comment on column public.crm_connections.reason is 'Why it is broken, in words for who can mend it.';
comment on column public.crm_connections.created_by is 'Who connected it. Empty when the user is gone.';

create table private.crm_tokens (
  connection_id uuid primary key references public.crm_connections (id) on delete cascade,
  sealed text not null check (sealed ~ '^[0-9a-f]{16}\.[A-Za-z0-9_-]+$' and char_length(sealed) between 55 and 6000),
  sealed_at timestamptz not null default now()
);
comment on table private.crm_tokens is
  'The CRMs'' tokens, encrypted with a key that the database never has. Deleted with their connection.';
comment on column private.crm_tokens.sealed is
  'The key''s id, a dot, then nonce and ciphertext of AES-256-GCM in base64url, bound to account and connection (lib/vault.py).';

create table public.crm_links (
  account_id uuid not null,
  connection_id uuid not null,
  company_id uuid not null,
  remote_id text check (char_length(remote_id) between 1 and 100),
  remote_url text check (remote_url ~ '^https?://[^[:space:]]+$' and char_length(remote_url) <= 400),
  outcome text not null default 'waiting' check (outcome in ('waiting', 'created', 'updated', 'unchanged', 'failed')),
  reason text check (char_length(reason) between 1 and 300),
  asked_at timestamptz not null default now(),
  pushed_at timestamptz,
  primary key (connection_id, company_id),
  foreign key (account_id, connection_id) references public.crm_connections (account_id, id) on delete cascade,
  foreign key (account_id, company_id) references public.companies (account_id, id) on delete cascade
);
create index crm_links_connection_idx on public.crm_links (account_id, connection_id, asked_at desc);
create index crm_links_company_idx on public.crm_links (account_id, company_id);
comment on table public.crm_links is
  'What became of pushing a company to a CRM, the latest time, and which record it is there. Kept until the CRM is disconnected.';
comment on column public.crm_links.outcome is 'waiting: on its way; created, updated, unchanged: it is there; failed: it was given up, for the reason.';
comment on column public.crm_links.reason is 'Why the latest attempt did not succeed.';
comment on column public.crm_links.asked_at is 'When it was last put on its way.';
comment on column public.crm_links.pushed_at is 'When the CRM last took it.';

alter table public.crm_connections enable row level security;
alter table public.crm_links enable row level security;
revoke all on public.crm_connections, private.crm_tokens, public.crm_links from public, anon, authenticated, service_role;
grant select on public.crm_connections, public.crm_links to authenticated;

create policy "Members read their account's CRM connections" on public.crm_connections
  for select to authenticated using (account_id in (select private.account_ids()));
create policy "Members read what became of pushing to their CRM" on public.crm_links
  for select to authenticated using (account_id in (select private.account_ids()));

create function private.check_crm_manager(account_id uuid) returns void
language plpgsql stable set search_path = ''
as $$
begin
  if (select auth.uid()) is null then
    raise sqlstate 'PT401' using message = 'Sign in before you connect a CRM.';
  end if;
  -- A stranger learns nothing: to them another account's connection is no different from none.
  if account_id is null or account_id not in (select private.account_ids()) then
    raise sqlstate 'PT404' using
      message = 'There is no such CRM connection in your account.', hint = 'Reload the page: it may show something older.';
  end if;
  if account_id not in (select private.account_ids('{owner,admin}')) then
    raise sqlstate 'PT403' using message = 'Only owners and admins connect a CRM and change what goes there.', hint = 'Ask one of them.';
  end if;
end
$$;
comment on function private.check_crm_manager(uuid) is 'Refuses, in words, whoever is no owner or admin of an account.';

create function public.check_crm_manager(account_id uuid) returns void
language sql stable security definer set search_path = ''
as $$
  select private.check_crm_manager(account_id)
$$;
comment on function public.check_crm_manager(uuid) is
  'Refuses, in words, who may not connect a CRM in an account: asked before a token is shown to a CRM.';

create function public.save_crm_connection(
  id uuid, account_id uuid, vendor text, place text, key_field text, sealed text, mapping jsonb
) returns public.crm_connections
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_column
declare
  saved public.crm_connections;
begin
  perform private.check_crm_manager(save_crm_connection.account_id);
  -- A new token for a connection that is there: its mapping stays, what waited leaves.
  update public.crm_connections as known
  set
    place = save_crm_connection.place, key_field = save_crm_connection.key_field, state = 'connected', reason = null, broken_at = null
  where known.id = save_crm_connection.id and known.account_id = save_crm_connection.account_id
    and known.vendor = save_crm_connection.vendor
  returning * into saved;
  if saved.id is null then
    insert into public.crm_connections (id, account_id, vendor, place, key_field, mapping, created_by)
    values (
      save_crm_connection.id, save_crm_connection.account_id, save_crm_connection.vendor, save_crm_connection.place,
      save_crm_connection.key_field, save_crm_connection.mapping, (select auth.uid())
    )
    on conflict do nothing
    returning * into saved;
  end if;
  if saved.id is null then
    raise sqlstate 'PT409' using
      message = 'This CRM is connected already.', hint = 'Disconnect it first, or give the connection a new token.';
  end if;
  insert into private.crm_tokens as kept (connection_id, sealed) values (saved.id, save_crm_connection.sealed)
    on conflict on constraint crm_tokens_pkey do update set sealed = excluded.sealed, sealed_at = now();
  return saved;
end
$$;
comment on function public.save_crm_connection(uuid, uuid, text, text, text, text, jsonb) is
  'Connects a CRM, or gives a connection another token, which mends it. The token comes encrypted: see lib/vault.py.';

create function public.change_crm_connection(
  id uuid, mapping jsonb default null, pushes text default null, segment_id uuid default null, is_paused boolean default null,
  pushes_contacts boolean default null
) returns public.crm_connections
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_column
declare
  known public.crm_connections;
begin
  select connection.* into known from public.crm_connections as connection where connection.id = change_crm_connection.id for update;
  perform private.check_crm_manager(known.account_id);
  if not private.is_crm_mapping(coalesce(change_crm_connection.mapping, known.mapping)) then
    raise sqlstate 'PT422' using
      message = 'The mapping does not hold together: a field stands twice, or is no field''s internal name.',
      hint = 'Internal names have letters, digits and underscores, at most 80. At most 20 fields.';
  end if;
  if coalesce(change_crm_connection.pushes, known.pushes) not in ('all', 'segment', 'by_hand') then
    raise sqlstate 'PT422' using message = 'Unknown choice of companies.', hint = 'Say all, segment or by_hand.';
  end if;
  if (change_crm_connection.pushes = 'segment') <> (change_crm_connection.segment_id is not null) then
    raise sqlstate 'PT422' using message = 'Choose the segment whose companies go to the CRM.';
  end if;
  perform private.check_crm_segment(known.account_id, change_crm_connection.segment_id);
  update public.crm_connections as changed
  set
    mapping = coalesce(change_crm_connection.mapping, known.mapping), pushes = coalesce(change_crm_connection.pushes, known.pushes),
    segment_id = case when change_crm_connection.pushes is null then known.segment_id else change_crm_connection.segment_id end,
    is_paused = coalesce(change_crm_connection.is_paused, known.is_paused),
    pushes_contacts = coalesce(change_crm_connection.pushes_contacts, known.pushes_contacts)
  where changed.id = known.id
  returning * into known;
  return known;
end
$$;
comment on function public.change_crm_connection(uuid, jsonb, text, uuid, boolean, boolean) is
  'Changes what goes to a CRM: the mapping, which companies, whether with contacts, whether it is paused. What is null stays.';

create function private.check_crm_segment(account_id uuid, segment_id uuid) returns void
language plpgsql stable set search_path = ''
as $$
begin
  if check_crm_segment.segment_id is null then
    return;
  end if;
  if not exists (
    select from public.segments as segment where segment.id = check_crm_segment.segment_id and segment.account_id = check_crm_segment.account_id
  ) then
    raise sqlstate 'PT404' using message = 'There is no such segment in your account.', hint = 'Reload the page: it may have been deleted.';
  end if;
end
$$;
comment on function private.check_crm_segment(uuid, uuid) is 'Refuses, in words, a segment that is not the account''s.';

create function public.disconnect_crm(id uuid) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  account_id uuid;
begin
  select known.account_id into account_id from public.crm_connections as known where known.id = disconnect_crm.id;
  perform private.check_crm_manager(account_id);
  delete from public.crm_connections as known where known.id = disconnect_crm.id;
end
$$;
comment on function public.disconnect_crm(uuid) is
  'Forgets a CRM: its token, its log and what was on its way. Nothing is changed in the CRM.';

revoke execute on function private.is_crm_mapping(jsonb) from public, anon, authenticated, service_role;
revoke execute on function private.check_crm_manager(uuid) from public, anon, authenticated, service_role;
revoke execute on function private.check_crm_segment(uuid, uuid) from public, anon, authenticated, service_role;
revoke execute on function public.check_crm_manager(uuid) from public, anon, authenticated, service_role;
revoke execute on function public.save_crm_connection(uuid, uuid, text, text, text, text, jsonb) from public, anon, authenticated, service_role;
revoke execute on function public.change_crm_connection(uuid, jsonb, text, uuid, boolean, boolean) from public, anon, authenticated, service_role;
revoke execute on function public.disconnect_crm(uuid) from public, anon, authenticated, service_role;
grant execute on function public.check_crm_manager(uuid) to authenticated;
grant execute on function public.save_crm_connection(uuid, uuid, text, text, text, text, jsonb) to authenticated;
grant execute on function public.change_crm_connection(uuid, jsonb, text, uuid, boolean, boolean) to authenticated;
grant execute on function public.disconnect_crm(uuid) to authenticated;
