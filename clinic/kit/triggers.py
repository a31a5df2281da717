"""Rules that the database itself holds, for migrations: rows that stay, and rows that may not overlap.

One operation serves both databases: triggers on SQLite, triggers or exclusion constraints on PostgreSQL.
A migration that makes SQLite rebuild a table (most AlterFields) drops its triggers and must add them again;
tests/house/test_guards.py notices.
"""

from collections.abc import Sequence

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

Statements = dict[str, Sequence[str]]


class GuardSQL(migrations.RunPython):
    """Runs the statements written for the database at hand; reversible. Keys: "sqlite", "postgresql"."""

    def __init__(self, do: Statements, undo: Statements) -> None:
        self._do, self._undo = do, undo

        def forward(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
            _run(editor, do)

        def backward(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
            _run(editor, undo)

        super().__init__(forward, backward)

    def lifted(self) -> "GuardSQL":
        """The guard taken away: before SQLite rebuilds its table, or before it is written anew."""
        return GuardSQL(self._undo, self._do)


def _run(editor: BaseDatabaseSchemaEditor, statements: Statements) -> None:
    for statement in statements[editor.connection.vendor]:
        editor.execute(statement, params=None)


def refuse_when(table: str, name: str, events: Sequence[str], condition: str = "TRUE") -> GuardSQL:
    """Refuse `events` ("INSERT", "UPDATE", "UPDATE OF a, b", "DELETE") on rows of `table` for which `condition` holds.

    The condition names the row as OLD or NEW and is read by both databases. Django raises IntegrityError with `name`.
    """
    sqlite = [
        f"CREATE TRIGGER {name}_{number} BEFORE {event} ON {table} WHEN {condition} "
        f"BEGIN SELECT RAISE(ABORT, '{name}'); END"
        for number, event in enumerate(events)
    ]
    body = (
        f"BEGIN IF {condition} THEN RAISE EXCEPTION '{name}' USING ERRCODE = 'integrity_constraint_violation'; "
        "END IF; IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END"
    )
    postgresql = [
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$",
        f"CREATE TRIGGER {name} BEFORE {' OR '.join(events)} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()",
    ]
    return GuardSQL(
        {"sqlite": sqlite, "postgresql": postgresql},
        {
            "sqlite": [f"DROP TRIGGER {name}_{number}" for number in range(len(events))],
            "postgresql": [f"DROP TRIGGER {name} ON {table}", f"DROP FUNCTION {name}()"],
        },
    )


def append_only(table: str) -> GuardSQL:
    """Rows of `table` can be added, never changed or deleted."""
    return refuse_when(table, f"{table}_append_only", ["UPDATE", "DELETE"])


def no_overlap(
    table: str, name: str, *, same: Sequence[str], overlaps: str, exclude: str
) -> GuardSQL:
    """No two rows of `table` with equal `same` columns overlap.

    SQLite: `overlaps` compares a stored row `o` with NEW. PostgreSQL: `exclude` lists the further elements of the
    exclusion constraint; whole numbers are compared as ranges of one number, which needs no extension.
    """
    match = " AND ".join([f"o.{column} = NEW.{column}" for column in same] + [overlaps])
    sqlite = [
        f"CREATE TRIGGER {name}_{verb.lower()} BEFORE {verb} ON {table} "  # noqa: S608  # names of migrations
        f"WHEN EXISTS (SELECT 1 FROM {table} o WHERE {match}{exception}) "
        f"BEGIN SELECT RAISE(ABORT, '{name}'); END"
        for verb, exception in (("INSERT", ""), ("UPDATE", " AND o.id <> OLD.id"))
    ]
    elements = [f"int8range({column}, {column}, '[]') WITH &&" for column in same] + [exclude]
    return GuardSQL(
        {
            "sqlite": sqlite,
            "postgresql": [
                f"ALTER TABLE {table} ADD CONSTRAINT {name} EXCLUDE USING gist ({', '.join(elements)})"
            ],
        },
        {
            "sqlite": [f"DROP TRIGGER {name}_insert", f"DROP TRIGGER {name}_update"],
            "postgresql": [f"ALTER TABLE {table} DROP CONSTRAINT {name}"],
        },
    )
