-- What the beacon door remembers of sites, so that floods and strangers cost the database nothing.
alter table public.sites add column beacons_per_day int not null default 1000000
  constraint sites_beacons_per_day_is_positive check (beacons_per_day > 0);
comment on column public.sites.beacons_per_day is
  'How many beacons are recorded on one day of the site''s calendar, give or take some per cent. Set by the operator or the plan, by no member.';

create table public.site_pauses (
  account_id uuid not null,
  site_id uuid not null,
  day date not null,
  began_at timestamptz not null default now(),
  primary key (site_id, day),
  foreign key (account_id, site_id) references public.sites (account_id, id) on delete cascade
);
create index site_pauses_account_id_idx on public.site_pauses (account_id);
comment on table public.site_pauses is 'Days on which a site sent more beacons than it may: from then on nothing was recorded. Kept with the site.';
comment on column public.site_pauses.day is 'The calendar day in the site''s time zone.';
comment on column public.site_pauses.began_at is 'When the quota was used up.';

alter table public.site_pauses enable row level security;
revoke all on public.site_pauses from public, anon, authenticated, service_role;
grant select on public.site_pauses to authenticated;

create policy "Members read their sites' pauses" on public.site_pauses
  for select to authenticated using (account_id in (select private.account_ids()));

create table private.site_keys_version (
  is_the_only_row boolean primary key default true check (is_the_only_row),
  version bigint not null
);
comment on table private.site_keys_version is 'How often sites have been added or deleted: tells whoever knows all keys whether they still do.';
revoke all on private.site_keys_version from public, anon, authenticated, service_role;
insert into private.site_keys_version (version) values (0);

create function private.raise_site_keys_version() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  update private.site_keys_version set version = version + 1;
  return null;
end
$$;
comment on function private.raise_site_keys_version() is 'Says that there are other site keys than before.';
revoke execute on function private.raise_site_keys_version() from public, anon, authenticated, service_role;

create trigger raise_site_keys_version after insert or delete or truncate on public.sites
  for each statement execute function private.raise_site_keys_version();

-- One statement and so one snapshot: the keys are those of the version beside them.
create function public.beacon_sites(known_version bigint default -1) returns jsonb
language sql stable security definer set search_path = ''
as $$
  select jsonb_build_object(
    'version', keys.version,
    'keys', case when keys.version is distinct from known_version then
      (select coalesce(jsonb_agg(site.public_key), '[]') from public.sites as site)
    end
  )
  from private.site_keys_version as keys
$$;
comment on function public.beacon_sites(bigint) is
  'The public keys of all sites, for the function that turns strangers away from memory; null where the caller knows that version. The keys are '
  'in every customer''s pages.';
comment on role beacon is 'What the beacon door signs in as. May execute record_beacons, beacon_rules and beacon_sites and nothing else.';
revoke execute on function public.beacon_sites(bigint) from public, anon, authenticated, service_role;
grant execute on function public.beacon_sites(bigint) to beacon;
