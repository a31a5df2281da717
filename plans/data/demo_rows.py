"""Writing the demo's patients and their diary: a few large inserts, all in the transaction of the caller."""

import datetime as dt
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from clinic.kit.operations import Role
from clinic.patients.models import Fact, FactType, Patient
from plans.core.screening import Patient as CorePatient
from plans.core.screening import Rulebook, Screener, Screening
from plans.core.signatures import basis_of
from plans.core.wallclock import instant
from plans.courses.models import Course, Override, Plan, Session
from plans.data.demo_answers import EARLY_MINUTES, LATE_MINUTES, Moment, Record, known_on
from plans.data.demo_booking import Booking, File, Owed, Visit
from plans.data.demo_clinic import House
from plans.data.factories import (
    AppointmentFactory,
    CourseFactory,
    FactFactory,
    OccupancyFactory,
    PatientFactory,
    PlanFactory,
    SessionFactory,
    StatusChangeFactory,
)
from plans.diary.models import HOLDING, Appointment, Occupancy, Status, StatusChange
from plans.terms.models import Sign

_REASONS = {
    Status.NO_SHOW: "Did not come and did not call.",
    Status.CANCELLED: "Has a cold, asks for another day.",
}


@dataclass(frozen=True)
class _Row:
    """A visit beside what it belongs to."""

    file: File
    record: Record
    visit: Visit
    booking: Booking | None = None
    session: Owed | None = None


