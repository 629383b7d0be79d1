"""Apply supabase/migrations as the Supabase CLI applies them to a hosted project.

Each file runs once, in the order of its version, as the role `postgres`, in one transaction with its row in
supabase_migrations.schema_migrations.
"""

from pathlib import Path

import psycopg


class MigrationFailed(Exception):
    """A migration was refused; says which file, which line and why. Nothing of that file was applied."""


def apply_migrations(url: str, folder: Path) -> list[str]:
    """Apply the migrations that are not in the history yet and return their file names."""
    applied = []
    with psycopg.connect(url, autocommit=True) as connection:
        known = {version for (version,) in connection.execute("select version from supabase_migrations.schema_migrations")}
        for file in sorted(folder.glob("*.sql")):
            version, _, name = file.stem.partition("_")
            if version not in known:
                _apply(connection, file, version, name)
                applied.append(file.name)
        connection.execute("notify pgrst, 'reload schema'")
    return applied


def _apply(connection: psycopg.Connection[tuple[object, ...]], file: Path, version: str, name: str) -> None:
    text = file.read_text()
    try:
        with connection.transaction():
            connection.execute(text.encode())
            connection.execute(
                "insert into supabase_migrations.schema_migrations (version, statements, name) values (%s, %s, %s)",
                [version, [text], name],
            )
    except psycopg.Error as error:
        position = int(error.diag.statement_position or 1)
        line = text.count("\n", 0, position - 1) + 1
        raise MigrationFailed(f"{file.name}, line {line}: {error.diag.message_primary or error}") from error
