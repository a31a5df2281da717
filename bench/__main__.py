"""Run the benches: `python -m bench [--small] [NAME ...]`. Each prints times and ratios measured in one run, never a verdict.

What was measured takes its place in bench/RESULTS.md, beside the machine in words; that of a small run does not.
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from bench import impact, peers, results, series, sheets
from bench.home import scratch_folder
from bench.rounds import Report

RESULTS = Path(__file__).parent / "RESULTS.md"
SMALL, FULL = {"1 %": 0.01, "5 %": 0.05}, {"1 %": 0.01, "100 %": 1.0}
DIARY = ("starts", "series", "pages")
ALONE: dict[str, Callable[[], None]] = {
    "kernel": series.main,
    "impact": impact.main,
    "sheets": sheets.main,
}
NAMES = (*ALONE, *DIARY, "storm")


def main(given: list[str]) -> int:
    """The exit status: 1 when something was found that must not be."""
    asked = arguments(given)
    for name, run in ALONE.items():
        if name in asked.names:
            say(f"\n{name}")
            run()
    reports: list[Report] = []
    if set(asked.names) - set(ALONE):
        with scratch_folder() as home:
            import django  # the environment comes first

            django.setup()
            reports = in_scratch(home, asked)
            if asked.write or not asked.small:
                results.keep(RESULTS, reports)
    wrong = [fault for report in reports for fault in report.wrong]
    for fault in wrong[:20]:
        say(fault)
    return 1 if wrong else 0


def in_scratch(home: str, asked: argparse.Namespace) -> list[Report]:
    """The benches that need Django, in databases that are gone afterwards."""
    from bench.cases import CASES
    from bench.sites import sites
    from bench.weather import weather

    reports: list[Report] = []
    wanted = [name for name in DIARY if name in asked.names]
    if wanted:
        if not peers.is_there():
            say(peers.ABSENT)
        with sites(home, SMALL if asked.small else FULL, say) as found:
            for name in wanted:
                reports.append(CASES[name](found, asked.rounds).report())
                say(reports[-1].markdown())
    if "storm" in asked.names:
        reports += weather(home, asked.acts or (20 if asked.small else 2000), say)
        say("\n".join(report.markdown() for report in reports[-3:]))
    return reports


def say(line: str) -> None:
    print(line, flush=True)


def arguments(given: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(NAMES)}")
    parser.add_argument("--small", action="store_true", help="a few minutes: 5 %% of the history")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--acts", type=int, help="of each process of the storm")
    parser.add_argument(
        "--write", action="store_true", help=f"write {RESULTS.name} of a small run too"
    )
    asked = parser.parse_args(given)
    unknown = set(asked.names) - set(NAMES)
    if unknown:
        parser.error(f"no bench {', '.join(sorted(unknown))}")
    asked.names = asked.names or list(NAMES)
    return asked


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
