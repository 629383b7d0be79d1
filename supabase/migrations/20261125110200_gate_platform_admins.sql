create table private.operators (
  user_id uuid primary key references auth.users (id) on delete cascade,
  added_at timestamptz not null default now()
);
comment on table private.operators is
  'Leadsment''s staff: who may open an admin session. Added and removed at the database alone (python -m dev admin), until removed.';

create table private.admin_sessions (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references private.operators (user_id) on delete cascade,
  reason text not null check (char_length(btrim(reason)) between 10 and 500),
  opened_at timestamptz not null default now(),
  expires_at timestamptz not null default now() + interval '1 hour',
  closed_at timestamptz,
  check (expires_at <= opened_at + interval '1 hour')
);
create index admin_sessions_user_id_idx on private.admin_sessions (user_id, opened_at);
comment on table private.admin_sessions is
  'When one of the staff worked as such, and why: an hour at the most. Without an open one no admin_ function answers. Kept for two years.';
comment on column private.admin_sessions.reason is 'Why, in the words that customers read beside what was looked at: no person''s name.';

revoke all on private.operators, private.admin_sessions from public, anon, authenticated, service_role;

create function private.open_admin_session_id() returns uuid
language sql stable security definer set search_path = ''
return (
  select session.id from private.admin_sessions as session
  where session.user_id = (select auth.uid()) and session.closed_at is null and session.expires_at > now()
  order by session.opened_at desc limit 1
);
comment on function private.open_admin_session_id() is 'The caller''s open admin session; null without one.';

create function private.lacks_second_factor() returns boolean
language plpgsql stable security definer set search_path = ''
as $$
begin
  -- An auth server that keeps factors offers them; there, staff sign in with one.
  return to_regclass('auth.mfa_factors') is not null and coalesce((select auth.jwt()) ->> 'aal', '') <> 'aal2';
end
$$;
comment on function private.lacks_second_factor() is 'Whether the auth server offers a second factor and the caller signed in without one.';

create function private.check_is_operator() returns void
language plpgsql stable security definer set search_path = ''
as $$
begin
  -- Nobody else learns that there is anything here.
  if not exists (select from private.operators as operator where operator.user_id = (select auth.uid())) then
    raise sqlstate 'PT404' using message = 'There is nothing here.';
  end if;
  if private.lacks_second_factor() then
    raise sqlstate 'PT403' using message = 'Sign in with your second factor first.', hint = 'Staff need one: add it under your sign-in settings.';
  end if;
end
$$;
comment on function private.check_is_operator() is 'Refuses whoever is not of the staff, or signed in without the second factor where there is one.';

create function private.require_admin() returns uuid
language plpgsql security definer set search_path = ''
as $$
declare
  session_id uuid;
begin
  perform private.check_is_operator();
  session_id := private.open_admin_session_id();
  if session_id is null then
    raise sqlstate 'PT403' using message = 'Open an admin session first, and say why.', hint = 'One lasts an hour.';
  end if;
  -- For the rest of the transaction the audit log names the caller as staff.
  perform set_config('leadsment.admin_session', session_id::text, true);
  return session_id;
end
$$;
comment on function private.require_admin() is
  'The caller''s open admin session; refuses everybody without one. Every admin_ function begins with it.';

create function private.admin_reason() returns text
language sql stable security definer set search_path = ''
return (
  select session.reason from private.admin_sessions as session
  where session.id = nullif(current_setting('leadsment.admin_session', true), '')::uuid
);
comment on function private.admin_reason() is 'Why the caller works as staff, for the audit log; null where they do not.';

create function private.post_to_staff(key text, template text, content jsonb) returns void
language sql set search_path = ''
as $$
  select private.post(
    post_to_staff.key || ' ' || operator.user_id, 'mail', 'mail:' || operator.user_id, post_to_staff.template, post_to_staff.content,
    recipient_id => operator.user_id
  )
  from private.operators as operator
$$;
comment on function private.post_to_staff(text, text, jsonb) is 'Mails something to each of Leadsment''s staff, once for each key.';

create function public.open_admin_session(reason text) returns jsonb
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_column
declare
  opened private.admin_sessions;
