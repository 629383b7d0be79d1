create table public.companies (
  id uuid primary key default gen_random_uuid(),
  account_id uuid not null references public.accounts (id) on delete cascade,
  company_key text not null check (char_length(company_key) between 1 and 200),
  kind text not null check (kind in ('company', 'education', 'government', 'nonprofit')),
  name text not null check (char_length(name) between 1 and 200),
  domain text check (char_length(domain) <= 253),
  industry text check (char_length(industry) <= 120),
  country text check (country ~ '^[A-Z]{2}$'),
  employee_range text check (employee_range in ('1-9', '10-49', '50-249', '250-999', '1000-4999', '5000-9999', '10000+')),
  evidence jsonb not null check (jsonb_typeof(evidence) = 'object'),
  first_seen_at timestamptz not null,
  last_seen_at timestamptz not null,
  unique (account_id, id),
  unique (account_id, company_key)
);
comment on table public.companies is
  'A company that visited one of the account''s sites. An account sees its own copy; nothing tells it who else was visited.';
comment on column public.companies.company_key is 'The company''s stable id in the company-IP table, the same across its releases.';
comment on column public.companies.industry is 'Label of a NACE Rev. 2 section. Empty where no source knows it.';
comment on column public.companies.country is 'ISO 3166-1 alpha-2.';
comment on column public.companies.evidence is
  'Why the match was made: organisation, asn, source, release, rule. Never a range: a narrow one would be an address.';

alter table public.companies enable row level security;
revoke all on public.companies from public, anon, authenticated, service_role;
grant select on public.companies to authenticated;

create policy "Members read their account's companies" on public.companies
  for select to authenticated using (account_id in (select private.account_ids()));
