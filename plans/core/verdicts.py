"""The words of screening: what is known of a patient, what the catalogue demands, what was found.

Source of every rule here: docs/screening.md. All dates are calendar dates in the clinic's own
time zone.
"""

import datetime as dt
import enum
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from plans.core.cycles import Cycle
from plans.core.spacing import Period

Status = Literal["present", "denied", "unknown"]
Severity = Literal["absolute", "temporary", "relative"]
Kind = Literal["ci", "ask", "age", "age_over", "interval", "gap", "break", "patch"]
Signer = Literal["practitioner", "physician"]
Recheck = Period | Literal["session", "never"]

# A later year is a slip of the pen or an import's way of writing "no end".
LAST_YEAR = 2999


class Verdict(enum.IntEnum):
    """What may be done on a date; a greater one is stronger."""

    OK = 0
    CAUTION = 1
    ASK = 2
    WAIT = 3
    REFUSE = 4

    @property
    def word(self) -> str:
        """The word in documents and in the API: "ok", "caution", "ask", "wait", "refuse"."""
        return self.name.lower()

    @property
    def blocks(self) -> bool:
        """Not on this date, or not while this is true."""
        return self >= Verdict.WAIT


@dataclass(frozen=True, slots=True)
class Fact:
    """One record about a patient's health.

    present: true from `since` (None = always so far) to `until`, inclusive (None = still true).
    denied: `since` is the day of the answer; without it the record says no more than "unknown".
    Raises ValueError for since > until, and for an end on a denied or unknown record.
    """

    code: str
    status: Status
    since: dt.date | None = None
    until: dt.date | None = None

    def __post_init__(self) -> None:
        if self.until is None:
            return
        if self.status != "present":
            raise ValueError(f"{self.code}: a record that is {self.status} has no end")
        if self.since is not None and self.since > self.until:
            raise ValueError(f"{self.code}: begins on {self.since}, after its end on {self.until}")
        if self.until.year > LAST_YEAR:
            raise ValueError(f"{self.code}: ends in {self.until.year}; leave the end open instead")


def validate_fact(fact: Fact, as_of: dt.date) -> None:
    """Raise ValueError for a denial dated after `as_of`: nobody can have given that answer yet."""
    if fact.status == "denied" and fact.since is not None and fact.since > as_of:
        raise ValueError(f"{fact.code}: denied on {fact.since}, after the screening on {as_of}")


def skin_type_facts(skin_type: int | None, answered: dt.date | None) -> tuple[Fact, ...]:
    """The two derived facts of the one skin-type field (Fitzpatrick 1 to 6; None = not recorded).

    >>> [fact.status for fact in skin_type_facts(4, dt.date(2026, 11, 13))]
    ['present', 'denied']
    """
    if skin_type is None:
        return (Fact("phototype_4", "unknown"), Fact("phototype_5_6", "unknown"))
    if skin_type not in range(1, 7):
        raise ValueError(f"no skin type: {skin_type}")
    return tuple(
        Fact(code, "present") if skin_type in types else Fact(code, "denied", since=answered)
        for code, types in (("phototype_4", (4,)), ("phototype_5_6", (5, 6)))
    )


@dataclass(frozen=True, slots=True)
class Entry:
    """A treatment or patch test done or booked on `date`, or a home course from `date` to `until`.

    `until` None on a home course: still running; on anything else it is not looked at.
    `areas` empty = everywhere.
    """

    procedure: str
    date: dt.date
    until: dt.date | None = None
    areas: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if self.until is not None and self.until < self.date:
            raise ValueError(f"{self.procedure}: ends on {self.until}, before {self.date}")
        if (self.until or self.date).year > LAST_YEAR:
            raise ValueError(
                f"{self.procedure}: dated after {LAST_YEAR}; leave an unknown end open"
            )


@dataclass(frozen=True, slots=True)
class Patient:
    """What a screening may know of a patient. The session that is screened is not in `history`."""

    birth: dt.date
    facts: tuple[Fact, ...] = ()
    history: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """One contraindication of a procedure; `washout` counts from the last day the fact was true."""

    fact: str
    severity: Severity
    washout: Period | None = None


@dataclass(frozen=True, slots=True)
class Gap:
    """The shortest time from a treatment of group `after` to a different one of group `before`.

    Either side may be a single procedure instead of a group.
    """

    after: str
    before: str
    min: Period
    after_is_procedure: bool = False
    before_is_procedure: bool = False


@dataclass(frozen=True, slots=True)
class PatchTest:
    """A test on the skin, read after `read_after` and good for `valid_for`, both ends included."""

    code: str
    required: bool
    read_after: Period
    valid_for: Period
    renewed_by_session: bool


@dataclass(frozen=True, slots=True)
class Rules:
    """One procedure as screening needs it; ages in full years."""

    code: str
    group: str
    is_home: bool
    lines: tuple[Line, ...]
    interval_min: Period | None
    age_min: int | None
    caution_from: int | None
    cycle: Cycle | None
    patch_test: PatchTest | None

    def __post_init__(self) -> None:
        if len({line.fact for line in self.lines}) != len(self.lines):
            raise ValueError(f"{self.code}: two contraindication lines name one fact")


