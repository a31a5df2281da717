"""Reading home care: what is used when, what stands against it, and its calendar."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal

from django.utils import timezone

from clinic.kit import clock
from clinic.kit.languages import localized
from clinic.patients.models import Patient
from clinic.places.models import Location
from plans.catalogue.models import Revision
from plans.catalogue.selectors import cycle, offered_procedures, rulebook
from plans.core.cycles import Use
from plans.core.regimen import (
    ONE_DAY,
    Care,
    Month,
    PartOfDay,
    Regimen,
    Rest,
    Stretch,
    months,
    pause_due,
    read_regimen,
    reminders,
    rest_around,
)
from plans.core.screening import Entry, Screener, Screening, Verdict
from plans.courses.models import HomeCare
from plans.courses.selectors import entry_of, home_care_at, known_patients, local_day, names
from plans.courses.tags import Names
from plans.diary.models import Appointment
from plans.diary.selectors import standing_visits
from plans.homecare.tags import times_words

State = Literal["used", "to_come", "over", "never"]

# How far a calendar looks ahead where no end is set, and how far at most.
OPEN_END, FARTHEST = dt.timedelta(days=91), dt.timedelta(days=183)
# How far back reminders are told, so that a calendar program does not empty yesterday.
PAST = dt.timedelta(days=7)
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True)
class InUse:
    """A use at home as it stands on `today`; texts in the page's language."""

    care: HomeCare
    today: dt.date

    @property
    def title(self) -> str:
        return self.care.revision.title

    @property
    def first(self) -> dt.date:
        return self.care.starts_on

    @property
    def last(self) -> dt.date | None:
        return self.care.last_day

    @property
    def state(self) -> State:
        if self.last is not None and self.last < self.first:
            return "never"
        if self.first > self.today:
            return "to_come"
        return "over" if self.last is not None and self.last < self.today else "used"

    @property
    def is_open(self) -> bool:
        """Something of it can still be changed."""
        return self.state in ("used", "to_come")

    @property
    def regimen(self) -> Regimen | None:
        return read_regimen(self.care.revision.regimen)

    @property
    def times(self) -> str:
        """`2 times a day`; "" where the rules do not say."""
        return times_words(self.regimen)

    @property
    def instructions(self) -> list[str]:
        return [
            localized(text) for text in (self.care.revision.regimen or {}).get("instructions", ())
        ]

    @property
    def stretch(self) -> Stretch | None:
        if self.state == "never":
            return None
        return Stretch(self.care.revision.procedure.code, self.first, self.last)


def offered_products() -> list[Revision]:
    """What can be begun at home today, by its name; one query."""
    found = offered_procedures().filter(procedure__is_home=True)
    return sorted(found, key=lambda revision: revision.title)


def care_at(location: Location, pk: int) -> HomeCare:
    """One use of a patient of `location`.  Raises HomeCare.DoesNotExist. One query."""
    return (
        home_care_at(location).select_related("revision__procedure", "patient__location").get(pk=pk)
    )


def all_of(patient: Patient, today: dt.date) -> list[InUse]:
    """All that is, was or will be used at home, by its first day; one query."""
    rows = HomeCare.objects.filter(patient=patient).select_related("revision__procedure")
    return [InUse(care, today) for care in rows.order_by("starts_on", "id")]


def of_patient(patient: Patient, on: dt.date) -> list[InUse]:
    """What a sheet of `on` tells: all that is used on that day or begins later; one query."""
    return [each for each in all_of(patient, on) if each.is_open]


@dataclass(frozen=True)
class Clash:
    """A use at home and a visit still to come that break a wait."""

    rest: Rest
    procedure: str
    visit: Appointment


@dataclass(frozen=True)
class Against:
    """What stands against a use from `stretch.first` on.

    `screened_on`: the first day, or today for one that has begun. `pause_due`: the first day of use that falls into
    the pause of its cycle. `best_last`: the last day until which nothing stands against it (None: no end is needed).
    """

    stretch: Stretch
    screened_on: dt.date
    screening: Screening
    clashes: tuple[Clash, ...] = ()
    pause_due: dt.date | None = None
    best_last: dt.date | None = None
    names: Names = field(default_factory=Names)

    @property
    def has_to_wait(self) -> bool:
        return self.screening.verdict.blocks

    @property
    def is_asked(self) -> bool:
        """A question is open whose answer decides."""
        return any(found.level is Verdict.ASK for found in self.screening.findings)

    @property
    def cautions(self) -> list[Any]:
        return [found for found in self.screening.findings if found.level is Verdict.CAUTION]

    @property
    def is_broken(self) -> bool:
        """It breaks a rule: something would be used on a day on which it must not be."""
        return bool(self.has_to_wait or self.clashes or self.pause_due)

    @property
    def is_free(self) -> bool:
        return not self.is_broken and not self.is_asked


