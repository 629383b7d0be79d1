create function private.tell_of_pause() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  perform private.tell(
    new.account_id, 'plan.limit_reached',
    jsonb_build_object(
      'limit', 'beacons_per_day', 'day', new.day,
      'most', (select site.beacons_per_day from public.sites as site where site.id = new.site_id)
    ),
    site_id => new.site_id
  );
  return null;
end
$$;
comment on function private.tell_of_pause() is 'Tells that a site has used up its day''s quota, in the transaction of the beacon that did so.';
revoke execute on function private.tell_of_pause() from public, anon, authenticated, service_role;
create trigger tell_of_pause after insert on public.site_pauses for each row execute function private.tell_of_pause();
