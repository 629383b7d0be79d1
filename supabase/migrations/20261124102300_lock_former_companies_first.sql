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
revoke execute on function private.has_former_rows(uuid, jsonb) from public, anon, authenticated, service_role;

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
