"""Reading the diary: what is known of a patient, when everybody is free, what a day holds."""

import datetime as dt
import zoneinfo
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db.models import Count, Exists, Max, OuterRef, Prefetch, Q, QuerySet

from clinic.kit import clock
from clinic.kit.instants import EpochSeconds
from clinic.patients.models import Patient
from clinic.patients.selectors import codes_now
from clinic.places.models import HoursException, Location, Resource, WorkingHours
from clinic.places.selectors import Opening
from plans.catalogue.models import Revision
from plans.catalogue.selectors import capability_by_role, rulebook
from plans.core import screening as core
from plans.core.case import Case, Standing
from plans.core.fingerprint import Seen, seen
from plans.core.freetime import Held, free_by_day, held_by_day, held_by_seconds
from plans.core.signatures import Void, sorted_out, unsigned
from plans.core.wallclock import midnight, over
from plans.courses.models import Override
from plans.courses.selectors import (
    STANDING,
    entry_of,
    known_patients,
    local_day,
    names,
)
from plans.courses.tags import finding_words
from plans.diary.models import HOLDING, LIVE, Appointment, Occupancy, Status, StatusChange
from plans.terms.models import Group

__all__ = ["finding_words", "names"]  # what is found here is worded elsewhere

FreeDays = Mapping[dt.date, Mapping[int, int]]

# No stretch is longer than a day, so that an index on starts_at finds all that reaches into one.
_LONGEST = dt.timedelta(days=1)
_UNDONE_PART = Q(status=Status.CANCELLED, continues__isnull=False) & Exists(
    StatusChange.objects.filter(
        appointment=OuterRef("pk"), became=Status.CANCELLED, before__has_key="undoes"
    )
)


def standing_visits(patient: Patient, *, without: Collection[int] = ()) -> list[Appointment]:
    """Live visits for sessions not performed yet, earliest first; `without`: keys of sessions. One query."""
    return list(_standing_visits().filter(patient=patient).exclude(session__in=without))


def _standing_visits() -> QuerySet[Appointment]:
    return (
        Appointment.objects.filter(
            status__in=LIVE, session__isnull=False, session__performed_on__isnull=True
        )
        .select_related("patient", "location", "session__course")
        # A revision is a large row, and few of them serve many visits: each is read once.
        .prefetch_related("session__course__revision__procedure")
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


def rescreen(
    patients: Collection[Patient], today: dt.date, visits: Iterable[Appointment] | None = None
) -> list[Rescreened]:
    """Every visit of `patients` from `today` on, judged anew, earliest first; 12 queries at most, however many.

    `visits`: read before; only these are judged, by all that is known.
    """
    book, known = rulebook(), known_patients(patients)
    signed, codes = _signed(session__course__patient__in=known)
    entries: dict[int, dict[int, core.Entry]] = defaultdict(dict)
    for pk, key, one in _entries(known):
        entries[pk][key] = one
    found = []
    if visits is None:
        visits = _standing_visits().filter(patient__in=known)
    for visit in visits:
        standing = entries[visit.patient_id]
        if visit.pk not in standing or (entry := standing[visit.pk]).date < today:
            continue
        others = tuple(other for key, other in standing.items() if key != visit.pk)
        patient = known[visit.patient_id]
        patient = replace(patient, history=(*patient.history, *others))
        screener = core.Screener(book, entry.procedure, patient, today, entry.areas)
        screening = screener.screen(entry.date)
        rows = signed.get(visit.session_id, ())
        alive, _void = sorted_out(rows, entry.date, screening.findings, codes)
        found.append(Rescreened(visit, screening, alive))
    return sorted(found, key=lambda each: (each.visit.starts_at, each.visit.pk))


def _entries(patients: Iterable[int]) -> Iterator[tuple[int, int, core.Entry]]:
    """Patient, visit, and what the visit counts as for everything else, of all visits that stand. One query."""
    rows = _standing_visits().filter(patient__in=patients).select_related(None)
    course = "session__course"
    values = rows.prefetch_related(None).values_list(
        "patient", "pk", "starts_at", "location__time_zone",
        f"{course}__revision__procedure__code", f"{course}__areas",
    )  # fmt: skip
    for patient, pk, starts_at, zone, code, areas in values:
        day = starts_at.astimezone(zoneinfo.ZoneInfo(zone)).date()
        yield patient, pk, core.Entry(code, day, areas=frozenset(areas))


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
    opening: Opening | None = None,
) -> FreeDays:
    """Free time by day and resource, as bits of 5 minutes, from this minute of today on.

    `without`: keys of appointments whose own time counts as free. `patient`: whose other visits nobody can
    serve. `opening`: hours read before. Queries: three for the hours, one, and one for the patient.
    """
    now = clock.now().astimezone(location.zone)
    first = max(first, now.date())
    if first > last:
        return {}
    if opening is None or opening.last < last:
        opening = Opening(location, first, last)
    held = held_by_seconds(_occupied(location.zone, resources, first, last, without), location.zone)
    shut = {
        day: [*ranges] for (day, _all), ranges in _elsewhere(patient, location, without).items()
    }
    shut.setdefault(now.date(), []).append(over(now, location.zone))
    return free_by_day(opening.between(first, last), resources, held, shut, location.zone)


