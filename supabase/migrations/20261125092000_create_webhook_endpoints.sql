-- Roles belong to the whole cluster and outlive a reset of the database.
do $$
begin
  if not exists (select from pg_catalog.pg_roles where rolname = 'webhook_door') then
    create role webhook_door nologin noinherit;
  end if;
end
$$;
comment on role webhook_door is 'What looks at the URLs of webhooks signs in as. May execute the function granted to it by name, and reads no table.';
grant webhook_door to authenticator;
alter role webhook_door set statement_timeout = '2500ms';
grant usage on schema public to webhook_door;

create table private.webhook_events (event text primary key);
comment on table private.webhook_events is 'What a webhook may be told of. Of each docs/webhooks.md shows an example.';
insert into private.webhook_events
values ('company.identified'), ('company.returned'), ('segment.matched'), ('contact.enriched'), ('plan.limit_reached');

create table public.webhook_endpoints (
  id uuid primary key default gen_random_uuid(),
  account_id uuid not null references public.accounts (id) on delete cascade,
  url text not null constraint webhook_endpoints_url_check check (url ~* '^https?://[^\s]+$' and char_length(url) <= 2000),
  events text[] not null constraint webhook_endpoints_events_check check (array_length(events, 1) between 1 and 20),
  description text not null default '' constraint webhook_endpoints_description_check check (char_length(description) <= 120),
  is_enabled boolean not null default true,
  ended_for text check (ended_for in ('gone', 'failing')),
  failing_since timestamptz,
  last_delivered_at timestamptz,
  created_by uuid references auth.users (id) on delete set null,
  created_at timestamptz not null default now(),
  unique (account_id, id),
  check (not is_enabled or ended_for is null)
);
create index webhook_endpoints_created_by_idx on public.webhook_endpoints (created_by);
comment on table public.webhook_endpoints is
  'A URL of the customer''s own that is told of what happens in the account. Kept until it is deleted; written by functions alone.';
comment on column public.webhook_endpoints.url is
  'Looked at by the door before it is kept, and again at each delivery: nothing is sent to what is not on the public internet.';
comment on column public.webhook_endpoints.events is 'What it is told of, out of private.webhook_events.';
comment on column public.webhook_endpoints.ended_for is
  'Why we have switched it off ourselves: it answered 410 Gone, or nothing was taken for five days. Empty where nobody or a member did.';
comment on column public.webhook_endpoints.failing_since is 'When the first attempt failed since anything was taken last. Empty while all is well.';

alter table public.webhook_endpoints enable row level security;
revoke all on public.webhook_endpoints from public, anon, authenticated, service_role;
grant select on public.webhook_endpoints to authenticated;
create policy "Members read their account's webhooks" on public.webhook_endpoints
  for select to authenticated using (account_id in (select private.account_ids()));

create table private.webhook_secrets (
  id uuid primary key default gen_random_uuid(),
  account_id uuid not null,
  endpoint_id uuid not null,
  secret text not null check (secret ~ '^whsec_[A-Za-z0-9+/]{43}=$'),
  created_by uuid references auth.users (id) on delete set null,
  created_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz,
  foreign key (account_id, endpoint_id) references public.webhook_endpoints (account_id, id) on delete cascade
);
create index webhook_secrets_endpoint_idx on private.webhook_secrets (account_id, endpoint_id, created_at);
create index webhook_secrets_created_by_idx on private.webhook_secrets (created_by);
create unique index webhook_secrets_one_for_good_idx on private.webhook_secrets (endpoint_id) where expires_at is null;
comment on table private.webhook_secrets is
  'What deliveries to a webhook are signed with: one for good, and after a change for a day the one before it.';
comment on column private.webhook_secrets.secret is
  'In plain, because signing (HMAC) needs it. Shown once, when it is made; read by the database''s own functions alone after that.';
comment on column private.webhook_secrets.expires_at is 'After which nothing is signed with it any more. Empty for the one that holds.';

create table private.allowed_webhook_urls (
  url_hash bytea primary key check (octet_length(url_hash) = 32),
  allowed_until timestamptz not null
);
create index allowed_webhook_urls_allowed_until_idx on private.allowed_webhook_urls (allowed_until);
comment on table private.allowed_webhook_urls is
  'URLs, hashed, that the door has looked at within two minutes: no other is taken for a webhook, whoever asks the database directly.';

