create table public.notification_settings (
  account_id uuid not null,
  user_id uuid not null default auth.uid(),
  time_zone text not null default 'UTC' constraint notification_settings_time_zone_is_known check (private.is_time_zone(time_zone)),
  alerts_per_day smallint not null default 20
    constraint notification_settings_alerts_per_day_is_sensible check (alerts_per_day between 0 and 500),
  quiet_from time,
  quiet_until time,
  primary key (account_id, user_id),
  foreign key (account_id, user_id) references public.memberships (account_id, user_id) on delete cascade,
  constraint notification_settings_quiet_hours_begin_and_end check (
    num_nulls(quiet_from, quiet_until) in (0, 2) and quiet_from <> quiet_until
  )
);
create index notification_settings_user_id_idx on public.notification_settings (user_id);
comment on table public.notification_settings is
  'When and how often a member wants to hear of an account. No row: as the defaults say, and no quiet hours. Kept while they are a member.';
comment on column public.notification_settings.time_zone is 'IANA name. Decides when the member''s day and quiet hours begin and end.';
comment on column public.notification_settings.alerts_per_day is 'How many alerts the member gets in a day at most; the others are in the digest.';
comment on column public.notification_settings.quiet_from is 'The local time from which alerts wait. May be later than quiet_until: then over midnight.';
comment on column public.notification_settings.quiet_until is 'The local time at which what has waited is sent.';

alter table public.notification_settings enable row level security;
revoke all on public.notification_settings from public, anon, authenticated, service_role;
grant select, delete on public.notification_settings to authenticated;
grant insert (account_id, time_zone, alerts_per_day, quiet_from, quiet_until) on public.notification_settings to authenticated;
grant update (account_id, time_zone, alerts_per_day, quiet_from, quiet_until) on public.notification_settings to authenticated;

create policy "Members read their own notification settings" on public.notification_settings
  for select to authenticated using (user_id = (select auth.uid()));
create policy "Members write their own notification settings" on public.notification_settings
  for insert to authenticated with check (user_id = (select auth.uid()) and account_id in (select private.account_ids()));
create policy "Members change their own notification settings" on public.notification_settings
  for update to authenticated
  using (user_id = (select auth.uid()))
  with check (user_id = (select auth.uid()) and account_id in (select private.account_ids()));
create policy "Members drop their own notification settings" on public.notification_settings
  for delete to authenticated using (user_id = (select auth.uid()));

create function private.end_of_quiet(at timestamptz, time_zone text, quiet_from time, quiet_until time) returns timestamptz
language plpgsql stable set search_path = ''
as $$
declare
  local constant timestamp := at at time zone time_zone;
  clock constant time := local::time;
begin
  if quiet_from is null or not (
    case when quiet_from < quiet_until then clock >= quiet_from and clock < quiet_until else clock >= quiet_from or clock < quiet_until end
  ) then
    return at;
  end if;
  -- An hour that daylight saving skips begins where it would have; of one that comes twice, the second counts.
  return greatest(at, (local::date + case when clock < quiet_until then 0 else 1 end + quiet_until) at time zone time_zone);
end
$$;
comment on function private.end_of_quiet(timestamptz, text, time, time) is
  'When what happens at a moment may be told of: the end of the quiet hours it is in, or at once.';
revoke execute on function private.end_of_quiet(timestamptz, text, time, time) from public, anon, authenticated, service_role;

create function private.settings_of(account_id uuid, user_id uuid) returns public.notification_settings
language plpgsql stable set search_path = ''
as $$
declare
  found public.notification_settings;
begin
  select * into found from public.notification_settings as known
  where known.account_id = settings_of.account_id and known.user_id = settings_of.user_id;
  found.time_zone := coalesce(found.time_zone, 'UTC');
  found.alerts_per_day := coalesce(found.alerts_per_day, 20);
  return found;
end
$$;
comment on function private.settings_of(uuid, uuid) is 'A member''s notification settings, or the defaults where they have said nothing.';
revoke execute on function private.settings_of(uuid, uuid) from public, anon, authenticated, service_role;
