create function private.mute_rules_of_readers() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  update public.alert_rules as rule set enabled = false
  where rule.account_id = new.account_id and rule.user_id = new.user_id and rule.channel <> 'mail' and rule.enabled;
  return null;
end
$$;
comment on function private.mute_rules_of_readers() is
  'Mutes what a member let post to chat channels and webhooks when their role does not let them any more: as the policies of alert_rules have it.';
revoke execute on function private.mute_rules_of_readers() from public, anon, authenticated, service_role;

create trigger mute_rules_of_readers after update of role on public.memberships
  for each row when (new.role not in ('owner', 'admin', 'member')) execute function private.mute_rules_of_readers();
