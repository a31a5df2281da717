"""Vignettes: a patient, a procedure and a date, with the answer expected.

With them a physician proves the rules; the programming interface asks in the same form (vignettes.json).
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from plans.core.screening import Entry, Fact, Patient, Rulebook, Screening, Verdict, screen

# A patient has some dozens of each; a body with more is no patient.
MOST_ROWS = 1000
# So many answers of one day are no coincidence: they were given together.
TOGETHER = 4

SlipKind = Literal[
    "not_json", "missing", "not_an_object", "not_a_list", "not_text", "not_a_date", "beyond_years", "not_known",
    "not_a_choice", "too_many", "ends_before_it_begins", "only_what_was_true_ends",
    "answered_after_screening", "screened_after_session", "born_later",
    # what is asked of the diary
    "not_a_number", "not_offered", "not_here", "cannot_do_it", "more_than_a_course", "day_is_over", "years_away",
    "not_a_time", "stale", "damaged",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Slip:
    """One thing that is wrong. `field`: where, as in "patient.facts[3].until"; `value`: what stands there."""

    field: str
    kind: SlipKind
    value: str = ""


class BadVignette(ValueError):
    """A case that cannot be judged; `slips` in the order of its fields, at least one."""

    def __init__(self, slips: Iterable[Slip]) -> None:
        self.slips = tuple(slips)
        # Places only: what stands there is about somebody's health.
        super().__init__("; ".join(f"{slip.field}: {slip.kind}" for slip in self.slips))


@dataclass(frozen=True, slots=True)
class Expected:
    """What a case should be answered; `reasons` compare as a set."""

    verdict: Verdict
    reasons: frozenset[str] = frozenset()
    earliest_ok: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Vignette:
    """May `procedure` be done on `session_date`, as known on `as_of` (None: on the day itself)?

    `code`: its name in a suite. `ignored`: fields that nothing reads, such as a misspelt one.
    """

    procedure: str
    session_date: dt.date
    patient: Patient
    as_of: dt.date | None = None
    areas: frozenset[str] = frozenset()
    expected: Expected | None = None
    code: str = ""
    note: str = ""
    ignored: tuple[str, ...] = ()

    def screen(self, book: Rulebook) -> Screening:
        return screen(book, self.procedure, self.patient, self.session_date, self.as_of, self.areas)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A case with what a rulebook says to it."""

    vignette: Vignette
    found: Screening

    @property
    def agrees(self) -> bool:
        """The answer is the expected one; so is any answer where none is expected."""
        return self.vignette.expected is None or self.vignette.expected == answer_of(self.found)


def answer_of(screening: Screening) -> Expected:
    """What a case would have to expect for `screening` to agree with it."""
    return Expected(screening.verdict, frozenset(screening.reasons), screening.earliest_ok)


def run(vignette: Vignette, book: Rulebook) -> Outcome:
    """Judge `vignette` by `book`.  Raises ValueError for codes that the book does not know."""
    return Outcome(vignette, vignette.screen(book))


def rows_of(document: Any) -> list[Any]:
    """The cases of a file: {"cases": [...]}, a list of cases, or one case.  Raises BadVignette for anything else."""
    if isinstance(document, Mapping):
        document = document.get("cases", [document])
    if not isinstance(document, list):
        raise BadVignette([Slip("cases", "not_a_list")])
    if len(document) > MOST_ROWS:
        raise BadVignette([Slip("cases", "too_many", str(len(document)))])
    return document


def told_together(
    patient: Patient, asked: Iterable[str]
) -> tuple[dt.date | None, tuple[Fact, ...]]:
    """The day on which most of what is `asked` was denied, and the facts without those denials.

    None where hardly any were. A question that was never put is among the facts as unknown, which is the same:
    "everything else denied on that day" would answer it too.
    """
    codes = set(asked)
    count = Counter(fact.code for fact in patient.facts)
    alone = [
        fact
        for fact in patient.facts
        if fact.status == "denied" and fact.code in codes and count[fact.code] == 1
    ]
    days = Counter(fact.since for fact in alone if fact.since is not None)
    day = max(days, key=days.__getitem__, default=None)
    if day is None or days[day] < TOGETHER:
        return None, patient.facts
    others = [fact for fact in patient.facts if fact not in alone or fact.since != day]
    return day, (*others, *(Fact(code, "unknown") for code in sorted(codes - set(count))))


def written(vignette: Vignette) -> dict[str, Any]:
    """`vignette` as plain texts and numbers, in the form of vignettes.json."""
    answer = vignette.expected
    data: dict[str, Any] = {
        "id": vignette.code,
        "note": vignette.note,
        "procedure": vignette.procedure,
        "session_date": vignette.session_date.isoformat(),
        "as_of": _iso(vignette.as_of),
        "areas": sorted(vignette.areas),
        "patient": {
            "birth": vignette.patient.birth.isoformat(),
            "facts": [_fact(fact) for fact in vignette.patient.facts],
            "history": [_entry(entry) for entry in vignette.patient.history],
        },
    }
    if answer is not None:
        data["expect"] = {
            "verdict": answer.verdict.word,
            "reasons": sorted(answer.reasons),
            "earliest_ok": _iso(answer.earliest_ok),
        }
    return data


def _fact(fact: Fact) -> dict[str, Any]:
    since, until = _iso(fact.since), _iso(fact.until)
    return {"code": fact.code, "status": fact.status, "since": since, "until": until}


def _entry(entry: Entry) -> dict[str, Any]:
    return {
        "procedure": entry.procedure,
        "date": entry.date.isoformat(),
        "until": _iso(entry.until),
        "areas": sorted(entry.areas),
    }


def _iso(day: dt.date | None) -> str | None:
    return day.isoformat() if day else None
