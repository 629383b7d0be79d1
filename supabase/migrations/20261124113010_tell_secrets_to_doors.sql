-- Still one statement and so one snapshot: networks and secrets are those of the versions beside them.
create or replace function public.beacon_rules(site_key text, known_opt_outs bigint default -1) returns jsonb
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
    ) end,
    'secrets', coalesce(
      (
        -- the account's id stands beside for the index
        select jsonb_agg(known.secret order by known.created_at, known.id)
        from private.site_secrets as known
        where known.account_id = site.account_id and known.site_id = site.id and known.revoked_at is null
      ),
      '[]'
    )
  )
  from public.sites as site, private.opt_out_rules as opt_outs
  where site.public_key = site_key
$$;
comment on function public.beacon_rules(text, bigint) is
  'What the function that has the address must know of a site: the networks whose beacons make no visit (the account''s own, and those '
  'opted out for everybody, null where the caller knows that version), and the secrets the site''s proxies and servers sign and sign in '
  'with. Nothing for a key that no site has.';

revoke execute on function public.beacon_rules(text, bigint) from public, anon, authenticated, service_role;
grant execute on function public.beacon_rules(text, bigint) to beacon;
