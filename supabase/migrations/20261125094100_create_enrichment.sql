create table public.enrichment_settings (
  account_id uuid primary key references public.accounts (id) on delete cascade,
  companies text not null default 'by_hand' check (companies in ('none', 'by_hand', 'segment')),
  segment_id uuid,
  roles text[] not null default '{management}' constraint enrichment_settings_roles_are_known check (
    roles <@ '{management,sales,marketing,purchasing,operations,finance,it,hr,legal}' and cardinality(roles) between 1 and 9
  ),
  seniorities text[] not null default '{executive,senior}' constraint enrichment_settings_seniorities_are_known check (
    seniorities <@ '{junior,senior,executive}' and cardinality(seniorities) between 1 and 3
  ),
  provider text check (provider in ('hunter', 'dropcontact')),
  most_contacts smallint not null default 5 check (most_contacts between 1 and 20),
  changed_at timestamptz not null default now(),
  foreign key (account_id, segment_id) references public.segments (account_id, id) on delete set null (segment_id),
  constraint enrichment_settings_name_a_segment_only_by_segment check (segment_id is null or companies = 'segment')
);
create index enrichment_settings_segment_id_idx on public.enrichment_settings (account_id, segment_id);
comment on table public.enrichment_settings is
  'Whom an account looks for, and at which companies. No row: executives of the management, for companies chosen by hand.';
comment on column public.enrichment_settings.companies is
  'none: contacts are not looked for; by_hand: for companies a member asks for; segment: also for those of a segment.';
comment on column public.enrichment_settings.segment_id is
  'The segment whose companies contacts are looked for at, when they visit. Empty where it was deleted: then for none.';
comment on column public.enrichment_settings.roles is 'Which areas of a company.';
comment on column public.enrichment_settings.provider is 'Who is asked. Empty: whichever the operator has set up, the first by name.';
comment on column public.enrichment_settings.most_contacts is 'How many contacts are kept of a company at most.';

alter table public.enrichment_settings enable row level security;
revoke all on public.enrichment_settings from public, anon, authenticated, service_role;
grant select on public.enrichment_settings to authenticated;
create policy "Members read whom their account looks for" on public.enrichment_settings
  for select to authenticated using (account_id in (select private.account_ids()));

create table public.enrichment_credits (
  account_id uuid not null references public.accounts (id) on delete cascade,
  month date not null check (month = date_trunc('month', month)),
  granted int not null check (granted >= 0),
  used int not null default 0,
  primary key (account_id, month),
  constraint enrichment_credits_are_not_overdrawn check (used between 0 and granted)
);
comment on table public.enrichment_credits is
  'For how many companies an account may look for contacts in a month, and for how many it has. One is given back when nothing is found. Kept for two years.';
comment on column public.enrichment_credits.month is 'Its first day, in UTC.';

alter table public.enrichment_credits enable row level security;
revoke all on public.enrichment_credits from public, anon, authenticated, service_role;
grant select on public.enrichment_credits to authenticated;
create policy "Members read their account's credits" on public.enrichment_credits
  for select to authenticated using (account_id in (select private.account_ids()));

create function private.monthly_enrichment_credits(account_id uuid) returns int
language sql stable set search_path = ''
return 50;
comment on function private.monthly_enrichment_credits(uuid) is 'For how many companies an account may look for contacts in a month.';

create function private.take_enrichment_credit(account_id uuid) returns date
language plpgsql set search_path = ''
as $$
declare
  this_month constant date := date_trunc('month', now() at time zone 'UTC');
begin
  insert into public.enrichment_credits (account_id, month, granted)
  values (take_enrichment_credit.account_id, this_month, private.monthly_enrichment_credits(take_enrichment_credit.account_id))
  on conflict on constraint enrichment_credits_pkey do update set
    -- A plan with more holds at once; one with fewer takes nothing back of this month.
    granted = greatest(enrichment_credits.granted, excluded.granted);
  update public.enrichment_credits as credits set used = credits.used + 1
  where credits.account_id = take_enrichment_credit.account_id and credits.month = this_month and credits.used < credits.granted;
  return case when found then this_month end;
end
$$;
comment on function private.take_enrichment_credit(uuid) is 'Takes one of this month''s credits and answers the month; null where none is left.';

create table private.enrichment_requests (
  id uuid primary key default gen_random_uuid(),
  account_id uuid not null references public.accounts (id) on delete cascade,
  company_id uuid not null,
  asked_by uuid references auth.users (id) on delete set null,
  asked_at timestamptz not null default now(),
  credit_month date not null,
  state text not null default 'waiting' check (state in ('waiting', 'working', 'found', 'nothing', 'failed')),
  provider text check (provider in ('hunter', 'dropcontact')),
  provider_job text check (char_length(provider_job) between 1 and 200),
  attempts smallint not null default 0,
  next_try_at timestamptz not null default now(),
  claim uuid,
  leased_until timestamptz,
  ended_at timestamptz,
  contacts int not null default 0 check (contacts >= 0),
  fault text check (char_length(fault) between 1 and 200),
  foreign key (account_id, company_id) references public.companies (account_id, id) on delete cascade,
  check ((state = 'working') = (claim is not null)),
  check ((state in ('found', 'nothing', 'failed')) = (ended_at is not null))
);
create unique index enrichment_requests_open_idx on private.enrichment_requests (company_id) where state in ('waiting', 'working');
create index enrichment_requests_company_id_idx on private.enrichment_requests (account_id, company_id, asked_at desc);
create index enrichment_requests_asked_by_idx on private.enrichment_requests (asked_by);
create index enrichment_requests_due_idx on private.enrichment_requests (next_try_at) where state in ('waiting', 'working');
comment on table private.enrichment_requests is
  'For which companies contacts were asked for, and what came of it: for this account alone, nothing is shared with another. Kept for a year, or until the '
  'company goes. What a provider sends is not kept here.';
