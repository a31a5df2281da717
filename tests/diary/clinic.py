"""A clinic small enough to keep in mind: one peel, two physicians, two rooms, one patient."""

import datetime as dt
import re
import uuid
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.test import Client

from clinic.kit import clock
from clinic.kit.operations import Role
from clinic.patients.models import Patient
from clinic.places.models import Location, Resource
from clinic.staff.models import User
from plans.catalogue.models import Contraindication, Need, Revision
from plans.core.chosen import Chosen, ChosenSeries
from plans.core.gaps import GapRule
from plans.core.spacing import Period
from plans.courses.models import Course
from plans.courses.selectors import local_day
from plans.data.factories import (
    CapabilityFactory,
    FactFactory,
    FactTypeFactory,
    GroupFactory,
    LocationFactory,
    PatientFactory,
    ProcedureFactory,
    ResourceFactory,
    RevisionFactory,
    UserFactory,
)
from plans.diary.models import Appointment
from plans.diary.services import change_status
from plans.drafts.services import put_in_force
from plans.gaps.services import new_table
from plans.series.services import book_series

BERLIN = ZoneInfo("Europe/Berlin")
# A Monday, ten in the morning where the clinic is.
NOW = dt.datetime(2026, 11, 9, 10, tzinfo=BERLIN)
TODAY = NOW.date()
THURSDAY = dt.date(2026, 11, 26)
# Three peels three months apart, on a Thursday, a Friday and a Wednesday.
THREE = (THURSDAY, dt.date(2027, 2, 26), dt.date(2027, 5, 26))


@dataclass
class Clinic:
    location: Location
    peel: Revision
    toxin: Revision
    weiss: Resource
    brandt: Resource
    room: Resource
    second_room: Resource
    patient: Patient
    reception: User
    practitioner: User
    physician: User

    def series(self, *days: dt.date, minute: int = 600, **changes) -> ChosenSeries:
        """A series of peels with Dr Weiss in room 1, at ten."""
        revision = changes.pop("revision", self.peel)
        resources = {"practitioner": self.weiss.pk, "room": self.room.pk}
        patient = changes.pop("patient", self.patient)
        return ChosenSeries(
            patient=patient.number,
            location=self.location.pk,
            revision=revision.pk,
            sessions=tuple(
                Chosen(number, day, minute, resources) for number, day in enumerate(days, start=1)
            ),
            **changes,
        )

    def book(self, *days: dt.date, **changes) -> Course:
        return book_series(self.series(*days, **changes), by=self.reception, key=uuid.uuid4())

    def deny(self, *codes: str, on: dt.date = TODAY, patient: Patient | None = None) -> None:
        for code in codes:
            FactFactory(
                patient=patient or self.patient,
                fact_type=FactTypeFactory(code=code),
                status="denied",
                since=on,
                recorded_at=clock.now(),
            )


def make_clinic(today: dt.date = TODAY) -> Clinic:
    location = LocationFactory(name="Lindenhof")
    physician, water = (
        CapabilityFactory(code="physician"),
        CapabilityFactory(code="procedure_water", kind="room"),
    )
    made: dict[str, Any] = {
        name: ResourceFactory(
            location=location, kind=kind, name=title, capabilities=[able], open_hours=(9, 17)
        )
        for name, kind, title, able in (
            ("weiss", "practitioner", "Dr Weiss", physician),
            ("brandt", "practitioner", "Dr Brandt", physician),
            ("room", "room", "Room 1", water),
            ("second_room", "room", "Room 2", water),
        )
    }
    patient = PatientFactory(
        location=location, number=142, given_name="Anna", family_name="Petrova",
        skin_type=3, skin_type_on=today, registered_on=today,
    )  # fmt: skip
    people: dict[str, Any] = {
        "reception": UserFactory(username="nadia", role=Role.RECEPTION, location=location),
        "practitioner": UserFactory(username="lena", role=Role.PRACTITIONER, location=location),
        "physician": UserFactory(username="marta", role=Role.PHYSICIAN, location=location),
    }
    clinic = Clinic(
        location=location, peel=make_peel(), toxin=make_toxin(), patient=patient, **made, **people
    )
    # Everything the peel asks for was answered; pregnancy is asked at every session.
    clinic.deny("isotretinoin_oral", "keloid_tendency", on=today)
    return clinic


