-- Projects made before 30 October 2026 grant every new object to the API roles; newer ones grant nothing.
-- This makes both alike: what follows is closed until a migration opens it by name.

alter default privileges in schema public revoke all on tables from anon, authenticated, service_role;
alter default privileges in schema public revoke all on sequences from anon, authenticated, service_role;
alter default privileges in schema public revoke all on functions from anon, authenticated, service_role;
-- PUBLIC's right to execute is a global default: a revoke for one schema would change nothing.
alter default privileges revoke execute on functions from public;

create schema private;
comment on schema private is 'What policies and functions need and the API must not expose: never listed in the exposed schemas.';
revoke all on schema private from public;
grant usage on schema private to authenticated;
