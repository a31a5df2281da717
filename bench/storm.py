"""The guard under fire: many processes at once through the product's services, and what became of it."""

import multiprocessing
import queue
import re
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db import connection, connections

from bench.acts import Actor, Told
from bench.ledger import faults
from bench.scene import ROLES, Scene

PROCESSES = 16
SEED = 11
# A process that says nothing for so long hangs.
PATIENCE_SECONDS = 120
_PARTICULARS = re.compile(
    r"\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) \d+ \w{3}\b|\b\d+ \w{3} \d{4}\b|\d+(?::\d+)?|(?<=Stale: )\w+ \w+"
)
# Forked: Django is set up once. A child must not use what the parent has open.
_FORK = multiprocessing.get_context("fork")


@dataclass(frozen=True)
class Weathered:
    """A storm that is over. `faults`: everything that is not as it must be."""

    seconds: float
    told: tuple[Told, ...]
    faults: tuple[str, ...]

    @property
    def acts_a_second(self) -> float:
        return len(self.told) / self.seconds

    @property
    def outcomes(self) -> Counter[str]:
        return Counter(f"{each.act} {each.outcome}" for each in self.told)

    @property
    def refusals(self) -> Counter[str]:
        """Why, without the particulars: what was said with its days, times and numbers left out."""
        said = (each.words for each in self.told if each.outcome == "refused")
        return Counter(_PARTICULARS.sub("*", words)[:90] for words in said)


def storm(scene: Scene, acts: int, *, limit_seconds: float, seed: int = SEED) -> Weathered:
    """`acts` random acts in each of 16 processes at once, then the ledger."""

    def work(number: int) -> list[Told]:
        return Actor(scene, number, seed).storm(acts)

    told, seconds, late = together(work, limit_seconds)
    return Weathered(seconds, tuple(told), (*late, *faults(scene, told)))


def bookings(scene: Scene, attempts: int, *, limit_seconds: float, seed: int = SEED) -> Weathered:
    """Nothing but single visits at random times: what the bare prototype does, through the product."""

    def work(number: int) -> list[Told]:
        actor = Actor(scene, number, seed)
        for n in range(attempts):
            actor.do("book", f"{number}-{n}")
        return actor.ledger

    told, seconds, late = together(work, limit_seconds)
    return Weathered(seconds, tuple(told), (*late, *faults(scene, told)))


def one_slot(scene: Scene, rounds: int, *, limit_seconds: float) -> Weathered:
    """All processes want one and the same slot, round after round; whoever has it gives it back for the next."""
    barrier = _FORK.Barrier(PROCESSES)
    place = scene.days[0], 9 * 60, {role: scene.resources[role][0].pk for role in ROLES}

    def work(number: int) -> list[Told]:
        actor = Actor(scene, number, SEED)
        patient = scene.patients[number % len(scene.patients)]
        actor.acts["book"] = (1, lambda tag: actor.book_at(patient.number, [place]))
        for n in range(rounds):
            barrier.wait(limit_seconds)
            told = actor.do("book", f"{number}-{n}")
            barrier.wait(limit_seconds)
            if told.outcome == "done":
                actor.acts["cancel"] = (1, partial(actor.give_back, told.key))
                actor.do("cancel", f"{number}-{n}")
        return actor.ledger

    told, seconds, late = together(work, limit_seconds)
    wins = Counter(
        each.tag.partition("-")[2] for each in told if (each.act, each.outcome) == ("book", "done")
    )
    odd = [
        f"round {n}: {wins[str(n)]} processes had the slot"
        for n in range(rounds)
        if wins[str(n)] != 1
    ]
    return Weathered(seconds, tuple(told), (*late, *odd, *faults(scene, told)))


def together(
    work: Callable[[int], Sequence[Any]], limit_seconds: float, processes: int = PROCESSES
) -> tuple[list[Any], float, list[str]]:
    """What `work` gives in each of the processes; the seconds from the start of all to the last; who was too late."""
    connections.close_all()
    barrier, said = _FORK.Barrier(processes + 1), _FORK.Queue()

    def child(number: int) -> None:
        connection.ensure_connection()
        barrier.wait(PATIENCE_SECONDS)
        said.put(list(work(number)))
        said.close()
        said.join_thread()

    started = [_FORK.Process(target=child, args=(number,)) for number in range(processes)]
    for process in started:
        process.start()
    found: list[Any] = []
    late: list[str] = []
    barrier.wait(PATIENCE_SECONDS)
    begin = time.perf_counter()
    for _ in started:
        left = limit_seconds - (time.perf_counter() - begin)
        try:
            found += said.get(timeout=max(0.1, left))
        except queue.Empty:
            late.append(f"a process was not done after {limit_seconds:.0f} s")
    seconds = time.perf_counter() - begin
    for process in started:
        process.join(5)
        process.kill()
    return found, seconds, late
