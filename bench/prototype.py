"""The bare guard: three resources taken in one transaction, and nothing else of a product around it.

What it costs to keep two bookings apart at all, to tell what the product's rules, records and locks add.
"""

import random
from collections import Counter

from django.db import IntegrityError, connection, transaction

from bench.scene import CLOSES, COUNTS, MINUTES, OPENS, ROLES, STEP
from bench.storm import together

_SQLITE = """
DROP TABLE IF EXISTS bench_held;
CREATE TABLE bench_held (id integer PRIMARY KEY, resource integer NOT NULL, starts integer NOT NULL, ends integer NOT NULL);
CREATE INDEX bench_held_by_resource ON bench_held (resource, starts, ends);
CREATE TRIGGER bench_held_no_overlap BEFORE INSERT ON bench_held WHEN EXISTS (
  SELECT 1 FROM bench_held o WHERE o.resource = NEW.resource AND o.starts > NEW.starts - 1440
  AND o.starts < NEW.ends AND NEW.starts < o.ends) BEGIN SELECT RAISE(ABORT, 'overlap'); END;
"""
_POSTGRESQL = """
DROP TABLE IF EXISTS bench_held;
CREATE TABLE bench_held (id bigserial PRIMARY KEY, resource int8 NOT NULL, starts int NOT NULL, ends int NOT NULL,
  EXCLUDE USING gist (int8range(resource, resource, '[]') WITH &&, int4range(starts, ends) WITH &&));
"""
_INSERT = "INSERT INTO bench_held (resource, starts, ends) VALUES (%s, %s, %s)"


def make_table() -> None:
    with connection.cursor() as cursor:
        for statement in (_SQLITE if connection.vendor == "sqlite" else _POSTGRESQL).split(";\n"):
            if statement.strip():
                cursor.execute(statement)


def attempts(
    count: int, days: int, *, limit_seconds: float, seed: int
) -> tuple[float, Counter[str], list[str]]:
    """`count` random bookings in each process: attempts a second, what became of them, and what went wrong."""

    def work(number: int) -> list[str]:
        draw = random.Random(f"{seed} {number}")
        return [_attempt(draw, days) for _ in range(count)]

    told, seconds, late = together(work, limit_seconds)
    outcomes = Counter(told)
    odd = [word for word in outcomes if word not in ("done", "refused")]
    return len(told) / seconds, outcomes, [*late, *odd, *_overlaps()]


def _attempt(draw: random.Random, days: int) -> str:
    day = draw.randrange(days)
    starts = day * 24 * 60 + draw.randrange(OPENS, CLOSES - MINUTES + 1, STEP)
    # Resources of different roles have different keys.
    wanted = [10 * n + draw.randrange(COUNTS[role]) for n, role in enumerate(ROLES)]
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute("SELECT pg_advisory_xact_lock(%s::int, %s::int)", [1, day])
            for resource in wanted:
                cursor.execute(_INSERT, [resource, starts, starts + MINUTES])
    except IntegrityError:
        return "refused"
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return "done"


def _overlaps() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM bench_held a JOIN bench_held b ON a.resource = b.resource "
            "AND a.id < b.id AND a.starts < b.ends AND b.starts < a.ends"
        )
        (count,) = cursor.fetchone()
    return [f"{count} overlaps"] if count else []