revoke all on private.webhook_events, private.webhook_secrets, private.allowed_webhook_urls from public, anon, authenticated, service_role;

create function private.purge_webhooks() returns int
language plpgsql set search_path = ''
as $$
declare
  urls int;
  secrets int;
begin
  delete from private.allowed_webhook_urls as allowed where allowed.allowed_until < now();
  get diagnostics urls = row_count;
  delete from private.webhook_secrets as secret where secret.expires_at < now();
  get diagnostics secrets = row_count;
  return urls + secrets;
end
$$;
comment on function private.purge_webhooks() is 'Deletes secrets that have run out, and what the door allowed and nobody saved.';
insert into private.chores values ('webhooks');

create function private.draw_webhook_secret() returns text
language sql volatile set search_path = ''
as $$
  -- As private.draw_secret, in the form of Standard Webhooks: base64 of 32 bytes.
  select 'whsec_' || encode(sha256(convert_to(concat(gen_random_uuid(), gen_random_uuid(), gen_random_uuid()), 'UTF8')), 'base64')
$$;
comment on function private.draw_webhook_secret() is 'A new secret: "whsec_" and 32 bytes nobody can guess, in base64.';

create function private.listen_for_webhooks() returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  changed constant uuid := coalesce(new.account_id, old.account_id);
begin
  -- One change after the other: the last of two at once must see what the first has left.
  perform pg_advisory_xact_lock(hashtextextended('webhooks listen ' || changed::text, 0));
  -- An account that is being deleted takes its rows along: nothing may be written for it.
  perform private.listen(changed, 'webhooks', exists (
    select from public.webhook_endpoints as endpoint
    join public.accounts as account on account.id = endpoint.account_id
    where endpoint.account_id = changed and endpoint.is_enabled
  ));
  return null;
end
$$;
comment on function private.listen_for_webhooks() is 'Lets events be written for an account as long as one of its webhooks is switched on.';
insert into private.listeners values ('webhooks');
create trigger listen_for_webhooks after insert or delete or update of is_enabled on public.webhook_endpoints
  for each row execute function private.listen_for_webhooks();

create function private.check_may_manage_webhooks(account_id uuid, subject text) returns void
language plpgsql stable security definer set search_path = ''
as $$
begin
  if (select auth.uid()) is null then
    raise sqlstate 'PT401' using message = 'Sign in before you change webhooks.';
  end if;
  -- A stranger learns nothing: to them what another account has is no different from nothing.
  if account_id is null or account_id not in (select private.account_ids()) then
    raise sqlstate 'PT404' using
      message = format('There is no such %s of yours.', subject), hint = 'Reload the page: it may show something older.';
  end if;
  if account_id not in (select private.account_ids('{owner,admin}')) then
    raise sqlstate 'PT403' using message = 'Only owners and admins manage webhooks.', hint = 'Ask one of them.';
  end if;
end
$$;
comment on function private.check_may_manage_webhooks(uuid, text) is 'Refuses, in words, whoever is no owner or admin of an account.';

create function private.check_webhook_events(events text[]) returns void
language plpgsql stable set search_path = ''
as $$
begin
  if coalesce(cardinality(events), 0) = 0 then
    raise sqlstate 'PT422' using message = 'Choose at least one event that the webhook is to be told of.';
  end if;
  if exists (select from unnest(events) as asked where asked is null or asked not in (select known.event from private.webhook_events as known)) then
    raise sqlstate 'PT422' using
      message = 'One of these events does not exist.',
      hint = (select 'There are ' || string_agg(known.event, ', ' order by known.event) || '.' from private.webhook_events as known);
  end if;
end
$$;
comment on function private.check_webhook_events(text[]) is 'Refuses, in words, what a webhook cannot be told of.';

create function private.check_webhook_url(url text) returns void
language plpgsql stable set search_path = ''
as $$
begin
  if not exists (
    select from private.allowed_webhook_urls as allowed
    where allowed.url_hash = sha256(convert_to(url, 'UTF8')) and allowed.allowed_until > now()
  ) then
    raise sqlstate 'PT422' using message = 'This URL was not looked at.', hint = 'Save it with POST /api/v1/webhook-endpoints.';
  end if;
