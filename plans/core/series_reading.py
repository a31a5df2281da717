"""Reading what a program asks a series to be: every field is checked before the diary is asked.

The patient is read as in a vignette: plans.core.vignette_reading.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from plans.core.availability import STEP_MINUTES, Range
from plans.core.offers import EVERY_WEEKDAY, LATEST_YEARS, PARTS
from plans.core.screening import Patient, Rulebook
from plans.core.vignette_reading import day_of, read_vignette
from plans.core.vignettes import BadVignette, Slip, SlipKind, Vignette

Row = Mapping[str, Any]

# How far apart the starts are that are looked at: finer ones are a relaxation.
EVERY_MINUTES = 15

_OF_THE_PATIENT = ("procedure", "patient", "areas")
_WISHES = ("sessions", "not_before", "location", "practitioner", "weekdays", "part_of_day", "every")
_REQUEST = frozenset((*_OF_THE_PATIENT, *_WISHES, "patient_number", "id", "note"))


@dataclass(frozen=True)
class Place:
    """A location that may be asked for, and its practitioners' names by key."""

    key: int
    name: str
    practitioners: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Offered:
    """What may be asked for: how many sessions at most by procedure; places, the caller's first one first; areas."""

    most: Mapping[str, int]
    places: tuple[Place, ...]
    areas: frozenset[str]


@dataclass(frozen=True)
class Request:
    """A series that can be searched for. `practitioner`, `location`: keys; `part`: minutes of the start.

    `every`: minutes from one possible start to the next. `patient`: as described; of a patient of the clinic
    nothing is known here. `ignored`: fields that nothing reads.
    """

    procedure: str
    patient: Patient
    sessions: int
    not_before: dt.date
    location: int
    practitioner: int | None = None
    weekdays: frozenset[int] = EVERY_WEEKDAY
    part: Range | None = None
    areas: frozenset[str] = frozenset()
    every: int = EVERY_MINUTES
    ignored: tuple[str, ...] = ()


def read_request(
    data: Any,
    book: Rulebook,
    former: Mapping[str, str] | None = None,
    *,
    offered: Offered,
    today: dt.date,
    patient: Patient | None = None,
) -> Request:
    """The series that `data` asks for.  Raises BadVignette with all that is wrong.

    `former` and `patient` as in `read_vignette`. An answer of a patient described may be dated up to `not_before`.
    """
    if not isinstance(data, Mapping):
        raise BadVignette([Slip("", "not_an_object")])
    reader = _Reader(data, offered)
    not_before = reader.first_day(today)
    told = reader.vignette(book, former, not_before or today, patient, today)
    sessions = reader.sessions()
    place = reader.place()
    practitioner = reader.practitioner(place)
    weekdays, part, every = reader.weekdays(), reader.part(), reader.every()
    if reader.slips or told is None or sessions is None or not_before is None or place is None:
        raise BadVignette(reader.slips)
    ignored = (*(str(key)[:100] for key in data if key not in _REQUEST), *told.ignored)
    return Request(
        told.procedure, told.patient, sessions, not_before, place.key, practitioner, weekdays, part,
        told.areas, every, ignored,
    )  # fmt: skip


def known_on(patient: Patient, today: dt.date) -> dt.date:
    """The day as of which a patient described is judged: today, or that of an answer dated later.

    >>> known_on(Patient(dt.date(1990, 5, 14)), dt.date(2026, 11, 23))
    datetime.date(2026, 11, 23)
    """
    answered = (fact.since for fact in patient.facts if fact.status == "denied")
    return max([today, *filter(None, answered)])


