create table public.corrections (
  id uuid primary key default gen_random_uuid(),
  account_id uuid not null references public.accounts (id) on delete cascade,
  company_id uuid not null,
  verdict text not null check (verdict in ('wrong_company', 'isp', 'own', 'same_as')),
  same_as_company_id uuid,
  note text check (char_length(note) between 1 and 500),
  created_by uuid,
  created_at timestamptz not null default now(),
  undone_by uuid,
  undone_at timestamptz,
  foreign key (account_id, company_id) references public.companies (account_id, id) on delete cascade,
  foreign key (account_id, same_as_company_id) references public.companies (account_id, id) on delete cascade,
  constraint corrections_name_another_company_only_if_same_as check ((verdict = 'same_as') = (same_as_company_id is not null)),
  constraint corrections_never_point_at_themselves check (same_as_company_id <> company_id),
  constraint corrections_are_undone_at_a_time check (undone_by is null or undone_at is not null)
);
create unique index corrections_active_idx on public.corrections (company_id) where undone_at is null;
create index corrections_company_id_idx on public.corrections (account_id, company_id);
create index corrections_same_as_idx on public.corrections (account_id, same_as_company_id);
comment on table public.corrections is
  'What members said about a match: wrong company, an internet provider, ourselves, or the same as another. Its own audit record: a row is '
  'never changed but for being undone once, and goes only with its account. Of a company at most one is active (not undone).';
comment on column public.corrections.same_as_company_id is
  'What the company counts as, for same_as. May later count as yet another: shown_companies follows to the end.';
comment on column public.corrections.note is 'What the member knows, for example who it really is.';
comment on column public.corrections.created_by is
  'The user''s id, kept when the user is gone. Empty where a newer company-IP table joined two companies.';
comment on column public.corrections.undone_by is 'Who undid it or said something else instead.';

alter table public.corrections enable row level security;
revoke all on public.corrections from public, anon, authenticated, service_role;
grant select on public.corrections to authenticated;

create policy "Members read their account's corrections" on public.corrections
  for select to authenticated using (account_id in (select private.account_ids()));

create function private.hold_corrections() returns trigger
language plpgsql set search_path = ''
as $$
declare
  undoing constant text[] := '{undone_by,undone_at}';
begin
  if tg_op = 'UPDATE' and old.undone_at is null and new.undone_at is not null and to_jsonb(new) - undoing = to_jsonb(old) - undoing then
    return new;
  end if;
  if tg_op = 'DELETE' and not exists (select from public.accounts where id = old.account_id) then
    return old;
  end if;
  raise sqlstate 'PT403' using
    message = 'A correction is a record: it is neither changed nor deleted.', hint = 'Undo it; what was said stays readable.';
end
$$;
comment on function private.hold_corrections() is 'Lets a correction be undone once, and go with its whole account. Holds for every role.';
revoke execute on function private.hold_corrections() from public, anon, authenticated, service_role;

create trigger hold_corrections before update or delete on public.corrections
  for each row execute function private.hold_corrections();
create trigger hold_all_corrections before truncate on public.corrections
  for each statement execute function private.hold_corrections();
-- Also where a session asks for triggers to be left out, as a restore does.
alter table public.corrections enable always trigger hold_corrections;
alter table public.corrections enable always trigger hold_all_corrections;

-- What a beacon asks is PL/pgSQL throughout: it keeps its plans, where SQL is planned anew with each call (before PostgreSQL 18).
create function private.root_of(company_id uuid) returns uuid
language plpgsql stable set search_path = ''
as $$
begin
  return (
    with recursive followed (id) as (
      select root_of.company_id
      -- union, not union all: it would end even if there were a circle
      union
      select correction.same_as_company_id
      from followed
      join public.corrections as correction
        on correction.company_id = followed.id and correction.verdict = 'same_as' and correction.undone_at is null
    )
    select followed.id from followed
    where not exists (
      select from public.corrections as further
      where further.company_id = followed.id and further.verdict = 'same_as' and further.undone_at is null
    )
  );
end
$$;
comment on function private.root_of(uuid) is 'The company that a company counts as in the end: itself unless it is the same as another.';
revoke execute on function private.root_of(uuid) from public, anon, authenticated, service_role;

create function private.check_corrector(account_id uuid, subject text) returns void
language plpgsql set search_path = ''
as $$
begin
  if (select auth.uid()) is null then
    raise sqlstate 'PT401' using message = 'Sign in before you correct a match.';
  end if;
  -- A stranger learns nothing: to them another account's company is no different from none.
  if account_id is null or account_id not in (select private.account_ids()) then
    raise sqlstate 'PT404' using
      message = format('There is no such %s in your account.', subject), hint = 'Reload the page: it may show something older.';
  end if;
  if account_id not in (select private.account_ids('{owner,admin,member}')) then
    raise sqlstate 'PT403' using
      message = 'Your role reads matches and does not correct them.', hint = 'Ask an owner or admin to make you a member.';
  end if;
  -- One at a time in an account: two members at once neither leave two verdicts nor close a circle.
  perform pg_advisory_xact_lock(hashtextextended('corrections ' || account_id::text, 0));
