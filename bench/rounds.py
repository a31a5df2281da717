"""Measuring: the ways of one job in shuffled order, several rounds, every run kept."""

import random
import re
import statistics
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

ROUNDS = 7
_TABLE = re.compile(r'FROM "(\w+)"')

Work = Callable[[], object]


@dataclass
class Measured:
    """One way of doing a job: its name, every run in seconds, and what one run asks of the database."""

    name: str
    runs: list[float] = field(default_factory=list)
    queries: int = 0
    rows: Counter[str] = field(default_factory=Counter)

    @property
    def median(self) -> float:
        return statistics.median(self.runs)


def measure(ways: Mapping[str, Work], rounds: int = ROUNDS, seed: int = 1) -> dict[str, Measured]:
    """Each way once a round; one run before that counts queries and rows, and warms both sides alike."""
    measured = {name: Measured(name) for name in ways}
    for name, work in ways.items():
        measured[name].queries, measured[name].rows = asked(work)
    order, draw = list(ways), random.Random(seed)
    for _ in range(rounds):
        draw.shuffle(order)
        for name in order:
            begin = time.perf_counter()
            ways[name]()
            measured[name].runs.append(time.perf_counter() - begin)
    return measured


def asked(work: Work) -> tuple[int, Counter[str]]:
    """How many queries a run makes, and how many rows they give, by the first table each reads."""
    work()  # the first run also brings the work's own database behind `connection`
    said: list[tuple[str, Any]] = []

    def keep(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        said.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(keep):
        work()
    rows: Counter[str] = Counter()
    for sql, params in said:
        table = _TABLE.search(sql)
        if sql.startswith("SELECT") and table and "FOR UPDATE" not in sql:
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT COUNT(*) FROM ({sql}) counted", params)  # noqa: S608  # the query itself
                rows[table[1]] += cursor.fetchone()[0]
    return len(said), rows


@dataclass(frozen=True)
class Ratio:
    """A claim with the number measured for it; `aim` as the reader should see it."""

    claim: str
    value: float
    aim: str = ""

    def __str__(self) -> str:
        aim = f" (aim {self.aim})" if self.aim else ""
        return f"{self.claim}: {self.value:.2f}{aim}"


@dataclass(frozen=True)
class Table:
    """What one case found."""

    title: str
    about: str
    measured: tuple[Measured, ...]
    ratios: tuple[Ratio, ...]
    notes: tuple[str, ...] = ()

    def report(self) -> "Report":
        lines = [
            "| way | median ms | every run, ms | queries | rows read |",
            "|---|---:|---|---:|---:|",
        ]  # fmt: skip
        for each in self.measured:
            runs = " ".join(f"{run * 1000:.1f}" for run in each.runs)
            lines.append(
                f"| {each.name} | {each.median * 1000:.1f} | {runs} | {each.queries or ''} "
                f"| {each.rows.total() or ''} |"
            )
        lines += ["", *(f"- {ratio}" for ratio in self.ratios), *(f"- {n}" for n in self.notes)]
        return Report(self.title, self.about, lines)


@dataclass(frozen=True)
class Report:
    """A part of RESULTS.md, by its title. `wrong`: what must not be; a bench that finds any fails."""

    title: str
    about: str
    lines: list[str]
    wrong: list[str] = field(default_factory=list)

    def markdown(self) -> str:
        return "\n".join([f"## {self.title}", "", self.about, "", *self.lines]) + "\n"


def ratio(claim: str, slow: Measured, fast: Measured, aim: str = "") -> Ratio:
    """How many times longer `slow` took, by the medians of the same run."""
    return Ratio(claim, slow.median / fast.median, aim)
