create function private.mail_of_pause() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  perform private.post(
    key => format('site_paused %s %s %s', new.site_id, new.day, member.user_id),
    channel => 'mail', lane => format('mail %s', member.user_id), template => 'site_paused',
    content => jsonb_build_object(
      'site_id', site.id, 'site', site.name, 'account', account.name, 'most', site.beacons_per_day, 'day', new.day, 'time_zone', site.time_zone
    ),
    account_id => new.account_id, recipient_id => member.user_id,
    -- By then the next day has begun everywhere.
    expires_at => now() + interval '36 hours'
  )
  from public.sites as site
  join public.accounts as account on account.id = site.account_id
  join public.memberships as member on member.account_id = site.account_id and member.role in ('owner', 'admin')
  where site.id = new.site_id;
  return null;
end
$$;
comment on function private.mail_of_pause() is
  'Mails an account''s owners and admins that a site has used up its day''s quota, once a day, in the transaction of the beacon that did so.';
revoke execute on function private.mail_of_pause() from public, anon, authenticated, service_role;
create trigger mail_of_pause after insert on public.site_pauses for each row execute function private.mail_of_pause();
