"""Reading the diary: what is known of a patient, when everybody is free, which series fit, what a day holds."""

import datetime as dt
import zoneinfo
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from django.db.models import QuerySet

from clinic.kit import clock
from clinic.patients.models import Patient
from clinic.patients.selectors import codes_now
from clinic.places.models import Location, Resource
from clinic.places.selectors import open_minutes
from plans.catalogue.models import Revision
from plans.catalogue.selectors import capability_by_role, phases, rulebook
from plans.core import screening as core
from plans.core.availability import Needs, grid, minutes_of
from plans.core.case import Case, Standing
from plans.core.chosen import Chosen
from plans.core.freetime import Held, free_by_day, held_by_day
from plans.core.offers import EVERY_WEEKDAY, Offer, Wish
from plans.core.series import Days, reach
from plans.core.signatures import Void, sorted_out, unsigned
from plans.core.spacing import Interval, Period, Window
from plans.core.wallclock import midnight
from plans.core.wishes import Answer, Series, choose
from plans.courses.models import Override
from plans.courses.selectors import (
    CourseView,
    Remaining,
    entry_of,
    known_patients,
    local_day,
    names,
    view_of,
)
from plans.courses.tags import finding_words
from plans.diary.models import LIVE, Appointment, Occupancy

__all__ = ["finding_words", "names"]  # what is found here is worded elsewhere

# How far after the first day asked for a first session is looked for; farther is a relaxation.
FIRST_WINDOW_DAYS = 42
_ANY_DAY = Interval(Period(1, "days"), Period(1, "days"), Period(1, "days"))

FreeDays = Mapping[dt.date, Mapping[int, int]]


def standing_visits(patient: Patient, *, without: Collection[int] = ()) -> list[Appointment]:
    """Live visits for sessions not performed yet, earliest first; `without`: keys of sessions. One query."""
    return list(_standing_visits().filter(patient=patient).exclude(session__in=without))


def _standing_visits() -> QuerySet[Appointment]:
    return (
        Appointment.objects.filter(
            status__in=LIVE, session__isnull=False, session__performed_on__isnull=True
        )
        .select_related("patient", "location", "session__course__revision__procedure")
        .order_by("starts_at", "id")
    )


def core_patient(patient: Patient, *, without: Collection[int] = ()) -> core.Patient:
    """What a screening may know: answers, skin type, patch tests, sessions performed or booked. 5 queries.

    `without`: keys of the sessions that are being screened.
    """
    known = known_patients([patient], without=without)[patient.pk]
    booked = tuple(_standing(visit).entry for visit in standing_visits(patient, without=without))
    return core.Patient(known.birth, known.facts, (*known.history, *booked))


def case_of(
    patient: Patient,
    procedure: str,
    today: dt.date,
    *,
    areas: Iterable[str] = (),
    without: Collection[int] = (),
) -> Case:
    """The patient before the procedure, as known today; 9 queries, then none for any number of days."""
    standing = [_standing(visit) for visit in standing_visits(patient, without=without)]
    known = known_patients([patient], without=without)[patient.pk]
    return Case(rulebook(), procedure, known, standing, today, frozenset(areas))


def _standing(visit: Appointment) -> Standing:
    if visit.session is None:
        raise ValueError("a consultation is no treatment")
    return Standing(visit.pk, entry_of(visit.session.course, local_day(visit)))


@dataclass(frozen=True)
class Rescreened:
    """A visit still to come with its screening by today's records and the signatures that count, by rule."""

    visit: Appointment
    screening: core.Screening
    signatures: Mapping[str, Override] = field(default_factory=dict)

    @property
    def is_endangered(self) -> bool:
        """It would have to wait or be refused, and no physician has signed for that."""
        return bool(unsigned(self.screening.findings, self.signatures))


def rescreen(patients: Collection[Patient], today: dt.date) -> list[Rescreened]:
    """Every visit of `patients` from `today` on, judged anew, earliest first; 12 queries at most, however many."""
    book, known = rulebook(), known_patients(patients)
    signed, codes = _signed(session__course__patient__in=known)
    entries: dict[int, list[tuple[Appointment, core.Entry]]] = defaultdict(list)
    for visit in _standing_visits().filter(patient__in=known):
        entries[visit.patient_id].append((visit, _standing(visit).entry))
    found = []
    for pk, standing in entries.items():
        for visit, entry in standing:
            if entry.date < today:
                continue
            others = tuple(other for each, other in standing if each is not visit)
            patient = replace(known[pk], history=(*known[pk].history, *others))
            screener = core.Screener(book, entry.procedure, patient, today, entry.areas)
            screening = screener.screen(entry.date)
            rows = signed.get(visit.session_id, ())
            alive, _void = sorted_out(rows, entry.date, screening.findings, codes)
            found.append(Rescreened(visit, screening, alive))
    return sorted(found, key=lambda each: (each.visit.starts_at, each.visit.pk))


def _signed(**which: Any) -> tuple[Mapping[int | None, list[Override]], Mapping[str, str]]:
    """Signatures by session, and what codes of facts in them mean now. One query, three if there are any."""
    rows: dict[int | None, list[Override]] = defaultdict(list)
    for row in Override.objects.filter(**which).select_related("by"):
        rows[row.session_id].append(row)
    return rows, codes_now() if rows else {}