@dataclass(frozen=True)
class Rulebook:
    """The catalogue as screening needs it: procedures and rechecks by code, gaps between groups.

    Raises ValueError if a line's fact has no recheck, a key is not its procedure's code, or a gap is
    stated twice.
    """

    procedures: Mapping[str, Rules]
    rechecks: Mapping[str, Recheck]
    gaps: tuple[Gap, ...] = ()

    def __post_init__(self) -> None:
        for code, rules in self.procedures.items():
            if code != rules.code:
                raise ValueError(f"the rules of {rules.code} stand under {code}")
            unasked = [line.fact for line in rules.lines if line.fact not in self.rechecks]
            if unasked:
                raise ValueError(f"{code}: no recheck for {', '.join(unasked)}")
        if len(self._gaps_by_sides) != len(self.gaps):
            raise ValueError("a gap between the same two is stated twice")

    def rules(self, procedure: str) -> Rules:
        """The rules of `procedure`. Raises ValueError if the catalogue does not know it."""
        if procedure not in self.procedures:
            raise ValueError(f"not in the catalogue: {procedure}")
        return self.procedures[procedure]

    def gaps_between(self, earlier: Rules, later: Rules) -> tuple[Gap, ...]:
        """The gaps that `later` keeps from `earlier`, by their groups and by themselves; often none."""
        found = (
            self._gaps_by_sides.get((after, before))
            for after in ((earlier.group, False), (earlier.code, True))
            for before in ((later.group, False), (later.code, True))
        )
        return tuple(gap for gap in found if gap is not None)

    def is_patch_test(self, code: str) -> bool:
        """`code` is a patch test's, not a procedure's."""
        return code in self._patch_test_codes

    @cached_property
    def _gaps_by_sides(self) -> dict[tuple[tuple[str, bool], tuple[str, bool]], Gap]:
        return {
            ((gap.after, gap.after_is_procedure), (gap.before, gap.before_is_procedure)): gap
            for gap in self.gaps
        }

    @cached_property
    def _patch_test_codes(self) -> frozenset[str]:
        tests = (rules.patch_test for rules in self.procedures.values())
        return frozenset(test.code for test in tests if test is not None)


@dataclass(frozen=True, slots=True)
class Finding:
    """One reason, with what a page needs to say it in words.

    `subject`: the fact's code (ci, ask), the earlier group (gap), the patch test's code (patch),
    else the screened procedure's code. `free_day`: first date on which this finding no longer
    stands, None if not known.
    """

    rule: str
    level: Verdict
    kind: Kind
    subject: str
    free_day: dt.date | None = None
    severity: Severity | None = None  # ci, ask: of the contraindication line
    since: dt.date | None = None  # ci: of the record; break: first day of the block of use
    until: dt.date | None = (
        None  # ci: of the record; break: last day of use; patch: last day it was good for
    )
    washout: Period | None = None  # ci
    spacing: Period | None = None  # interval, gap, break: the shortest allowed; patch: reading time
    entry: Entry | None = None  # interval, gap: the earlier treatment; patch: the test
    evidence: dt.date | None = None  # ask: last date of which an absence is known, too old by now
    is_recorded_unknown: bool = False  # ask: the question was put, the patient does not know
    years: int | None = None  # age, age_over

    @property
    def overridable(self) -> bool:
        """An override may be signed for it (docs/screening.md, section 8). Age rules never."""
        if self.level is Verdict.WAIT:
            return self.kind != "patch"
        return self.level is Verdict.CAUTION and self.kind != "age_over"

    @property
    def signers(self) -> tuple[Signer, ...]:
        """Whose signature, with a reason, lets the treatment go on; empty = nobody's.

        Every caution is signed, that of age too: signing accepts it and overrides nothing. An open
        question needs its answer; recorded as unknown, a physician may accept it if its line is
        relative.
        """
        if self.level is Verdict.CAUTION:
            return ("practitioner", "physician")
        accepted = self.kind == "ask" and self.is_recorded_unknown and self.severity == "relative"
        return ("physician",) if self.overridable or accepted else ()


@dataclass(frozen=True, slots=True)
class Screening:
    """The answer for one procedure on one date.

    `findings`: strongest first, then by code. `earliest_ok`: for refuse and wait, the first date on
    which neither would stand with today's records; None if that is not known.
    `deferred`: facts to be asked or confirmed on the day of the session; empty at check-in.
    """

    verdict: Verdict
    findings: tuple[Finding, ...] = ()
    earliest_ok: dt.date | None = None
    deferred: tuple[str, ...] = ()

    @property
    def reasons(self) -> tuple[str, ...]:
        """Rule codes, strongest first, then by code."""
        return tuple(finding.rule for finding in self.findings)
