create table public.visits (
  id uuid primary key default gen_random_uuid(),
  account_id uuid not null,
  site_id uuid not null,
  company_id uuid not null,
  started_at timestamptz not null,
  last_seen_at timestamptz not null,
  page_view_count int not null default 0 check (page_view_count >= 0),
  unique (account_id, id),
  foreign key (account_id, site_id) references public.sites (account_id, id) on delete cascade,
  foreign key (account_id, company_id) references public.companies (account_id, id) on delete cascade,
  check (last_seen_at >= started_at)
);
create index visits_site_id_last_seen_at_idx on public.visits (site_id, last_seen_at desc);
create index visits_company_id_last_seen_at_idx on public.visits (company_id, site_id, last_seen_at desc);
comment on table public.visits is
  'One company''s page views on one site until 30 minutes of silence. It belongs to a company: two people of one company are one visit.';

create table public.page_views (
  id uuid primary key default gen_random_uuid(),
  account_id uuid not null,
  site_id uuid not null,
  visit_id uuid not null,
  beacon_id text not null check (beacon_id ~ '^[a-z0-9]{8,32}$'),
  viewed_at timestamptz not null,
  host text not null check (char_length(host) between 1 and 253),
  path text not null check (char_length(path) between 1 and 1024),
  utm_source text check (char_length(utm_source) <= 120),
  utm_medium text check (char_length(utm_medium) <= 120),
  utm_campaign text check (char_length(utm_campaign) <= 120),
  utm_term text check (char_length(utm_term) <= 120),
  utm_content text check (char_length(utm_content) <= 120),
  referrer_host text check (char_length(referrer_host) <= 253),
  unique (site_id, beacon_id),
  foreign key (account_id, visit_id) references public.visits (account_id, id) on delete cascade,
  foreign key (account_id, site_id) references public.sites (account_id, id) on delete cascade
);
create index page_views_visit_id_viewed_at_idx on public.page_views (visit_id, viewed_at);
create index page_views_account_id_idx on public.page_views (account_id);
comment on table public.page_views is 'A page a visiting company looked at: host, redacted path, campaign and time. Never an address, query or fragment.';
comment on column public.page_views.beacon_id is
  'Drawn at random for each page view by the snippet, so that a repeated beacon is not counted twice. It identifies no browser.';
comment on column public.page_views.path is 'With whatever looked like an e-mail, token, phone number or address replaced by a placeholder.';
comment on column public.page_views.referrer_host is 'The referring host, kept only where the site''s owner switched that on.';

alter table public.visits enable row level security;
revoke all on public.visits from public, anon, authenticated, service_role;
grant select on public.visits to authenticated;

create policy "Members read their account's visits" on public.visits
  for select to authenticated using (account_id in (select private.account_ids()));

alter table public.page_views enable row level security;
revoke all on public.page_views from public, anon, authenticated, service_role;
grant select on public.page_views to authenticated;

create policy "Members read their account's page views" on public.page_views
  for select to authenticated using (account_id in (select private.account_ids()));
