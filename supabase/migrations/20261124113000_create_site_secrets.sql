create table private.site_secrets (
  id uuid primary key default gen_random_uuid(),
  account_id uuid not null,
  site_id uuid not null,
  secret text unique constraint site_secrets_secret_has_its_form check (secret ~ '^lmsk_[A-Za-z0-9_-]{43}$'),
  ending text not null check (char_length(ending) = 4),
  created_by uuid references auth.users (id) on delete set null,
  created_at timestamptz not null default now(),
  revoked_at timestamptz,
  foreign key (account_id, site_id) references public.sites (account_id, id) on delete cascade,
  constraint site_secrets_revoked_ones_are_forgotten check ((secret is null) = (revoked_at is not null))
);
create index site_secrets_site_idx on private.site_secrets (account_id, site_id, created_at);
create index site_secrets_created_by_idx on private.site_secrets (created_by);
comment on table private.site_secrets is
  'What a customer''s proxy signs the visitor''s address with, and what their server shows when it sends page views. At most two hold at '
  'once, so that one can be replaced without a gap. Kept with the site; of a revoked one its last four characters.';
comment on column private.site_secrets.secret is
  'In plain, because checking a signature (HMAC) needs it. Read by functions of this schema''s owner alone; forgotten when it is revoked.';
comment on column private.site_secrets.ending is 'Its last four characters, by which members tell their secrets apart: 22 of its 256 bits.';

-- No policy: the schema is out of the API's reach, and nobody is granted anything here.
revoke all on private.site_secrets from public, anon, authenticated, service_role;

-- Every function instance learns of a change with its next commit, as it does of excluded networks.
create trigger raise_account_rules after insert or delete or update of secret on private.site_secrets
  for each row execute function private.raise_account_rules();
comment on table private.account_rules is
  'How often an account''s excluded networks and secrets have changed. No row: it never had any, version 0.';
comment on function private.raise_account_rules() is 'Says that an account''s excluded networks or secrets have changed.';

create function private.draw_secret() returns text
language sql volatile set search_path = ''
as $$
  -- Each random UUID holds 122 bits of the server's strong generator (the one that salts passwords). Hashing three of them, 366 bits,
  -- leaves no structure of a UUID behind and gives 32 bytes as hard to guess as 32 random ones.
  select 'lmsk_' || rtrim(
    translate(
      encode(sha256(convert_to(concat(gen_random_uuid(), gen_random_uuid(), gen_random_uuid()), 'UTF8')), 'base64'), '+/', '-_'
    ),
    '='
  )
$$;
comment on function private.draw_secret() is 'A new secret: "lmsk_" and 32 bytes nobody can guess, in base64url.';

create function private.check_may_change_secrets(account_id uuid, subject text) returns void
language plpgsql stable security definer set search_path = ''
as $$
begin
  if (select auth.uid()) is null then
    raise sqlstate 'PT401' using message = 'Sign in before you change secrets.';
  end if;
  -- A stranger learns nothing: to them another account's site is no different from none.
  if account_id is null or account_id not in (select private.account_ids()) then
    raise sqlstate 'PT404' using
      message = format('There is no such %s in your account.', subject), hint = 'Reload the page: it may show something older.';
  end if;
  if account_id not in (select private.account_ids('{owner,admin}')) then
    raise sqlstate 'PT403' using message = 'Only owners and admins create and revoke secrets.', hint = 'Ask one of them.';
  end if;
end
$$;
comment on function private.check_may_change_secrets(uuid, text) is 'Refuses, in words, whoever is no owner or admin of an account.';

create function public.create_site_secret(site_id uuid) returns text
language plpgsql security definer set search_path = ''
as $$
declare
  most_active constant int := 2;
  account_id uuid;
  drawn constant text := private.draw_secret();
begin
  select site.account_id into account_id from public.sites as site where site.id = create_site_secret.site_id;
  perform private.check_may_change_secrets(account_id, 'site');
  -- Serialises a site's additions, so that the limit holds for concurrent ones too.
  perform pg_advisory_xact_lock(hashtextextended('site_secrets ' || create_site_secret.site_id::text, 0));
  if (
    select count(*) from private.site_secrets as known
    where known.site_id = create_site_secret.site_id and known.revoked_at is null
  ) >= most_active then
    raise sqlstate 'PT422' using
      message = format('This site has %s secrets already, which is the most.', most_active),
      hint = 'Revoke the one you no longer use first.';
  end if;
  insert into private.site_secrets (account_id, site_id, secret, ending, created_by)
    values (account_id, create_site_secret.site_id, drawn, right(drawn, 4), (select auth.uid()));
  return drawn;
end
$$;
comment on function public.create_site_secret(uuid) is 'Creates a secret for a site and returns it, once: nothing else ever shows it.';

create function public.list_site_secrets(site_id uuid)
returns table (id uuid, ending text, created_at timestamptz, revoked_at timestamptz)
language sql stable security definer set search_path = ''
as $$
  select secret.id, secret.ending, secret.created_at, secret.revoked_at
  from private.site_secrets as secret
  where secret.site_id = list_site_secrets.site_id and secret.account_id in (select private.account_ids())
  order by secret.created_at desc, secret.id
  limit 20
$$;
comment on function public.list_site_secrets(uuid) is
  'A site''s latest 20 secrets by their last four characters, the newest first, for members of its account; for anybody else none.';

create function public.revoke_site_secret(id uuid) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  account_id uuid;
begin
  select known.account_id into account_id from private.site_secrets as known where known.id = revoke_site_secret.id;
  perform private.check_may_change_secrets(account_id, 'secret');
  update private.site_secrets as known set secret = null, revoked_at = now()
    where known.id = revoke_site_secret.id and known.revoked_at is null;
  if not found then
    raise sqlstate 'PT409' using message = 'This secret is revoked already.', hint = 'Nothing is left to do.';
  end if;
end
$$;
comment on function public.revoke_site_secret(uuid) is 'Makes a secret worthless, from the next beacon on, and forgets it.';

revoke execute on function private.draw_secret() from public, anon, authenticated, service_role;
revoke execute on function private.check_may_change_secrets(uuid, text) from public, anon, authenticated, service_role;
revoke execute on function public.create_site_secret(uuid) from public, anon, authenticated, service_role;
revoke execute on function public.list_site_secrets(uuid) from public, anon, authenticated, service_role;
revoke execute on function public.revoke_site_secret(uuid) from public, anon, authenticated, service_role;
grant execute on function public.create_site_secret(uuid) to authenticated;
grant execute on function public.list_site_secrets(uuid) to authenticated;
grant execute on function public.revoke_site_secret(uuid) to authenticated;
