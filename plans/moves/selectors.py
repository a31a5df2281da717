"""Reading for a move: the patient's visits with the rules and the diary around them."""

import datetime as dt
import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import Any

from django.db.models import Max, QuerySet

from clinic.kit import clock
from clinic.patients.models import Patient
from clinic.places.models import Location, Resource
from clinic.places.selectors import Opening, resources_at
from plans.catalogue.selectors import phases, rulebook
from plans.core.acts import Act
from plans.core.availability import DAY_MINUTES, Phase, busy_bits
from plans.core.holding import Held, roles_of
from plans.core.lengths import resized, split_at, split_points
from plans.core.offers import Booked
from plans.core.reading import Days
from plans.core.scene import Loose, Scene, Stop, Track
from plans.core.wallclock import midnight, minute_of
from plans.courses.models import Course, Occasion
from plans.courses.selectors import (
    courses_with_sessions,
    entry_of,
    known_patients,
    local_day,
)
from plans.diary.models import LIVE, Appointment, Status, StatusChange
from plans.diary.selectors import candidates, free_days, rescreen, visits
from plans.terms.models import period

# Free time is read in pieces: what the search does not reach is not read.
_PIECE_DAYS = 56
_MINUTE = dt.timedelta(minutes=1)
NEW_PART = 0  # the key of the second part of a visit that is about to be split


@dataclass(frozen=True)
class Known:
    """The scene of one visit of a patient, and the rows behind its keys.

    `versions`: of each visit, by its own key, the last step of its history.
    """

    scene: Scene
    visit: Appointment
    visits: Mapping[int, Appointment]
    courses: Mapping[int, Course]
    resources: Sequence[Resource]
    versions: Mapping[int, int]
    at: int = 0  # minutes after which the visit is about to be split
    points: tuple[int, ...] = ()  # and those after which it could be

    @property
    def key(self) -> int:
        return key_of(self.visit)

    @property
    def here(self) -> Booked:
        """Where the visit stands now."""
        return self.scene.state[self.key]

    @property
    def version(self) -> int:
        return self.versions.get(self.visit.pk, 0)

    @property
    def is_session(self) -> bool:
        return self.key in self.scene.places

    @cached_property
    def phases(self) -> tuple[Phase, ...]:
        """Of the visit itself, at the length it shall have."""
        return self.phases_of(self.key)

    def phases_of(self, key: int) -> tuple[Phase, ...]:
        if key in self.scene.places:
            return self.scene.stop(key).phases
        return next(each.phases for each in self.scene.loose if each.key == key)

    def course_of(self, key: int) -> Course | None:
        place = self.scene.places.get(key) or self.scene.places.get(self._first(key))
        return self.courses[place[0].key] if place else None

    def _first(self, key: int) -> int:
        return self.scene.first_parts.get(key, key)

    def ordinal_of(self, key: int) -> int:
        """0 for what is no session."""
        return self.scene.stop(key).ordinal if key in self.scene.places else 0


def key_of(visit: Appointment) -> int:
    """The session's key; below zero for a visit without one."""
    return visit.session_id or -visit.pk


@dataclass(frozen=True)
class Change:
    """What is about to be done to the visit itself, as far as it changes what it needs.

    `minutes`: another length. `at`: it is split there, 0: in the middle. `falls_out`: its session is placed anew, at full length.
    """

    minutes: int | None = None
    at: int | None = None
    falls_out: bool = False


AS_IT_IS = Change()


def scene_of(visit: Appointment, change: Change = AS_IT_IS) -> Known:
    """The visit among all that its patient has before them at its location. 37 queries at most, however much that is.

    Free time is read when it is asked for: 5 queries for each eight weeks. ValueError for a length, or a minute to
    split at, that the visit cannot have.
    """
    patient, location = visit.patient, visit.location
    today = clock.today(location.zone)
    rows = _standing(visit, today)
    here = [row for row in rows if row.location_id == location.pk]
    keys = {row.session.course_id for row in here if row.session}
    courses = _courses(keys | ({visit.session.course_id} if visit.session else set()))
    resources = resources_at(location)
    work = _Making(visit, change, here, courses, resources)
    loose, tracks = work.loose(), work.tracks()
    away = tuple(
        entry_of(row.session.course, local_day(row))
        for row in rows
        if row.location_id != location.pk and row.session
    )
    known = known_patients([patient])[patient.pk]
    judged = rescreen([patient], today)
    asked = [*(each.candidates for each in tracks), *(each.candidates for each in loose)]
    wanted = {pk for each in asked for able in each.values() for pk in able}
    scene = Scene(
        book=rulebook(),
        patient=replace(known, history=(*known.history, *away)),
        tracks=tracks,
        state=work.state,
        as_of=today,
        days=_reader(location, wanted, patient, [row.pk for row in here], work.own_now),
        loose=loose,
        signed={
            each.visit.session_id: frozenset(each.signatures)
            for each in judged
            if each.visit.session_id
        },
        occasions=tuple(
            Occasion.objects.filter(patient=patient, removed_at=None).values_list("day", flat=True)
        ),
    )
    by_key = {key_of(row): row for row in here}
    versions = latest_steps([row.pk for row in (*here, visit)])
    return Known(scene, visit, by_key, courses, resources, versions, work.at or 0, work.points)


