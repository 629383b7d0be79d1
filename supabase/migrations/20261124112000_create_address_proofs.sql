create table public.address_proofs (
  id uuid primary key default gen_random_uuid(),
  ran_at timestamptz not null default now(),
  release text not null default '' check (release ~ '^([0-9a-f]{7,40})?$'),
  canaries int not null check (canaries between 0 and 1000),
  beacons int not null check (beacons between 0 and 100000),
  places jsonb not null default '{}' check (jsonb_typeof(places) = 'object' and pg_column_size(places) < 4000),
  found int not null check (found >= 0),
  control_found boolean not null,
  verdict text not null check (verdict in ('clean', 'found', 'control_failed', 'not_configured')),
  -- So that no row says "clean" of a search that found something, or that could have found nothing.
  check (verdict <> 'clean' or (found = 0 and control_found and canaries > 0 and beacons > 0)),
  check ((verdict = 'found') = (found > 0))
);
create index address_proofs_ran_at_idx on public.address_proofs (ran_at desc);
comment on table public.address_proofs is
  'What each nightly proof searched and found: visits from addresses the operator owns, then a search for them. Holds no address. Kept for good.';
comment on column public.address_proofs.release is 'The commit that was deployed, as the platform names it; empty elsewhere.';
comment on column public.address_proofs.canaries is 'How many addresses visited.';
comment on column public.address_proofs.beacons is 'How many of their beacons were acknowledged.';
comment on column public.address_proofs.places is 'What was searched, by place (rows, egress, logs, reports): counts of what was looked at and of what was found.';
comment on column public.address_proofs.found is 'In how many places an address stood in any spelling.';
comment on column public.address_proofs.control_found is 'Whether the address planted on purpose was found in every place: else the search proves nothing.';
comment on column public.address_proofs.verdict is
  'clean; found: an address was somewhere; control_failed: the search, or the visits, did not work; not_configured: there are no canaries.';

alter table public.address_proofs enable row level security;
-- No policy and no grant: it is written and read by the functions below alone.
revoke all on public.address_proofs from public, anon, authenticated, service_role;
create trigger address_proofs_are_never_changed before update or delete or truncate on public.address_proofs
  for each statement execute function private.refuse_change();
-- Also where a session asks for triggers to be left out, as for public.corrections.
alter table public.address_proofs enable always trigger address_proofs_are_never_changed;

create function public.list_address_proofs() returns table (
  ran_at timestamptz, release text, canaries int, beacons int, places jsonb, found int, control_found boolean, verdict text
)
language sql stable security definer set search_path = ''
as $$
  select proof.ran_at, proof.release, proof.canaries, proof.beacons, proof.places, proof.found, proof.control_found, proof.verdict
  from public.address_proofs as proof
  where proof.ran_at > now() - interval '90 days'
  order by proof.ran_at desc
  limit 90
$$;
comment on function public.list_address_proofs() is 'The proofs of the last 90 days, the latest first, at most 90: what the page /proof shows to anybody.';
revoke execute on function public.list_address_proofs() from public, anon, authenticated, service_role;
grant execute on function public.list_address_proofs() to anon, authenticated;
