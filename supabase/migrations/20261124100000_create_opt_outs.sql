create table private.opt_outs (
  id uuid primary key default gen_random_uuid(),
  company_key text check (char_length(company_key) between 1 and 200),
  network cidr,
  domain text check (char_length(domain) <= 253),
  proof text not null check (proof in ('mail', 'dns', 'operator')),
  created_at timestamptz not null default now(),
  constraint opt_outs_name_one_thing check (num_nonnulls(company_key, network) = 1)
);
create unique index opt_outs_company_key_idx on private.opt_outs (company_key);
create unique index opt_outs_network_idx on private.opt_outs (network);
comment on table private.opt_outs is
  'Companies and networks whose owner asked never to be identified. Holds for every account. Kept until the owner withdraws it.';
comment on column private.opt_outs.company_key is 'The company''s stable id in the company-IP table: all of its ranges, also those of later tables.';
comment on column private.opt_outs.network is 'A range, where only a part of a company''s network is meant or no company is known for it.';
comment on column private.opt_outs.domain is 'The domain whose control was proved. Empty where an operator decided.';
comment on column private.opt_outs.proof is 'How the owner proved it: a mail to the domain, a DNS record, or papers an operator looked at.';

-- No policy: the schema is out of the API's reach, and nobody is granted anything here.
revoke all on private.opt_outs from public, anon, authenticated, service_role;

create function private.is_opted_out(company_key text) returns boolean
language sql stable set search_path = ''
as $$
  select exists (select from private.opt_outs as opt_out where opt_out.company_key = is_opted_out.company_key)
$$;
comment on function private.is_opted_out(text) is 'Whether a company asked never to be identified.';
revoke execute on function private.is_opted_out(text) from public, anon, authenticated, service_role;