end
$$;
comment on function private.check_webhook_url(text) is 'Refuses a URL that the door has not looked at just now.';

create function public.allow_webhook_url(url text) returns void
language plpgsql security definer set search_path = ''
as $$
begin
  insert into private.allowed_webhook_urls (url_hash, allowed_until)
  values (sha256(convert_to(allow_webhook_url.url, 'UTF8')), now() + interval '2 minutes')
  on conflict on constraint allowed_webhook_urls_pkey do update set allowed_until = excluded.allowed_until;
end
$$;
comment on function public.allow_webhook_url(text) is 'The door has looked at a URL: for two minutes it may be saved as a webhook''s.';

create function public.check_may_manage_webhooks(account_id uuid) returns void
language sql stable security definer set search_path = ''
as $$ select private.check_may_manage_webhooks(check_may_manage_webhooks.account_id, 'account') $$;
comment on function public.check_may_manage_webhooks(uuid) is
  'Refuses, in words, whoever may not manage an account''s webhooks: asked by the door before it looks at a URL for them.';

create function public.create_webhook_endpoint(account_id uuid, url text, events text[], description text default '') returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  most_endpoints constant int := 10;
  drawn constant text := private.draw_webhook_secret();
  endpoint_id uuid;
begin
  perform private.check_may_manage_webhooks(create_webhook_endpoint.account_id, 'account');
  perform private.check_webhook_events(create_webhook_endpoint.events);
  perform private.check_webhook_url(create_webhook_endpoint.url);
  -- Serialises an account's additions, so that the limit holds for concurrent ones too.
  perform pg_advisory_xact_lock(hashtextextended('webhook_endpoints ' || create_webhook_endpoint.account_id::text, 0));
  if (
    select count(*) from public.webhook_endpoints as known where known.account_id = create_webhook_endpoint.account_id
  ) >= most_endpoints then
    raise sqlstate 'PT422' using
      message = format('This account has %s webhooks already, which is the most.', most_endpoints), hint = 'Delete one you no longer need.';
  end if;
  insert into public.webhook_endpoints (account_id, url, events, description, created_by)
  values (
    create_webhook_endpoint.account_id, create_webhook_endpoint.url, create_webhook_endpoint.events,
    btrim(coalesce(create_webhook_endpoint.description, '')), (select auth.uid())
  )
  returning id into endpoint_id;
  insert into private.webhook_secrets (account_id, endpoint_id, secret, created_by)
  values (create_webhook_endpoint.account_id, endpoint_id, drawn, (select auth.uid()));
  return jsonb_build_object('id', endpoint_id, 'secret', drawn);
end
$$;
comment on function public.create_webhook_endpoint(uuid, text, text[], text) is
  'Adds a webhook with a URL the door has looked at, and answers {id, secret}: the secret is shown here and nowhere else.';

create function private.managed_webhook(endpoint_id uuid) returns public.webhook_endpoints
language plpgsql stable security definer set search_path = ''
as $$
declare
  endpoint public.webhook_endpoints;
begin
  select * into endpoint from public.webhook_endpoints as known where known.id = managed_webhook.endpoint_id;
  perform private.check_may_manage_webhooks(endpoint.account_id, 'webhook');
  return endpoint;
end
$$;
comment on function private.managed_webhook(uuid) is 'A webhook of which the caller is owner or admin; refuses in words.';

create function public.update_webhook_endpoint(
  endpoint_id uuid, url text default null, events text[] default null, description text default null, is_enabled boolean default null
) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  endpoint constant public.webhook_endpoints := private.managed_webhook(endpoint_id);
begin
  if update_webhook_endpoint.events is not null then
    perform private.check_webhook_events(update_webhook_endpoint.events);
  end if;
  if update_webhook_endpoint.url <> endpoint.url then
    perform private.check_webhook_url(update_webhook_endpoint.url);
  end if;
  update public.webhook_endpoints as known
  set
    url = coalesce(update_webhook_endpoint.url, known.url),
    events = coalesce(update_webhook_endpoint.events, known.events),
    description = coalesce(btrim(update_webhook_endpoint.description), known.description),
    is_enabled = coalesce(update_webhook_endpoint.is_enabled, known.is_enabled),
    ended_for = case when update_webhook_endpoint.is_enabled is null then known.ended_for end,
    -- Whoever switches it on anew has mended it, and gets five days again.
    failing_since = case when update_webhook_endpoint.is_enabled then null else known.failing_since end
  where known.id = endpoint.id;