def free_days(
    location: Location,
    resources: Collection[int],
    first: dt.date,
    last: dt.date,
    *,
    without: Collection[int] = (),
    patient: Patient | None = None,
) -> FreeDays:
    """Free time by day and resource, as bits of 5 minutes, from this minute of today on.

    `without`: keys of appointments whose own time counts as free. `patient`: whose other visits nobody can
    serve. Queries: those of open_minutes, one, and one for the patient.
    """
    now = clock.now().astimezone(location.zone)
    first = max(first, now.date())
    if first > last:
        return {}
    open_ = open_minutes(location, first, last)
    held = held_by_day(_occupied(location.zone, resources, first, last, without), location.zone)
    shut = {
        day: [*ranges] for (day, _all), ranges in _elsewhere(patient, location, without).items()
    }
    shut.setdefault(now.date(), []).append((0, now.hour * 60 + now.minute))
    return free_by_day(
        {day: open_[day] for day in open_ if first <= day <= last}, resources, held, shut
    )


def _occupied(
    zone: zoneinfo.ZoneInfo,
    resources: Collection[int],
    first: dt.date,
    last: dt.date,
    without: Collection[int],
) -> list[tuple[dt.datetime, dt.datetime, int]]:
    """Begin, end and resource of all that is held."""
    start, end = midnight(first, zone), midnight(last + dt.timedelta(days=1), zone)
    rows = Occupancy.objects.filter(
        resource__in=resources,
        # no stretch is longer than a day, so that the index on starts_at finds all of them
        starts_at__gte=start - dt.timedelta(days=1),
        starts_at__lt=end,
        ends_at__gt=start,
    ).values_list("starts_at", "ends_at", "resource", "appointment")
    return [(begin, end, key) for begin, end, key, visit in rows if visit not in without]


def _elsewhere(patient: Patient | None, location: Location, without: Collection[int]) -> Held:
    """Minutes in which the patient is at another visit."""
    if patient is None:
        return {}
    visits = Appointment.objects.filter(patient=patient, status__in=LIVE).exclude(pk__in=without)
    return held_by_day(visits.values_list("starts_at", "ends_at", "patient"), location.zone)


def candidates(revision: Revision, resources: Iterable[Resource]) -> dict[str, tuple[int, ...]]:
    """Who and what can serve each role of the revision's phases. `resources`: with capabilities prefetched."""
    able = [(r.pk, {capability.code for capability in r.capabilities.all()}) for r in resources]
    return {
        role: tuple(pk for pk, codes in able if code in codes)
        for role, code in capability_by_role(revision).items()
    }


@dataclass(frozen=True)
class Ask:
    """What the booking page is asked for. `part`: minutes of the start; `course`: one to go on with.

    `with_reason`: a physician gives the reason for what would have to wait on the first day.
    """

    patient: Patient
    location: Location
    revision: Revision
    count: int
    first_from: dt.date
    practitioner: int | None = None
    part: tuple[int, int] | None = None
    weekdays: frozenset[int] = EVERY_WEEKDAY
    course: CourseView | None = None
    every: int = 15
    areas: tuple[str, ...] = ()
    with_reason: bool = False


def proposals(ask: Ask, resources: Sequence[Resource]) -> Answer:
    """The series that fit what is asked, best first; `resources`: those of the location.

    The number of queries does not depend on how much the diary holds; an impossible wish reads the
    free time a second time, farther.
    """
    today = clock.today(ask.location.zone)
    left = ask.course.remaining(ask.count) if ask.course else None
    case = case_of(
        ask.patient,
        ask.revision.procedure.code,
        today,
        areas=ask.areas,
        without=left.sessions if left else (),
    )
    opens = left.window.earliest if left and left.window and not ask.with_reason else today
    asked = case.screener.screen(max(ask.first_from, today))
    first = max(ask.first_from, today, opens)
    case = case.forgiving(first) if ask.with_reason else case
    found = case.screener.screen(first)
    start = found.earliest_ok if unsigned(found.findings, case.forgiven) else first
    if start is None:
        return Answer((), asked, None, case.waits(first))
    wish = _wish(ask, left, case, start, resources)
    best = choose(wish, _reader(ask, wish), case.judge)
    series = tuple(Series(offer, _screened(offer, case)) for offer in best.offers)
    return Answer(series, asked, start, case.waits(first), best.keeps_wishes, best.impossible)


def _wish(
    ask: Ask,
    left: Remaining | None,
    case: Case,
    start: dt.date,
    resources: Iterable[Resource],
) -> Wish:
    near = Window(start, start, start + dt.timedelta(days=FIRST_WINDOW_DAYS))
    return Wish(
        count=left.last - left.first + 1 if left else ask.count,
        first=case.before_lapse(
            left.opens(start, FIRST_WINDOW_DAYS) if left and not case.forgiven else near
        ),
        interval=ask.revision.interval or _ANY_DAY,
        phases=phases(ask.revision),
        candidates=candidates(ask.revision, resources),
        practitioner=ask.practitioner,
        weekdays=ask.weekdays,
        part_of_day=ask.part,
        fixed=left.fixed if left else {},
        first_ordinal=left.first if left else 1,
        cycle=case.cycle,
        uses=case.uses,
        every=ask.every,
    )


