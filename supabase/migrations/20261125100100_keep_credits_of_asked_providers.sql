-- A provider that was asked has cost money, whatever a member says of the company meanwhile.

create or replace function private.end_enrichment(request_id uuid, state text, contacts int default 0, fault text default null) returns void
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
  if ended.id is not null and ended.state not in ('found', 'dropped') then
    update public.enrichment_credits as credits set used = credits.used - 1
    where credits.account_id = ended.account_id and credits.month = ended.credit_month and credits.used > 0;
  end if;
end
$$;
comment on function private.end_enrichment(uuid, text, int, text) is
  'Ends a request once; its credit is given back unless contacts were found, or the company was dropped after a provider was asked.';

alter table private.enrichment_requests drop constraint enrichment_requests_state_check;
alter table private.enrichment_requests add constraint enrichment_requests_state_check
  check (state in ('waiting', 'working', 'found', 'nothing', 'failed', 'dropped')) not valid;
alter table private.enrichment_requests validate constraint enrichment_requests_state_check;
alter table private.enrichment_requests drop constraint enrichment_requests_check1;
alter table private.enrichment_requests add constraint enrichment_requests_ended_ones_have_ended
  check ((state in ('found', 'nothing', 'failed', 'dropped')) = (ended_at is not null)) not valid;
alter table private.enrichment_requests validate constraint enrichment_requests_ended_ones_have_ended;

create function private.drop_enrichment(request private.enrichment_requests) returns void
language sql set search_path = ''
as $$
  select private.end_enrichment(
    request.id, case when request.attempts = 0 then 'failed' else 'dropped' end,
    fault => 'The company was corrected or asked to be left alone. '
      || case when request.attempts = 0 then 'Your credit was given back.' else 'The provider had been asked, so the credit is used.' end
  )
$$;
comment on function private.drop_enrichment(private.enrichment_requests) is
  'Ends a request for a company that is not to be looked at any more; its credit is used if a provider was asked before.';
revoke execute on function private.drop_enrichment(private.enrichment_requests) from public, anon, authenticated, service_role;

create or replace function public.claim_enrichments(most int, lease_seconds int, providers text[]) returns jsonb
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
      perform private.drop_enrichment(request);
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