end
$$;
comment on function private.check_corrector(uuid, text) is
  'Whether the caller may correct matches of an account, else an error in words; then makes the account''s corrections wait for each other.';
revoke execute on function private.check_corrector(uuid, text) from public, anon, authenticated, service_role;

create function private.target_of_correction(company public.companies, verdict text, same_as_company_id uuid) returns uuid
language plpgsql stable set search_path = ''
as $$
declare
  root_id uuid;
begin
  if verdict is null or verdict not in ('wrong_company', 'isp', 'own', 'same_as') then
    raise sqlstate 'PT422' using message = 'Unknown verdict.', hint = 'Say wrong_company, isp, own or same_as.';
  end if;
  if (verdict = 'same_as') <> (same_as_company_id is not null) then
    raise sqlstate 'PT422' using
      message = 'Only "same as" names another company, and it must name one.', hint = 'Choose the company this one belongs to.';
  end if;
  if same_as_company_id is null then
    return null;
  end if;
  if not exists (select from public.companies as other where other.id = same_as_company_id and other.account_id = company.account_id) then
    raise sqlstate 'PT404' using
      message = 'The company to join it with is not in your account.', hint = 'Choose one from your list of companies.';
  end if;
  root_id := private.root_of(same_as_company_id);
  if root_id = company.id then
    raise sqlstate 'PT422' using
      message = case when same_as_company_id = company.id then 'A company cannot be the same as itself.'
        else 'The other company already counts as this one.' end,
      hint = 'Undo that first if it is the other way round, or choose another company.';
  end if;
  return root_id;
end
$$;
comment on function private.target_of_correction(public.companies, text, uuid) is
  'What a company will count as under a verdict: the end of the other''s own "same as", nothing for other verdicts; or an error in words.';
revoke execute on function private.target_of_correction(public.companies, text, uuid) from public, anon, authenticated, service_role;

create function public.correct_company(company_id uuid, verdict text, same_as_company_id uuid default null, note text default null)
returns public.corrections
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_column
declare
  caller constant uuid := (select auth.uid());
  said constant text := nullif(btrim(correct_company.note), '');
  company public.companies;
  target_id uuid;
  started public.corrections;
begin
  select * into company from public.companies where id = correct_company.company_id;
  perform private.check_corrector(company.account_id, 'company');
  if char_length(said) > 500 then
    raise sqlstate 'PT422' using message = 'The note has more than 500 characters.', hint = 'Say it in fewer words.';
  end if;
  target_id := private.target_of_correction(company, correct_company.verdict, correct_company.same_as_company_id);
  update public.corrections as earlier set undone_by = caller, undone_at = now()
    where earlier.company_id = company.id and earlier.undone_at is null;
  insert into public.corrections (account_id, company_id, verdict, same_as_company_id, note, created_by)
    values (company.account_id, company.id, correct_company.verdict, target_id, said, caller)
    returning * into started;
  return started;
end
$$;
comment on function public.correct_company(uuid, text, uuid, text) is
  'Says what a company really is. Ends what was said before, changes no visit, and holds for this account alone. Companies that count as this '
  'one follow it.';
revoke execute on function public.correct_company(uuid, text, uuid, text) from public, anon, authenticated, service_role;
grant execute on function public.correct_company(uuid, text, uuid, text) to authenticated;

create function public.undo_correction(correction_id uuid) returns public.corrections
language plpgsql security definer set search_path = ''
as $$
declare
  account_id uuid;
  undone public.corrections;
begin
  select correction.account_id into account_id from public.corrections as correction where correction.id = correction_id;
  perform private.check_corrector(account_id, 'correction');
  update public.corrections as correction set undone_by = (select auth.uid()), undone_at = now()
    where correction.id = correction_id and correction.undone_at is null
    returning * into undone;
  if undone.id is null then
    raise sqlstate 'PT409' using
      message = 'This correction has been undone already.', hint = 'Nothing is left to do. Reload to see what holds now.';
  end if;
  return undone;
end
$$;
comment on function public.undo_correction(uuid) is 'Ends a correction: the history shows exactly what it showed without it.';
revoke execute on function public.undo_correction(uuid) from public, anon, authenticated, service_role;
grant execute on function public.undo_correction(uuid) to authenticated;
