create function private.check_owns_account(account_id uuid) returns void
language plpgsql stable security definer set search_path = ''
as $$
begin
  perform private.check_may_read_audit(check_owns_account.account_id);
  if check_owns_account.account_id not in (select private.account_ids('{owner}')) then
    raise sqlstate 'PT403' using message = 'Only an owner of the account may do this.', hint = 'Ask one of them.';
  end if;
end
$$;
comment on function private.check_owns_account(uuid) is 'Refuses, in words, whoever does not own the account.';

create table private.support_grants (
  account_id uuid primary key references public.accounts (id) on delete cascade,
  granted_by uuid references auth.users (id) on delete set null,
  granted_at timestamptz not null default now(),
  expires_at timestamptz not null,
  check (expires_at <= granted_at + interval '7 days')
);
create index support_grants_granted_by_idx on private.support_grants (granted_by);
comment on table private.support_grants is
  'That an account lets Leadsment''s staff see it as a viewer would, until when: a week at the most, and until an owner takes it back.';

create table private.support_visits (
  session_id uuid not null references private.admin_sessions (id) on delete cascade,
  account_id uuid not null references public.accounts (id) on delete cascade,
  entered_at timestamptz not null default now(),
  primary key (session_id, account_id)
);
create index support_visits_account_id_idx on private.support_visits (account_id);
comment on table private.support_visits is
  'Which account that lets them the staff went into in which admin session. Each is an entry in that account''s audit log. With the session.';

revoke all on private.support_grants, private.support_visits from public, anon, authenticated, service_role;

create function public.grant_support(account_id uuid, hours int) returns timestamptz
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_column
declare
  until constant timestamptz := now() + make_interval(hours => least(greatest(grant_support.hours, 1), 168));
begin
  perform private.check_owns_account(grant_support.account_id);
  insert into private.support_grants (account_id, granted_by, expires_at) values (grant_support.account_id, (select auth.uid()), until)
  on conflict (account_id) do update set granted_by = excluded.granted_by, granted_at = now(), expires_at = excluded.expires_at;
  perform audit.append(
    grant_support.account_id, 'support.granted', 'support', null, null, jsonb_build_object('until', until)
  );
  return until;
end
$$;
comment on function public.grant_support(uuid, int) is 'Lets staff see the account as a viewer would, for some hours, 168 at the most. Owners alone.';

create function public.withdraw_support(account_id uuid) returns void
language plpgsql security definer set search_path = ''
as $$
begin
  perform private.check_owns_account(withdraw_support.account_id);
  delete from private.support_grants as support where support.account_id = withdraw_support.account_id;
  if found then
    perform audit.append(withdraw_support.account_id, 'support.withdrawn', 'support');
  end if;
end
$$;
comment on function public.withdraw_support(uuid) is 'Takes back at once that staff may see the account. Owners alone.';

create function public.get_support(account_id uuid) returns timestamptz
language plpgsql stable security definer set search_path = ''
as $$
begin
  perform private.check_may_read_audit(get_support.account_id);
  return (select support.expires_at from private.support_grants as support
    where support.account_id = get_support.account_id and support.expires_at > now());
end
$$;
comment on function public.get_support(uuid) is 'Until when staff may see the account, for its members; null where they may not.';

create function public.admin_enter_account(account_id uuid) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  session_id constant uuid := private.require_admin();
begin
  if not exists (
    select from private.support_grants as support where support.account_id = admin_enter_account.account_id and support.expires_at > now()
  ) then
    raise sqlstate 'PT403' using
      message = 'This account does not let you in.', hint = 'An owner can allow it under Settings, Audit log; for a week at the most.';
  end if;
  insert into private.support_visits (session_id, account_id) values (session_id, admin_enter_account.account_id) on conflict do nothing;
  if found then
    perform audit.append(admin_enter_account.account_id, 'support.entered', 'support', null, null, null, private.admin_reason());
  end if;
end
$$;
comment on function public.admin_enter_account(uuid) is
  'Lets the caller see an account as a viewer would, while its owner allows it and their admin session is open.';

-- Who reads as what, asked by every policy: members as before, and staff as viewers of accounts that let them in.
create or replace function private.account_ids(allowed public.account_role[] default null) returns setof uuid
language sql stable security definer set search_path = ''
as $$
  select membership.account_id
  from public.memberships as membership
  where membership.user_id = (select auth.uid())
    and (allowed is null or membership.role = any (allowed))
  union all
  select visit.account_id
  from private.admin_sessions as session
  join private.support_visits as visit on visit.session_id = session.id
  join private.support_grants as support on support.account_id = visit.account_id and support.expires_at > now()
  where session.user_id = (select auth.uid()) and session.closed_at is null and session.expires_at > now()
    and (allowed is null or 'viewer' = any (allowed)) and not private.lacks_second_factor()
$$;
comment on function private.account_ids(public.account_role[]) is
  'The accounts the caller belongs to, optionally only those where the caller has one of the given roles; and of staff, those that let them in, as '
  'viewers. Every policy asks this.';

revoke execute on function private.check_owns_account(uuid) from public, anon, authenticated, service_role;
revoke execute on function public.grant_support(uuid, int) from public, anon, authenticated, service_role;
revoke execute on function public.withdraw_support(uuid) from public, anon, authenticated, service_role;
revoke execute on function public.get_support(uuid) from public, anon, authenticated, service_role;
revoke execute on function public.admin_enter_account(uuid) from public, anon, authenticated, service_role;
grant execute on function public.grant_support(uuid, int) to authenticated;
grant execute on function public.withdraw_support(uuid) to authenticated;
grant execute on function public.get_support(uuid) to authenticated;
grant execute on function public.admin_enter_account(uuid) to authenticated;