def _occupied(
    zone: zoneinfo.ZoneInfo,
    resources: Collection[int],
    first: dt.date,
    last: dt.date,
    without: Collection[int],
) -> Iterable[tuple[int, int, int]]:
    """Begin and end (seconds since 1970) and resource of all that is held: no stretch is longer than a day."""
    start, end = midnight(first, zone), midnight(last + dt.timedelta(days=1), zone)
    rows = Occupancy.objects.filter(
        resource__in=resources,
        starts_at__gte=start - dt.timedelta(days=1),
        starts_at__lt=end,
        ends_at__gt=start,
    )
    rows = rows.order_by().exclude(appointment__in=without)
    return rows.values_list(EpochSeconds("starts_at"), EpochSeconds("ends_at"), "resource")


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
    # A revision is a large row, and few of them serve many visits: each is read once.
    standing = Appointment.objects.filter(status__in=LIVE).defer("screening")
    siblings = Prefetch(
        "session__course__sessions__appointments",
        standing.prefetch_related("location"),
        to_attr=STANDING,
    )
    return Appointment.objects.select_related(
        "patient", "location", "session__course"
    ).prefetch_related(
        "session__course__revision__procedure__group",
        "occupancy__resource",
        siblings,
    )


def visit_at(location: Location, pk: int) -> Appointment:
    """One visit of `location`.  Raises Appointment.DoesNotExist. 6 queries."""
    return visits().get(pk=pk, location=location)


def visits_on(location: Location, day: dt.date) -> list[Appointment]:
    """The visits of a local day, by their start. 6 queries."""
    return visits_between(location, day, day)


def visits_between(
    location: Location, first: dt.date, last: dt.date, resource: int | None = None
) -> list[Appointment]:
    """The visits of local days, both included, by their start; `resource`: only those that hold it. 6 queries.

    The second part of a visit whose split was undone is none of them.
    """
    start, end = _instants(location, first, last)
    rows = visits().filter(location=location, starts_at__gte=start, starts_at__lt=end)
    rows = rows.exclude(_UNDONE_PART)
    if resource is not None:
        rows = rows.filter(occupancy__resource=resource).distinct()
    return list(rows.defer("screening"))


def _instants(location: Location, first: dt.date, last: dt.date) -> tuple[dt.datetime, dt.datetime]:
    """Where the local days begin and end."""
    return midnight(first, location.zone), midnight(last + dt.timedelta(days=1), location.zone)


def blocks_between(location: Location, first: dt.date, last: dt.date) -> list[Occupancy]:
    """Time of local days, both included, in which a resource is blocked. One query."""
    rows = _held(location, first, last).filter(block__isnull=False)
    return list(rows.select_related("block"))


