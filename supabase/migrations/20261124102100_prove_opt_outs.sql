-- Roles belong to the whole cluster and outlive a reset of the database.
do $$
begin
  if not exists (select from pg_catalog.pg_roles where rolname = 'public_door') then
    create role public_door nologin noinherit;
  end if;
end
$$;
comment on role public_door is 'What the door for people without an account signs in as. May execute the functions granted to it by name, and reads no table.';
grant public_door to authenticator;
alter role public_door set statement_timeout = '2500ms';
grant usage on schema public to public_door;

create function private.change_opt_outs(domain text, company_keys text[], network cidr, wish text, proof text) returns boolean
language plpgsql set search_path = ''
as $$
declare
  -- What one proof has set, only the same or a stronger one takes back: a mailbox is easier come by than a zone.
  strength constant text[] := '{mail,dns,operator}';
begin
  -- One change at a time, so that nothing stronger arrives between the look and the deletion below. They are rare.
  perform pg_advisory_xact_lock(hashtextextended('change_opt_outs', 0));
  if wish = 'opt_out' then
    insert into private.opt_outs as known (company_key, domain, proof)
      select distinct asked.key, change_opt_outs.domain, change_opt_outs.proof
      from unnest(change_opt_outs.company_keys) as asked (key)
      on conflict (company_key) do update set proof = excluded.proof, domain = excluded.domain
        where array_position(strength, excluded.proof) > array_position(strength, known.proof);
    insert into private.opt_outs (network, domain, proof)
      select change_opt_outs.network, change_opt_outs.domain, change_opt_outs.proof where change_opt_outs.network is not null
      on conflict do nothing;
  else
    if exists (
      select from private.opt_outs as known
      where known.company_key = any (change_opt_outs.company_keys)
        and array_position(strength, known.proof) > array_position(strength, change_opt_outs.proof)
    ) then
      return false;
    end if;
    delete from private.opt_outs as known
      where known.company_key = any (change_opt_outs.company_keys) or known.network = change_opt_outs.network;
  end if;
  insert into private.opt_out_changes (wish, domain, company_keys, network, proof)
    values (change_opt_outs.wish, change_opt_outs.domain, change_opt_outs.company_keys, change_opt_outs.network, change_opt_outs.proof);
  return true;
end
$$;
comment on function private.change_opt_outs(text, text[], cidr, text, text) is
  'Opts companies or a network out, or takes that back, and writes it into the record. False, changing nothing, when what is to be '
  'taken back was proved by stronger means (mail, dns, operator, in this order).';

create function private.forget_old_opt_out_requests() returns void
language sql set search_path = ''
as $$
  delete from private.opt_out_requests
  where id in (
    select old.id from private.opt_out_requests as old
    -- A day later, so that who comes too late is told so.
    where old.expires_at < now() - interval '1 day'
    order by old.expires_at limit 200 for update skip locked
  )
$$;
comment on function private.forget_old_opt_out_requests() is 'Deletes requests that expired a day ago; every new request takes some along.';

create function public.request_opt_out(domain text, company_keys text[], proof text, wish text, token_hash bytea) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  -- A mail costs and may annoy. A DNS request is a row that troubles nobody: a limit for a domain would only let a stranger
  -- use it up and keep the owner from asking.
  most_of_a_domain constant int := case proof when 'mail' then 5 end;
  most_of_a_proof constant int := case proof when 'mail' then 300 else 20000 end;
  since constant timestamptz := now() - interval '1 day';
  kept private.opt_out_requests;
