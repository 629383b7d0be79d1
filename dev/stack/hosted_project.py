"""Make a fresh cluster what a new hosted Supabase project is before its first migration."""

import subprocess
from pathlib import Path

import psycopg

from dev.stack.layout import ROOT, Ports, Secrets
from dev.stack.postgres import DATABASE, SUPERUSER, database_url

_ROLES = Path(__file__).with_name("hosted.sql")
# Projects made before 30 October 2026 gave every new object of schema public to the API roles.
_LEGACY_GRANTS = """
alter default privileges for role postgres in schema public grant all on tables to anon, authenticated, service_role;
alter default privileges for role postgres in schema public grant all on sequences to anon, authenticated, service_role;
alter default privileges for role postgres in schema public grant all on functions to anon, authenticated, service_role;
"""
_PRINT_SCHEMAS = """
import { getAuthSchemaSql, getStorageSchemaSql } from "@supabase/lite";
console.log(getAuthSchemaSql() + getStorageSchemaSql());
"""


def prepare_project(ports: Ports, secrets: Secrets, *, legacy_grants: bool) -> None:
    """Create roles, schemas and the auth server's tables; does nothing where they exist."""
    with psycopg.connect(database_url(SUPERUSER, ports, secrets), autocommit=True) as connection:
        if connection.execute("select 1 from pg_roles where rolname = 'authenticator'").fetchone():
            return
        roles = _ROLES.read_text().replace("{password}", secrets.database_password).replace("{database}", DATABASE)
        with connection.transaction():
            connection.execute((roles + (_LEGACY_GRANTS if legacy_grants else "")).encode())
    # The auth server's own tables come before our migrations, as on a hosted project: memberships refer to auth.users.
    with psycopg.connect(database_url("supabase_auth_admin", ports, secrets)) as connection:
        connection.execute(_auth_server_schema().encode())


def _auth_server_schema() -> str:
    command = ["node", "--input-type=module", "--eval", _PRINT_SCHEMAS]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
