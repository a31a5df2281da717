"""The storms as tables: what came through, what was refused and why, and what the product costs over the bare guard."""

from collections import Counter
from collections.abc import Callable

from django.db import connection

from bench import prototype
from bench.home import database_of_its_own
from bench.rounds import Report
from bench.scene import DAYS, make_scene
from bench.storm import PROCESSES, Weathered, bookings, one_slot, storm

# A thousand acts of all processes together may take so long on a slow machine before they count as hung.
SECONDS_A_THOUSAND = 200
ROUNDS_OF_THE_SLOT, BARE_ROUNDS = 20, 5


def weather(home: str, acts: int, say: Callable[[str], None]) -> list[Report]:
    """A storm of `acts` in each process, rounds on one slot, and single bookings beside the bare guard's."""
    limit = max(120.0, acts * PROCESSES / 1000 * SECONDS_A_THOUSAND)
    say(f"the storm: {PROCESSES} processes, {acts:,} acts each")
    with database_of_its_own(home, "storm"):
        stormy = storm(make_scene(), acts, limit_seconds=limit)
        deadlocks = _deadlocks()
    rounds = max(10, acts // ROUNDS_OF_THE_SLOT)
    say(f"one slot: {PROCESSES} processes, {rounds} rounds")
    with database_of_its_own(home, "slot"):
        slot = one_slot(make_scene(), rounds, limit_seconds=limit)
        deadlocks += _deadlocks()
    return [
        _report("The guard under fire", stormy, [f"deadlocks met and tried again: {deadlocks}"]),
        _report(f"One slot, {rounds} rounds", slot, []),
        bare_guard(home, max(5, acts // 20), say),
    ]


def bare_guard(home: str, attempts: int, say: Callable[[str], None]) -> Report:
    """Single bookings at random times: through the product, and by the guard alone."""
    say(
        f"the product beside the bare guard: {attempts} attempts of each process, {BARE_ROUNDS} rounds"
    )
    ours: list[float] = []
    bare: list[float] = []
    wrong: list[str] = []
    done: Counter[str] = Counter()
    with database_of_its_own(home, "bare"):
        for number in range(BARE_ROUNDS):
            # Turn about who is first, each on an empty diary.
            for is_ours in (True, False) if number % 2 else (False, True):
                if is_ours:
                    found = bookings(make_scene(), attempts, limit_seconds=600, seed=number)
                    ours.append(found.acts_a_second)
                    wrong += found.faults
                    done += found.outcomes
                else:
                    prototype.make_table()
                    speed, outcomes, odd = prototype.attempts(
                        attempts * 20, DAYS, limit_seconds=600, seed=number
                    )
                    bare.append(speed)
                    wrong += odd
                    done += Counter({f"bare {name}": n for name, n in outcomes.items()})
    ratio = sorted(bare)[BARE_ROUNDS // 2] / sorted(ours)[BARE_ROUNDS // 2]
    lines = [
        "| way | attempts a second, every round |",
        "|---|---|",
        f"| Cadence: rules, records, audit and locks | {_listed(ours)} |",
        f"| the guard alone | {_listed(bare)} |",
        "",
        f"- the guard alone / Cadence, by the medians: {ratio:.0f}",
        f"- {_counted(done)}",
        f"- faults: {len(wrong)}",
    ]
    return Report("What the product adds to the bare guard", _first_line(bare_guard), lines, wrong)


def _listed(speeds: list[float]) -> str:
    return " ".join(f"{speed:,.0f}" for speed in speeds)


def _first_line(function: Callable[..., object]) -> str:
    return (function.__doc__ or "").partition("\n")[0]


def _report(title: str, weathered: Weathered, notes: list[str]) -> Report:
    lines = [
        f"- acts: {len(weathered.told):,} of {PROCESSES} processes in {weathered.seconds:.0f} s, "
        f"{weathered.acts_a_second:.0f} a second",
        f"- {_counted(weathered.outcomes)}",
        f"- faults (overlaps, lost or half bookings, errors, processes that hung): {len(weathered.faults)}",
        *(f"- {note}" for note in notes),
        "- refused, in these words:",
        *(f"  - {words}: {count:,}" for words, count in weathered.refusals.most_common(8)),
    ]
    about = "Random series, moves, cancellations, steps of status and blocks through the product's services."
    return Report(title, about, lines, list(weathered.faults))


def _counted(outcomes: Counter[str]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in sorted(outcomes.items()))


def _deadlocks() -> int:
    if connection.vendor != "postgresql":
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return int(cursor.fetchone()[0])
