create table public.site_days (
  account_id uuid not null,
  site_id uuid not null,
  day date not null,
  outcome text not null check (outcome in (
    'identified', 'carrier', 'hoster', 'relay', 'natural_person', 'reserved', 'unknown', 'bot', 'prefetch', 'opted_out'
  )),
  beacons int not null check (beacons > 0),
  last_at timestamptz not null,
  primary key (site_id, day, outcome),
  foreign key (account_id, site_id) references public.sites (account_id, id) on delete cascade
);
create index site_days_account_id_idx on public.site_days (account_id);
comment on table public.site_days is
  'The funnel: how many beacons a site sent on a day and what became of them. Counts only, so that nobody wonders what was filtered.';
comment on column public.site_days.day is 'The calendar day in the site''s time zone.';
comment on column public.site_days.outcome is
  'identified makes a page view; everything else is counted and not kept: no company behind it, not a person''s page view, or not wanted.';
comment on column public.site_days.last_at is 'When the latest of these beacons came. Answers whether the snippet is installed.';

alter table public.site_days enable row level security;
revoke all on public.site_days from public, anon, authenticated, service_role;
grant select on public.site_days to authenticated;

create policy "Members read their sites' funnel" on public.site_days
  for select to authenticated using (account_id in (select private.account_ids()));
