-- Roles belong to the whole cluster and outlive a reset of the database.
do $$
begin
  if not exists (select from pg_catalog.pg_roles where rolname = 'scheduler') then
    create role scheduler nologin noinherit;
  end if;
end
$$;
comment on role scheduler is 'What keeps the record of jobs signs in as. May execute the functions granted to it by name, and reads no table.';
grant scheduler to authenticator;
alter role scheduler set statement_timeout = '8s';
grant usage on schema public to scheduler;

create table private.job_runs (
  job text not null check (job ~ '^[a-z][a-z_]{1,38}[a-z]$'),
  period timestamptz not null,
  claim uuid not null default gen_random_uuid() unique,
  attempt smallint not null default 1,
  started_at timestamptz not null default now(),
  leased_until timestamptz not null,
  finished_at timestamptz,
  next_due_at timestamptz not null,
  done int not null default 0 check (done >= 0),
  failed int not null default 0 check (failed >= 0),
  fault text check (char_length(fault) between 1 and 100),
  primary key (job, period),
  -- So that no row says that a run which met a fault is finished: the next call takes it up again.
  check (finished_at is null or fault is null)
);
create index job_runs_started_at_idx on private.job_runs (started_at);
comment on table private.job_runs is
  'Each run of a job, by the period it is for. The platform may call a job twice, late or never: what has been done stands here. Kept for 90 days.';
comment on column private.job_runs.period is 'When the period begins that the run is for: there is one run for each.';
comment on column private.job_runs.claim is 'Drawn for each attempt: who was overtaken can no longer write under it.';
comment on column private.job_runs.attempt is 'How many times the run was begun; more than once where the one before died or met a fault.';
comment on column private.job_runs.leased_until is 'Until when nobody else begins a run of this job, finished or dead.';
comment on column private.job_runs.next_due_at is 'When the next period begins: a job with no finished run since long after that is late.';
comment on column private.job_runs.done is 'How many pieces of work were done.';
comment on column private.job_runs.failed is 'How many were not, and are tried again later: see job_failures.';
comment on column private.job_runs.fault is 'The kind of the fault that ended the run, never its text.';

create table private.job_failures (
  job text not null,
  account_id uuid not null references public.accounts (id) on delete cascade,
  failures smallint not null default 1,
  fault text not null check (char_length(fault) between 1 and 100),
  first_failed_at timestamptz not null default now(),
  last_failed_at timestamptz not null default now(),
  next_try_at timestamptz,
  primary key (job, account_id)
);
create index job_failures_account_id_idx on private.job_failures (account_id);
comment on table private.job_failures is
  'Accounts for which a job failed, while the others went on. Removed by the first success; without next_try_at the job has given up on the account.';
comment on column private.job_failures.fault is 'The kind of the fault, never its text.';
comment on column private.job_failures.next_try_at is 'Until when the job leaves the account out; empty after eight failures, until an operator lets it try again.';

revoke all on private.job_runs, private.job_failures from public, anon, authenticated, service_role;

create function public.claim_run(job text, period timestamptz, next_due_at timestamptz, lease_seconds int) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  claimed private.job_runs;
begin
  if lease_seconds not between 1 and 900 then
    raise sqlstate 'PT400' using message = 'A run is leased for 1 to 900 seconds.';
  end if;
  -- Two calls at once: the second sees what the first has claimed.
  perform pg_advisory_xact_lock(hashtextextended('job ' || claim_run.job, 0));
  if exists (
    select from private.job_runs as run where run.job = claim_run.job and run.finished_at is null and run.leased_until > now()
  ) then
    return jsonb_build_object('state', 'running');
  end if;
  insert into private.job_runs as run (job, period, next_due_at, leased_until)
  values (claim_run.job, claim_run.period, claim_run.next_due_at, now() + make_interval(secs => lease_seconds))
  on conflict on constraint job_runs_pkey do update set
    claim = gen_random_uuid(), attempt = run.attempt + 1, started_at = now(), leased_until = excluded.leased_until, fault = null
  where run.finished_at is null
  returning * into claimed;
  if claimed.claim is null then
    return jsonb_build_object('state', 'done');
  end if;
  delete from private.job_runs as old where old.started_at < now() - interval '90 days';
  return jsonb_build_object('state', 'claimed', 'claim', claimed.claim, 'attempt', claimed.attempt);
