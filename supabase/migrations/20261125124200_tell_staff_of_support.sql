-- As before, and until when an owner lets staff in: so that nobody is offered a door that is shut.
create or replace function public.admin_look_at_account(account_id uuid) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  looked_at public.accounts;
begin
  perform private.require_admin();
  select * into looked_at from public.accounts as account where account.id = admin_look_at_account.account_id;
  if looked_at.id is null then
    raise sqlstate 'PT404' using message = 'There is no such account.';
  end if;
  perform audit.append(looked_at.id, 'admin.looked', 'account', looked_at.id::text, null, null, private.admin_reason());
  return jsonb_build_object(
    'id', looked_at.id, 'name', looked_at.name, 'created_at', looked_at.created_at,
    'support_until', (
      select support.expires_at from private.support_grants as support
      where support.account_id = looked_at.id and support.expires_at > now()
    ),
    'members', (
      select coalesce(jsonb_agg(jsonb_build_object('role', member.role, 'email', person.email) order by member.role, person.email), '[]')
      from public.memberships as member join auth.users as person on person.id = member.user_id where member.account_id = looked_at.id
    ),
    'sites', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'id', site.id, 'name', site.name, 'beacons_per_day', site.beacons_per_day,
        'hosts', (select jsonb_agg(host.host order by host.host) from public.site_hosts as host where host.site_id = site.id),
        'last_visit_at', (select max(visit.last_seen_at) from public.visits as visit where visit.site_id = site.id)
      ) order by site.name), '[]')
      from public.sites as site where site.account_id = looked_at.id
    )
  );
end
$$;
comment on function public.admin_look_at_account(uuid) is
  'Who works in an account and how its sites are set up, and until when it lets staff in, for staff. Each look is an entry in that account''s audit log, with the reason.';
