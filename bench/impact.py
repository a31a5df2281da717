"""How long the impact of a change takes to find among 50,000 sessions to come, and how many queries it costs.

A seeded clinic in a scratch database that is thrown away: SQLite in a temporary folder, or a test database
of the server of CADENCE_TEST_DATABASE_URL. It is measured with 1 % of the sessions and with all of them: the number of
queries must not grow, and the time only as the sessions do.
"""

import os

from bench.home import peak_megabytes, scratch_database

SESSIONS = int(os.environ.get("BENCH_SESSIONS", "50000"))


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
    said = "growth: time per session against 1 % of them"
    print(f"{SESSIONS:,} sessions; {said}; peak {peak_megabytes()} MB")


if __name__ == "__main__":
    main()
