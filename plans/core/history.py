"""What earlier treatments say to a session: intervals, gaps, pauses and patch tests.

Source of every rule here: docs/screening.md, section 7.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from plans.core.cycles import Cycle, Use, block_on, pause_after
from plans.core.spacing import Period
from plans.core.verdicts import Entry, Finding, Kind, PatchTest, Rulebook, Rules, Verdict


@dataclass(frozen=True, slots=True)
class Hold:
    """An earlier treatment that holds a session off from its `entry.date` until `free_day` (None = not known)."""

    rule: str
    kind: Kind
    subject: str
    entry: Entry
    spacing: Period
    free_day: dt.date | None

    def stands_on(self, day: dt.date) -> bool:
        """A session on `day` is held off."""
        return self.entry.date <= day and (self.free_day is None or day < self.free_day)


def holds(
    book: Rulebook, rules: Rules, history: Iterable[Entry], areas: frozenset[str]
) -> tuple[Hold, ...]:
    """What the interval and the gaps (§7.2 to §7.4) demand of a session of `rules` on `areas`, longest last.

    Raises ValueError for an entry that is not in the catalogue.
    """
    found = (
        hold
        for entry in history
        if not book.is_patch_test(entry.procedure) and _meet(entry.areas, areas)
        for hold in _holds_of(book, rules, entry)
    )
    return tuple(sorted(found, key=_length))


def _holds_of(book: Rulebook, rules: Rules, entry: Entry) -> Iterator[Hold]:
    """The interval after the same procedure, or the gaps after another; none if there are none."""
    earlier = book.rules(entry.procedure)
    if earlier.code == rules.code:
        if rules.interval_min is not None:
            free_day = rules.interval_min.after(entry.date)
            rule = f"interval:{rules.code}"
            yield Hold(rule, "interval", rules.code, entry, rules.interval_min, free_day)
        return
    last_day = _last_day(entry, earlier)
    for gap in book.gaps_between(earlier, rules):
        free_from = None if last_day is None else gap.min.after(last_day)
        yield Hold(f"gap:{gap.after}>{gap.before}", "gap", gap.after, entry, gap.min, free_from)


def _meet(areas: frozenset[str], others: frozenset[str]) -> bool:
    """No area named = everywhere."""
    return not areas or not others or not areas.isdisjoint(others)


def _length(hold: Hold) -> tuple[dt.date, dt.date, str, list[str]]:
    """Orders by free day; the rest only makes the choice between equals the same each time."""
    entry = hold.entry
    return (hold.free_day or dt.date.max, entry.date, entry.procedure, sorted(entry.areas))


def spacing_findings(held: Iterable[Hold], day: dt.date) -> Iterator[Finding]:
    """One finding for each rule that holds `day` off, with its latest free day (§7.3). `held`: longest last."""
    longest = {hold.rule: hold for hold in held if hold.stands_on(day)}
    for hold in longest.values():
        yield Finding(
            hold.rule,
            Verdict.WAIT,
            hold.kind,
            hold.subject,
            hold.free_day,
            entry=hold.entry,
            spacing=hold.spacing,
        )


def uses(book: Rulebook, rules: Rules, history: Iterable[Entry]) -> tuple[Use, ...]:
    """The uses that count in the cycle of `rules`, in the clinic and at home; none without a cycle."""
    if rules.cycle is None:
        return ()
    counted = rules.cycle.counts_together | {rules.code}
    return tuple(
        Use(entry.date, _last_day(entry, book.rules(entry.procedure)))
        for entry in history
        if entry.procedure in counted
    )


def break_findings(
    code: str, cycle: Cycle | None, used: tuple[Use, ...], day: dt.date
) -> Iterator[Finding]:
    """The pause that `used` demands of procedure `code` on `day` (§7.5)."""
    block = None if cycle is None else block_on(used, cycle, day)
    if cycle is None or block is None:
        return
    pause = pause_after(block, cycle)
    if pause.holds(day):
        yield Finding(
            f"break:{code}",
            Verdict.WAIT,
            "break",
            code,
            pause.may_end,
            since=block.start,
            until=block.end,
            spacing=cycle.break_min,
        )


@dataclass(frozen=True, slots=True)
class PatchRecord:
    """The tests that a procedure requires (§7.6), earliest first, and the days of its sessions."""

    rule: str
    test: PatchTest
    done: tuple[Entry, ...]
    sessions: tuple[dt.date, ...]

    def findings(self, day: dt.date) -> Iterator[Finding]:
        """None if some test is read by `day` and still good; else wait for the one read soonest, if any."""
        waiting = Finding(
            self.rule, Verdict.WAIT, "patch", self.test.code, spacing=self.test.read_after
        )
        for entry in self.done:
            ready = self.test.read_after.after(entry.date)
            good_until = self.test.valid_for.after(self._last_renewal(entry.date, day))
            if ready <= day <= good_until:
                return
            if waiting.free_day is None:
                waiting = self._waiting(entry, ready, good_until, day)
        yield waiting

    def _waiting(self, entry: Entry, ready: dt.date, good_until: dt.date, day: dt.date) -> Finding:
        return Finding(
            self.rule,
            Verdict.WAIT,
            "patch",
            self.test.code,
            ready if day < ready else None,
            until=good_until,
            entry=entry,
            spacing=self.test.read_after,
        )

    def _last_renewal(self, tested: dt.date, day: dt.date) -> dt.date:
        if not self.test.renewed_by_session:
            return tested
        return max((done for done in self.sessions if tested < done <= day), default=tested)


def patch_record(rules: Rules, history: Iterable[Entry], as_of: dt.date) -> PatchRecord | None:
    """The record of the required test; None if none is required. A test merely booked does not count."""
    test = rules.patch_test
    if test is None or not test.required:
        return None
    entries = sorted(history, key=lambda entry: entry.date)
    return PatchRecord(
        rule=f"patch:{rules.code}",
        test=test,
        done=tuple(e for e in entries if e.procedure == test.code and e.date <= as_of),
        sessions=tuple(entry.date for entry in entries if entry.procedure == rules.code),
    )


def _last_day(entry: Entry, rules: Rules) -> dt.date | None:
    """The day from which gaps and pauses count; None = a home course still running."""
    return entry.until if rules.is_home else entry.date
