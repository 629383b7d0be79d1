-- Which rules on networks hold is decided in the function that has the address, and only there. These versions let it know,
-- with the answer to each commit, whether the rules it decided under still hold.
create table private.account_rules (
  account_id uuid primary key references public.accounts (id) on delete cascade,
  version bigint not null check (version > 0)
);
comment on table private.account_rules is 'How often an account''s excluded networks have changed. No row: it never had one, version 0.';
revoke all on private.account_rules from public, anon, authenticated, service_role;

create table private.opt_out_rules (
  is_the_only_row boolean primary key default true check (is_the_only_row),
  version bigint not null check (version >= 0)
);
comment on table private.opt_out_rules is 'How often the networks in private.opt_outs have changed. Always one row; 0 while there never was one.';
revoke all on private.opt_out_rules from public, anon, authenticated, service_role;
insert into private.opt_out_rules (version) select count(*) from private.opt_outs where network is not null;

create function private.raise_account_rules() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  -- An account on its way out takes its networks along and needs no version any more.
  insert into private.account_rules as rules (account_id, version)
    select account.id, 1 from public.accounts as account where account.id in (new.account_id, old.account_id)
    on conflict (account_id) do update set version = rules.version + 1;
  return null;
end
$$;
comment on function private.raise_account_rules() is 'Says that an account''s excluded networks have changed.';

create function private.raise_opt_out_rules() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  if tg_op = 'TRUNCATE' or old.network is distinct from new.network then
    update private.opt_out_rules set version = version + 1;
  end if;
  return null;
end
$$;
comment on function private.raise_opt_out_rules() is 'Says that the networks which asked never to be identified have changed.';

create trigger raise_account_rules after insert or update or delete on public.excluded_networks
  for each row execute function private.raise_account_rules();
create trigger raise_opt_out_rules after insert or update or delete on private.opt_outs
  for each row execute function private.raise_opt_out_rules();
create trigger raise_opt_out_rules_at_once after truncate on private.opt_outs
  for each statement execute function private.raise_opt_out_rules();

create function private.are_current(rules jsonb, account_id uuid) returns boolean
language plpgsql stable set search_path = ''
as $$
begin
  -- Plain reads: no beacon waits for another, nor for a rule that is being written.
  return jsonb_typeof(rules) is distinct from 'object' or coalesce(
    (rules ->> 'opt_outs')::bigint = (select opt_outs.version from private.opt_out_rules as opt_outs)
    and (rules ->> 'account')::bigint = coalesce(
      (select known.version from private.account_rules as known where known.account_id = are_current.account_id), 0
    ),
    false
  );
end
$$;
comment on function private.are_current(jsonb, uuid) is
  'Whether a beacon was decided under the rules that hold now. One that names none comes from code that knew no rules and is taken as it is.';

-- One statement and so one snapshot: the networks are those of the versions beside them.
create function public.beacon_rules(site_key text, known_opt_outs bigint default -1) returns jsonb
language sql stable security definer set search_path = ''
as $$
  select jsonb_build_object(
    'account', coalesce((select known.version from private.account_rules as known where known.account_id = site.account_id), 0),
    'networks', coalesce(
      (
        select jsonb_agg(excluded.network::text order by excluded.network)
        from public.excluded_networks as excluded where excluded.account_id = site.account_id
      ),
      '[]'
    ),
    'opt_outs', opt_outs.version,
    'opted_out_networks', case when opt_outs.version is distinct from known_opt_outs then coalesce(
      (
        select jsonb_agg(opt_out.network::text order by opt_out.network)
        from private.opt_outs as opt_out where opt_out.network is not null
      ),
      '[]'
    ) end
  )
  from public.sites as site, private.opt_out_rules as opt_outs
  where site.public_key = site_key
$$;
comment on function public.beacon_rules(text, bigint) is
  'The networks whose beacons make no visit of a site, for the function that has the address: the account''s own, and those opted out for '
  'everybody (null where the caller knows that version). Nothing for a key that no site has.';
comment on role beacon is 'What the beacon door signs in as. May execute record_beacons and beacon_rules and nothing else.';

revoke execute on function private.raise_account_rules() from public, anon, authenticated, service_role;
revoke execute on function private.raise_opt_out_rules() from public, anon, authenticated, service_role;
revoke execute on function private.are_current(jsonb, uuid) from public, anon, authenticated, service_role;
revoke execute on function public.beacon_rules(text, bigint) from public, anon, authenticated, service_role;
grant execute on function public.beacon_rules(text, bigint) to beacon;
