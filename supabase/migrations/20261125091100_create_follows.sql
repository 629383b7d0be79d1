create table public.follows (
  account_id uuid not null,
  company_id uuid not null,
  user_id uuid not null default auth.uid(),
  created_at timestamptz not null default now(),
  primary key (company_id, user_id),
  foreign key (account_id, company_id) references public.companies (account_id, id) on delete cascade,
  foreign key (account_id, user_id) references public.memberships (account_id, user_id) on delete cascade
);
create index follows_company_idx on public.follows (account_id, company_id);
create index follows_user_idx on public.follows (account_id, user_id);
comment on table public.follows is
  'Which member follows which company: it is in their digest, and an alert may be for it. Kept until they stop, or are no member any more.';
comment on column public.follows.user_id is 'Set by the database: nobody follows in another''s name.';

alter table public.follows enable row level security;
revoke all on public.follows from public, anon, authenticated, service_role;
grant select, delete on public.follows to authenticated;
grant insert (account_id, company_id) on public.follows to authenticated;

create policy "Members read who follows their account's companies" on public.follows
  for select to authenticated using (account_id in (select private.account_ids()));
create policy "Members follow companies for themselves" on public.follows
  for insert to authenticated with check (account_id in (select private.account_ids()) and user_id = (select auth.uid()));
create policy "Members stop following for themselves" on public.follows
  for delete to authenticated using (user_id = (select auth.uid()));

create function private.is_followed(company private.shown_company, user_id uuid) returns boolean
language sql stable set search_path = ''
as $$
  select exists (
    select from public.follows as follow
    where follow.account_id = (is_followed.company).account_id and follow.company_id = any ((is_followed.company).member_ids)
      and follow.user_id = is_followed.user_id
  )
$$;
comment on function private.is_followed(private.shown_company, uuid) is
  'Whether a user follows a company or one that counts as it.';
revoke execute on function private.is_followed(private.shown_company, uuid) from public, anon, authenticated, service_role;