def _standing(visit: Appointment, today: dt.date) -> list[Appointment]:
    """The patient's live visits that are not over: sessions not performed, and what else is still to come."""
    live = [status for status in LIVE if status != Status.DONE]
    rows = visits().filter(patient=visit.patient_id, status__in=live)
    since = midnight(today, visit.location.zone)
    return [row for row in rows if row.session_id or row.starts_at >= since or row.pk == visit.pk]


def _courses(keys: Collection[int]) -> dict[int, Course]:
    rows = courses_with_sessions().filter(pk__in=keys)
    return {course.pk: course for course in rows.prefetch_related("revision__needs__capability")}


def latest_steps(visits: Iterable[int]) -> dict[int, int]:
    """The last step in the history of each visit, by its key: its version. One query."""
    rows = Appointment.objects.filter(pk__in=list(visits)).order_by().values_list("pk")
    return {pk: step or 0 for pk, step in rows.annotate(step=Max("changes__pk"))}


def last_step(visit: Appointment) -> StatusChange | None:
    """Who did what to the visit last. One query."""
    return visit.changes.select_related("by").last()


def days_touched(visit: Appointment, act: Act) -> set[dt.date]:
    """The days that the act leaves and those that it takes."""
    keys = {key_of(visit), *(step.key for step in act.steps)}
    rows = Appointment.objects.filter(patient=visit.patient_id, status__in=LIVE)
    standing = list(rows.select_related("location"))
    left = {row.pk for row in standing if key_of(row) in keys}
    days = {local_day(row) for row in standing if row.pk in left or row.continues_id in left}
    return {local_day(visit), *days, *act.days}


def steps_of(batch: uuid.UUID) -> QuerySet[StatusChange]:
    """All steps of one act, in order. One query."""
    return StatusChange.objects.filter(batch=batch).select_related("appointment__location")


def days_of(step: StatusChange) -> set[dt.date]:
    """The days on which the visit stands and stood."""
    days = {local_day(step.appointment)}
    if step.before:
        zone = step.appointment.location.zone
        days.add(dt.datetime.fromisoformat(step.before["starts_at"]).astimezone(zone).date())
    return days