class Rows:
    """Writes people and all that stands for them. `files` and `records` go in pairs."""

    def __init__(
        self,
        house: House,
        rules: Rulebook,
        moment: Moment,
        rng: random.Random,
        files: Sequence[File],
        records: Sequence[Record],
    ) -> None:
        self.house, self.rules, self.moment, self.rng = house, rules, moment, rng
        self.pairs = list(zip(files, records, strict=True))
        self.signs = {sign.code: sign for sign in Sign.objects.all()}
        self.patients: dict[int, Patient] = {}
        self.facts: dict[int, list[Fact]] = {}
        self.courses: dict[int, Course] = {}
        self.sessions: dict[int, Session] = {}

    def write(self) -> dict[int, Appointment]:
        """Write everything; returns the row of each visit by the visit's id()."""
        self._write_patients()
        self._write_facts()
        self._write_courses()
        rows = list(self._rows())
        visits = Appointment.objects.bulk_create([self._appointment(row) for row in rows])
        pairs = list(zip(rows, visits, strict=True))
        Occupancy.objects.bulk_create(row for pair in pairs for row in self._held(*pair))
        StatusChange.objects.bulk_create(row for pair in pairs for row in self._changes(*pair))
        Override.objects.bulk_create(
            row for _, record in self.pairs for row in self._overrides(record)
        )
        return {id(row.visit): visit for row, visit in pairs}

    def _at(self, day: dt.date, minute: int) -> dt.datetime:
        return instant(day, minute, self.house.location.zone)

    def _write_patients(self) -> None:
        patients = [
            PatientFactory.build(
                number=file.person.number,
                location=self.house.location,
                given_name=file.person.given_name,
                family_name=file.person.family_name,
                birth_date=file.person.birth_date,
                sex=file.person.sex,
                phone=file.person.phone,
                email=file.person.email,
                language=file.person.language,
                may_email=bool(file.person.email),
                may_text=file.person.may_text,
                skin_type=file.person.skin_type,
                skin_type_on=file.registered_on if file.person.skin_type else None,
                registered_on=file.registered_on,
            )
            for file, _ in self.pairs
        ]
        saved = Patient.objects.bulk_create(patients)
        self.patients = {id(f): row for (f, _), row in zip(self.pairs, saved, strict=True)}

    def _write_facts(self) -> None:
        types = {row.code: row for row in FactType.objects.all()}
        for file, record in self.pairs:
            self.facts[id(file)] = [
                FactFactory.build(
                    patient=self.patients[id(file)],
                    fact_type=types[said.fact.code],
                    status=said.fact.status,
                    since=said.fact.since,
                    until=said.fact.until,
                    note=said.note,
                    recorded_at=self._at(said.on, said.minute),
                    recorded_by=self.house.staff[said.role],
                )
                for said in record.said
            ]
        Fact.objects.bulk_create(row for rows in self.facts.values() for row in rows)

    def _write_courses(self) -> None:
        bookings = [(file, booking) for file, _ in self.pairs for booking in file.bookings]
        plans = Plan.objects.bulk_create([self._plan(*pair) for pair in bookings])
        courses = Course.objects.bulk_create(
            CourseFactory.build(
                plan=plan,
                patient=plan.patient,
                revision=booking.treatment.revision,
                created_at=plan.created_at,
            )
            for (_, booking), plan in zip(bookings, plans, strict=True)
        )
        self.courses = {id(b): row for (_, b), row in zip(bookings, courses, strict=True)}
        owed = [(booking, session) for _, booking in bookings for session in booking.sessions]
        rows = Session.objects.bulk_create([self._session(*pair) for pair in owed])
        self.sessions = {id(s): row for (_, s), row in zip(owed, rows, strict=True)}

    def _plan(self, file: File, booking: Booking) -> Plan:
        suits = booking.treatment.revision.suits if booking.treatment.revision else {}
        signs, depths = suits.get("signs") or [], suits.get("pit_depths") or []
        sign = self.signs[self.rng.choice(signs)] if signs else None
        return PlanFactory.build(
            patient=self.patients[id(file)],
            sign=sign,
            pit_depth=self.rng.choice(depths) if depths and sign and sign.code == "pits" else "",
            created_at=self._at(booking.opened_on, 9 * 60 + self.rng.randrange(0, 420, 5)),
            created_by=self.house.staff[Role.PHYSICIAN],
        )

    def _session(self, booking: Booking, owed: Owed) -> Session:
        standing = owed.standing
        done = standing is not None and standing.status == Status.DONE
        row = SessionFactory.build(course=self.courses[id(booking)], ordinal=owed.ordinal)
        if standing and done:
            row.performed_on = standing.day
        elif booking.script.end == "written_off" and not standing:
            last = max((visit.day for visit in booking.visits), default=self.moment.today)
            row.written_off_on = min(self.moment.today, last + dt.timedelta(days=21))
            row.written_off_reason = "Moves to another city and goes on with a colleague there."
        return row

    def _rows(self) -> Iterator[_Row]:
        """Every visit, the earliest first."""
        rows = [
            _Row(file, record, visit, booking, session)
            for file, record in self.pairs
            for booking in file.bookings
            for session in booking.sessions
            for visit in session.visits
        ]
        rows += [_Row(f, record, f.consultation) for f, record in self.pairs if f.consultation]
        yield from sorted(rows, key=lambda row: (row.visit.day, row.visit.minute))

    def _appointment(self, row: _Row) -> Appointment:
        visit = row.visit
        return AppointmentFactory.build(
            patient=self.patients[id(row.file)],
            location=self.house.location,
            session=self.sessions[id(row.session)] if row.session else None,
            starts_at=self._at(visit.day, visit.minute),
            ends_at=self._at(visit.day, visit.end_minute),
            status=visit.status,
            screening=self._snapshot(row),
            created_at=self._booked_at(visit),
            created_by=self.house.staff[Role.RECEPTION],
        )

    def _booked_at(self, visit: Visit) -> dt.datetime:
        """On the day of booking, at an hour that stays the same for the same visit."""
        return self._at(visit.booked_on, 9 * 60 + visit.minute % 7 * 55 + visit.day.day)

    def _snapshot(self, row: _Row) -> dict[str, object]:
        """What the screening said when the visit was booked, in the shape that booking stores."""
        if row.booking is None or row.booking.treatment.revision is None:
            return {}
        as_of = row.visit.booked_on
        found = self._screening(row, as_of)
        rows = zip(row.record.said, self.facts[id(row.file)], strict=True)
        return {
            "verdict": found.verdict.word,
            "reasons": list(found.reasons),
            "deferred": list(found.deferred),
            "as_of": as_of.isoformat(),
            "revision": row.booking.treatment.revision.number,
            "facts": [fact.pk for said, fact in rows if said.on <= as_of],
        }

    def _screening(self, row: _Row, as_of: dt.date) -> Screening:
        person = row.file.person
        said = tuple(each.fact for each in known_on(row.record.said, as_of))
        standing = row.session.standing if row.session else None
        history = row.file.patient(without=standing).history
        skin = tuple(fact for fact in person.facts() if fact.code.startswith("phototype"))
        known = CorePatient(person.birth_date, (*said, *skin), history)
        return Screener(self.rules, row.visit.treatment.code, known, as_of).screen(row.visit.day)

    def _held(self, row: _Row, visit: Appointment) -> Iterator[Occupancy]:
        if visit.status not in HOLDING:
            return
        for phase in row.visit.treatment.phases:
            yield OccupancyFactory.build(
                resource=None,
                resource_id=row.visit.resources[phase.role],
                appointment=visit,
                starts_at=visit.starts_at + dt.timedelta(minutes=phase.from_minute),
                ends_at=visit.starts_at + dt.timedelta(minutes=phase.to_minute),
            )

    def _changes(self, row: _Row, visit: Appointment) -> Iterator[StatusChange]:
        was = ""
        for became, at, role in self._steps(row.visit):
            yield StatusChangeFactory.build(
                appointment=visit,
                was=was,
                became=became,
                at=at,
                by=self.house.staff[role],
                reason=_REASONS.get(became, ""),
            )
            was = became

    def _steps(self, visit: Visit) -> Iterator[tuple[Status, dt.datetime, Role]]:
        """The statuses the visit went through, with the time of each, none of them still to come."""
        yield Status.BOOKED, self._booked_at(visit), Role.RECEPTION
        status = Status(visit.status)
        if status == Status.BOOKED:
            return
        yesterday = self.moment.today - dt.timedelta(days=1)
        eve = min(visit.day - dt.timedelta(days=1), yesterday)
        if status == Status.CANCELLED:
            yield status, self._at(eve, 17 * 60), Role.RECEPTION
            return
        if visit.booked_on < eve or status == Status.CONFIRMED:
            yield Status.CONFIRMED, self._at(eve, 16 * 60 + 30), Role.RECEPTION
        for became, minute, role in _on_the_day(visit):
            now = self.moment.minute if visit.day == self.moment.today else minute
            yield became, self._at(visit.day, min(minute, now)), role
            if became == status:
                return

    def _overrides(self, record: Record) -> Iterator[Override]:
        for signature in record.signatures:
            visit = signature.visit
            session = self.sessions[id(signature.session)]
            yield Override(
                session=session,
                session_date=visit.day,
                rule=signature.finding.rule,
                revision=visit.treatment.revision,
                basis=basis_of(signature.finding),
                reason=signature.reason,
                by=self.house.staff[Role.PHYSICIAN],
                at=self._at(visit.day, min(visit.minute, self._latest(visit.day))),
            )

    def _latest(self, day: dt.date) -> int:
        return self.moment.minute if day == self.moment.today else 24 * 60 - 1


def _on_the_day(visit: Visit) -> Iterator[tuple[Status, int, Role]]:
    if visit.status == Status.NO_SHOW:
        yield Status.NO_SHOW, visit.minute + LATE_MINUTES, Role.RECEPTION
    elif visit.status != Status.CONFIRMED:
        yield Status.ARRIVED, visit.minute - EARLY_MINUTES, Role.RECEPTION
        yield Status.IN_TREATMENT, visit.minute + 5, Role.PHYSICIAN
        yield Status.DONE, visit.end_minute, Role.PHYSICIAN