end
$$;
comment on function public.claim_run(text, timestamptz, timestamptz, int) is
  'Begins a job''s run for a period and answers {state: claimed, claim, attempt}; done if there was one, running while any run of the job is leased. '
  'A run that died or met a fault is begun again.';

create function public.finish_run(claim uuid, done int, failed int, fault text default null) returns boolean
language plpgsql security definer set search_path = ''
as $$
begin
  update private.job_runs as run
  set
    done = run.done + finish_run.done, failed = finish_run.failed, fault = finish_run.fault, leased_until = now(),
    finished_at = case when finish_run.fault is null then now() end
  where run.claim = finish_run.claim and run.finished_at is null;
  return found;
end
$$;
comment on function public.finish_run(uuid, int, int, text) is
  'Ends a run with what was done and what failed; with a fault it is begun again by the next call. False for one that was overtaken.';

create function private.holds_back(job text, account_id uuid) returns boolean
language sql stable set search_path = ''
as $$
  select exists (
    select from private.job_failures as failure
    where failure.job = holds_back.job and failure.account_id = holds_back.account_id
      and (failure.next_try_at is null or failure.next_try_at > now())
  )
$$;
comment on function private.holds_back(text, uuid) is 'Whether a job leaves an account out for now, because it failed for it.';

create function public.note_job_failure(job text, account_id uuid, fault text) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  most_failures constant int := 8;
begin
  insert into private.job_failures as known (job, account_id, fault, next_try_at)
  values (note_job_failure.job, note_job_failure.account_id, left(note_job_failure.fault, 100), now() + interval '5 minutes')
  on conflict on constraint job_failures_pkey do update set
    failures = known.failures + 1, fault = excluded.fault, last_failed_at = now(),
    -- 10, 20, 40 minutes and so on; each a little off, so that what failed together does not come back together.
    next_try_at = case
      when known.failures + 1 < most_failures then now() + interval '5 minutes' * power(2, known.failures) * (0.8 + 0.4 * random())
    end;
end
$$;
comment on function public.note_job_failure(text, uuid, text) is
  'Remembers that a job failed for an account, and leaves the account out for a while: longer each time, and after eight times for good.';

create function public.forget_job_failure(job text, account_id uuid) returns void
language plpgsql security definer set search_path = ''
as $$
begin
  delete from private.job_failures as known where known.job = forget_job_failure.job and known.account_id = forget_job_failure.account_id;
end
$$;
comment on function public.forget_job_failure(text, uuid) is 'A job has succeeded for an account, or an operator lets it try again.';

create function public.list_jobs() returns table (
  job text, finished_at timestamptz, started_at timestamptz, next_due_at timestamptz, done int, failed int, fault text, accounts_left_out int
)
language sql stable security definer set search_path = ''
as $$
  select
    latest.job,
    (select max(run.finished_at) from private.job_runs as run where run.job = latest.job),
    latest.started_at, latest.next_due_at, latest.done, latest.failed, latest.fault,
    (select count(*)::int from private.job_failures as failure where failure.job = latest.job)
  from (select distinct on (run.job) run.* from private.job_runs as run order by run.job, run.period desc) as latest
  order by latest.job
$$;
comment on function public.list_jobs() is 'Each job''s latest run, when one last finished, and for how many accounts it is held back. No account is named.';

revoke execute on function public.claim_run(text, timestamptz, timestamptz, int) from public, anon, authenticated, service_role;
revoke execute on function public.finish_run(uuid, int, int, text) from public, anon, authenticated, service_role;
revoke execute on function private.holds_back(text, uuid) from public, anon, authenticated, service_role;
revoke execute on function public.note_job_failure(text, uuid, text) from public, anon, authenticated, service_role;
revoke execute on function public.forget_job_failure(text, uuid) from public, anon, authenticated, service_role;
revoke execute on function public.list_jobs() from public, anon, authenticated, service_role;
grant execute on function public.claim_run(text, timestamptz, timestamptz, int) to scheduler;
grant execute on function public.finish_run(uuid, int, int, text) to scheduler;
grant execute on function public.note_job_failure(text, uuid, text) to scheduler;
grant execute on function public.forget_job_failure(text, uuid) to scheduler;
grant execute on function public.list_jobs() to scheduler;
