-- What a new hosted Supabase project looks like before its first migration: roles, schemas, helper functions.
-- Source: Supabase's documentation on Postgres roles, API keys and the default grants of October 2026.
-- Runs as the local superuser, in a database of its own, with the password as a psql variable's stand-in.

create role anon nologin noinherit;
create role authenticated nologin noinherit;
create role service_role nologin noinherit bypassrls;
create role authenticator login noinherit password '{password}';
grant anon, authenticated, service_role to authenticator;
alter role anon set statement_timeout = '3s';
alter role authenticated set statement_timeout = '8s';
alter role authenticator set statement_timeout = '8s';

-- Migrations run as this role. It is no superuser on a hosted project either.
create role postgres login createrole createdb bypassrls replication password '{password}';
grant anon, authenticated, service_role, authenticator to postgres with admin option;
grant pg_monitor, pg_read_all_data, pg_signal_backend to postgres;

-- Owns what the auth and storage server keeps, and nothing else.
create role supabase_auth_admin login noinherit bypassrls password '{password}';
grant anon, authenticated, service_role to supabase_auth_admin;

alter database {database} owner to postgres;
alter schema public owner to postgres;
revoke create on schema public from public;
grant usage on schema public to anon, authenticated, service_role;

create schema auth authorization supabase_auth_admin;
create schema storage authorization supabase_auth_admin;
grant usage on schema auth to postgres, anon, authenticated, service_role;
grant create on database {database} to supabase_auth_admin;
grant usage on schema storage to postgres, anon, authenticated, service_role;
alter default privileges for role supabase_auth_admin in schema auth grant all on tables to postgres;
-- Row-level security guards stored files, as on a hosted project.
alter default privileges for role supabase_auth_admin in schema storage
  grant all on tables to postgres, anon, authenticated, service_role;

-- Lite's storage server grants itself everything in schema public before it answers. Without any right there that
-- is an error; with a right it cannot pass on, it is a warning and changes nothing.
alter default privileges for role postgres in schema public grant references on tables to supabase_auth_admin;

-- Where the Supabase CLI, and dev/stack/migrations.py, write down what was applied. Lite insists on owning it.
create schema supabase_migrations authorization supabase_auth_admin;
create table supabase_migrations.schema_migrations (
  version text primary key, statements text[], name text, created_by text, idempotency_key text, rollback text[]
);
alter table supabase_migrations.schema_migrations owner to supabase_auth_admin;
grant usage on schema supabase_migrations to postgres;
grant select, insert on supabase_migrations.schema_migrations to postgres;

create function auth.uid() returns uuid language sql stable as $$
  select coalesce(
    nullif(current_setting('request.jwt.claim.sub', true), ''),
    nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub'
  )::uuid
$$;
create function auth.role() returns text language sql stable as $$
  select coalesce(
    nullif(current_setting('request.jwt.claim.role', true), ''),
    nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'role'
  )
$$;
create function auth.email() returns text language sql stable as $$
  select coalesce(
    nullif(current_setting('request.jwt.claim.email', true), ''),
    nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'email'
  )
$$;
create function auth.jwt() returns jsonb language sql stable as $$
  select coalesce(
    nullif(current_setting('request.jwt.claim', true), ''),
    nullif(current_setting('request.jwt.claims', true), '')
  )::jsonb
$$;
grant execute on all functions in schema auth to postgres, anon, authenticated, service_role;
