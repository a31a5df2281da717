"""Reading a vignette: every field is checked before any rule is asked, so that a caller learns all at once.

What is refused: docs/screening.md, section 3.5.
"""

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from typing import Any, cast, get_args

from plans.core.screening import Entry, Fact, Patient, Rulebook, Verdict, skin_type_facts
from plans.core.verdicts import LAST_YEAR, Status
from plans.core.vignettes import MOST_ROWS, BadVignette, Expected, Slip, SlipKind, Vignette

Row = Mapping[str, Any]

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_VIGNETTE = frozenset(
    ("id", "note", "procedure", "session_date", "as_of", "areas", "patient", "expect")
)
_PATIENT = frozenset(("birth", "facts", "history", "skin_type", "skin_type_on"))
_FACT = frozenset(("code", "status", "since", "until"))
_ENTRY = frozenset(("procedure", "date", "until", "areas"))
_VERDICTS = {verdict.word: verdict for verdict in Verdict}


def read_vignette(
    data: Any,
    book: Rulebook,
    former: Mapping[str, str] | None = None,
    *,
    patient: Patient | None = None,
    is_expecting: bool = True,
) -> Vignette:
    """The vignette that `data` holds, in the form of vignettes.json.  Raises BadVignette with all that is wrong.

    `former`: for a code that a fact once had, the one it has now. `patient` stands in place of data's own.
    `is_expecting` False: what is expected is not looked at.
    """
    reader = _Reader(book, former or {})
    if not isinstance(data, Mapping):
        raise BadVignette([Slip("", "not_an_object")])
    reader.look_for_more(data, "", _VIGNETTE)
    procedure = reader.code(data, "procedure", "", book.procedures)
    session_date = reader.day(data, "session_date", "", is_required=True)
    as_of = reader.day(data, "as_of")
    if as_of and session_date and as_of > session_date:
        reader.slip("as_of", "screened_after_session", str(as_of))
    known = patient or reader.patient(data, as_of or session_date)
    expected = reader.expected(data) if is_expecting else None
    areas = reader.areas(data, "")
    if reader.slips or session_date is None or known is None:
        raise BadVignette(reader.slips)
    code, note = (str(data.get(key) or "") for key in ("id", "note"))
    ignored = tuple(reader.ignored)
    return Vignette(procedure, session_date, known, as_of, areas, expected, code, note, ignored)


