create function public.is_site_secret(secret text) returns boolean
language sql stable security definer set search_path = ''
as $$
  select exists (select from private.site_secrets as known where known.secret = is_site_secret.secret)
$$;
comment on function public.is_site_secret(text) is
  'Whether any site has this secret, so that the door can tell a server which mixed two sites up from one that has no secret. For the beacon '
  'door, which asks once in ten seconds for a site.';

revoke execute on function public.is_site_secret(text) from public, anon, authenticated, service_role;
grant execute on function public.is_site_secret(text) to beacon;
comment on role beacon is 'What the beacon door signs in as. May execute record_beacons, beacon_rules and is_site_secret, and nothing else.';
