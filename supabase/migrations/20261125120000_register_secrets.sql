create table private.secrets_in_use (
  name text primary key check (name ~ '^[A-Za-z_]{1,40}$'),
  every_days int not null check (every_days between 1 and 730),
  rotated_on date,
  due_on date generated always as (rotated_on + every_days) stored
);
comment on table private.secrets_in_use is
  'When each of the deployment''s secrets was changed last, and by when it is again: no value of any, nor anything made of one. The audit log has each change.';
comment on column private.secrets_in_use.name is 'As lib/domain/secret.py names it, which says how it is changed.';
comment on column private.secrets_in_use.rotated_on is 'The day it was made or changed last; null for one that this deployment does not use, of which nobody is reminded.';

-- A deployment's secrets are made when it is set up; the optional ones may never be.
insert into private.secrets_in_use (name, every_days, rotated_on) values
  ('jwt_secret', 365, current_date),
  ('database_password', 180, current_date),
  ('RESEND_API_KEY', 180, current_date),
  ('RESEND_WEBHOOK_SECRET', 365, current_date),
  ('SEND_EMAIL_HOOK_SECRET', 365, current_date),
  ('CRON_SECRET', 180, current_date),
  ('CRM_KEY', 365, current_date),
  ('HUNTER_API_KEY', 365, null),
  ('DROPCONTACT_API_KEY', 365, null);

revoke all on private.secrets_in_use from public, anon, authenticated, service_role;

create function private.purge_secrets() returns int
language plpgsql set search_path = ''
as $$
declare
  due jsonb;
  first_due_on date;
begin
  select jsonb_agg(jsonb_build_object('name', secret.name, 'due_on', secret.due_on) order by secret.due_on, secret.name), min(secret.due_on)
  into due, first_due_on
  from private.secrets_in_use as secret where secret.due_on <= current_date + 14;
  if due is not null then
    perform private.post_to_staff(
      -- Once a week before the day, each day after it.
      'secrets_due ' || case when first_due_on > current_date then to_char(current_date, 'IYYY-"W"IW') else current_date::text end,
      'secrets_due',
      jsonb_build_object('secrets', due)
    );
  end if;
  -- Nothing is deleted.
  return 0;
end
$$;
comment on function private.purge_secrets() is
  'Mails the staff which secrets are to be changed within two weeks or are overdue: once a week before the day, each day after it. Deletes nothing.';
revoke execute on function private.purge_secrets() from public, anon, authenticated, service_role;
insert into private.chores values ('secrets');