class _Reader:
    """Reads one vignette and keeps what is wrong with it."""

    def __init__(self, book: Rulebook, former: Mapping[str, str]) -> None:
        self._book = book
        self._former = former
        self.slips: list[Slip] = []
        self.ignored: list[str] = []

    def slip(self, field: str, kind: SlipKind, value: Any = "") -> None:
        self.slips.append(Slip(field, kind, str(value)[:100]))

    def look_for_more(self, row: Row, at: str, known: frozenset[str]) -> None:
        self.ignored += [_at(at, str(key)[:100]) for key in row if key not in known]

    def text(self, row: Row, key: str, at: str) -> str:
        """A text that must be there; "" if it is not."""
        value = row.get(key)
        if value is None or value == "":
            self.slip(_at(at, key), "missing")
        elif not isinstance(value, str):
            self.slip(_at(at, key), "not_text", value)
        else:
            return value
        return ""

    def code(self, row: Row, key: str, at: str, known: Iterable[str]) -> str:
        value = self.text(row, key, at)
        if value and value not in known:
            self.slip(_at(at, key), "not_known", value)
        return value

    def choice(self, row: Row, key: str, at: str, choices: Iterable[str]) -> str:
        value = self.text(row, key, at)
        if value and value not in choices:
            self.slip(_at(at, key), "not_a_choice", value)
            return ""
        return value

    def day(self, row: Row, key: str, at: str = "", *, is_required: bool = False) -> dt.date | None:
        """A date in the form 2026-11-23; None if it is missing or wrong."""
        value = row.get(key)
        if value is None:
            if is_required:
                self.slip(_at(at, key), "missing")
            return None
        day = day_of(value)
        if day is None:
            self.slip(_at(at, key), "not_a_date", value)
        elif day.year > LAST_YEAR:
            self.slip(_at(at, key), "beyond_years", value)
            return None
        return day

    def rows(self, row: Row, key: str, at: str) -> list[tuple[str, Row]]:
        """The objects of a list with their places; a list that is missing is empty."""
        found, place = row.get(key), _at(at, key)
        if found is None:
            return []
        if not isinstance(found, list):
            self.slip(place, "not_a_list")
            return []
        if len(found) > MOST_ROWS:
            self.slip(place, "too_many", len(found))
            return []
        for n, each in enumerate(found):
            if not isinstance(each, Mapping):
                self.slip(f"{place}[{n}]", "not_an_object")
        return [(f"{place}[{n}]", one) for n, one in enumerate(found) if isinstance(one, Mapping)]

    def texts(self, row: Row, key: str, at: str) -> list[str]:
        """A list of texts; one that is missing is empty."""
        found, place = row.get(key), _at(at, key)
        if found is None:
            return []
        if not isinstance(found, list) or len(found) > MOST_ROWS:
            self.slip(place, "not_a_list")
            return []
        for n, each in enumerate(found):
            if not isinstance(each, str):
                self.slip(f"{place}[{n}]", "not_text", each)
        return [each for each in found if isinstance(each, str)]

    def areas(self, row: Row, at: str) -> frozenset[str]:
        """No area named = everywhere."""
        return frozenset(area.strip() for area in self.texts(row, "areas", at) if area.strip())

    def patient(self, data: Row, as_of: dt.date | None) -> Patient | None:
        row = data.get("patient")
        if not isinstance(row, Mapping):
            self.slip("patient", "missing" if row is None else "not_an_object")
            return None
        self.look_for_more(row, "patient", _PATIENT)
        birth = self.day(row, "birth", "patient", is_required=True)
        if birth and as_of and birth > as_of:
            self.slip("patient.birth", "born_later", birth)
        facts = [self.fact(one, at, as_of) for at, one in self.rows(row, "facts", "patient")]
        facts = [*self.without_skin_type(row, facts), *self.skin_type(row, as_of)]
        history = [self.entry(one, at) for at, one in self.rows(row, "history", "patient")]
        if birth is None or self.slips:
            return None
        return Patient(birth, tuple(filter(None, facts)), tuple(filter(None, history)))

    def fact(self, row: Row, at: str, as_of: dt.date | None) -> Fact | None:
        """§3.5: what contradicts itself is refused."""
        self.look_for_more(row, at, _FACT)
        code = self.text(row, "code", at)
        code = self._former.get(code, code)
        if code and code not in self._book.rechecks:
            self.slip(f"{at}.code", "not_known", code)
        status = self.choice(row, "status", at, get_args(Status))
        since, until = (self.day(row, key, at) for key in ("since", "until"))
        if until and status in ("denied", "unknown"):
            self.slip(f"{at}.until", "only_what_was_true_ends", until)
        elif since and until and since > until:
            self.slip(f"{at}.until", "ends_before_it_begins", until)
        if status == "denied" and since and as_of and since > as_of:
            self.slip(f"{at}.since", "answered_after_screening", since)
        return None if self.slips else Fact(code, cast("Status", status), since, until)

    def without_skin_type(self, row: Row, facts: list[Fact | None]) -> list[Fact | None]:
        """§3.6: where the one field is given, what follows from it is not taken from elsewhere."""
        if row.get("skin_type") is None:
            return facts
        derived = {fact.code for fact in skin_type_facts(None, None)}
        return [fact for fact in facts if fact is None or fact.code not in derived]

    def skin_type(self, row: Row, as_of: dt.date | None) -> tuple[Fact, ...]:
        """Without a day of its own, the skin type is one seen on the day of the screening."""
        value, seen_on = row.get("skin_type"), self.day(row, "skin_type_on", "patient")
        if value is None:
            return ()
        if isinstance(value, bool) or not isinstance(value, int) or value not in range(1, 7):
            self.slip("patient.skin_type", "not_a_choice", value)
            return ()
        if seen_on and as_of and seen_on > as_of:
            self.slip("patient.skin_type_on", "answered_after_screening", seen_on)
        return skin_type_facts(value, seen_on or as_of)

    def entry(self, row: Row, at: str) -> Entry | None:
        self.look_for_more(row, at, _ENTRY)
        procedure = self.text(row, "procedure", at)
        if procedure and not self._is_known_entry(procedure):
            self.slip(f"{at}.procedure", "not_known", procedure)
        day = self.day(row, "date", at, is_required=True)
        until, areas = self.day(row, "until", at), self.areas(row, at)
        if day and until and until < day:
            self.slip(f"{at}.until", "ends_before_it_begins", until)
        return None if self.slips or day is None else Entry(procedure, day, until, areas)

    def _is_known_entry(self, code: str) -> bool:
        return code in self._book.procedures or self._book.is_patch_test(code)

    def expected(self, data: Row) -> Expected | None:
        row = data.get("expect")
        if row is None:
            return None
        if not isinstance(row, Mapping):
            self.slip("expect", "not_an_object")
            return None
        verdict = self.choice(row, "verdict", "expect", _VERDICTS)
        reasons = frozenset(map(self.rule, self.texts(row, "reasons", "expect")))
        earliest_ok = self.day(row, "earliest_ok", "expect")
        return Expected(_VERDICTS[verdict], reasons, earliest_ok) if verdict else None

    def rule(self, code: str) -> str:
        """A rule that names a fact by a former code names it by the one in force."""
        start, colon, fact = code.rpartition(":")
        is_about_fact = code.startswith(("ci:", "ask:"))
        return f"{start}{colon}{self._former.get(fact, fact)}" if is_about_fact else code


def _at(place: str, key: str) -> str:
    return f"{place}.{key}" if place else key


def day_of(value: Any) -> dt.date | None:
    """The date that a text of the form 2026-11-23 says; None for anything else."""
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        return None
    try:
        return dt.date.fromisoformat(value)
    except ValueError:
        return None