def make_peel() -> Revision:
    """Three sessions three months apart; waits after isotretinoin, is careful with keloids."""
    peel = RevisionFactory(
        procedure=ProcedureFactory(code="tca_peel_medium", group=GroupFactory(code="peel_medium")),
        name={"en": "Medium TCA peel", "de": "Mitteltiefes TCA-Peeling"},
    )
    _needs(peel, 80, 30)
    FactTypeFactory(
        code="isotretinoin_oral", category="medication", recheck_n=3,
        name={"en": "Isotretinoin"},
    )  # fmt: skip
    FactTypeFactory(code="keloid_tendency", name={"en": "Keloid tendency"})
    FactTypeFactory(code="pregnancy", recheck_n=0, recheck_unit="session", name={"en": "Pregnancy"})
    for code, severity, washout in (
        ("isotretinoin_oral", "temporary", 6),
        ("keloid_tendency", "relative", None),
        ("pregnancy", "temporary", None),
    ):
        Contraindication.objects.create(
            revision=peel,
            fact_type=FactTypeFactory(code=code),
            severity=severity,
            washout_n=washout,
            washout_unit="months" if washout else "",
            source="article",
        )
    return _publish(peel)


def make_toxin() -> Revision:
    """One session, and two weeks after a peel at the earliest."""
    toxin = RevisionFactory(
        procedure=ProcedureFactory(code="botulinum_toxin", group=GroupFactory(code="toxin")),
        name={"en": "Botulinum toxin"}, numbing_minutes=0,
        sessions_min=1, sessions_recommended=1, sessions_max=1,
    )  # fmt: skip
    _needs(toxin, 50, 0)
    gap = GapRule("peel_medium", "toxin", Period(2, "weeks"), {}, "article")
    put_in_force(new_table([gap], by=None), "story", by=None)
    return _publish(toxin)


def _needs(revision: Revision, minutes: int, numbing: int) -> None:
    for kind, code, start in (
        ("practitioner", "physician", numbing),
        ("room", "procedure_water", 0),
    ):
        Need.objects.create(
            revision=revision,
            kind=kind,
            capability=CapabilityFactory(code=code),
            from_minute=start,
            to_minute=minutes,
        )


def _publish(revision: Revision) -> Revision:
    revision.state = "current"
    revision.save(update_fields=["state"])
    return revision


def days_of(course: Course) -> list[dt.date]:
    visits = Appointment.objects.filter(session__course=course).select_related("location")
    return [local_day(visit) for visit in visits]


def first_visit(course: Course) -> Appointment:
    return Appointment.objects.get(session__course=course, session__ordinal=1)


def to(visit: Appointment, status: str, by: User, reason: str = "") -> Appointment:
    return change_status(visit, status, by=by, reason=reason, key=uuid.uuid4())


def make_other(clinic: Clinic) -> Patient:
    """A second patient, for whom nothing stands in the way either."""
    patient = PatientFactory(location=clinic.location, skin_type=2, skin_type_on=TODAY)
    clinic.deny("isotretinoin_oral", "keloid_tendency", patient=patient)
    return patient


def client_of(user: User) -> Client:
    """A browser in which `user` has signed in."""
    client = Client()
    client.force_login(user)
    return client


def said(response: Any) -> str:
    """The page's words, without its marks."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def version_of(visit: Appointment) -> int:
    """What a form that was opened just now says it has seen of the visit."""
    last = visit.changes.last()
    return last.pk if last else 0
