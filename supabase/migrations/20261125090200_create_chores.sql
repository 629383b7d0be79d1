create table private.chores (name text primary key check (name ~ '^[a-z_]{1,40}$'));
comment on table private.chores is
  'What is deleted when its time is over: each has a function private.purge_<name>(), which answers how many rows it deleted, some thousands at most.';
insert into private.chores values ('outbox');

revoke all on private.chores from public, anon, authenticated, service_role;

create function public.purge_expired() returns jsonb
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
  end if;
  return purged;
end
$$;
comment on function public.purge_expired() is
  'Deletes what is kept for a time that is over, and answers how many rows of what; empty while another call does the same.';
revoke execute on function public.purge_expired() from public, anon, authenticated, service_role;
grant execute on function public.purge_expired() to scheduler;

-- Where the extension is switched on, the database cleans up by itself, even if nobody calls the job.
do $$
begin
  if exists (select from pg_catalog.pg_extension where extname = 'pg_cron') then
    perform cron.schedule('leadsment_purge_expired', '47 * * * *', 'select public.purge_expired()');
  end if;
end
$$;
