"""Contraindication lines and the questions they raise, for one patient.

Source of every rule here: docs/screening.md, sections 4 and 5.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from plans.core.spacing import Period
from plans.core.verdicts import (
    Fact,
    Finding,
    Line,
    Recheck,
    Rulebook,
    Rules,
    Severity,
    Verdict,
    validate_fact,
)

ONE_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Episode:
    """A time for which a fact is recorded as present, and its washout."""

    record: Fact
    free_day: dt.date | None

    def stands_on(self, day: dt.date) -> bool:
        has_begun = self.record.since is None or self.record.since <= day
        return has_begun and (self.free_day is None or day < self.free_day)

    def is_true_on(self, day: dt.date) -> bool:
        """For a day on which it stands: true itself, not merely in its washout."""
        return self.record.until is None or day <= self.record.until


@dataclass(frozen=True, slots=True)
class Watch:
    """One contraindication line with what this patient's records say to it.

    `episodes`: longest last. `answered_from`: first session date for which there is usable
    evidence of absence (§5); None = for none at all.
    """

    line: Line
    recheck: Recheck
    as_of: dt.date
    records: Sequence[Fact]
    episodes: tuple[Episode, ...]
    answered_from: dt.date | None

    def contraindication(self, procedure: str, day: dt.date) -> Finding | None:
        """The line's own finding, told by the record that lasts longest; None if none stands (§4)."""
        if not self.episodes or not (standing := self._standing(day)):
            return None
        longest = standing[-1]
        is_true = any(episode.is_true_on(day) for episode in standing)
        return Finding(
            f"ci:{procedure}:{self.line.fact}",
            _level(self.line.severity, is_true),
            "ci",
            self.line.fact,
            longest.free_day,
            severity=self.line.severity,
            since=longest.record.since,
            until=longest.record.until,
            washout=self.line.washout,
        )

    def question(self, procedure: str, day: dt.date) -> Finding | None:
        """The question still open for `day` (§5); for a line that stands it is not put (§4.5)."""
        if self._is_put_off(day) or (self.answered_from is not None and self.answered_from <= day):
            return None
        evidence = max(
            (
                told
                for told in map(_told_on, self.records)
                if told is not None and told <= self.as_of
            ),
            default=None,
        )
        return Finding(
            f"ask:{procedure}:{self.line.fact}",
            Verdict.ASK,
            "ask",
            self.line.fact,
            severity=self.line.severity,
            evidence=evidence,
            is_recorded_unknown=_is_unknown(self.records, evidence),
        )

    def is_left_to_check_in(self, day: dt.date) -> bool:
        """Its question, or a planned end taken as recorded, is put on `day` itself (§5.2, §5.5)."""
        if self._standing(day):
            return False
        ends = (episode.record.until for episode in self.episodes)
        return self._is_put_off(day) or any(
            end is not None and self.as_of < end < day for end in ends
        )

    def _standing(self, day: dt.date) -> list[Episode]:
        return [episode for episode in self.episodes if episode.stands_on(day)]

    def _is_put_off(self, day: dt.date) -> bool:
        return self.recheck == "session" and self.as_of < day


def _level(severity: Severity, is_true: bool) -> Verdict:
    """§4.3 and §4.4: in its washout even an absolute line only tells to wait."""
    if severity == "relative":
        return Verdict.CAUTION
    return Verdict.REFUSE if severity == "absolute" and is_true else Verdict.WAIT


_STRENGTH: dict[Severity, int] = {"absolute": 2, "temporary": 1, "relative": 0}


def one_per_fact(lines: Iterable[Line]) -> tuple[Line, ...]:
    """`lines` with those of one fact made one: the strongest severity, the longest washout.

    Two lines may come to name one fact when two facts of the vocabulary are merged.
    """
    found: dict[str, Line] = {}
    for line in lines:
        other = found.get(line.fact, line)
        severity = max(line.severity, other.severity, key=_STRENGTH.__getitem__)
        washouts = [washout for washout in (line.washout, other.washout) if washout is not None]
        longest = max(washouts, key=Period.rough_tenths_of_a_day, default=None)
        found[line.fact] = Line(line.fact, severity, longest)
    return tuple(found.values())


def watches(
    book: Rulebook, rules: Rules, facts: Iterable[Fact], as_of: dt.date
) -> tuple[Watch, ...]:
    """A watch for each line of `rules`, in their order.

    Raises ValueError for a denial dated after `as_of`.
    """
    records: defaultdict[str, list[Fact]] = defaultdict(list)
    for fact in facts:
        validate_fact(fact, as_of)
        records[fact.code].append(fact)
    return tuple(
        _watch(line, records.get(line.fact, ()), book.rechecks[line.fact], as_of)
        for line in rules.lines
    )


def _watch(line: Line, records: Sequence[Fact], recheck: Recheck, as_of: dt.date) -> Watch:
    episodes = [
        Episode(fact, _free_day(fact.until, line.washout))
        for fact in records
        if fact.status == "present"
    ]
    absent_from = [_absent_from(fact, recheck, as_of) for fact in records]
    answered_from = min([day for day in absent_from if day is not None], default=None)
    return Watch(line, recheck, as_of, records, tuple(sorted(episodes, key=_length)), answered_from)


def _told_on(fact: Fact) -> dt.date | None:
    """The day of which `fact` says that it is or will be over, or was not so at all."""
    if fact.status == "present":
        return fact.until
    return fact.since if fact.status == "denied" else None


def _absent_from(fact: Fact, recheck: Recheck, as_of: dt.date) -> dt.date | None:
    """The first session date for which `fact` is usable evidence of absence.

    A past end is evidence for the sessions after it, and so is a planned one, which is taken as
    recorded (§5.5): else no truthful answer could close the question before that end has come.
    """
    told = _told_on(fact)
    if told is None or not _is_usable(told, recheck, as_of):
        return None
    return told + ONE_DAY if fact.status == "present" else dt.date.min


def _is_unknown(records: Iterable[Fact], evidence: dt.date | None) -> bool:
    """The question was put, and no answer came since. A denial without a date is none (§3.3)."""
    asked = (fact.since or dt.date.min for fact in records if _leaves_open(fact))
    return any(evidence is None or day >= evidence for day in asked)


def _leaves_open(fact: Fact) -> bool:
    return fact.status == "unknown" or (fact.status == "denied" and fact.since is None)


def _length(episode: Episode) -> tuple[dt.date, dt.date, dt.date]:
    """Orders by free day; the rest only makes the choice between equals the same each time."""
    record = episode.record
    return (
        episode.free_day or dt.date.max,
        record.until or dt.date.max,
        record.since or dt.date.min,
    )


def _free_day(until: dt.date | None, washout: Period | None) -> dt.date | None:
    if until is None:
        return None
    after = until + ONE_DAY
    return after if washout is None else max(after, washout.after(until))


def _is_usable(evidence: dt.date, recheck: Recheck, as_of: dt.date) -> bool:
    if recheck == "never":
        return True
    return evidence == as_of if recheck == "session" else as_of <= recheck.after(evidence)
