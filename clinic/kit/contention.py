"""One transaction for one piece of work, beside others that want the same rows."""

import datetime as dt
import fcntl
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import ParamSpec, TypeVar

from django.db import IntegrityError, OperationalError, connection, transaction
from django.utils.translation import gettext as _

from clinic.kit.refusals import Refusal

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

# A serialization failure or a deadlock is tried again; a clash never is: it would only clash again.
MOST_RETRIES = 3
_TRANSIENT = frozenset({"40001", "40P01"})
_LOCK_TIMEOUT = "55P03"
_SQLITE_BUSY = "SQLITE_BUSY"


def one_transaction(
    refusal: Callable[[IntegrityError], Exception],
) -> Callable[[Callable[Arguments, Result]], Callable[Arguments, Result]]:
    """Run the function in one transaction: all of it stands, or nothing.

    `refusal` says in words what the database refused; it gets the error, and may give it back.
    """

    def decorate(work: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
        @wraps(work)
        def guarded(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
            # Inside another transaction only that one can start again.
            retries = 0 if connection.in_atomic_block else MOST_RETRIES
            while True:
                try:
                    with _in_line(), transaction.atomic():
                        return work(*args, **kwargs)
                except IntegrityError as error:
                    raise refusal(error) from error
                except OperationalError as error:
                    _give_up(error, retries)
                    retries -= 1

        return guarded

    return decorate


@contextmanager
def _in_line() -> Iterator[None]:
    """SQLite: wait for one's turn to write, beside the database in a file that only queues.

    Left to itself SQLite lets writers ask again and again, ever less often: where many write, whoever waits
    longest is passed by all others until the time is over and the database is called locked.
    """
    if connection.vendor != "sqlite" or connection.in_atomic_block or _is_in_memory():
        yield
        return
    with Path(f"{connection.settings_dict['NAME']}-queue").open("w") as line:
        fcntl.flock(line, fcntl.LOCK_EX)  # until the file is closed, or its process dies
        yield


def _is_in_memory() -> bool:
    name = str(connection.settings_dict["NAME"])
    return ":memory:" in name or "mode=memory" in name


def _give_up(error: OperationalError, retries: int) -> None:
    """Raise, unless the error is one that another try may not meet."""
    state = getattr(error.__cause__, "sqlstate", "")
    busy = getattr(error.__cause__, "sqlite_errorname", "").startswith(_SQLITE_BUSY)
    if state == _LOCK_TIMEOUT or busy:
        raise Refusal(
            _("Somebody else is working on this at the moment. Nothing was changed; try again.")
        ) from error
    if state not in _TRANSIENT or not retries:
        raise error


def lock_days(place: int, days: Iterable[dt.date]) -> None:
    """Wait until nobody else writes into these days at `place` (a key); until the transaction ends.

    PostgreSQL: an exclusion constraint alone can meet storms of deadlocks on one hot slot. Always in
    ascending order, so that two that lock several days do not wait for each other. SQLite has one writer
    at a time anyway.
    """
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        for day in sorted(set(days)):
            cursor.execute(
                "SELECT pg_advisory_xact_lock(%s::int, %s::int)", [place, day.toordinal()]
            )
