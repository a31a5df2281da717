"""A clinic with one peel that asks three questions, and a patient for it."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from clinic.kit import clock
from clinic.patients.models import Patient
from plans.catalogue.models import Contraindication, Revision
from plans.courses.models import Course, Plan, Session
from plans.data.factories import (
    FactTypeFactory,
    LocationFactory,
    PatientFactory,
    ResourceFactory,
    RevisionFactory,
    UserFactory,
    WorkingHoursFactory,
)
from plans.diary.models import Appointment, Occupancy

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def location(db):
    return LocationFactory()


@pytest.fixture
def reception(location):
    return UserFactory(role="reception", location=location)


@pytest.fixture
def physician(location):
    return UserFactory(role="physician", location=location)


@pytest.fixture
def peel(db) -> Revision:
    """Asks for pregnancy at each session, isotretinoin every three months (six months' wash-out), keloids for life."""
    revision = RevisionFactory(procedure__code="tca_peel_medium", name={"en": "Medium TCA peel"})
    pregnancy = FactTypeFactory(
        code="pregnancy", category="state", recheck_n=0, recheck_unit="session"
    )
    drug = FactTypeFactory(
        code="isotretinoin_oral", category="medication", recheck_n=3, name={"en": "Isotretinoin"}
    )
    keloid = FactTypeFactory(code="keloid_tendency", kind="lifelong", recheck_n=12)
    lines = [(pregnancy, "temporary", None), (drug, "temporary", 6), (keloid, "relative", None)]
    for fact_type, severity, months in lines:
        Contraindication.objects.create(
            revision=revision,
            fact_type=fact_type,
            severity=severity,
            washout_n=months,
            washout_unit="months" if months else "",
            source="clinic default",
        )
    revision.state = "current"
    revision.save(update_fields=["state"])
    return revision


@pytest.fixture
def anna(location) -> Patient:
    return PatientFactory(given_name="Anna", family_name="Petrova", location=location, number=142)


@pytest.fixture
def book(location, reception, peel):
    """`book(patient, days)`: a course with a session booked at ten on each of `days`; None leaves one without a date."""
    doctor = ResourceFactory(location=location, kind="practitioner", name="Dr Marta Weiss")
    for weekday in range(1, 8):
        WorkingHoursFactory(resource=doctor, weekday=weekday, opens=dt.time(7), closes=dt.time(21))

    def booked(patient: Patient, days: list[dt.date | None]) -> Course:
        plan = Plan.objects.create(patient=patient, created_at=clock.now(), created_by=reception)
        course = Course.objects.create(
            plan=plan, patient=patient, revision=peel, created_at=clock.now()
        )
        for ordinal, day in enumerate(days, start=1):
            session = Session.objects.create(course=course, ordinal=ordinal)
            if day is None:
                continue
            start = dt.datetime.combine(day, dt.time(10), tzinfo=BERLIN)
            while Occupancy.objects.filter(resource=doctor, starts_at=start).exists():
                start += dt.timedelta(minutes=20)
            visit = Appointment.objects.create(
                patient=patient,
                location=location,
                session=session,
                starts_at=start,
                ends_at=start + dt.timedelta(minutes=20),
                created_at=clock.now(),
            )
            Occupancy.objects.create(
                resource=doctor, appointment=visit, starts_at=start, ends_at=visit.ends_at
            )
        return course

    return booked
