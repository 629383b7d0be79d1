create table public.retention (
  account_id uuid primary key references public.accounts (id) on delete cascade,
  visits_days int not null constraint retention_visits_days_is_in_range check (visits_days between 30 and 1095),
  counts_days int not null constraint retention_counts_days_is_in_range check (counts_days between 30 and 1825),
  contacts_days int not null constraint retention_contacts_days_is_in_range check (contacts_days between 30 and 365),
  changed_at timestamptz not null default now()
);
comment on table public.retention is 'For how many days an account keeps what. No row: as private.retention_of says. With the account.';
comment on column public.retention.visits_days is
  'Visits and their page views, from the day a visit began; and companies of which no visit is left, unless the account works with them.';
comment on column public.retention.counts_days is 'The daily counts of beacons, which name no company.';
comment on column public.retention.contacts_days is 'Contacts, from the day they were found.';

alter table public.retention enable row level security;
revoke all on public.retention from public, anon, authenticated, service_role;
grant select on public.retention to authenticated;
create policy "Members read for how long their account keeps what" on public.retention
  for select to authenticated using (account_id in (select private.account_ids()));

create trigger audit_retention after insert or update of visits_days, counts_days, contacts_days on public.retention
  for each row execute function audit.note_change('retention', 'account_id', 'visits_days', 'counts_days', 'contacts_days');

create function private.retention_of(account_id uuid) returns public.retention
language plpgsql stable set search_path = ''
as $$
declare
  kept public.retention;
begin
  select * into kept from public.retention as chosen where chosen.account_id = retention_of.account_id;
  if not found then
    -- Thirteen months, so that a month can be compared with that of the year before; three years; and a year, the longest that a contact may be kept at all.
    kept := row (retention_of.account_id, 395, 1095, 365, now());
  end if;
  return kept;
end
$$;
comment on function private.retention_of(uuid) is 'For how many days an account keeps what: as it chose, or else as everybody does.';

create function public.get_retention(account_id uuid) returns public.retention
language plpgsql stable security definer set search_path = ''
as $$
begin
  perform private.check_may_read_audit(get_retention.account_id);
  return private.retention_of(get_retention.account_id);
end
$$;
comment on function public.get_retention(uuid) is 'For how many days an account keeps what, for its members.';

create function public.change_retention(account_id uuid, visits_days int, counts_days int, contacts_days int) returns public.retention
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_column
declare
  changed public.retention;
begin
  perform private.check_manages_account(change_retention.account_id);
  insert into public.retention as kept (account_id, visits_days, counts_days, contacts_days)
  values (change_retention.account_id, change_retention.visits_days, change_retention.counts_days, change_retention.contacts_days)
  on conflict (account_id) do update set
    visits_days = excluded.visits_days, counts_days = excluded.counts_days, contacts_days = excluded.contacts_days, changed_at = now()
  returning * into changed;
  return changed;
exception
  when check_violation or not_null_violation then
    raise sqlstate 'PT422' using
      message = 'Visits are kept for 30 to 1,095 days, counts for 30 to 1,825, contacts for 30 to 365.', hint = 'Choose numbers in these ranges.';
end
$$;
comment on function public.change_retention(uuid, int, int, int) is 'Says for how many days the account keeps what, for owners and admins.';

create function private.check_manages_account(account_id uuid) returns void
language plpgsql stable security definer set search_path = ''
as $$
begin
  perform private.check_may_read_audit(check_manages_account.account_id);
  if check_manages_account.account_id not in (select private.account_ids('{owner,admin}')) then
    raise sqlstate 'PT403' using message = 'Only owners and admins of the account may do this.', hint = 'Ask one of them.';
  end if;
end
$$;
comment on function private.check_manages_account(uuid) is 'Refuses, in words, whoever is no owner or admin of the account.';

-- By the day a visit began, for each account; and what is left without a visit.
create index companies_account_id_last_seen_at_idx on public.companies (account_id, last_seen_at);

create function private.note_purge(account_id uuid, kind text, gone int, before timestamptz) returns int
language plpgsql set search_path = ''
as $$
begin
  if note_purge.gone > 0 then
    perform audit.append(
      note_purge.account_id, 'retention.purged', 'retention', note_purge.kind, null,
      jsonb_build_object('rows', note_purge.gone, 'before', note_purge.before::date)
    );
  end if;
  return note_purge.gone;
end
$$;
comment on function private.note_purge(uuid, text, int, timestamptz) is 'The receipt of a deletion by time: what, how many, of before which day.';

create function private.purge_visits(kept public.retention, most int) returns int
language plpgsql set search_path = ''
as $$
declare
  before constant timestamptz := now() - make_interval(days => kept.visits_days);
  gone int;
  total int;
begin
  delete from public.visits as old where old.id in (
    select visit.id from public.sites as site join public.visits as visit on visit.site_id = site.id
    where site.account_id = kept.account_id and visit.started_at < before limit most
  );
  get diagnostics gone = row_count;
  total := private.note_purge(kept.account_id, 'visits', gone, before);
  delete from public.companies as old where old.id in (
    select company.id from public.companies as company
    where company.account_id = kept.account_id and company.last_seen_at < before
      and not exists (select from public.visits as visit where visit.company_id = company.id)
      -- What somebody said of it or does with it is theirs to end.
      and not exists (select from public.corrections as said where said.company_id = company.id or said.same_as_company_id = company.id)
      and not exists (select from public.follows as follow where follow.company_id = company.id)
      and not exists (select from public.contacts as contact where contact.company_id = company.id)
      and not exists (select from public.crm_links as link where link.company_id = company.id)
    limit most
  );
  get diagnostics gone = row_count;
  return total + private.note_purge(kept.account_id, 'companies', gone, before);
