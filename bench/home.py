"""Where a bench lives: Django on a migrated database that is gone afterwards, and the machine in words."""

import copy
import os
import platform
import resource
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench import peers

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper


@contextmanager
def scratch_database() -> Iterator[None]:
    """Django set up on an empty database: SQLite in a temporary folder, or one of CADENCE_TEST_DATABASE_URL's server."""
    with scratch_folder() as home:
        import django  # the environment comes first

        django.setup()
        with database_of_its_own(home, "bench"):
            yield


@contextmanager
def database_of_its_own(home: str, name: str) -> Iterator["BaseDatabaseWrapper"]:
    """A migrated, empty database, which `connection` means from now on; gone afterwards."""
    from django.core.management import call_command
    from django.db import connections

    before = connections["default"]
    settings = copy.deepcopy(before.settings_dict)
    settings["TEST"]["NAME"] = (
        f"{home}/{name}.sqlite3" if before.vendor == "sqlite" else f"cadence_{name}_{os.getpid()}"
    )
    connections["default"] = own = type(before)(settings, "default")
    # As Django's tests do, but without its tables for apps that have no migrations: ours come first.
    maker: Any = own.creation
    own.settings_dict["NAME"] = maker._create_test_db(0, autoclobber=True)
    own.close()
    try:
        call_command("migrate", verbosity=0)
        peers.make_tables()
        yield own
    finally:
        own.creation.destroy_test_db(before.settings_dict["NAME"], verbosity=0)
        connections["default"] = before


@contextmanager
def scratch_folder() -> Iterator[str]:
    """A folder of our own, and the environment that makes `bench.settings` use it."""
    with tempfile.TemporaryDirectory(prefix="cadence-bench-") as home:
        os.environ |= {
            "DATA_DIR": home,
            "SECRET_KEY": "a key for benches only, as long as a real one has to be",
            "DJANGO_SETTINGS_MODULE": "bench.settings",
            "DATABASE_URL": "",
        }
        os.environ.pop("DEBUG", None)
        yield home


def machine() -> str:
    """What was measured on, without a name: processors, memory, interpreter, database."""
    from django.db import connection

    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{os.cpu_count()} processors ({processor()}), {memory:.0f} GB of memory, {platform.system()}, "
        f"Python {platform.python_version()}, {database(connection)}"
    )


def processor() -> str:
    told = Path("/proc/cpuinfo")
    if told.exists():
        for line in told.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.machine()


def database(connection: object) -> str:
    vendor = getattr(connection, "vendor", "")
    if vendor == "sqlite":
        return f"SQLite {sqlite3.sqlite_version}"
    version = getattr(connection, "pg_version", 0)
    return f"PostgreSQL {version // 10_000} (throw-away: it does not wait for the disk)"


def load_average() -> float:
    """How many processes wanted the processors in the last minute: a loaded machine measures badly."""
    return os.getloadavg()[0]


def peak_megabytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
