"""Anna's first medium peel on 23 November 2026 and the two visits that follow."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from clinic.kit import clock
from clinic.places.models import Location
from plans.catalogue.models import CareStep
from plans.courses.models import Course, Plan, Session
from plans.data.factories import (
    LocationFactory,
    PatientFactory,
    ResourceFactory,
    RevisionFactory,
    UserFactory,
)
from plans.diary.models import Appointment, Occupancy

BERLIN = ZoneInfo("Europe/Berlin")
STEPS = [
    ("expect", 0, 3, "Redness."),
    ("do", 0, 0, "Cool with ice in a cloth."),
    ("expect", 3, 12, "A brown crust forms and falls off by itself."),
    ("leave", 3, 12, "Never pull, scratch or peel the crust."),
    ("leave", 0, 7, "No sauna, pool, sport or alcohol."),
    ("leave", None, None, "Never try a TCA peel at home."),
    ("call", None, None, "Blisters, pus, fever."),
]


@pytest.fixture
def location(db) -> Location:
    return LocationFactory(name="Skin Clinic Lindenhof")


@pytest.fixture
def reception(location):
    return UserFactory(role="reception", location=location)


@pytest.fixture
def course(location, reception) -> Course:
    """Three sessions booked at ten in the morning, the first of them done on 23 November."""
    revision = RevisionFactory(
        procedure__code="tca_peel_medium", name={"en": "Medium TCA peel", "ru": "Пилинг ТСА"}
    )
    for position, (kind, first, last, text) in enumerate(STEPS):
        CareStep.objects.create(
            revision=revision,
            kind=kind,
            from_day=first,
            to_day=last,
            text={"en": text},
            position=position,
        )
    patient = PatientFactory(given_name="Anna", family_name="Petrova", location=location)
    plan = Plan.objects.create(patient=patient, created_at=clock.now(), created_by=reception)
    course = Course.objects.create(
        plan=plan, patient=patient, revision=revision, created_at=clock.now()
    )
    doctor = ResourceFactory(location=location, kind="practitioner", name="Dr Marta Weiss")
    days = [dt.date(2026, 11, 23), dt.date(2027, 2, 23), dt.date(2027, 5, 24)]
    for ordinal, day in enumerate(days, start=1):
        session = Session.objects.create(
            course=course, ordinal=ordinal, performed_on=day if ordinal == 1 else None
        )
        start = dt.datetime.combine(day, dt.time(10), tzinfo=BERLIN)
        appointment = Appointment.objects.create(
            patient=patient,
            location=location,
            session=session,
            starts_at=start,
            ends_at=start + dt.timedelta(minutes=80),
            status="done" if ordinal == 1 else "booked",
            created_at=clock.now(),
        )
        Occupancy.objects.create(
            resource=doctor,
            appointment=appointment,
            starts_at=start + dt.timedelta(minutes=30),
            ends_at=appointment.ends_at,
        )
    return course


@pytest.fixture
def visit(course) -> Appointment:
    """The visit of 23 November."""
    return Appointment.objects.get(session__course=course, session__ordinal=1)
