create table public.excluded_networks (
  id uuid primary key default gen_random_uuid(),
  account_id uuid not null references public.accounts (id) on delete cascade,
  network cidr not null,
  note text check (char_length(note) between 1 and 120),
  created_by uuid default auth.uid() references auth.users (id) on delete set null,
  created_at timestamptz not null default now(),
  unique (account_id, network)
);
create index excluded_networks_created_by_idx on public.excluded_networks (created_by);
comment on table public.excluded_networks is
  'Networks whose beacons an account does not want, such as its own offices''. Kept until removed. At most 200 in an account.';
comment on column public.excluded_networks.network is
  'What a member asked to leave out. A rule, not a visit: it says nothing about who came, and is never filled from one.';
comment on column public.excluded_networks.note is 'What the network is, in the member''s words.';
comment on column public.excluded_networks.created_by is 'Set by the database: nobody adds one in another''s name.';

create table public.excluded_countries (
  account_id uuid not null references public.accounts (id) on delete cascade,
  country text not null constraint excluded_countries_country_is_iso_3166 check (country ~ '^[A-Z]{2}$'),
  created_by uuid default auth.uid() references auth.users (id) on delete set null,
  created_at timestamptz not null default now(),
  primary key (account_id, country)
);
create index excluded_countries_created_by_idx on public.excluded_countries (created_by);
comment on table public.excluded_countries is 'Countries whose companies an account does not want to see. Kept until removed.';
comment on column public.excluded_countries.country is
  'ISO 3166-1 alpha-2. Compared with the company''s country; one that is not known is never left out.';
comment on column public.excluded_countries.created_by is 'Set by the database: nobody adds one in another''s name.';

alter table public.excluded_networks enable row level security;
revoke all on public.excluded_networks from public, anon, authenticated, service_role;
grant select, delete on public.excluded_networks to authenticated;
grant insert (account_id, network, note) on public.excluded_networks to authenticated;

create policy "Members read their account's excluded networks" on public.excluded_networks
  for select to authenticated using (account_id in (select private.account_ids()));
create policy "Owners and admins exclude networks" on public.excluded_networks
  for insert to authenticated with check (account_id in (select private.account_ids('{owner,admin}')));
create policy "Owners and admins include networks again" on public.excluded_networks
  for delete to authenticated using (account_id in (select private.account_ids('{owner,admin}')));

alter table public.excluded_countries enable row level security;
revoke all on public.excluded_countries from public, anon, authenticated, service_role;
grant select, delete on public.excluded_countries to authenticated;
grant insert (account_id, country) on public.excluded_countries to authenticated;

create policy "Members read their account's excluded countries" on public.excluded_countries
  for select to authenticated using (account_id in (select private.account_ids()));
create policy "Owners and admins exclude countries" on public.excluded_countries
  for insert to authenticated with check (account_id in (select private.account_ids('{owner,admin}')));
create policy "Owners and admins include countries again" on public.excluded_countries
  for delete to authenticated using (account_id in (select private.account_ids('{owner,admin}')));

-- Runs as the caller: before row-level security has refused a stranger, it must not tell them what an account has.
-- No message repeats the network: it may be the very line a member sits at, and the database's log keeps messages.
create function private.check_excluded_network() returns trigger
language plpgsql set search_path = ''
as $$
declare
  most constant int := 200;
  is_ipv4 constant boolean := family(new.network) = 4;
  -- Source: the IANA special-purpose address registries, as lib/identification/reserved.py has them.
  special constant cidr[] := '{
    0.0.0.0/8,10.0.0.0/8,100.64.0.0/10,127.0.0.0/8,169.254.0.0/16,172.16.0.0/12,192.0.0.0/24,192.0.2.0/24,192.31.196.0/24,
    192.52.193.0/24,192.88.99.0/24,192.168.0.0/16,192.175.48.0/24,198.18.0.0/15,198.51.100.0/24,203.0.113.0/24,224.0.0.0/4,240.0.0.0/4,
    2001::/23,2001:db8::/32,2002::/16,2620:4f:8000::/48,3fff::/20}';
begin
  if masklen(new.network) < (case when is_ipv4 then 8 else 20 end) then
    raise sqlstate 'PT422' using
      message = 'This network is too wide: the widest is a /8, of IPv6 a /20.', hint = 'Name the networks you use one by one.';
  end if;
  if new.network <<= any (special) or not (is_ipv4 or new.network <<= '2000::/3') then
    raise sqlstate 'PT422' using
      message = 'This network is not on the public internet, so no beacon comes from it.',
      hint = 'Name the public network your office goes out by; "my current network" shows it.';
  end if;
  -- Serialises an account's additions, so that the limit holds for concurrent ones too.
  perform pg_advisory_xact_lock(hashtextextended('excluded_networks ' || new.account_id::text, 0));
  if exists (select from public.excluded_networks as known where known.account_id = new.account_id and known.network = new.network) then
    raise sqlstate 'PT409' using message = 'This network is excluded already.', hint = 'Nothing is left to do.';
  end if;
  if (select count(*) from public.excluded_networks where account_id = new.account_id) >= most then
    raise sqlstate 'PT422' using
      message = format('You exclude %s networks already, which is the most.', most),
      hint = 'Join neighbours into wider ones, or remove some.';
  end if;
  return new;
end
$$;
comment on function private.check_excluded_network() is 'Refuses, in words, networks that are too wide, not public, known already, or too many.';
revoke execute on function private.check_excluded_network() from public, anon, authenticated, service_role;

create trigger check_excluded_network before insert or update of account_id, network on public.excluded_networks
  for each row execute function private.check_excluded_network();
