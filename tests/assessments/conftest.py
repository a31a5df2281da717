"""A clinic with needling for pits, an ointment that is useless for old deep ones, and a protocol of both."""

import datetime as dt
from collections.abc import Callable

import pytest

from clinic.kit import clock
from plans.assessments.models import Assessment
from plans.catalogue.models import Contraindication, Revision
from plans.courses.models import Course, Plan, Session
from plans.data.factories import (
    AssessmentFactory,
    FactTypeFactory,
    ProcedureFactory,
    RevisionFactory,
)
from plans.diary.models import Appointment
from plans.protocols.models import Protocol, ProtocolRevision
from plans.terms.models import Pit, Sign
from tests.diary.clinic import Clinic

USELESS = {
    "pit_depths": ["deep"], "pit_ages": ["old"],
    "why": {"en": "Ointments do nothing for old, deep pits.", "de": "Salben helfen hier nicht."},
}  # fmt: skip
SIGNS = {"pits": "Pits", "scarring": "Scarring", "capillary_mesh": "Widened capillaries"}
PITS = (
    ("type", "rolling", "Rolling"), ("type", "ice_pick", "Ice-pick"),
    ("depth", "shallow", "Shallow"), ("depth", "deep", "Deep"),
    ("age", "recent", "Recent"), ("age", "old", "Old"),
)  # fmt: skip


@pytest.fixture(autouse=True)
def _words(db: None) -> None:
    for position, (code, name) in enumerate(SIGNS.items()):
        Sign.objects.create(code=code, name={"en": name, "de": f"{name} (de)"}, position=position)
    for position, (kind, code, name) in enumerate(PITS):
        Pit.objects.create(kind=kind, code=code, name={"en": name}, position=position)


@pytest.fixture
def needling(clinic: Clinic) -> Revision:
    """Waits six months after isotretinoin, is careful with keloids, asks for pregnancy on the day."""
    revision = RevisionFactory(
        procedure=ProcedureFactory(code="needling", position=7), name={"en": "Needling"},
        suits={
            "signs": ["pits", "scarring"], "pit_types": ["rolling"],
            "pit_depths": ["shallow", "deep"],
        },
    )  # fmt: skip
    for line in clinic.peel.contraindications.all():
        line.pk, line.revision = None, revision
        line.save(force_insert=True)
    Revision.objects.filter(pk=revision.pk).update(state="current")
    return revision


@pytest.fixture
def laser_visit(clinic: Clinic) -> Appointment:
    """Of Anna's, in a week: never on skin of type V or VI."""
    laser = RevisionFactory(procedure=ProcedureFactory(code="laser"), name={"en": "Laser"})
    dark = FactTypeFactory(code="phototype_5_6", kind="derived")
    Contraindication.objects.create(revision=laser, fact_type=dark, severity="absolute")
    Revision.objects.filter(pk=laser.pk).update(state="current")
    plan = Plan.objects.create(
        patient=clinic.patient, created_at=clock.now(), created_by=clinic.physician
    )
    course = Course.objects.create(
        plan=plan, patient=clinic.patient, revision=laser, created_at=clock.now()
    )
    start = clock.now() + dt.timedelta(days=7)
    return Appointment.objects.create(
        patient=clinic.patient, location=clinic.location, starts_at=start,
        session=Session.objects.create(course=course, ordinal=1),
        ends_at=start + dt.timedelta(minutes=30), created_at=clock.now(),
    )  # fmt: skip


@pytest.fixture
def ointment(db: None) -> Revision:
    return RevisionFactory(
        procedure=ProcedureFactory(code="ointment", is_home=True, position=9),
        state="current", name={"en": "Ointment"}, useless_for=[USELESS],
        suits={"signs": ["pits", "scarring"], "pit_depths": ["shallow"], "pit_ages": ["recent"]},
        regimen={
            "times": {"value": 2, "unit": "per day"}, "course": {"value": 7, "unit": "days"},
            "instructions": [{"en": "Do not rub it in."}],
        },
    )  # fmt: skip


@pytest.fixture
def light(db: None) -> Revision:
    return RevisionFactory(
        procedure=ProcedureFactory(code="ipl", position=8), state="current", name={"en": "IPL"},
        suits={"signs": ["capillary_mesh"]},
    )  # fmt: skip


@pytest.fixture
def protocol(needling: Revision, ointment: Revision) -> ProtocolRevision:
    start = {"after": "plan", "gap": {"value": 0, "unit": "days"}}
    steps = [
        {"step": 1, "procedure": "needling", "sessions": 3, "starts": start},
        {"step": 2, "procedure": "ointment", "days": 7, "optional": True, "starts": start},
    ]
    return ProtocolRevision.objects.create(
        protocol=Protocol.objects.create(code="deep_pits"), number=1, state="current",
        created_at=clock.now(), name={"en": "Old deep pits"}, steps=steps, source="article",
        suits={"signs": ["pits"], "pit_depths": ["deep"], "pit_ages": ["old"]},
    )  # fmt: skip


@pytest.fixture
def assessed(clinic: Clinic) -> Callable[..., Assessment]:
    """`assessed(**columns)`: an assessment of the clinic's patient, old deep rolling pits by default."""

    def made(**values: object) -> Assessment:
        old = {"pit_types": ["rolling"], "pit_depth": "deep", "pit_age": "old"}
        people = {"patient": clinic.patient, "created_by": clinic.practitioner}
        return AssessmentFactory(**{**old, **people, "signs": ["pits"], **values})

    return made
