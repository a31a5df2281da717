"""Work in one transaction beside others: tried again where that helps, said in words where it does not."""

import fcntl
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import IntegrityError, OperationalError, connection

from clinic.audit.models import Entry
from clinic.audit.services import record
from clinic.kit.contention import MOST_RETRIES, one_transaction
from clinic.kit.refusals import Refusal


class Failed(Exception):
    """What the database's driver raises, with the SQL state that PostgreSQL gives."""

    def __init__(self, sqlstate: str) -> None:
        super().__init__(sqlstate)
        self.sqlstate = sqlstate


def failing(times: int, sqlstate: str) -> tuple[list[int], Callable[[], str]]:
    calls: list[int] = []

    @one_transaction(lambda error: Refusal("taken"))
    def work() -> str:
        calls.append(1)
        record("tried", "work:1", by=None)
        if len(calls) <= times:
            raise OperationalError("lost") from Failed(sqlstate)
        return "done"

    return calls, work


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("sqlstate", ["40001", "40P01"])
def test_a_deadlock_is_tried_again_and_leaves_nothing_of_the_first_try(sqlstate):
    calls, work = failing(2, sqlstate)
    assert work() == "done"
    assert len(calls) == 3
    assert Entry.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_it_is_not_tried_for_ever():
    calls, work = failing(99, "40001")
    with pytest.raises(OperationalError):
        work()
    assert len(calls) == 1 + MOST_RETRIES


@pytest.mark.django_db(transaction=True)
def test_a_lock_that_is_not_given_is_said_in_words():
    calls, work = failing(99, "55P03")
    with pytest.raises(Refusal, match="Somebody else"):
        work()
    assert len(calls) == 1


@pytest.mark.django_db(transaction=True)
def test_a_database_that_stays_busy_is_said_in_words():
    """SQLite knows no states: its driver names the error."""
    busy = sqlite3.OperationalError("database is locked")
    busy.sqlite_errorname = "SQLITE_BUSY"

    @one_transaction(lambda error: Refusal("taken"))
    def work() -> None:
        raise OperationalError("database is locked") from busy

    with pytest.raises(Refusal, match="Somebody else"):
        work()


@pytest.mark.django_db(transaction=True)
def test_whoever_writes_to_sqlite_has_the_line_to_itself_and_gives_it_back():
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL queues its writers itself")
    line = Path(f"{connection.settings_dict['NAME']}-queue")

    @one_transaction(lambda error: Refusal("taken"))
    def work() -> bool:
        return is_free(line)

    assert not work()
    assert is_free(line)


def is_free(line: Path) -> bool:
    with line.open("w") as mine:
        try:
            fcntl.flock(mine, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


@pytest.mark.django_db(transaction=True)
def test_a_clash_is_said_at_once_and_never_tried_again():
    calls: list[int] = []

    @one_transaction(lambda error: Refusal(f"taken: {error}"))
    def work() -> None:
        calls.append(1)
        record("tried", "work:1", by=None)
        raise IntegrityError("no_overlap")

    with pytest.raises(Refusal, match="taken: no_overlap"):
        work()
    assert len(calls) == 1
    assert not Entry.objects.exists()


@pytest.mark.django_db
def test_inside_another_transaction_only_that_one_starts_again():
    calls, work = failing(1, "40001")
    with pytest.raises(OperationalError):
        work()
    assert len(calls) == 1
