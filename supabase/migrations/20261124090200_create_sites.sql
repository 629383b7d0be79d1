create function private.is_time_zone(name text) returns boolean
language plpgsql stable set search_path = ''
as $$
begin
  perform now() at time zone name;
  -- Postgres also takes POSIX rules such as 'ABC+3' here; only names of the IANA database are wanted.
  return name ~ '^[A-Z][A-Za-z_]*(/[A-Za-z0-9_+-]+){0,2}$';
exception when invalid_parameter_value then
  return false;
end
$$;
comment on function private.is_time_zone(text) is 'Whether a text names a time zone of the IANA database, such as Europe/Berlin.';
revoke execute on function private.is_time_zone(text) from public, anon, service_role;
grant execute on function private.is_time_zone(text) to authenticated;

create table public.sites (
  id uuid primary key default gen_random_uuid(),
  account_id uuid not null references public.accounts (id) on delete cascade,
  name text not null check (name = btrim(name) and char_length(name) between 1 and 120),
  public_key text not null unique default 'site_' || left(replace(gen_random_uuid()::text, '-', ''), 24)
    check (public_key ~ '^site_[0-9a-f]{24}$'),
  time_zone text not null default 'UTC'
    constraint sites_time_zone_is_known check (private.is_time_zone(time_zone)),
  keeps_referrer_host boolean not null default false,
  created_at timestamptz not null default now(),
  unique (account_id, id)
);
comment on table public.sites is 'A website whose company visits an account wants to see. Kept until it is deleted, which deletes its visits.';
comment on column public.sites.public_key is 'What the snippet sends. Public: it lets a beacon in, and nothing out.';
comment on column public.sites.time_zone is 'IANA name. Decides where one day of the funnel ends and the next begins.';
comment on column public.sites.keeps_referrer_host is 'Whether the referring host is kept with a page view. Off unless the owner switches it on.';

create table public.site_hosts (
  account_id uuid not null,
  site_id uuid not null,
  host text not null check (
    char_length(host) <= 253
    and host ~ '^(\*\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'
  ),
  created_at timestamptz not null default now(),
  primary key (site_id, host),
  foreign key (account_id, site_id) references public.sites (account_id, id) on delete cascade
);
create index site_hosts_account_id_idx on public.site_hosts (account_id);
comment on table public.site_hosts is 'The hosts whose pages may send beacons for a site. Kept with the site.';
comment on column public.site_hosts.host is
  'Lower case, no port. example.com also stands for www.example.com; *.example.com stands for every host below example.com.';

alter table public.sites enable row level security;
revoke all on public.sites from public, anon, authenticated, service_role;
-- The key is drawn by the database: a member who could choose it could take another site's.
grant select, delete on public.sites to authenticated;
grant insert (account_id, name, time_zone, keeps_referrer_host) on public.sites to authenticated;
grant update (name, time_zone, keeps_referrer_host) on public.sites to authenticated;

create policy "Members read their account's sites" on public.sites
  for select to authenticated using (account_id in (select private.account_ids()));
create policy "Owners and admins add sites" on public.sites
  for insert to authenticated with check (account_id in (select private.account_ids('{owner,admin}')));
create policy "Owners and admins change sites" on public.sites
  for update to authenticated
  using (account_id in (select private.account_ids('{owner,admin}')))
  with check (account_id in (select private.account_ids('{owner,admin}')));
create policy "Owners and admins delete sites" on public.sites
  for delete to authenticated using (account_id in (select private.account_ids('{owner,admin}')));

alter table public.site_hosts enable row level security;
revoke all on public.site_hosts from public, anon, authenticated, service_role;
grant select, delete on public.site_hosts to authenticated;
grant insert (account_id, site_id, host) on public.site_hosts to authenticated;

create policy "Members read their sites' hosts" on public.site_hosts
  for select to authenticated using (account_id in (select private.account_ids()));
create policy "Owners and admins add hosts" on public.site_hosts
  for insert to authenticated with check (account_id in (select private.account_ids('{owner,admin}')));
create policy "Owners and admins remove hosts" on public.site_hosts
  for delete to authenticated using (account_id in (select private.account_ids('{owner,admin}')));

-- Runs as the caller: the policies above decide, this only makes site and hosts one transaction.
create function public.create_site(account_id uuid, site_name text, hosts text[], site_time_zone text default 'UTC')
returns public.sites
language plpgsql set search_path = ''
as $$
declare
  created public.sites;
begin
  if coalesce(array_length(hosts, 1), 0) not between 1 and 50 then
    raise sqlstate 'PT422' using
      message = 'A site needs at least one host and takes at most 50.', hint = 'Name the host of your pages, such as example.com.';
  end if;
  insert into public.sites (account_id, name, time_zone)
    values (create_site.account_id, btrim(site_name), site_time_zone)
    returning * into created;
  insert into public.site_hosts (account_id, site_id, host)
    select distinct created.account_id, created.id, lower(btrim(named.host)) from unnest(hosts) as named (host);
  return created;
end
$$;
comment on function public.create_site(uuid, text, text[], text) is 'Creates a site with its hosts in one transaction and returns the site.';
revoke execute on function public.create_site(uuid, text, text[], text) from public, anon, service_role;
grant execute on function public.create_site(uuid, text, text[], text) to authenticated;
