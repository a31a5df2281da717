"""bench/RESULTS.md: one part for each bench and database, each with the machine it was measured on."""

import datetime as dt
import re
from collections.abc import Iterable
from pathlib import Path

from bench.home import load_average, machine
from bench.rounds import Report

HEAD = """# What was measured

Written by `python -m bench`; `docs/bench.md` says what each bench does. Every run is shown, the ratios are
of medians in the same run. A part that is measured again takes the place of the older one.
"""


def keep(path: Path, reports: Iterable[Report]) -> None:
    """Put each report where the one of the same title and database stood, or at the end."""
    parts = read(path)
    on = machine()
    database = "SQLite" if "SQLite" in on else "PostgreSQL"
    for report in reports:
        title = f"{report.title} ({database})"
        told = f"Measured {dt.datetime.now(dt.UTC):%d %B %Y} on {on}; {load_average():.1f} processes wanted the processors."
        parts[title] = "\n".join([report.about, "", *report.lines, "", told])
    body = "\n".join(f"\n## {title}\n\n{text}\n" for title, text in parts.items())
    path.write_text(f"{HEAD}{body}", encoding="utf-8")


def read(path: Path) -> dict[str, str]:
    """The parts as they stand, by title."""
    if not path.exists():
        return {}
    pieces = re.split(r"^## (.+)$", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    return {title: text.strip() for title, text in zip(pieces[::2], pieces[1::2], strict=True)}
