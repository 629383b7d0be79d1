create function audit.note_sign_in() returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  done constant text := tg_argv[0];
begin
  -- The auth server acts for the person whose sign-in it is; what was there before and after is told nowhere.
  perform audit.append(
    membership.account_id, 'sign_in.' || done, 'sign_in', old.id::text, actor => old.id::text, actor_kind => 'member'
  )
  from (select member.account_id from public.memberships as member where member.user_id = old.id order by member.account_id) as membership;
  return case when tg_op = 'DELETE' then old else new end;
end
$$;
comment on function audit.note_sign_in() is
  'Writes into the log of every account of a user that their password or address changed, or that the user was deleted. Argument: which.';
revoke execute on function audit.note_sign_in() from public, anon, authenticated, service_role;

create trigger audit_password after update of encrypted_password on auth.users for each row
  when (old.encrypted_password is distinct from new.encrypted_password) execute function audit.note_sign_in('password_changed');
create trigger audit_email after update of email on auth.users for each row
  when (old.email is distinct from new.email) execute function audit.note_sign_in('email_changed');
-- Before, because the memberships that say whose log it belongs in go with the user.
create trigger audit_deleted_user before delete on auth.users for each row execute function audit.note_sign_in('deleted');
