-- Roles belong to the whole cluster and outlive a reset of the database.
do $$
begin
  if not exists (select from pg_catalog.pg_roles where rolname = 'enricher') then
    create role enricher nologin noinherit;
  end if;
end
$$;
comment on role enricher is 'What looks for contacts signs in as. May execute the functions granted to it by name, and reads no table.';
grant enricher to authenticator;
alter role enricher set statement_timeout = '8s';
grant usage on schema public to enricher;

create function private.end_hopeless_enrichments() returns void
language plpgsql set search_path = ''
as $$
declare
  hopeless private.enrichment_requests;
begin
  for hopeless in
    select request.* from private.enrichment_requests as request
    where request.ended_at is null
      and (request.asked_at < now() - interval '3 days' or request.state = 'working' and request.leased_until < now() and request.attempts >= 8)
    order by request.id limit 100 for update skip locked
  loop
    perform private.end_enrichment(hopeless.id, 'failed', fault => 'The provider did not answer for three days. Your credit was given back.');
  end loop;
  -- Whose worker died: again.
  update private.enrichment_requests as lost set state = 'waiting', claim = null, leased_until = null
  where lost.state = 'working' and lost.leased_until < now();
end
$$;
comment on function private.end_hopeless_enrichments() is 'Gives up requests nobody answered for days, and lets those wait again whose worker died.';

create function public.claim_enrichments(most int, lease_seconds int, providers text[]) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  claimed jsonb := '[]';
  request private.enrichment_requests;
  company public.companies;
  chosen public.enrichment_settings;
begin
  if most not between 1 and 50 or lease_seconds not between 5 and 900 or cardinality(providers) = 0 then
    raise sqlstate 'PT400' using message = 'claim_enrichments takes 1 to 50 requests for 5 to 900 seconds, and at least one provider.';
  end if;
  -- Two workers at once would take the same: the second waits, and finds it taken.
  perform pg_advisory_xact_lock(hashtextextended('enrichment_requests', 0));
  perform private.end_hopeless_enrichments();
  for request in
    select due.* from private.enrichment_requests as due
    left join public.enrichment_settings as wish on wish.account_id = due.account_id
    where due.state = 'waiting' and due.next_try_at <= now() and not private.holds_back('enrich_contacts', due.account_id)
      and coalesce(due.provider, wish.provider, providers[1]) = any (providers)
    -- In turn, so that an account that asks for much does not keep the others waiting.
    order by row_number() over (partition by due.account_id order by due.next_try_at), due.next_try_at limit most
  loop
    select * into strict company from public.companies as known where known.id = request.company_id;
    if not private.is_enrichable(company) then
      perform private.end_enrichment(request.id, 'failed', fault => 'The company was corrected or asked to be left alone. Your credit was given back.');
      continue;
    end if;
    select * into chosen from public.enrichment_settings as known where known.account_id = request.account_id;
    update private.enrichment_requests as taken
    set
      state = 'working', claim = gen_random_uuid(), attempts = taken.attempts + 1, leased_until = now() + make_interval(secs => lease_seconds),
      provider = coalesce(taken.provider, chosen.provider, providers[1])
    where taken.id = request.id
    returning * into request;
    claimed := claimed || jsonb_build_object(
      'claim', request.claim, 'account_id', request.account_id, 'company_name', company.name, 'domain', lower(company.domain),
      'provider', request.provider, 'provider_job', request.provider_job, 'attempt', request.attempts,
      'roles', coalesce(chosen.roles, '{management}'), 'seniorities', coalesce(chosen.seniorities, '{executive,senior}'),
      'most', coalesce(chosen.most_contacts, 5)
    );
  end loop;
  return claimed;
end
$$;
comment on function public.claim_enrichments(int, int, text[]) is
  'Takes requests for contacts that are due, for providers that are set up: which company, which roles, how many contacts.';

create function public.finish_enrichment(claim uuid, contacts jsonb) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  request private.enrichment_requests;
  contact jsonb;
  result text;
  kept int := 0;
  left_out int := 0;
begin
  select * into request from private.enrichment_requests as known where known.claim = finish_enrichment.claim for update;
  if not found then
    return null;
  end if;
  if jsonb_typeof(contacts) is distinct from 'array' or jsonb_array_length(contacts) > 50 then
    raise sqlstate 'PT400' using message = 'finish_enrichment takes at most 50 contacts.';
  end if;
  for contact in select entry.value from jsonb_array_elements(contacts) as entry loop
    result := private.add_contact(request.account_id, request.company_id, request.provider, contact);
    if result in ('added', 'known') then
      kept := kept + 1;
    else
      left_out := left_out + 1;
    end if;
  end loop;
  perform private.end_enrichment(request.id, case when kept > 0 then 'found' else 'nothing' end, kept);
  perform private.note_contact_access(request.account_id, 'enriched', request.company_id, kept, request.asked_by);
  if kept > 0 then
    perform private.tell(request.account_id, 'contact.enriched', jsonb_build_object('contacts', kept), request.company_id);
  end if;
  return jsonb_build_object('kept', kept, 'left_out', left_out);
end
$$;
comment on function public.finish_enrichment(uuid, jsonb) is
  'Keeps what a provider found, as far as it may be kept, and ends the request: how many were kept and left out. Null for a claim that was overtaken.';

create function public.postpone_enrichment(claim uuid, wait_seconds int, provider_job text default null) returns boolean
language plpgsql security definer set search_path = ''
as $$
begin
  update private.enrichment_requests as request
  set
    state = 'waiting', claim = null, leased_until = null, provider_job = coalesce(postpone_enrichment.provider_job, request.provider_job),
    next_try_at = now() + make_interval(secs => least(greatest(postpone_enrichment.wait_seconds, 1), 86400))
  where request.claim = postpone_enrichment.claim;
  return found;
end
$$;
comment on function public.postpone_enrichment(uuid, int, text) is
  'Lets a request wait: the provider is not ready, away, or asked to be left alone for a while. provider_job: what it calls the work.';

create function public.fail_enrichment(claim uuid, fault text) returns boolean
language plpgsql security definer set search_path = ''
as $$
declare
  request_id uuid;
begin
  select request.id into request_id from private.enrichment_requests as request where request.claim = fail_enrichment.claim for update;
  if request_id is null then
    return false;
  end if;
  perform private.end_enrichment(request_id, 'failed', fault => fail_enrichment.fault);
  return true;
end
$$;
comment on function public.fail_enrichment(uuid, text) is 'Ends a request that cannot be answered, and gives its credit back. fault: for a member to read.';

revoke execute on function private.end_hopeless_enrichments() from public, anon, authenticated, service_role;
revoke execute on function public.claim_enrichments(int, int, text[]) from public, anon, authenticated, service_role;
revoke execute on function public.finish_enrichment(uuid, jsonb) from public, anon, authenticated, service_role;
revoke execute on function public.postpone_enrichment(uuid, int, text) from public, anon, authenticated, service_role;
revoke execute on function public.fail_enrichment(uuid, text) from public, anon, authenticated, service_role;
grant execute on function public.claim_enrichments(int, int, text[]) to enricher;
grant execute on function public.finish_enrichment(uuid, jsonb) to enricher;
grant execute on function public.postpone_enrichment(uuid, int, text) to enricher;
grant execute on function public.fail_enrichment(uuid, text) to enricher;