begin
  perform private.check_is_operator();
  if char_length(btrim(coalesce(open_admin_session.reason, ''))) not between 10 and 500 then
    raise sqlstate 'PT422' using message = 'Say why in 10 to 500 characters: customers read it beside what you look at.';
  end if;
  update private.admin_sessions set closed_at = now() where user_id = (select auth.uid()) and closed_at is null and expires_at > now();
  insert into private.admin_sessions (user_id, reason) values ((select auth.uid()), btrim(open_admin_session.reason)) returning * into opened;
  perform set_config('leadsment.admin_session', opened.id::text, true);
  perform audit.append(null, 'admin_session.opened', 'admin_session', opened.id::text, null, null, opened.reason);
  return jsonb_build_object('reason', opened.reason, 'expires_at', opened.expires_at);
end
$$;
comment on function public.open_admin_session(text) is 'Lets one of the staff work as such for an hour, for a reason they give.';

create function public.close_admin_session() returns void
language plpgsql security definer set search_path = ''
as $$
declare
  session_id constant uuid := private.require_admin();
begin
  update private.admin_sessions set closed_at = now() where id = session_id;
  perform audit.append(null, 'admin_session.closed', 'admin_session', session_id::text);
end
$$;
comment on function public.close_admin_session() is 'Ends the caller''s admin session before its hour is over.';

create function public.get_admin_session() returns jsonb
language sql stable security definer set search_path = ''
as $$
  select jsonb_build_object(
    'is_operator', exists (select from private.operators as operator where operator.user_id = (select auth.uid())),
    'lacks_second_factor', private.lacks_second_factor(),
    'session', (
      select jsonb_build_object('reason', session.reason, 'expires_at', session.expires_at)
      from private.admin_sessions as session where session.id = private.open_admin_session_id()
    )
  )
$$;
comment on function public.get_admin_session() is 'Whether the caller is of the staff, what they lack, and their open session: for the dashboard.';

create function public.admin_list_accounts(search text default '') returns table (
  id uuid, name text, created_at timestamptz, members bigint, sites bigint, last_visit_at timestamptz
)
language plpgsql security definer set search_path = ''
as $$
begin
  perform private.require_admin();
  perform audit.append(null, 'admin.listed_accounts', 'account', null, null, null, private.admin_reason());
  return query
    select
      account.id, account.name, account.created_at, (select count(*) from public.memberships as member where member.account_id = account.id),
      (select count(*) from public.sites as site where site.account_id = account.id),
      (select max(visit.last_seen_at) from public.visits as visit where visit.account_id = account.id)
    from public.accounts as account
    where admin_list_accounts.search = '' or position(lower(admin_list_accounts.search) in lower(account.name)) > 0
      or account.id::text = admin_list_accounts.search
    order by account.created_at desc limit 100;
end
$$;
comment on function public.admin_list_accounts(text) is 'Accounts, for staff: names and counts, none of what visited them.';

create function public.admin_look_at_account(account_id uuid) returns jsonb
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

revoke execute on function private.open_admin_session_id() from public, anon, authenticated, service_role;
revoke execute on function private.lacks_second_factor() from public, anon, authenticated, service_role;
revoke execute on function private.check_is_operator() from public, anon, authenticated, service_role;
revoke execute on function private.require_admin() from public, anon, authenticated, service_role;
revoke execute on function private.admin_reason() from public, anon, authenticated, service_role;
revoke execute on function private.post_to_staff(text, text, jsonb) from public, anon, authenticated, service_role;
revoke execute on function public.open_admin_session(text) from public, anon, authenticated, service_role;
revoke execute on function public.close_admin_session() from public, anon, authenticated, service_role;
revoke execute on function public.get_admin_session() from public, anon, authenticated, service_role;
revoke execute on function public.admin_list_accounts(text) from public, anon, authenticated, service_role;
revoke execute on function public.admin_look_at_account(uuid) from public, anon, authenticated, service_role;
grant execute on function public.open_admin_session(text) to authenticated;
grant execute on function public.close_admin_session() to authenticated;
grant execute on function public.get_admin_session() to authenticated;
grant execute on function public.admin_list_accounts(text) to authenticated;
grant execute on function public.admin_look_at_account(uuid) to authenticated;