class _Making:
    """Rows to values of the core."""

    def __init__(
        self,
        visit: Appointment,
        change: Change,
        rows: Sequence[Appointment],
        courses: Mapping[int, Course],
        resources: Sequence[Resource],
    ) -> None:
        self.visit = visit
        self.change = change
        self.rows = rows
        self.courses = courses
        self.resources = resources
        self.held = {key_of(row): self._held(row) for row in rows}
        self.state = {key_of(row): self._booked(row) for row in rows}
        self.points = split_points(self.held[key_of(visit)].phases) if visit in rows else ()
        self.at = change.at
        if change.at == 0 and self.points:
            self.at = self.points[len(self.points) // 2]

    def _held(self, row: Appointment) -> Held:
        return held_by(row, self._wanted(row))

    def _wanted(self, row: Appointment) -> tuple[Phase, ...]:
        """What the rules would have the visit need; nothing for a consultation."""
        course = self._course(row)
        return phases(course.revision) if course else ()

    def _course(self, row: Appointment) -> Course | None:
        first = next((each for each in self.rows if each.pk == row.continues_id), row)
        return self.courses[first.session.course_id] if first.session else None

    def _booked(self, row: Appointment) -> Booked:
        start = minute_of(row.starts_at, row.location.zone)
        length = (row.ends_at - row.starts_at) // _MINUTE
        return Booked(local_day(row), start, start + length, self.held[key_of(row)].resources)

    def _phases(self, row: Appointment) -> tuple[Phase, ...]:
        held = self.held[key_of(row)].phases
        if row.pk != self.visit.pk:
            return held
        if self.at is not None:
            return split_at(held, self.at)[0]
        return resized(held, self.change.minutes) if self.change.minutes else held

    def tracks(self) -> tuple[Track, ...]:
        by_session = {row.session_id: row for row in self.rows if row.session_id}
        return tuple(self._track(course, by_session) for course in self.courses.values())

    def _track(self, course: Course, by_session: Mapping[int, Appointment]) -> Track:
        revision = course.revision
        stops = []
        for session in course.sessions.all():
            if session.written_off_on:
                continue
            row = by_session.get(session.pk)
            falls_out = self.change.falls_out and session.pk == self.visit.session_id
            needed = self._phases(row) if row and not falls_out else phases(revision)
            stops.append(Stop(session.pk, session.ordinal, needed, session.performed_on))
        return Track(
            key=course.pk,
            procedure=revision.procedure.code,
            interval=revision.interval,
            candidates=candidates(revision, self.resources),
            stops=tuple(sorted(stops, key=lambda stop: stop.ordinal)),
            areas=frozenset(course.areas),
            healing=period(revision, "downtime"),
        )

    def loose(self) -> tuple[Loose, ...]:
        found = [self._loose(row) for row in self.rows if not row.session_id]
        if self.at is not None:
            held = self.held[key_of(self.visit)]
            rest = split_at(held.phases, self.at)[1]
            able = self._able(self.visit, rest)
            found.append(Loose(NEW_PART, rest, able, key_of(self.visit)))
        return tuple(found)

    def _loose(self, row: Appointment) -> Loose:
        needed = self._phases(row)
        first = next((each for each in self.rows if each.pk == row.continues_id), None)
        return Loose(key_of(row), needed, self._able(row, needed), key_of(first) if first else None)

    def _able(self, row: Appointment, needed: Iterable[Phase]) -> dict[str, Sequence[int]]:
        """Who and what can serve: as the rules say, or all of a kind where there are none."""
        course = self._course(row)
        if course is not None:
            return dict(candidates(course.revision, self.resources))
        roles = {phase.role for phase in needed}
        return {
            role: [each.pk for each in self.resources if each.kind == role.partition("_")[0]]
            for role in roles
        }

    @cached_property
    def own_now(self) -> Mapping[tuple[dt.date, int], int]:
        """Time that the visit itself has already begun to use: it may last longer, however late it is."""
        if self.change.minutes is None and self.change.at is None:
            return {}
        key = key_of(self.visit)
        held, booked = self.held[key], self.state[key]
        return {
            (booked.day, held.resources[phase.role]): _bits(booked.start_minute, phase)
            for phase in held.phases
        }


def _bits(start: int, phase: Phase) -> int:
    return busy_bits([(start + phase.from_minute, min(start + phase.to_minute, DAY_MINUTES))])


def held_by(visit: Appointment, wanted: Sequence[Phase]) -> Held:
    """What the visit holds, by role. `wanted`: what its procedure needs. No query with occupancy prefetched."""
    rows = [
        (
            row.resource_id,
            str(row.resource.kind),
            (row.starts_at - visit.starts_at) // _MINUTE,
            (row.ends_at - visit.starts_at) // _MINUTE,
        )
        for row in visit.occupancy.all()
    ]
    return roles_of(rows, wanted)


def needed_by(visit: Appointment) -> tuple[Phase, ...]:
    """What the rules would have the visit need; nothing for a consultation. Two queries."""
    first = visit.continues or visit
    return phases(first.session.course.revision) if first.session else ()


def before_of(visit: Appointment) -> dict[str, Any]:
    """What a step is about to replace, enough to bring it back: see StatusChange.before."""
    held = held_by(visit, needed_by(visit))
    return {
        "starts_at": visit.starts_at.astimezone(dt.UTC).isoformat(),
        "ends_at": visit.ends_at.astimezone(dt.UTC).isoformat(),
        "resources": dict(held.resources),
        "phases": {phase.role: [phase.from_minute, phase.to_minute] for phase in held.phases},
        "status": visit.status,
    }


def _reader(
    location: Location,
    resources: Collection[int],
    patient: Patient,
    without: Collection[int],
    own_now: Mapping[tuple[dt.date, int], int],
) -> Days:
    """Free time of a day without the visits `without`, a piece of the calendar at a time."""
    pieces: dict[int, Mapping[dt.date, Mapping[int, int]]] = {}

    @cache
    def opening() -> Opening:
        return Opening(location, clock.today(location.zone))

    def free(day: dt.date) -> Mapping[int, int]:
        piece = day.toordinal() // _PIECE_DAYS
        if piece not in pieces:
            first = dt.date.fromordinal(max(piece * _PIECE_DAYS, 1))
            last = first + dt.timedelta(days=_PIECE_DAYS - 1)
            pieces[piece] = free_days(
                location,
                resources,
                first,
                last,
                without=without,
                patient=patient,
                opening=opening(),
            )
        found = pieces[piece].get(day, {})
        return {pk: bits | own_now.get((day, pk), 0) for pk, bits in found.items()}

    return free
