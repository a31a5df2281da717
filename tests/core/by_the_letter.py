"""docs/screening.md once more, sentence by sentence and as slowly as it is read: a second opinion for the tests.

Nothing here is shared with the kernel but the values that go in.
"""

import calendar
import datetime as dt
from collections.abc import Iterator

from plans.core.screening import Entry, Fact, Line, Patient, Rulebook, Rules

DAY = dt.timedelta(days=1)
STRENGTH = ("ok", "caution", "ask", "wait", "refuse")
# (level, rule, free day)
Fired = tuple[str, str, dt.date | None]


def plus(day: dt.date, n: int, unit: str) -> dt.date:
    """2.1"""
    if unit != "months":
        return day + dt.timedelta(days=n * (7 if unit == "weeks" else 1))
    year, month = day.year, day.month
    for _month in range(n):
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    return dt.date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def verdict(
    book: Rulebook, code: str, patient: Patient, on: dt.date, as_of: dt.date, areas: frozenset[str]
) -> tuple[str, set[str], dt.date | None]:
    """1.1 to 1.4"""
    fired = list(all_fired(book, code, patient, on, as_of, areas))
    strongest = max((level for level, _rule, _free in fired), key=STRENGTH.index, default="ok")
    reasons = {rule for _level, rule, _free in fired}
    day: dt.date | None = on
    while day is not None:
        blocking = [
            free
            for level, _rule, free in all_fired(book, code, patient, day, as_of, areas)
            if level in ("wait", "refuse")
        ]
        if not blocking:
            break
        day = latest(blocking)
    return strongest, reasons, day if strongest in ("wait", "refuse") else None


def all_fired(
    book: Rulebook, code: str, patient: Patient, on: dt.date, as_of: dt.date, areas: frozenset[str]
) -> Iterator[Fired]:
    lines = list(contraindications(book, code, patient, on))
    yield from lines
    named = {rule.rsplit(":", 1)[1] for _level, rule, _free in lines}  # 4.5
    yield from questions(book, code, patient, on, as_of, named)
    yield from ages(book, code, patient, on)
    yield from spacings(book, code, patient, on, areas)
    yield from pauses(book, code, patient, on)
    yield from tests(book, code, patient, on, as_of)


def contraindications(book: Rulebook, code: str, patient: Patient, on: dt.date) -> Iterator[Fired]:
    for line in book.procedures[code].lines:
        standing = []
        for fact in patient.facts:
            if fact.code != line.fact or fact.status != "present":
                continue
            has_begun = fact.since is None or fact.since <= on  # 3.4
            free = free_day(fact, line)
            if has_begun and (free is None or on < free):  # 4.2
                standing.append((fact, free))
        if standing:
            is_true = any(fact.until is None or on <= fact.until for fact, _free in standing)
            level = {"relative": "caution", "temporary": "wait"}.get(line.severity)
            level = level or ("refuse" if is_true else "wait")  # 4.3
            yield level, f"ci:{code}:{line.fact}", latest([free for _fact, free in standing])


def free_day(fact: Fact, line: Line) -> dt.date | None:
    """4.1"""
    if fact.until is None:
        return None
    if line.washout is None:
        return fact.until + DAY
    return max(fact.until + DAY, plus(fact.until, line.washout.n, line.washout.unit))


def latest(free_days: list[dt.date | None]) -> dt.date | None:
    """None = no known end: it is later than any."""
    known = [free for free in free_days if free is not None]
    return max(known) if len(known) == len(free_days) else None


def questions(
    book: Rulebook, code: str, patient: Patient, on: dt.date, as_of: dt.date, named: set[str]
) -> Iterator[Fired]:
    for line in book.procedures[code].lines:
        evidence = absence(patient, line.fact, on)
        recheck = book.rechecks[line.fact]
        if recheck == "session":
            is_open = as_of == on and evidence != on  # 5.2
        elif evidence is None or recheck == "never":
            is_open = evidence is None
        else:
            is_open = as_of > plus(evidence, recheck.n, recheck.unit)  # 5.3
        if is_open and line.fact not in named:
            yield "ask", f"ask:{code}:{line.fact}", None