class _Reader:
    """Reads one request and keeps what is wrong with it."""

    def __init__(self, data: Row, offered: Offered) -> None:
        self._data = data
        self._offered = offered
        self.slips: list[Slip] = []

    def slip(self, where: str, kind: SlipKind, value: Any = "") -> None:
        self.slips.append(Slip(where, kind, str(value)[:100]))

    def vignette(
        self,
        book: Rulebook,
        former: Mapping[str, str] | None,
        day: dt.date,
        patient: Patient | None,
        today: dt.date,
    ) -> Vignette | None:
        """The procedure and the patient, as in a vignette of `day`; None if something is wrong with them.

        A skin type without a day of its own is one seen today.
        """
        said = {key: self._data[key] for key in _OF_THE_PATIENT if key in self._data}
        said["session_date"] = day.isoformat()
        told_of = said.get("patient")
        if isinstance(told_of, Mapping) and told_of.get("skin_type_on") is None:
            said["patient"] = {**told_of, "skin_type_on": today.isoformat()}
        procedure, told = self._data.get("procedure"), None
        try:
            told = read_vignette(said, book, former, patient=patient, is_expecting=False)
        except BadVignette as bad:
            self.slips += bad.slips
        is_known = isinstance(procedure, str) and procedure in book.procedures
        if is_known and procedure not in self._offered.most:
            self.slip("procedure", "not_offered", procedure)
        self.known_areas()
        return told

    def known_areas(self) -> None:
        """A misspelt area would meet no other: the gaps to what was done there would be passed over."""
        found = self._data.get("areas")
        for n, each in enumerate(found if isinstance(found, list) else ()):
            named = each.strip() if isinstance(each, str) else ""
            if named and named not in self._offered.areas:
                self.slip(f"areas[{n}]", "not_a_choice", each)

    def whole_number(self, key: str) -> int | None:
        value = self._data.get(key)
        if value is None:
            self.slip(key, "missing")
        elif isinstance(value, bool) or not isinstance(value, int):
            self.slip(key, "not_a_number", value)
        else:
            return value
        return None

    def sessions(self) -> int | None:
        count, procedure = self.whole_number("sessions"), self._data.get("procedure")
        if count is None:
            return None
        most = self._offered.most.get(procedure, count) if isinstance(procedure, str) else count
        if count < 1:
            self.slip("sessions", "not_a_choice", count)
        elif count > most:
            self.slip("sessions", "more_than_a_course", count)
        return count

    def first_day(self, today: dt.date) -> dt.date | None:
        """A date that may be asked for; None if it is missing or wrong."""
        value = self._data.get("not_before")
        day = day_of(value)
        if value is None:
            self.slip("not_before", "missing")
        elif day is None:
            self.slip("not_before", "not_a_date", value)
        elif day < today:
            self.slip("not_before", "day_is_over", value)
        elif day.year > today.year + LATEST_YEARS:
            self.slip("not_before", "years_away", value)
        else:
            return day
        return None

    def place(self) -> Place | None:
        value = self._data.get("location")
        for place in self._offered.places:
            if value is None or _is_meant(value, place.key, place.name):
                return place
        self.slip("location", "not_here", "" if value is None else value)
        return None

    def practitioner(self, place: Place | None) -> int | None:
        value = self._data.get("practitioner")
        if value is None or place is None:
            return None
        for key, name in place.practitioners.items():
            if _is_meant(value, key, name):
                return key
        self.slip("practitioner", "not_here", value)
        return None

    def weekdays(self) -> frozenset[int]:
        """ISO: 1 is Monday. None named = every one."""
        found = self._data.get("weekdays")
        if found is None:
            return EVERY_WEEKDAY
        if not isinstance(found, list):
            self.slip("weekdays", "not_a_list")
            return EVERY_WEEKDAY
        for n, each in enumerate(found):
            if isinstance(each, bool) or not isinstance(each, int) or each not in EVERY_WEEKDAY:
                self.slip(f"weekdays[{n}]", "not_a_choice", each)
        return frozenset(day for day in found if isinstance(day, int)) or EVERY_WEEKDAY

    def part(self) -> Range | None:
        value = self._data.get("part_of_day")
        if value is None:
            return None
        if not isinstance(value, str) or value not in PARTS:
            self.slip("part_of_day", "not_a_choice", value)
            return None
        return PARTS[value]

    def every(self) -> int:
        """Minutes: 5, 10 ... 60."""
        if self._data.get("every") is None:
            return EVERY_MINUTES
        minutes = self.whole_number("every")
        if minutes is not None and (minutes not in range(5, 61) or minutes % STEP_MINUTES):
            self.slip("every", "not_a_choice", minutes)
        return minutes or EVERY_MINUTES


def _is_meant(value: Any, key: int, name: str) -> bool:
    """Whether `value` is this key, also as a text, or this name; case is all the same."""
    if isinstance(value, bool):
        return False
    if isinstance(value, int):
        return value == key
    said = value.strip().casefold() if isinstance(value, str) else ""
    return bool(said) and said in (str(key), name.casefold())
