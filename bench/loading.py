"""Rows by the million: COPY on PostgreSQL, executemany on SQLite.

The guard against overlaps stays on while rows go in: what overlaps is refused here as in the clinic.
Switched off are the wait for the disk (SQLite) and the check of references (PostgreSQL), in a
database that lives as long as the bench.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.models import NOT_PROVIDED, Model

BATCH_ROWS = 50_000


def offset() -> str:
    """What follows a time in UTC, written as text: SQLite keeps times without an offset."""
    return "+00" if connection.vendor == "postgresql" else ""


class Sheet:
    """Rows of one model, written when there are enough of them. `names`: the fields that differ by row, in order.

    Every other field has its default. Values are what the database reads: text for dates and times.
    """

    def __init__(self, model: type[Model], names: Sequence[str], **same: Any) -> None:
        fields = {field.name: field for field in model._meta.concrete_fields}
        rest = {
            name: field
            for name, field in fields.items()
            if name not in names and (name in same or not field.primary_key)
        }
        for name, field in rest.items():
            known = name in same or field.null or field.default is not NOT_PROVIDED
            assert known or field.empty_strings_allowed, f"{model.__name__}.{name} has no value"
        self.table = model._meta.db_table
        self.columns = [str(fields[name].column) for name in names]
        self.columns += [str(field.column) for field in rest.values()]
        self._same = tuple(
            field.get_db_prep_save(same.get(name, field.get_default()), connection)
            for name, field in rest.items()
        )
        self.rows: list[tuple[Any, ...]] = []
        self.count = 0

    def add(self, *values: Any) -> None:
        self.rows.append(values + self._same)

    def flush(self) -> None:
        if not self.rows:
            return
        self.count += len(self.rows)
        names = ", ".join(connection.ops.quote_name(name) for name in self.columns)
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                with cursor.copy(f"COPY {self.table} ({names}) FROM STDIN") as copy:
                    for row in self.rows:
                        copy.write_row(row)
            else:
                marks = ", ".join(["%s"] * len(self.columns))
                cursor.executemany(
                    f"INSERT INTO {self.table} ({names}) VALUES ({marks})",  # noqa: S608  # names of models
                    self.rows,
                )
        self.rows.clear()


@contextmanager
def loading(models: Sequence[type[Model]]) -> Iterator[None]:
    """One transaction in which sheets are written fast; then the keys count on, and the planner knows the tables."""
    with _without_waiting(), transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL session_replication_role = replica")
        yield
        with connection.cursor() as cursor:
            for statement in connection.ops.sequence_reset_sql(no_style(), list(models)):
                cursor.execute(statement)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


@contextmanager
def _without_waiting() -> Iterator[None]:
    """SQLite neither waits for the disk nor writes a journal there; then as the product has it again."""
    if connection.vendor != "sqlite":
        yield
        return
    connection.ensure_connection()
    with connection.cursor() as cursor:
        for pragma in ("synchronous = OFF", "journal_mode = MEMORY", "cache_size = -400000"):
            cursor.execute(f"PRAGMA {pragma}")
    try:
        yield
    finally:
        connection.close()  # the next one is opened with the product's own settings
