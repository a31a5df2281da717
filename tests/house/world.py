"""Two clinics with the same things in them, and people of every role in the first: what the walk walks through.

Whatever says something about a person holds one of the MARKS, so that a leak is found by a plain search.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from clinic.kit import clock
from clinic.patients.models import Fact, FactType, Patient
from clinic.places.models import Location
from clinic.staff.models import User
from plans.catalogue.models import Contraindication, Need, Procedure, Revision
from plans.courses.models import Course, Plan, Session
from plans.data.factories import (
    CapabilityFactory,
    FactFactory,
    FactTypeFactory,
    LocationFactory,
    PatientFactory,
    ProcedureFactory,
    ResourceFactory,
    RevisionFactory,
    UserFactory,
)
from plans.diary.models import Appointment, Occupancy
from tests.house.matrix import ROLES

# Words that stand nowhere else. The note and the answer are of the patient's health.
NAME, FAMILY, PHONE, MAIL = "Zyxandra", "Qwertova", "+491709876543", "zyxandra@mark.example"
NOTE, CONDITION = "Zyxnotiz", "Zyxpathia"
FOREIGN_NAME, FOREIGN_FAMILY = "Wyxmarda", "Ploktova"
IDENTITY = (NAME, FAMILY, PHONE, "9876543", MAIL, "1971-05-17")
FOREIGN = (FOREIGN_NAME, FOREIGN_FAMILY)
NOBODY = 9_999_999


@dataclass(frozen=True)
class Clinic:
    """One location with one patient, whose course has one visit done, one today and one owed."""

    location: Location
    patient: Patient
    fact: Fact
    course: Course
    visit: Appointment


@dataclass(frozen=True)
class World:
    own: Clinic
    other: Clinic
    procedure: Procedure
    staff: dict[str, User]

    def arguments(self, kind: str, whose: str) -> list[dict[str, Any]]:
        """The arguments of a route of this kind that name something `own`, `other` or `missing`; maybe none."""
        here, there = self.own, self.other
        code, today = self.procedure.code, clock.today(here.location.zone)
        choices: dict[str, dict[str, list[dict[str, Any]]]] = {
            "": {"own": [{}]},
            "day": {"own": [{"day": today}]},
            "patient": {
                "own": [{"number": here.patient.number}],
                "other": [{"number": there.patient.number}],
                "missing": [{"number": NOBODY}],
            },
            "patient, fact": {
                "own": [{"number": here.patient.number, "fact": here.fact.pk}],
                "other": [
                    {"number": there.patient.number, "fact": there.fact.pk},
                    {"number": here.patient.number, "fact": there.fact.pk},
                    {"number": there.patient.number, "fact": here.fact.pk},
                ],
                "missing": [{"number": here.patient.number, "fact": NOBODY}],
            },
            "patient, procedure": {
                "own": [{"number": here.patient.number, "code": code}],
                "other": [{"number": there.patient.number, "code": code}],
                "missing": [
                    {"number": NOBODY, "code": code},
                    {"number": here.patient.number, "code": "no-such-procedure"},
                ],
            },
            "visit": {
                "own": [{"pk": here.visit.pk}],
                "other": [{"pk": there.visit.pk}],
                "missing": [{"pk": NOBODY}],
            },
            "course": {
                "own": [{"pk": here.course.pk}],
                "other": [{"pk": there.course.pk}],
                "missing": [{"pk": NOBODY}],
            },
            "course, ordinal": {
                "own": [{"pk": here.course.pk, "ordinal": 3}],
                "other": [{"pk": there.course.pk, "ordinal": 3}],
                "missing": [{"pk": NOBODY, "ordinal": 3}, {"pk": here.course.pk, "ordinal": 99}],
            },
            "card": {
                "own": [{"course": here.course.pk}],
                "other": [{"course": there.course.pk}],
                "missing": [{"course": NOBODY}],
            },
            "procedure": {"own": [{"code": code}], "missing": [{"code": "no-such-procedure"}]},
            "revision": {
                "own": [{"code": code, "number": 1}],
                "missing": [{"code": code, "number": NOBODY}, {"code": "no-such", "number": 1}],
            },
        }
        return choices[kind].get(whose, [])


def build() -> World:
    """Everything in the database; some hundred rows."""
    procedure = ProcedureFactory.create(code="tca_peel")
    condition = FactTypeFactory.create(code="zyxpathia", name={"en": CONDITION})
    needs = [
        CapabilityFactory.create(code="peels"),
        CapabilityFactory.create(code="chair", kind="room"),
    ]
    revision = _rules(procedure, condition, needs)
    own = _clinic(
        revision, condition, needs, given_name=NAME, family_name=FAMILY, phone=PHONE, email=MAIL,
        birth_date=dt.date(1971, 5, 17),
    )  # fmt: skip
    other = _clinic(revision, condition, needs, given_name=FOREIGN_NAME, family_name=FOREIGN_FAMILY)
    staff = {role: UserFactory.create(role=role, location=own.location) for role in ROLES}
    staff[""] = UserFactory.create(location=own.location)
    return World(own, other, procedure, staff)


def _rules(procedure: Procedure, condition: FactType, needs: list[Any]) -> Revision:
    """A revision in force, under which the condition refuses; and a draft of the next."""
    for number, state in ((1, "current"), (2, "draft")):
        # A patch test is advised, not required: the walk finds its page, and no visit waits for it.
        revision = RevisionFactory.create(
            procedure=procedure, number=number, patch_code="PT-PEEL",
            patch_read_after_n=2, patch_read_after_unit="days",
            patch_valid_n=6, patch_valid_unit="months",
        )  # fmt: skip
        Contraindication.objects.create(
            revision=revision, fact_type=condition, severity="absolute", source="clinic"
        )
        for need in needs:
            Need.objects.create(
                revision=revision, kind=need.kind, capability=need, from_minute=0, to_minute=60
            )
        Revision.objects.filter(pk=revision.pk).update(state=state)
    return Revision.objects.get(procedure=procedure, number=1)


def _clinic(revision: Revision, condition: FactType, needs: list[Any], **details: Any) -> Clinic:
    location = LocationFactory.create()
    patient = PatientFactory.create(location=location, **details)
    fact = FactFactory.create(patient=patient, fact_type=condition, status="present", note=NOTE)
    resources = [
        ResourceFactory.create(
            location=location, kind=need.kind, capabilities=[need], open_hours=(8, 20)
        )
        for need in needs
    ]
    reception = UserFactory.create(role="reception", location=location)
    now = clock.now()
    plan = Plan.objects.create(patient=patient, created_at=now, created_by=reception)
    course = Course.objects.create(plan=plan, patient=patient, revision=revision, created_at=now)
    today = clock.today(location.zone)
    visits = []
    for ordinal, day in ((1, today - dt.timedelta(days=100)), (2, today), (3, None)):
        done = day if ordinal == 1 else None
        session = Session.objects.create(course=course, ordinal=ordinal, performed_on=done)
        if day:
            visits.append(_visit(session, location, day, resources))
    return Clinic(location, patient, fact, course, visits[-1])


def _visit(session: Session, location: Location, day: dt.date, resources: list[Any]) -> Appointment:
    start = dt.datetime.combine(day, dt.time(10), tzinfo=location.zone)
    visit = Appointment.objects.create(
        patient=session.course.patient,
        location=location,
        session=session,
        starts_at=start,
        ends_at=start + dt.timedelta(hours=1),
        status="done" if session.performed_on else "booked",
        created_at=clock.now(),
    )
    for resource in resources:
        Occupancy.objects.create(
            resource=resource, appointment=visit, starts_at=visit.starts_at, ends_at=visit.ends_at
        )
    return visit