begin
  perform private.forget_old_opt_out_requests();
  -- Serialises all requests, so that the limits hold for concurrent ones too.
  perform pg_advisory_xact_lock(hashtextextended('request_opt_out', 0));
  if (
    select count(*) from private.opt_out_requests as earlier
    where earlier.domain = request_opt_out.domain and earlier.proof = request_opt_out.proof and earlier.created_at > since
  ) >= most_of_a_domain or (
    select count(*) from private.opt_out_requests as earlier
    where earlier.proof = request_opt_out.proof and earlier.created_at > since
  ) >= most_of_a_proof then
    return null;
  end if;
  insert into private.opt_out_requests (domain, company_keys, proof, wish, token_hash, expires_at)
    values (
      request_opt_out.domain, request_opt_out.company_keys, request_opt_out.proof, request_opt_out.wish, request_opt_out.token_hash,
      now() + case request_opt_out.proof when 'mail' then interval '1 day' else interval '7 days' end
    )
    returning * into kept;
  return jsonb_build_object('id', kept.id, 'expires_at', kept.expires_at);
end
$$;
comment on function public.request_opt_out(text, text[], text, text, bytea) is
  'Keeps a request until it is proved or expires. Null when a domain, or everybody together, asked too often within a day: '
  'nobody can have a company flooded with our mails.';

create function public.find_opt_out_request(token_hash bytea) returns jsonb
language sql stable security definer set search_path = ''
as $$
  select jsonb_build_object(
    'domain', request.domain, 'company_keys', request.company_keys, 'proof', request.proof, 'wish', request.wish,
    'expires_at', request.expires_at,
    'state', case when request.used_at is not null then 'used' when request.expires_at <= now() then 'expired' else 'open' end
  )
  from private.opt_out_requests as request where request.token_hash = find_opt_out_request.token_hash
$$;
comment on function public.find_opt_out_request(bytea) is 'A request by its token''s hash, changing nothing; null when there is none.';

create function public.drop_opt_out_request(token_hash bytea) returns void
language sql security definer set search_path = ''
as $$
  delete from private.opt_out_requests as request
  where request.token_hash = drop_opt_out_request.token_hash and request.used_at is null
$$;
comment on function public.drop_opt_out_request(bytea) is
  'Forgets a request whose mail could not be sent, so that it does not count towards the limit.';

create function public.confirm_opt_out(token_hash bytea) returns text
language plpgsql security definer set search_path = ''
as $$
declare
  request private.opt_out_requests;
begin
  -- The lock lets one of two confirmations through; the other then sees that the token is used.
  select * into request from private.opt_out_requests as asked
    where asked.token_hash = confirm_opt_out.token_hash for update;
  if not found then
    return 'unknown';
  elsif request.used_at is not null then
    return 'used';
  elsif request.expires_at <= now() then
    return 'expired';
  elsif not private.change_opt_outs(request.domain, request.company_keys, null, request.wish, request.proof) then
    return 'proof_too_weak';
  end if;
  update private.opt_out_requests set used_at = now() where id = request.id;
  return case request.wish when 'opt_out' then 'opted_out' else 'withdrawn' end;
end
$$;
comment on function public.confirm_opt_out(bytea) is
  'Fulfils a proved request, once: opted_out or withdrawn; or, changing nothing, unknown, used, expired, proof_too_weak. '
  'The door has seen the proof: the token itself for a mail, the record for DNS.';

revoke execute on function private.change_opt_outs(text, text[], cidr, text, text) from public, anon, authenticated, service_role;
revoke execute on function private.forget_old_opt_out_requests() from public, anon, authenticated, service_role;
revoke execute on function public.request_opt_out(text, text[], text, text, bytea) from public, anon, authenticated, service_role;
revoke execute on function public.find_opt_out_request(bytea) from public, anon, authenticated, service_role;
revoke execute on function public.drop_opt_out_request(bytea) from public, anon, authenticated, service_role;
revoke execute on function public.confirm_opt_out(bytea) from public, anon, authenticated, service_role;
grant execute on function public.request_opt_out(text, text[], text, text, bytea) to public_door;
grant execute on function public.find_opt_out_request(bytea) to public_door;
grant execute on function public.drop_opt_out_request(bytea) to public_door;
grant execute on function public.confirm_opt_out(bytea) to public_door;
