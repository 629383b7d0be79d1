create function private.is_host_name(text_of_host text) returns boolean
language sql immutable set search_path = ''
as $$
  select char_length(text_of_host) <= 253
    and text_of_host ~ '^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'
    -- whose last label has a letter: browsers take everything else for an address
    and text_of_host !~ '(^|\.)[0-9]+$'
$$;
comment on function private.is_host_name(text) is 'Whether a text is a host''s name in lower case, and not an address.';
revoke execute on function private.is_host_name(text) from public, anon, authenticated, service_role;

create table public.refused_hosts (
  account_id uuid not null,
  site_id uuid not null,
  host text not null constraint refused_hosts_host_is_a_name check (private.is_host_name(host)),
  beacons int not null constraint refused_hosts_beacons_is_positive check (beacons > 0),
  first_at timestamptz not null default now(),
  last_at timestamptz not null default now(),
  primary key (site_id, host),
  foreign key (account_id, site_id) references public.sites (account_id, id) on delete cascade
);
create index refused_hosts_account_id_idx on public.refused_hosts (account_id);
comment on table public.refused_hosts is
  'Hosts whose pages sent beacons for a site though they are not on its list. The 20 latest of a site, each until it is added or the site goes.';
comment on column public.refused_hosts.host is
  'As the page or its browser named it, lower case. Never an address: one could be a visitor''s own.';
comment on column public.refused_hosts.beacons is 'At least so many: batches that come at the same moment are not all counted.';

alter table public.refused_hosts enable row level security;
revoke all on public.refused_hosts from public, anon, authenticated, service_role;
grant select on public.refused_hosts to authenticated;

create policy "Members read their sites' refused hosts" on public.refused_hosts
  for select to authenticated using (account_id in (select private.account_ids()));

create function private.lock_of_refused_hosts(site_id uuid) returns bigint
language sql immutable set search_path = ''
as $$
  select hashtextextended('refused_hosts ' || lock_of_refused_hosts.site_id::text, 0)
$$;
comment on function private.lock_of_refused_hosts(uuid) is 'The advisory lock under which alone a site''s refused hosts change.';

create function private.keep_refused_host(account_id uuid, site_id uuid, host text, beacons int) returns void
language plpgsql set search_path = ''
as $$
#variable_conflict use_column
declare
  most constant int := 20;
  named constant text := lower(keep_refused_host.host);
begin
  -- Whoever sends beacons may write anything, and no batch fails over it.
  if private.is_host_name(named) is not true or coalesce(keep_refused_host.beacons, 0) < 1 then
    return;
  end if;
  -- A batch never waits here: it may hold other sites' locks, and a notice is not worth a circle of waiting batches.
  if not pg_try_advisory_xact_lock(private.lock_of_refused_hosts(keep_refused_host.site_id)) then
    return;
  end if;
  -- It may have been added since the batch decided.
  if private.site_has_host(keep_refused_host.site_id, named) then
    return;
  end if;
  insert into public.refused_hosts as known (account_id, site_id, host, beacons)
    values (keep_refused_host.account_id, keep_refused_host.site_id, named, keep_refused_host.beacons)
    on conflict (site_id, host) do update set
      -- A flood must not end in an overflow, and so in a refused batch.
      beacons = least(known.beacons::bigint + excluded.beacons, 2147483647)::int, last_at = greatest(known.last_at, excluded.last_at);
  delete from public.refused_hosts as old
    where old.site_id = keep_refused_host.site_id and old.host not in (
      select latest.host from public.refused_hosts as latest
      where latest.site_id = keep_refused_host.site_id
      order by latest.last_at desc, latest.host limit most
    );
end
$$;
comment on function private.keep_refused_host(uuid, uuid, text, int) is
  'Remembers that beacons came from a host that is not on the site''s list, unless somebody else is just writing that down.';

-- As the owner: who adds a host may not delete notices, and needs not.
create function private.forget_refused_hosts() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  perform pg_advisory_xact_lock(private.lock_of_refused_hosts(new.site_id));
  delete from public.refused_hosts as refused
    where refused.site_id = new.site_id and private.site_has_host(new.site_id, refused.host);
  return null;
end
$$;
comment on function private.forget_refused_hosts() is 'Ends the notice about a host once it is on the site''s list.';

create trigger forget_refused_hosts after insert or update of host on public.site_hosts
  for each row execute function private.forget_refused_hosts();

revoke execute on function private.lock_of_refused_hosts(uuid) from public, anon, authenticated, service_role;
revoke execute on function private.keep_refused_host(uuid, uuid, text, int) from public, anon, authenticated, service_role;
revoke execute on function private.forget_refused_hosts() from public, anon, authenticated, service_role;