def _held(location: Location, first: dt.date, last: dt.date) -> QuerySet[Occupancy]:
    start, end = _instants(location, first, last)
    return Occupancy.objects.filter(
        resource__location=location,
        starts_at__gte=start - _LONGEST,
        starts_at__lt=end,
        ends_at__gt=start,
    )


def held_between(location: Location, first: dt.date, last: dt.date) -> tuple[Held, Held]:
    """Minutes booked, and minutes blocked, by local day and resource. One query."""
    held = _held(location, first, last)
    rows = list(held.values_list("starts_at", "ends_at", "resource", "appointment"))
    booked = [(begin, stop, key) for begin, stop, key, visit in rows if visit]
    blocked = [(begin, stop, key) for begin, stop, key, visit in rows if not visit]
    return held_by_day(booked, location.zone), held_by_day(blocked, location.zone)


def visits_counted(location: Location, first: dt.date, last: dt.date) -> Mapping[dt.date, int]:
    """How many visits stand on each local day, the cancelled ones left out. One query."""
    start, end = _instants(location, first, last)
    counted: dict[dt.date, int] = defaultdict(int)
    rows = Appointment.objects.filter(
        location=location, starts_at__gte=start, starts_at__lt=end, status__in=HOLDING
    )
    for begin in rows.values_list("starts_at", flat=True):
        counted[begin.astimezone(location.zone).date()] += 1
    return counted


def steps_between(location: Location, first: dt.date, last: dt.date) -> dict[int, int]:
    """The latest step in the history of each visit of these days, by its key: the visit's version. One query."""
    start, end = _instants(location, first, last)
    rows = Appointment.objects.filter(
        location=location, starts_at__gte=start, starts_at__lt=end
    ).order_by()
    return {pk: step or 0 for pk, step in rows.values_list("pk").annotate(step=Max("changes__pk"))}


def seen_between(location: Location, first: dt.date, last: dt.date) -> Seen:
    """What stands on these days, to be compared later: visits, blocks, hours and changed hours. 4 queries.

    Of the visits their number and their latest step: who comes or changes makes a step, who leaves is one fewer.
    """
    start, end = _instants(location, first, last)
    visits_then = Appointment.objects.filter(
        location=location, starts_at__gte=start, starts_at__lt=end
    ).aggregate(count=Count("pk", distinct=True), step=Max("changes__pk"))
    blocks = _held(location, first, last).filter(block__isnull=False).order_by()
    weekly = WorkingHours.objects.filter(resource__location=location, valid_from__lte=last)
    weekly = weekly.exclude(valid_until__lt=first).order_by()
    changed = HoursException.objects.filter(
        location=location, first_day__lte=last, last_day__gte=first
    ).order_by()
    return seen(
        [(visits_then["count"], visits_then["step"])],
        blocks.values_list("resource", "starts_at", "ends_at", "block__reason"),
        weekly.values_list(
            "resource", "weekday", "opens", "closes", "valid_from", "valid_until", "every_weeks"
        ),
        changed.values_list("resource", "opens", "closes", "first_day", "last_day"),
    )


def news_between(
    location: Location, first: dt.date, last: dt.date, after: int, most: int = 50
) -> list[StatusChange]:
    """The steps after `after` of visits that stand on these days or stood there before, latest first. One query."""
    start, end = _instants(location, first, last)
    came, left = Q(appointment__starts_at__gte=start), Q(before__starts_at__isnull=False)
    rows = StatusChange.objects.filter(
        came & Q(appointment__starts_at__lt=end) | left,
        appointment__location=location,
        pk__gt=after,
    ).select_related("appointment__patient", "appointment__location", "by")
    return [row for row in rows.order_by("-pk")[:most] if _touches(row, start, end)]


def _touches(row: StatusChange, start: dt.datetime, end: dt.datetime) -> bool:
    stood = [row.appointment.starts_at]
    if before := (row.before or {}).get("starts_at"):
        stood.append(dt.datetime.fromisoformat(before))
    return any(start <= each < end for each in stood)


def groups_offered() -> list[Group]:
    """The groups of procedures that can be booked, by their order. One query."""
    return list(Group.objects.filter(procedures__is_home=False).distinct())
