create table private.opt_out_requests (
  id uuid primary key default gen_random_uuid(),
  domain text not null check (char_length(domain) between 1 and 253),
  company_keys text[] not null check (cardinality(company_keys) between 1 and 200 and array_position(company_keys, null) is null),
  proof text not null check (proof in ('mail', 'dns')),
  wish text not null check (wish in ('opt_out', 'withdraw')),
  token_hash bytea not null unique check (octet_length(token_hash) = 32),
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  used_at timestamptz
);
create index opt_out_requests_domain_idx on private.opt_out_requests (domain, proof, created_at);
create index opt_out_requests_created_at_idx on private.opt_out_requests (proof, created_at);
create index opt_out_requests_expires_at_idx on private.opt_out_requests (expires_at);
comment on table private.opt_out_requests is
  'Somebody asked that a domain''s companies be never identified, or be identified again, and has yet to prove that the domain is theirs. '
  'Holds no e-mail address. Deleted a day after it expires.';
comment on column private.opt_out_requests.company_keys is 'The companies of the company-IP table that had this domain when it was asked.';
comment on column private.opt_out_requests.token_hash is 'SHA-256 of the token, which is in the mail or on the asker''s page and nowhere else.';
comment on column private.opt_out_requests.expires_at is 'A day after it was asked for a mail, seven days for a DNS record, which may need a colleague to set it.';
comment on column private.opt_out_requests.used_at is 'When it was proved. A token proves once.';

create table private.opt_out_changes (
  id uuid primary key default gen_random_uuid(),
  changed_at timestamptz not null default now(),
  wish text not null check (wish in ('opt_out', 'withdraw')),
  domain text,
  company_keys text[] not null,
  network cidr,
  proof text not null check (proof in ('mail', 'dns', 'operator'))
);
comment on table private.opt_out_changes is
  'Each opt-out and each withdrawal as it was proved, so that who is named, and since when, can be accounted for. Kept for good: nothing of a person is in it.';
comment on column private.opt_out_changes.company_keys is 'The companies it was about; empty when it was about a network.';

create function private.refuse_change() returns trigger
language plpgsql set search_path = ''
as $$
begin
  raise sqlstate 'PT403' using message = format('%s is a record of what happened: it is added to, never changed.', tg_table_name);
end
$$;
comment on function private.refuse_change() is 'Keeps a record append-only, whoever asks: a trigger holds for the tables'' owner too, a missing grant would not.';
create trigger opt_out_changes_are_never_changed before update or delete or truncate on private.opt_out_changes
  for each statement execute function private.refuse_change();
-- Also where a session asks for triggers to be left out, as for public.corrections. It adds nothing to a restore, which only inserts.
alter table private.opt_out_changes enable always trigger opt_out_changes_are_never_changed;

-- No policy: the schema is out of the API's reach, and nobody is granted anything here.
revoke all on private.opt_out_requests from public, anon, authenticated, service_role;
revoke all on private.opt_out_changes from public, anon, authenticated, service_role;
revoke execute on function private.refuse_change() from public, anon, authenticated, service_role;