comment on column private.enrichment_requests.asked_by is 'Empty where a segment asked.';
comment on column private.enrichment_requests.credit_month is 'Of which month the credit was taken; it goes back there if nothing is found.';
comment on column private.enrichment_requests.provider_job is 'What the provider calls the work, where it is asked first and answers later.';
comment on column private.enrichment_requests.claim is 'Drawn for each attempt: only who holds it may say what came of it.';
comment on column private.enrichment_requests.fault is 'Why it failed, for a member to read.';

revoke all on private.enrichment_requests from public, anon, authenticated, service_role;

create function private.is_enrichable(company public.companies) returns boolean
language sql stable set search_path = ''
as $$
  select company.domain is not null and company.kind = 'company'
    and not exists (select from public.corrections as said where said.company_id = company.id and said.undone_at is null)
    and not exists (select from private.opt_outs as opted_out where opted_out.company_key = company.company_key)
    and not exists (select from private.free_mail_domains as free where free.domain = lower(company.domain))
$$;
comment on function private.is_enrichable(public.companies) is
  'Whether contacts may be looked for at a company: its domain is known and its own, nobody has said that it is another, and it has not opted out.';

create function private.ask_for_contacts(company public.companies, asked_by uuid) returns uuid
language plpgsql set search_path = ''
as $$
declare
  credit_month date;
  asked uuid;
begin
  credit_month := private.take_enrichment_credit(company.account_id);
  if credit_month is null then
    return null;
  end if;
  insert into private.enrichment_requests (account_id, company_id, asked_by, credit_month)
  values (company.account_id, company.id, ask_for_contacts.asked_by, credit_month)
  returning id into asked;
  return asked;
end
$$;
comment on function private.ask_for_contacts(public.companies, uuid) is
  'Takes a credit and asks for a company''s contacts in one transaction; null where no credit is left.';

create function private.end_enrichment(request_id uuid, state text, contacts int default 0, fault text default null) returns void
language plpgsql set search_path = ''
as $$
declare
  ended private.enrichment_requests;
begin
  update private.enrichment_requests as request
  set
    state = end_enrichment.state, contacts = end_enrichment.contacts, fault = left(end_enrichment.fault, 200), ended_at = now(), claim = null,
    leased_until = null
  where request.id = end_enrichment.request_id and request.ended_at is null
  returning * into ended;
  if ended.id is not null and ended.state <> 'found' then
    update public.enrichment_credits as credits set used = credits.used - 1
    where credits.account_id = ended.account_id and credits.month = ended.credit_month and credits.used > 0;
  end if;
end
$$;
comment on function private.end_enrichment(uuid, text, int, text) is 'Ends a request once; its credit is given back unless contacts were found.';

create function private.purge_contacts() returns int
language plpgsql set search_path = ''
as $$
declare
  gone int;
begin
  with expired as (
    delete from public.contacts as old
    where old.id in (select contact.id from public.contacts as contact where contact.expires_at < now() order by contact.expires_at limit 3000)
      or old.id in (
        select contact.id from private.opt_outs as opted_out
        join public.companies as company on company.company_key = opted_out.company_key
        join public.contacts as contact on contact.account_id = company.account_id and contact.company_id = company.id
        limit 3000
      )
    returning 1
  ),
  forgotten as (
    delete from private.enrichment_requests as old
    where old.id in (select request.id from private.enrichment_requests as request where request.ended_at < now() - interval '365 days' limit 1000)
    returning 1
  ),
  spent as (
    delete from public.enrichment_credits as old where old.month < now() - interval '2 years' returning 1
  )
  select (select count(*) from expired) + (select count(*) from forgotten) + (select count(*) from spent) into gone;
  return gone;
end
$$;
comment on function private.purge_contacts() is 'Deletes contacts that expired or whose company opted out, requests that ended a year ago, and credits of two years ago.';
insert into private.chores values ('contacts');

revoke execute on function private.monthly_enrichment_credits(uuid) from public, anon, authenticated, service_role;
revoke execute on function private.take_enrichment_credit(uuid) from public, anon, authenticated, service_role;
revoke execute on function private.is_enrichable(public.companies) from public, anon, authenticated, service_role;
revoke execute on function private.ask_for_contacts(public.companies, uuid) from public, anon, authenticated, service_role;
revoke execute on function private.end_enrichment(uuid, text, int, text) from public, anon, authenticated, service_role;
revoke execute on function private.purge_contacts() from public, anon, authenticated, service_role;