end
$$;
comment on function private.purge_visits(public.retention, int) is
  'Deletes an account''s visits whose time is over, with their page views, and companies that are left without any; answers how many rows.';

create function private.purge_counts(kept public.retention) returns int
language plpgsql set search_path = ''
as $$
declare
  before constant timestamptz := now() - make_interval(days => kept.counts_days);
  days int;
  pauses int;
begin
  delete from public.site_days as old where old.account_id = kept.account_id and old.day < before::date;
  get diagnostics days = row_count;
  delete from public.site_pauses as old where old.account_id = kept.account_id and old.day < before::date;
  get diagnostics pauses = row_count;
  return private.note_purge(kept.account_id, 'counts', days + pauses, before);
end
$$;
comment on function private.purge_counts(public.retention) is 'Deletes an account''s daily counts whose time is over; answers how many rows.';

create function private.purge_kept_contacts(kept public.retention) returns int
language plpgsql set search_path = ''
as $$
declare
  before constant timestamptz := now() - make_interval(days => kept.contacts_days);
  gone int;
begin
  delete from public.contacts as old where old.account_id = kept.account_id and old.found_at < before;
  get diagnostics gone = row_count;
  return private.note_purge(kept.account_id, 'contacts', gone, before);
end
$$;
comment on function private.purge_kept_contacts(public.retention) is 'Deletes an account''s contacts whose time is over; answers how many.';

create function private.purge_retention() returns int
language plpgsql set search_path = ''
as $$
declare
  most constant int := 2000;
  kept public.retention;
  gone int := 0;
begin
  for kept in
    select chosen.* from public.accounts as account cross join lateral private.retention_of(account.id) as chosen order by random()
  loop
    gone := gone + private.purge_visits(kept, most - gone) + private.purge_counts(kept) + private.purge_kept_contacts(kept);
    -- What is left is deleted by the next call; in another order, so that no account keeps another waiting for good.
    exit when gone >= most;
  end loop;
  return gone;
end
$$;
comment on function private.purge_retention() is 'Deletes what accounts no longer keep, some thousand rows at the most, with a receipt in each audit log.';
insert into private.chores values ('retention');

create or replace function public.purge_expired() returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  chore text;
  gone int;
  purged jsonb := '{}';
begin
  -- The job and pg_cron may both call.
  if pg_try_advisory_xact_lock(hashtextextended('purge_expired', 0)) then
    for chore in select known.name from private.chores as known order by known.name loop
      execute format('select private.%I()', 'purge_' || chore) into gone;
      purged := purged || jsonb_build_object(chore, gone);
    end loop;
    -- What accounts chose has its receipts in their own logs.
    if exists (select from jsonb_each_text(purged - 'retention') as done where done.value::int > 0) then
      perform audit.append(
        null, 'retention.purged', 'retention', null, null,
        (select jsonb_object_agg(done.key, done.value) from jsonb_each(purged - 'retention') as done where done.value <> '0')
      );
    end if;
  end if;
  return purged;
end
$$;
comment on function public.purge_expired() is
  'Deletes what is kept for a time that is over, with a receipt in the audit log, and answers how many rows of what; empty while another call does the same.';

create function public.delete_account(account_id uuid, name_again text) returns void
language plpgsql security definer set search_path = ''
as $$
begin
  perform private.check_owns_account(delete_account.account_id);
  delete from public.accounts as account where account.id = delete_account.account_id and account.name = btrim(delete_account.name_again);
  if not found then
    raise sqlstate 'PT422' using message = 'This is not the name of the account.', hint = 'Type it as it stands above, so that no other is deleted.';
  end if;
end
$$;
comment on function public.delete_account(uuid, text) is
  'Deletes an account with all it has, for owners who type its name. Its audit log stays: it names nobody. Backups forget it as they grow old.';

revoke execute on function private.retention_of(uuid) from public, anon, authenticated, service_role;
revoke execute on function public.get_retention(uuid) from public, anon, authenticated, service_role;
revoke execute on function public.change_retention(uuid, int, int, int) from public, anon, authenticated, service_role;
revoke execute on function private.check_manages_account(uuid) from public, anon, authenticated, service_role;
revoke execute on function private.note_purge(uuid, text, int, timestamptz) from public, anon, authenticated, service_role;
revoke execute on function private.purge_visits(public.retention, int) from public, anon, authenticated, service_role;
revoke execute on function private.purge_counts(public.retention) from public, anon, authenticated, service_role;
revoke execute on function private.purge_kept_contacts(public.retention) from public, anon, authenticated, service_role;
revoke execute on function private.purge_retention() from public, anon, authenticated, service_role;
revoke execute on function public.purge_expired() from public, anon, authenticated, service_role;
revoke execute on function public.delete_account(uuid, text) from public, anon, authenticated, service_role;
grant execute on function public.get_retention(uuid) to authenticated;
grant execute on function public.change_retention(uuid, int, int, int) to authenticated;
grant execute on function public.purge_expired() to scheduler;
grant execute on function public.delete_account(uuid, text) to authenticated;
