create function public.admin_list_platform_audit(before_seq bigint default null, most int default 100)
returns table (seq bigint, at timestamptz, actor text, actor_kind text, action text, subject_id text, before jsonb, after jsonb, reason text)
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_column
begin
  perform private.require_admin();
  return query
    select
      kept.seq, kept.at::timestamptz, told.entry ->> 'actor', told.entry ->> 'actor_kind', kept.action, kept.subject_id,
      nullif(told.entry -> 'before', 'null'), nullif(told.entry -> 'after', 'null'), told.entry ->> 'reason'
    from audit.entries as kept
    cross join lateral (select kept.entry::jsonb as entry) as told
    where kept.chain = '00000000-0000-0000-0000-000000000000'
      and (admin_list_platform_audit.before_seq is null or kept.seq < admin_list_platform_audit.before_seq)
    order by kept.seq desc
    limit least(greatest(admin_list_platform_audit.most, 1), 500);
end
$$;
comment on function public.admin_list_platform_audit(bigint, int) is
  'The platform''s own chain for staff, the latest first, at most 500 at once; before_seq to go on.';

revoke execute on function public.admin_list_platform_audit(bigint, int) from public, anon, authenticated, service_role;
grant execute on function public.admin_list_platform_audit(bigint, int) to authenticated;
