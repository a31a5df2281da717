"""How long the impact of a change takes to find among 50,000 sessions to come, and how many queries it costs.

A seeded clinic in a scratch database that is thrown away: SQLite in a temporary folder, or a test database
beside the one of DATABASE_URL. It is measured with 1 % of the sessions and with all of them: the number of
queries must not grow, and the time only as the sessions do.
"""

import os
import resource
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

SESSIONS = int(os.environ.get("BENCH_SESSIONS", "50000"))


@contextmanager
def scratch_database() -> Iterator[None]:
    """Django set up on a migrated, empty database that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="cadence-bench-") as home:
        os.environ |= {"DATA_DIR": home, "SECRET_KEY": "x" * 60}
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
        import django  # the environment comes first

        django.setup()
        from django.db import connection

        if connection.vendor == "sqlite":
            connection.settings_dict["TEST"]["NAME"] = f"{home}/bench.sqlite3"
        name = connection.settings_dict["NAME"]
        connection.creation.create_test_db(verbosity=0, serialize=False)
        try:
            yield
        finally:
            connection.creation.destroy_test_db(name, verbosity=0)


def main() -> None:
    with scratch_database():
        from bench.seeded import SeededClinic, changes, measure  # models want Django set up

        clinic = SeededClinic()
        found = {}
        few = SESSIONS // 100
        for count in (few, SESSIONS):
            clinic.grow(count)
            for name, change in changes(clinic).items():
                found[name, count] = measure(change)
        print(
            f"{'change':28}{'touched':>9}{'queries':>9}{'all':>6}{'s per 1,000':>13}{'growth':>9}"
        )
        for name in changes(clinic):
            one, all_ = found[name, few], found[name, SESSIONS]
            growth = (all_.seconds / SESSIONS) / (one.seconds / few)
            print(
                f"{name:28}{all_.touched:9}{one.queries:9}{all_.queries:6}"
                f"{all_.seconds * 1000 / SESSIONS:13.3f}{growth:9.2f}"
            )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{SESSIONS:,} sessions; growth: time per session against 1 % of them; peak {peak} MB")


if __name__ == "__main__":
    main()
