"""Moments as numbers, made by the database: thousands of them cost no datetime each."""

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Field, Func
from django.db.models.sql.compiler import SQLCompiler


class EpochSeconds(Func):
    """Whole seconds since 1970 in UTC of a column that holds a moment."""

    arity = 1
    # Of no kind: a field for numbers would turn each into a number once more.
    output_field: Any = Field()
    template = "EXTRACT(EPOCH FROM %(expressions)s)::bigint"

    def as_sqlite(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any
    ) -> Any:
        template = "CAST(strftime('%%%%s', %(expressions)s) AS integer)"
        return self.as_sql(compiler, connection, template=template, **context)
