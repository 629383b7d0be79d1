create table private.beacon_receipts (
  site_id uuid not null references public.sites (id) on delete cascade,
  beacon_id text not null check (beacon_id ~ '^[a-z0-9]{8,32}$'),
  received_at timestamptz not null default now(),
  primary key (site_id, beacon_id)
);
create index beacon_receipts_received_at_idx on private.beacon_receipts (received_at);
comment on table private.beacon_receipts is
  'The random numbers of beacons that were counted but not kept, for one hour: a retry within it is not counted twice.';

-- No policy: the schema is out of the API's reach, and nobody is granted anything here.
revoke all on private.beacon_receipts from public, anon, authenticated, service_role;