end
$$;
comment on function public.update_webhook_endpoint(uuid, text, text[], text, boolean) is
  'Changes what is not null of a webhook. What waits for one that is switched off is not sent, and can be sent again by hand.';

create function public.delete_webhook_endpoint(endpoint_id uuid) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  endpoint constant public.webhook_endpoints := private.managed_webhook(endpoint_id);
begin
  delete from public.webhook_endpoints as known where known.id = endpoint.id;
  -- What is under way ends by itself, and goes with the month.
  delete from private.outbox as message where message.destination_id = endpoint.id and message.channel = 'webhook' and message.state <> 'sending';
end
$$;
comment on function public.delete_webhook_endpoint(uuid) is
  'Deletes a webhook with its secrets and its log. What still waits for it is not sent.';

create function public.rotate_webhook_secret(endpoint_id uuid, ends_old_now boolean default false) returns text
language plpgsql security definer set search_path = ''
as $$
declare
  endpoint constant public.webhook_endpoints := private.managed_webhook(endpoint_id);
  drawn constant text := private.draw_webhook_secret();
begin
  perform pg_advisory_xact_lock(hashtextextended('webhook_secrets ' || endpoint.id::text, 0));
  -- At most two hold at once: the one that was on its way out goes now.
  delete from private.webhook_secrets as older
  where older.endpoint_id = endpoint.id and (older.expires_at is not null or rotate_webhook_secret.ends_old_now);
  update private.webhook_secrets as current set expires_at = now() + interval '24 hours'
  where current.endpoint_id = endpoint.id and current.expires_at is null;
  insert into private.webhook_secrets (account_id, endpoint_id, secret, created_by)
  values (endpoint.account_id, endpoint.id, drawn, (select auth.uid()));
  return drawn;
end
$$;
comment on function public.rotate_webhook_secret(uuid, boolean) is
  'Gives a webhook a new secret and answers it, once. Deliveries carry a signature of the one before as well, for a day, or no longer at all.';

revoke execute on function private.purge_webhooks() from public, anon, authenticated, service_role;
revoke execute on function private.draw_webhook_secret() from public, anon, authenticated, service_role;
revoke execute on function private.listen_for_webhooks() from public, anon, authenticated, service_role;
revoke execute on function private.check_may_manage_webhooks(uuid, text) from public, anon, authenticated, service_role;
revoke execute on function private.check_webhook_events(text[]) from public, anon, authenticated, service_role;
revoke execute on function private.check_webhook_url(text) from public, anon, authenticated, service_role;
revoke execute on function private.managed_webhook(uuid) from public, anon, authenticated, service_role;
revoke execute on function public.allow_webhook_url(text) from public, anon, authenticated, service_role;
revoke execute on function public.check_may_manage_webhooks(uuid) from public, anon, authenticated, service_role;
revoke execute on function public.create_webhook_endpoint(uuid, text, text[], text) from public, anon, authenticated, service_role;
revoke execute on function public.update_webhook_endpoint(uuid, text, text[], text, boolean) from public, anon, authenticated, service_role;
revoke execute on function public.delete_webhook_endpoint(uuid) from public, anon, authenticated, service_role;
revoke execute on function public.rotate_webhook_secret(uuid, boolean) from public, anon, authenticated, service_role;
grant execute on function public.allow_webhook_url(text) to webhook_door;
grant execute on function public.check_may_manage_webhooks(uuid) to authenticated;
grant execute on function public.create_webhook_endpoint(uuid, text, text[], text) to authenticated;
grant execute on function public.update_webhook_endpoint(uuid, text, text[], text, boolean) to authenticated;
grant execute on function public.delete_webhook_endpoint(uuid) to authenticated;
grant execute on function public.rotate_webhook_secret(uuid, boolean) to authenticated;
