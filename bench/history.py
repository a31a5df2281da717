"""Ten years of visits into the clinic's tables: courses of sessions, performed up to today and booked after it."""

import datetime as dt
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, count
from typing import Protocol

from bench.clinic import SEED, Clinic, add_people, years_of
from bench.days import KINDS, Planned
from bench.loading import BATCH_ROWS, Sheet, loading, offset
from clinic.kit.operations import Role
from clinic.patients.models import Fact, Patient
from plans.courses.models import Course, Plan, Session
from plans.diary.models import Appointment, Occupancy, Status, StatusChange

STEP = 5
# No clock changes while the clinic is open: hours are counted from noon.
NOON = 12 * 60


class Mirror(Protocol):
    """Somebody else's diary, which is given the same visits."""

    def add(self, day: dt.date, start: int, end: int, resource: int) -> None: ...

    def flush(self) -> None: ...


@dataclass(slots=True)
class Running:
    """A course under way: the ordinal of its next session, of how many."""

    key: int
    patient: int
    ordinal: int
    sessions: int


def fill(clinic: Clinic, seed: int = SEED, mirror: Mirror | None = None) -> None:
    """People, their answers and all visits. At scale 1 some twelve million rows: minutes."""
    models = [Patient, Fact, Plan, Course, Session, Appointment, Occupancy, StatusChange]
    with loading(models):
        patients = add_people(clinic, seed)
        _History(clinic, patients, mirror).write(seed)


class _History:
    def __init__(self, clinic: Clinic, patients: Sequence[int], mirror: Mirror | None) -> None:
        self.clinic, self.mirror = clinic, mirror
        physician, reception = (clinic.staff[r].pk for r in (Role.PHYSICIAN, Role.RECEPTION))
        self.plans = Sheet(Plan, ("id", "patient", "created_at"), created_by=physician)
        self.courses = Sheet(Course, ("id", "plan", "patient", "revision", "created_at"))
        self.sessions = Sheet(Session, ("id", "course", "ordinal", "performed_on"))
        self.visits = Sheet(
            Appointment,
            ("id", "patient", "session", "starts_at", "ends_at", "status", "created_at"),
            location=clinic.location.pk, created_by=reception, screening={"verdict": "ok"},
        )  # fmt: skip
        self.held = Sheet(Occupancy, ("resource", "starts_at", "ends_at", "appointment"))
        self.steps = Sheet(StatusChange, ("appointment", "was", "became", "at"), by=reception)
        self.keys = {name: count(1) for name in ("course", "session", "visit")}
        self.patients = deque(patients)
        # Courses under way by kind, those due first in front.
        self.due: list[dict[dt.date, list[Running]]] = [{} for _ in KINDS]
        self.ready: list[deque[Running]] = [deque() for _ in KINDS]

    def write(self, seed: int) -> None:
        years = years_of(self.clinic, seed)
        for day in self.clinic.days:
            stamps = _stamps(day, self.clinic.location.zone)
            for kind, due in enumerate(self.due):
                self.ready[kind].extend(due.pop(day, ()))
            for planned in years.on(day):
                self._visit(day, planned, stamps)
            if len(self.visits.rows) >= BATCH_ROWS:
                self._flush()
        self._owed()
        self._flush()

    def _flush(self) -> None:
        for sheet in (
            self.plans, self.courses, self.sessions, self.visits, self.held, self.steps,
        ):  # fmt: skip
            sheet.flush()
        if self.mirror:
            self.mirror.flush()

    def _visit(self, day: dt.date, planned: Planned, stamps: Sequence[str]) -> None:
        kind, clinic = KINDS[planned.kind], self.clinic
        ready = self.ready[planned.kind]
        course = ready.popleft() if ready else self._begin(planned, stamps)
        start, end = planned.start, planned.start + kind.minutes
        is_done = day < clinic.today
        session, visit = next(self.keys["session"]), next(self.keys["visit"])
        self.sessions.add(session, course.key, course.ordinal, day.isoformat() if is_done else None)
        status = Status.DONE.value if is_done else Status.BOOKED.value
        times = stamps[start // STEP], stamps[end // STEP]
        self.visits.add(visit, course.patient, session, *times, status, stamps[0])
        self.steps.add(visit, "", Status.BOOKED.value, stamps[0])
        if is_done:
            self.steps.add(visit, Status.BOOKED.value, Status.DONE.value, times[1])
        holds = [
            (clinic.practitioners[planned.practitioner].pk, start + kind.from_minute),
            (clinic.rooms[planned.room].pk, start),
        ]
        if planned.device is not None:
            holds.append((clinic.devices[planned.device].pk, start))
        for resource, since in holds:
            self.held.add(resource, stamps[since // STEP], times[1], visit)
            if self.mirror:
                self.mirror.add(day, since, end, resource)
        course.ordinal += 1
        if course.ordinal <= course.sessions:
            again = day + dt.timedelta(days=kind.days_apart)
            self.due[planned.kind].setdefault(again, []).append(course)

    def _begin(self, planned: Planned, stamps: Sequence[str]) -> Running:
        """A new course for whoever has waited longest for one: nobody has two at a time."""
        patient = self.patients.popleft()
        self.patients.append(patient)
        key, (least, most) = next(self.keys["course"]), KINDS[planned.kind].sessions
        self.plans.add(key, patient, stamps[0])
        self.courses.add(key, key, patient, self.clinic.kinds[planned.kind].pk, stamps[0])
        return Running(key, patient, 1, least + key % (most - least + 1))

    def _owed(self) -> None:
        """Sessions of courses that have begun, and stand in nobody's diary yet."""
        for course in self._unfinished():
            for ordinal in range(course.ordinal, course.sessions + 1):
                self.sessions.add(next(self.keys["session"]), course.key, ordinal, None)

    def _unfinished(self) -> Iterator[Running]:
        yield from chain.from_iterable(self.ready)
        for due in self.due:
            yield from chain.from_iterable(due.values())


def _stamps(day: dt.date, zone: dt.tzinfo) -> list[str]:
    """Every fifth minute of the local day as the database keeps it; the clock is noon's."""
    noon = dt.datetime.combine(day, dt.time(12), zone).astimezone(dt.UTC)
    first = noon.replace(tzinfo=None) - dt.timedelta(minutes=NOON)
    end = offset()
    return [f"{first + dt.timedelta(minutes=n)}{end}" for n in range(0, 24 * 60, STEP)]