def _reader(ask: Ask, wish: Wish) -> Days:
    """Free time of every day that the search may look at, read at once; farther days when they are needed."""
    resources = {pk for able in wish.candidates.values() for pk in able}

    @cache
    def read(*, relaxing: bool) -> tuple[dt.date, FreeDays]:
        ranges = reach(wish, relaxing=relaxing)
        last = max(last for _, last in ranges)
        free = free_days(ask.location, resources, ranges[0][0], last, patient=ask.patient)
        return last, free

    def free(day: dt.date) -> Mapping[int, int]:
        last, known = read(relaxing=False)
        return (known if day <= last else read(relaxing=True)[1]).get(day, {})

    return free


def _screened(offer: Offer, case: Case) -> tuple[core.Screening, ...]:
    days = [place.day for place in offer.places]
    return tuple(case.screen(day, days[:number]) for number, day in enumerate(days))


@dataclass(frozen=True)
class CheckIn:
    """The screening of a visit with the signatures that stand, by rule, and those that are void, with why."""

    screening: core.Screening
    day: dt.date
    signatures: Mapping[str, Override]
    void: Sequence[tuple[Override, Void]] = ()

    @property
    def open_findings(self) -> list[core.Finding]:
        """What still keeps the treatment from beginning."""
        return [found for found in self.screening.findings if found.rule not in self.signatures]


def check_in(visit: Appointment, today: dt.date) -> CheckIn | None:
    """The visit as it is judged today; None for a consultation, and for a visit that is over. 12 queries at most."""
    day = local_day(visit)
    if visit.session is None or day < today or visit.session.performed_on:
        return None
    course = visit.session.course
    code = course.revision.procedure.code
    case = case_of(visit.patient, code, today, areas=course.areas, without=[visit.session.pk])
    screening = case.screener.screen(day)
    signed, codes = _signed(session=visit.session)
    rows = signed.get(visit.session.pk, ())
    return CheckIn(screening, day, *sorted_out(rows, day, screening.findings, codes))


def visits() -> QuerySet[Appointment]:
    """Visits with all that a page says of them: 6 queries in all, however many there are."""
    return Appointment.objects.select_related(
        "patient", "location", "session__course__revision__procedure"
    ).prefetch_related("occupancy__resource", "session__course__sessions__appointments__location")


def visit_at(location: Location, pk: int) -> Appointment:
    """One visit of `location`.  Raises Appointment.DoesNotExist. 6 queries."""
    return visits().get(pk=pk, location=location)


def visits_on(location: Location, day: dt.date) -> list[Appointment]:
    """The visits of a local day, by their start. 6 queries."""
    start = midnight(day, location.zone)
    end = midnight(day + dt.timedelta(days=1), location.zone)
    return list(visits().filter(location=location, starts_at__gte=start, starts_at__lt=end))


def blocks_on(location: Location, day: dt.date) -> list[Occupancy]:
    """Time of a local day in which a resource is blocked. One query."""
    start = midnight(day, location.zone)
    return list(
        Occupancy.objects.filter(
            resource__location=location,
            block__isnull=False,
            starts_at__gte=start - dt.timedelta(days=1),
            starts_at__lt=start + dt.timedelta(days=1),
            ends_at__gt=start,
        ).select_related("block")
    )


@dataclass(frozen=True)
class MoveOptions:
    """What a day offers to a visit that moves: its screening (None: a day that is over), and free starts."""

    day: dt.date
    window: Window | None
    screening: core.Screening | None
    starts: tuple[Chosen, ...]


def move_options(visit: Appointment, day: dt.date, resources: Sequence[Resource]) -> MoveOptions:
    """Free starts on `day`, a quarter of an hour apart, with those who serve the visit now where they can."""
    if visit.session is None:
        raise ValueError("a consultation has no rules to move by")
    session, course = visit.session, visit.session.course
    today = clock.today(visit.location.zone)
    window = next(v.window for v in view_of(course, today).sessions if v.session == session)
    if day < today:
        return MoveOptions(day, window, None, ())
    code = course.revision.procedure.code
    case = case_of(visit.patient, code, today, areas=course.areas, without=[session.pk])
    needs = Needs(phases(course.revision), candidates(course.revision, resources))
    able = {pk for each in needs.candidates.values() for pk in each}
    own = [visit.pk]
    free = free_days(visit.location, able, day, day, without=own, patient=visit.patient)
    on_day, now_held = free.get(day, {}), [row.resource_id for row in visit.occupancy.all()]
    starts = (
        Chosen(session.ordinal, day, minute, served)
        for minute in minutes_of(needs.free_starts(on_day) & grid(15))
        if (served := needs.assign(minute, on_day, now_held)) is not None
    )
    return MoveOptions(day, window, case.screen(day), tuple(starts))