def absence(patient: Patient, code: str, on: dt.date) -> dt.date | None:
    """5.1, and 5.5: an end that is planned before the session is taken as recorded."""
    days = []
    for fact in patient.facts:
        if fact.code == code and fact.status == "denied" and fact.since is not None:
            days.append(fact.since)
        if fact.code == code and fact.until is not None and fact.until < on:
            days.append(fact.until)
    return max(days, default=None)


def ages(book: Rulebook, code: str, patient: Patient, on: dt.date) -> Iterator[Fired]:
    rules = book.procedures[code]
    if rules.age_min is not None and on < birthday(patient.birth, rules.age_min):
        yield "refuse", f"age:{code}", birthday(patient.birth, rules.age_min)
    if rules.caution_from is not None and on >= birthday(patient.birth, rules.caution_from):
        yield "caution", f"age_over:{code}", None


def birthday(birth: dt.date, years: int) -> dt.date:
    year = birth.year + years
    if (birth.month, birth.day) == (2, 29) and not calendar.isleap(year):
        return dt.date(year, 3, 1)
    return dt.date(year, birth.month, birth.day)


def counted(book: Rulebook, patient: Patient, on: dt.date) -> list[Entry]:
    """7.1; a patch test is no treatment."""
    return [e for e in patient.history if e.date <= on and e.procedure in book.procedures]


def spacings(
    book: Rulebook, code: str, patient: Patient, on: dt.date, areas: frozenset[str]
) -> Iterator[Fired]:
    rules = book.procedures[code]
    waits: dict[str, list[dt.date | None]] = {}
    for entry in counted(book, patient, on):
        if entry.areas and areas and not entry.areas & areas:  # 7.3
            continue
        if entry.procedure != code:
            for rule, free in gaps(book, entry, rules):
                waits.setdefault(rule, []).append(free)
        elif rules.interval_min is not None:  # 7.2
            free = plus(entry.date, rules.interval_min.n, rules.interval_min.unit)
            waits.setdefault(f"interval:{code}", []).append(free)
    for rule, free_days in waits.items():
        unripe = [free for free in free_days if free is None or on < free]
        if unripe:
            yield "wait", rule, latest(unripe)


def gaps(book: Rulebook, entry: Entry, rules: Rules) -> Iterator[tuple[str, dt.date | None]]:
    """7.3 and 7.4"""
    earlier = book.procedures[entry.procedure]
    end = entry.until if earlier.is_home else entry.date
    for gap in book.gaps:
        if (gap.after, gap.before) == (earlier.group, rules.group):
            free = None if end is None else plus(end, gap.min.n, gap.min.unit)
            yield f"gap:{gap.after}>{gap.before}", free


def pauses(book: Rulebook, code: str, patient: Patient, on: dt.date) -> Iterator[Fired]:
    """7.5"""
    cycle = book.procedures[code].cycle
    if cycle is None:
        return
    start: dt.date | None = None
    end: dt.date | None = None  # None with a start: still running
    for entry in sorted(counted(book, patient, on), key=lambda entry: entry.date):
        if entry.procedure not in cycle.counts_together | {code}:
            continue
        last = entry.until if book.procedures[entry.procedure].is_home else entry.date
        if start is None or (
            end is not None and entry.date >= plus(end, cycle.break_min.n, cycle.break_min.unit)
        ):
            start, end = entry.date, last
        else:
            end = None if end is None or last is None else max(end, last)
    if start is None or on < plus(start, cycle.on_for.n, cycle.on_for.unit):
        return
    free = None if end is None else plus(end, cycle.break_min.n, cycle.break_min.unit)
    if free is None or on < free:
        yield "wait", f"break:{code}", free


def tests(
    book: Rulebook, code: str, patient: Patient, on: dt.date, as_of: dt.date
) -> Iterator[Fired]:
    """7.6"""
    test = book.procedures[code].patch_test
    if test is None or not test.required:
        return
    ready_days = []
    for entry in patient.history:
        if entry.procedure != test.code or entry.date > as_of:
            continue
        last = entry.date
        if test.renewed_by_session:
            later = [e.date for e in patient.history if e.procedure == code]
            last = max([day for day in later if entry.date < day <= on], default=last)
        ready = plus(entry.date, test.read_after.n, test.read_after.unit)
        if ready <= on <= plus(last, test.valid_for.n, test.valid_for.unit):
            return
        if on < ready:
            ready_days.append(ready)
    yield "wait", f"patch:{code}", min(ready_days, default=None)
