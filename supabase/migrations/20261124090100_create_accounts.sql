create type public.account_role as enum ('owner', 'admin', 'member', 'viewer', 'billing');
comment on type public.account_role is
  'owner: everything; admin: everything but ownership; member: works with visits; viewer: reads; billing: plan and invoices only.';

create table public.accounts (
  id uuid primary key default gen_random_uuid(),
  name text not null check (name = btrim(name) and char_length(name) between 1 and 120),
  created_at timestamptz not null default now()
);
comment on table public.accounts is 'A customer of Leadsment: the tenant every other row belongs to. Kept until the account is deleted.';

create table public.memberships (
  account_id uuid not null references public.accounts (id) on delete cascade,
  user_id uuid not null references auth.users (id) on delete cascade,
  role public.account_role not null,
  created_at timestamptz not null default now(),
  primary key (account_id, user_id)
);
create index memberships_user_id_idx on public.memberships (user_id);
comment on table public.memberships is 'Who works in which account, as what. The only source of rights: no claim a user can edit is consulted.';

create function private.account_ids(allowed public.account_role[] default null) returns setof uuid
language sql stable security definer set search_path = ''
as $$
  select membership.account_id
  from public.memberships as membership
  where membership.user_id = (select auth.uid())
    and (allowed is null or membership.role = any (allowed))
$$;
comment on function private.account_ids(public.account_role[]) is
  'The accounts the caller belongs to, optionally only those where the caller has one of the given roles. Every policy asks this.';

-- It reads memberships past row-level security (a policy on memberships that read memberships would recurse),
-- so it answers about the caller alone.
revoke execute on function private.account_ids(public.account_role[]) from public, anon, service_role;
grant execute on function private.account_ids(public.account_role[]) to authenticated;

alter table public.accounts enable row level security;
revoke all on public.accounts from public, anon, authenticated, service_role;
grant select on public.accounts to authenticated;
grant update (name) on public.accounts to authenticated;

create policy "Members read their account" on public.accounts
  for select to authenticated using (id in (select private.account_ids()));
create policy "Owners and admins rename their account" on public.accounts
  for update to authenticated
  using (id in (select private.account_ids('{owner,admin}')))
  with check (id in (select private.account_ids('{owner,admin}')));

alter table public.memberships enable row level security;
revoke all on public.memberships from public, anon, authenticated, service_role;
grant select on public.memberships to authenticated;

create policy "Members read who else is in their account" on public.memberships
  for select to authenticated using (account_id in (select private.account_ids()));

create function public.create_account(account_name text) returns uuid
language plpgsql security definer set search_path = ''
as $$
declare
  most_owned constant int := 20;
  caller constant uuid := (select auth.uid());
  new_account_id uuid;
begin
  if caller is null then
    raise sqlstate 'PT401' using message = 'Sign in before you create an account.';
  end if;
  if char_length(btrim(coalesce(account_name, ''))) not between 1 and 120 then
    raise sqlstate 'PT422' using message = 'The account''s name must have 1 to 120 characters.';
  end if;
  -- Serialises one user's calls, so that the limit below holds for concurrent ones too.
  perform pg_advisory_xact_lock(hashtextextended('create_account ' || caller::text, 0));
  if (select count(*) from public.memberships where user_id = caller and role = 'owner') >= most_owned then
    raise sqlstate 'PT422' using
      message = format('You own %s accounts already, which is the most one person may own.', most_owned),
      hint = 'Delete one you no longer need, or ask a colleague to own the new one.';
  end if;
  insert into public.accounts (name) values (btrim(account_name)) returning id into new_account_id;
  insert into public.memberships (account_id, user_id, role) values (new_account_id, caller, 'owner');
  return new_account_id;
end
$$;
comment on function public.create_account(text) is 'Creates an account owned by the caller and returns its id.';
revoke execute on function public.create_account(text) from public, anon, service_role;
grant execute on function public.create_account(text) to authenticated;
