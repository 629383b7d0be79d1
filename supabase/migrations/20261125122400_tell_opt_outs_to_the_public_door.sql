create function public.list_opt_outs() returns jsonb
language sql stable security definer set search_path = ''
as $$
  select jsonb_build_object(
    'company_keys', coalesce(jsonb_agg(opt_out.company_key) filter (where opt_out.company_key is not null), '[]'),
    'networks', coalesce(jsonb_agg(opt_out.network) filter (where opt_out.network is not null), '[]')
  )
  from private.opt_outs as opt_out
$$;
comment on function public.list_opt_outs() is
  'All companies and networks that opted out, for the door that tells callers what would be shown about them: it compares in its own memory.';
revoke execute on function public.list_opt_outs() from public, anon, authenticated, service_role;
grant execute on function public.list_opt_outs() to public_door;