class Reading:
    """One patient with all home care, treatments and facts, read once: 15 queries at most, however much there is."""

    def __init__(self, patient: Patient, today: dt.date) -> None:
        self.patient, self.today = patient, today
        self.uses = all_of(patient, today)
        self.visits = standing_visits(patient)
        self._book = rulebook()
        self._known = known_patients([patient])[patient.pk]

    @cached_property
    def names(self) -> Names:
        return names()

    def against(self, stretch: Stretch, care: HomeCare | None = None) -> Against:
        """What stands against `stretch`; `care`: the stored use that it takes the place of. No query but for the names.

        Raises ValueError for a product that the catalogue does not know.
        """
        day = max(stretch.first, self.today)
        history = self._history(care)
        known = replace(self._known, history=history)
        screening = Screener(self._book, stretch.procedure, known, self.today).screen(day)
        clashes, due = self._clashes(stretch), self._pause_due(stretch, history)
        stops = [clash.rest.stop_by for clash in clashes] + ([due - ONE_DAY] if due else [])
        return Against(
            stretch, day, screening, clashes, due, min(stops, default=stretch.last), self.names
        )

    def conflicts(self) -> list[tuple[InUse, Against]]:
        """Every use that something stands against from today on, by its first day; no further query but the names."""
        found = []
        for use in self.uses:
            stretch = use.stretch
            if stretch is None or stretch.procedure not in self._book.procedures:
                continue
            against = self.against(stretch, use.care) if use.is_open else self._over(stretch)
            if against.is_broken:
                found.append((use, against))
        return found

    def _over(self, stretch: Stretch) -> Against:
        """What has ended can only have ended too near to a visit still to come."""
        nothing = Screening(Verdict.OK)
        return Against(stretch, self.today, nothing, self._clashes(stretch), names=self.names)

    def overlapping(self, stretch: Stretch, care: HomeCare | None = None) -> InUse | None:
        """The same product in use on a day of `stretch` already."""
        for use in self.uses:
            other = use.stretch
            if other and use.care != care and other.procedure == stretch.procedure:
                later, earlier = sorted((stretch, other), key=lambda one: one.first, reverse=True)
                if earlier.uses_after(later.first - ONE_DAY):
                    return use
        return None

    def _history(self, care: HomeCare | None) -> tuple[Entry, ...]:
        """What is done, used and booked, but for `care` itself."""
        history = list(self._known.history)
        if care is not None and (care.last_day is None or care.last_day >= care.starts_on):
            own = Entry(care.revision.procedure.code, care.starts_on, care.last_day)
            if own in history:
                history.remove(own)
        for visit in self.visits:
            if visit.session is not None:
                history.append(entry_of(visit.session.course, local_day(visit)))
        return tuple(history)

    def _clashes(self, stretch: Stretch) -> tuple[Clash, ...]:
        """Visits still to come, by their day; for what was given before, the screening speaks."""
        found = []
        for visit in self.visits:
            if visit.session is None or local_day(visit) < self.today:
                continue
            code = visit.session.course.revision.procedure.code
            found.append(self._clash(stretch, code, local_day(visit), visit))
        return tuple(sorted(filter(None, found), key=lambda clash: clash.rest.day))

    def _clash(self, stretch: Stretch, code: str, day: dt.date, visit: Appointment) -> Clash | None:
        if code not in self._book.procedures:
            return None
        rest = rest_around(self._book, stretch, code, day)
        return Clash(rest, code, visit) if rest else None

    def _pause_due(self, stretch: Stretch, history: Iterable[Entry]) -> dt.date | None:
        asked = self._book.rules(stretch.procedure).cycle
        if asked is None:
            return None
        counted = asked.counts_together | {stretch.procedure}
        uses = [
            Use(one.date, one.until if self._book.procedures[one.procedure].is_home else one.date)
            for one in history
            if one.procedure in counted and one.procedure in self._book.procedures
        ]
        return pause_due(stretch, uses, asked)


def conflicts(patient: Patient, today: dt.date | None = None) -> list[tuple[InUse, Against]]:
    """What is used at home against a rule, a fact or a treatment as all of them stand today; 15 queries at most."""
    return Reading(patient, today or clock.today(patient.location.zone)).conflicts()


def planned_last(revision: Revision, first: dt.date) -> dt.date | None:
    """The last day that the rules of the product give a use from `first`: its course, or the day before its pause."""
    regimen, asked = read_regimen(revision.regimen), cycle(revision)
    ends = [regimen.last_day(first)] if regimen else []
    ends += [asked.on_for.after(first) - ONE_DAY] if asked else []
    return min((day for day in ends if day), default=None)


# The calendar


@dataclass(frozen=True)
class Calendar:
    """The months of what is used at home from `first` to `last`, each use with its letter."""

    first: dt.date
    last: dt.date
    uses: tuple[tuple[str, InUse], ...]
    months: tuple[Month, ...]


def calendar_of(patient: Patient, on: dt.date) -> Calendar | None:
    """The patient's calendar from `on`, with the visits still to come; None where nothing is to be used. Four queries at most."""
    found = of_patient(patient, on)
    if not found:
        return None
    lettered = tuple(zip(_LETTERS, found, strict=False))
    last = last_shown((use for _letter, use in lettered), on)
    visits: dict[dt.date, tuple[str, ...]] = defaultdict(tuple)
    for visit in standing_visits(patient):
        at = timezone.localtime(visit.starts_at, visit.location.zone)
        visits[at.date()] += (f"{at:%H:%M}",)
    return Calendar(on, last, lettered, months(cares_of(lettered), visits, on, last))


def last_shown(uses: Iterable[InUse], on: dt.date) -> dt.date:
    """How far a calendar from `on` looks: to the last day of use, where none is set three months; half a year at most."""
    ends = [use.last or max(on, use.first) + OPEN_END for use in uses]
    return min(max(ends, default=on), on + FARTHEST)


def cares_of(lettered: Iterable[tuple[str, InUse]]) -> list[Care]:
    """The uses that say how often, as a calendar marks them."""
    return [
        Care(letter, use.regimen, use.first, use.last) for letter, use in lettered if use.regimen
    ]


def moments_of(patient: Patient, today: dt.date) -> tuple[tuple[dt.date, PartOfDay], ...]:
    """When to remind the patient, from some days ago on; one query."""
    found = of_patient(patient, today - PAST)
    cares = cares_of(("", use) for use in found)
    return reminders(cares, today - PAST, last_shown(found, today)) if found else ()
