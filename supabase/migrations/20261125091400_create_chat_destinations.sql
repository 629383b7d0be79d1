create table public.chat_destinations (
  id uuid primary key default gen_random_uuid(),
  account_id uuid not null references public.accounts (id) on delete cascade,
  kind text not null check (kind in ('slack', 'teams')),
  name text not null constraint chat_destinations_name_is_short check (name = btrim(name) and char_length(name) between 1 and 80),
  ending text not null check (char_length(ending) = 4),
  created_by uuid references auth.users (id) on delete set null,
  created_at timestamptz not null default now(),
  last_delivered_at timestamptz,
  broken_at timestamptz,
  broken_reason text check (char_length(broken_reason) between 1 and 300),
  unique (account_id, id),
  constraint chat_destinations_name_is_unique unique (account_id, name),
  constraint chat_destinations_broken_ones_say_why check ((broken_at is null) = (broken_reason is null))
);
create index chat_destinations_created_by_idx on public.chat_destinations (created_by);
comment on table public.chat_destinations is
  'Channels of Slack and Microsoft Teams that an account may post to. Kept until removed. Their addresses are secrets: private.chat_urls.';
comment on column public.chat_destinations.ending is 'The address''s last four characters, by which members tell their channels apart.';
comment on column public.chat_destinations.last_delivered_at is 'When it last took a message.';
comment on column public.chat_destinations.broken_at is
  'Since when it takes no messages, as it said itself. Alerts wait for the digest until a test or a new address went through.';

create table private.chat_urls (
  destination_id uuid primary key,
  account_id uuid not null,
  url text not null check (char_length(url) <= 2000),
  foreign key (account_id, destination_id) references public.chat_destinations (account_id, id) on delete cascade
);
create index chat_urls_destination_idx on private.chat_urls (account_id, destination_id);
comment on table private.chat_urls is
  'Where a chat channel takes messages: who knows the address may post there. Read by functions of this schema''s owner alone; kept with the channel.';

revoke all on private.chat_urls from public, anon, authenticated, service_role;
alter table public.chat_destinations enable row level security;
revoke all on public.chat_destinations from public, anon, authenticated, service_role;
grant select, delete on public.chat_destinations to authenticated;
grant update (name) on public.chat_destinations to authenticated;

create policy "Members read their account's chat channels" on public.chat_destinations
  for select to authenticated using (account_id in (select private.account_ids()));
create policy "Owners and admins rename chat channels" on public.chat_destinations
  for update to authenticated
  using (account_id in (select private.account_ids('{owner,admin}')))
  with check (account_id in (select private.account_ids('{owner,admin}')));
create policy "Owners and admins remove chat channels" on public.chat_destinations
  for delete to authenticated using (account_id in (select private.account_ids('{owner,admin}')));
