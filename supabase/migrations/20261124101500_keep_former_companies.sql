comment on column public.companies.evidence is
  'Why the match was made: organisation, asn, source, release, rule; sureness in per cent; range only where it holds at least a /24 or /48: a '
  'narrower one would be as good as an address.';

create function private.wide_range(range text) returns text
language plpgsql immutable set search_path = ''
as $$
begin
  return case when masklen(range::cidr) <= case family(range::cidr) when 4 then 24 else 48 end then range end;
end
$$;
comment on function private.wide_range(text) is 'A range if it is wide enough to be kept: at least a /24, of IPv6 a /48. Else nothing.';

create function private.keys_of(company jsonb) returns text[]
language plpgsql immutable set search_path = ''
as $$
begin
  if jsonb_typeof(company -> 'former_keys') is distinct from 'array' then
    return array[company ->> 'key'];
  end if;
  return array[company ->> 'key'] || array(select jsonb_array_elements_text(company -> 'former_keys'));
end
$$;
comment on function private.keys_of(jsonb) is 'A company''s key, then those that older tables knew it by.';

create function private.find_company(account_id uuid, company jsonb) returns uuid
language plpgsql stable set search_path = ''
as $$
declare
  keys constant text[] := private.keys_of(company);
begin
  return (
    select known.id from public.companies as known
    where known.account_id = find_company.account_id and known.company_key = any (keys)
    order by known.company_key = keys[1] desc, known.last_seen_at desc limit 1
  );
end
$$;
comment on function private.find_company(uuid, jsonb) is 'An account''s row of a company: by its key, else by one of older tables.';

create function private.rename_former_company(account_id uuid, company jsonb) returns void
language sql set search_path = ''
as $$
  update public.companies as former set company_key = company ->> 'key'
  where former.id = private.find_company(rename_former_company.account_id, company)
    -- and not by another beacon since it was found
    and former.company_key = any ((private.keys_of(company))[2:])
$$;
comment on function private.rename_former_company(uuid, jsonb) is
  'Gives an account''s row of a company its newest key, with history and corrections, where it has it under an older one only.';

create function private.join_former_companies(account_id uuid, company jsonb, kept_id uuid) returns void
language plpgsql set search_path = ''
as $$
declare
  former_id uuid;
begin
  for former_id in
    select former.id from public.companies as former
    where former.account_id = join_former_companies.account_id and former.company_key = any ((private.keys_of(company))[2:])
      and former.id <> private.root_of(kept_id)
      and not exists (select from public.corrections as said where said.company_id = former.id)
  loop
    perform pg_advisory_xact_lock(hashtextextended('corrections ' || account_id::text, 0));
    -- Asked once more: a member may have spoken while this waited.
    insert into public.corrections (account_id, company_id, verdict, same_as_company_id, note)
      select join_former_companies.account_id, former_id, 'same_as', private.root_of(kept_id), 'One company in a newer company-IP table.'
      where former_id <> private.root_of(kept_id)
        and not exists (select from public.corrections as said where said.company_id = former_id);
  end loop;
end
$$;
comment on function private.join_former_companies(uuid, jsonb, uuid) is
  'Where an account has a company under its newest key and under an older one: lets the older row count as the newer by a correction of nobody, '
  'so that no visit is rewritten and a member can undo it. An older row that a member has ever corrected stays as the member left it.';

create function private.has_former_rows(account_id uuid, company jsonb) returns boolean
language plpgsql stable set search_path = ''
as $$
declare
  keys constant text[] := private.keys_of(company);
begin
  return cardinality(keys) > 1 and exists (
    select from public.companies as former
    where former.account_id = has_former_rows.account_id and former.company_key = any (keys[2:])
      and (
        not exists (select from public.corrections as said where said.company_id = former.id)
        or not exists (
          select from public.companies as known
          where known.account_id = has_former_rows.account_id and known.company_key = keys[1]
        )
      )
  );
end
$$;
comment on function private.has_former_rows(uuid, jsonb) is
  'Whether an account has rows of a company under keys of older tables that are still to be renamed or joined.';

create or replace function private.keep_company(account_id uuid, company jsonb, seen_at timestamptz) returns uuid
language plpgsql set search_path = ''
as $$
declare
  has_former constant boolean := private.has_former_rows(account_id, company);
  kept_id uuid;
begin
  if has_former then
    -- Before any row is locked: a member who corrects holds this and then waits for rows, and so must a beacon, or each
    -- waits for the other.
    perform pg_advisory_xact_lock(hashtextextended('corrections ' || account_id::text, 0));
    perform private.rename_former_company(account_id, company);
  end if;
  insert into public.companies as known
    (account_id, company_key, kind, name, domain, industry, country, employee_range, evidence, first_seen_at, last_seen_at)
  values (
    keep_company.account_id, company ->> 'key', company ->> 'kind', company ->> 'name', company ->> 'domain', company ->> 'industry',
    company ->> 'country', company ->> 'employee_range',
    jsonb_build_object(
      'organisation', company #> '{evidence,organisation}', 'asn', company #> '{evidence,asn}',
      'source', company #> '{evidence,source}', 'release', company #> '{evidence,release}', 'rule', company #> '{evidence,rule}',
      'range', private.wide_range(company #>> '{evidence,range}'), 'sureness', company #> '{evidence,sureness}'
    ),
    seen_at, seen_at
  )
  on conflict on constraint companies_account_id_company_key_key do update set
    kind = excluded.kind, name = excluded.name, domain = excluded.domain, industry = excluded.industry, country = excluded.country,
    employee_range = excluded.employee_range, evidence = excluded.evidence, last_seen_at = greatest(known.last_seen_at, excluded.last_seen_at)
  returning known.id into kept_id;
  if has_former then
    perform private.join_former_companies(account_id, company, kept_id);
  end if;
  return kept_id;
end
$$;
comment on function private.keep_company(uuid, jsonb, timestamptz) is
  'Adds or refreshes an account''s company and locks it until the transaction ends, so that its visits grow one beacon at a time. Takes over what '
  'the account has of it under keys of older tables.';

revoke execute on function private.wide_range(text) from public, anon, authenticated, service_role;
revoke execute on function private.keys_of(jsonb) from public, anon, authenticated, service_role;
revoke execute on function private.find_company(uuid, jsonb) from public, anon, authenticated, service_role;
revoke execute on function private.has_former_rows(uuid, jsonb) from public, anon, authenticated, service_role;
revoke execute on function private.rename_former_company(uuid, jsonb) from public, anon, authenticated, service_role;
revoke execute on function private.join_former_companies(uuid, jsonb, uuid) from public, anon, authenticated, service_role;
