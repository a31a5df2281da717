"""Two clinics with the same things in them, and people of every role in the first: what the walk walks through.

Whatever says something about a person holds one of the MARKS, so that a leak is found by a plain search.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from clinic.kit import clock
from clinic.patients.models import Fact, FactType, Patient
from clinic.places.models import HoursException, Location
from clinic.staff.models import User
from clinic.staff.selectors import digest_of
from plans.assessments.models import Assessment
from plans.catalogue.models import Contraindication, Need, Procedure, Revision
from plans.core.gaps import GapRule
from plans.core.spacing import Period
from plans.courses.models import Course, HomeCare, Occasion, Plan, Session
from plans.data.factories import (
    AssessmentFactory,
    BlockFactory,
    CapabilityFactory,
    ConsentFactory,
    ConsentTextFactory,
    FactFactory,
    FactTypeFactory,
    LocationFactory,
    PatientFactory,
    PhotoFactory,
    ProcedureFactory,
    ResourceFactory,
    RevisionFactory,
    UserFactory,
)
from plans.diary.models import Appointment, Block, Occupancy
from plans.drafts.services import put_in_force
from plans.exchange.selectors import digest
from plans.exchange.services import keep_file
from plans.feeds.models import Feed
from plans.gaps.services import new_table
from plans.impact.models import ReviewItem
from plans.links.models import Link, Purpose
from plans.lots.models import Lot
from plans.photos.models import Photo
from plans.protocols.models import Protocol, ProtocolRevision
from plans.records.models import AdverseEvent, TreatmentRecord
from plans.sheets.models import HandedOut
from plans.terms.models import Source
from plans.vignettes.models import Vignette
from tests.catalogue.small_file import PLAIN as FILE
from tests.house.matrix import ROLES

# Words that stand nowhere else. The note and the answer are of the patient's health.
NAME, FAMILY, PHONE, MAIL = "Zyxandra", "Qwertova", "+491709876543", "zyxandra@mark.example"
NOTE, CONDITION = "Zyxnotiz", "Zyxpathia"
FOREIGN_NAME, FOREIGN_FAMILY = "Wyxmarda", "Ploktova"
IDENTITY = (NAME, FAMILY, PHONE, "9876543", MAIL, "1971-05-17")
FOREIGN = (FOREIGN_NAME, FOREIGN_FAMILY)
NOBODY = 9_999_999
# The secret in the address of a calendar of the patient's.
LINK = "a-secret-of-forty-three-letters-and-more-so"
# An invented patient, as the clinic's own test cases have them.
CASE = {
    "procedure": "tca_peel",
    "session_date": "2026-11-23",
    "patient": {"birth": "1990-05-14", "facts": [], "history": []},
    "expect": {"verdict": "ok", "reasons": [], "earliest_ok": None},
}


@dataclass(frozen=True)
class Clinic:
    """One location with one patient, whose course has one visit done, one today and one owed."""

    location: Location
    patient: Patient
    fact: Fact
    assessment: Assessment
    course: Course
    visit: Appointment
    home_care: HomeCare
    review: ReviewItem


@dataclass(frozen=True)
class World:
    own: Clinic
    other: Clinic
    procedure: Procedure
    staff: dict[str, User]
    source: Source

    def arguments(self, kind: str, whose: str) -> list[dict[str, Any]]:
        """The arguments of a route of this kind that name something `own`, `other` or `missing`; maybe none."""
        here, there = self.own, self.other
        code, today = self.procedure.code, clock.today(here.location.zone)
        mine, theirs = _photo(here.patient), _photo(there.patient)
        choices: dict[str, dict[str, list[dict[str, Any]]]] = {
            "": {"own": [{}]},
            "day": {"own": [{"day": today}]},
            **{
                kind: {
                    "own": [{"pk": rows.get(resource__location=here.location).pk}],
                    "other": [{"pk": rows.get(resource__location=there.location).pk}],
                    "missing": [{"pk": NOBODY}],
                }
                for kind, rows in (("absence", HoursException.objects), ("block", Block.objects))
            },
            "resource": {
                "own": [{"pk": here.location.resources.all()[0].pk}],
                "other": [{"pk": there.location.resources.all()[0].pk}],
                "missing": [{"pk": NOBODY}],
            },
            "vocabulary": {
                "own": [{"code": here.fact.fact_type.code}],
                "missing": [{"code": "no-such-fact"}],
            },
            **{
                f"{purpose} link": {
                    "own": [{"secret": f"{LINK}-{purpose}"}],
                    "missing": [{"secret": "no-such-link"}],
                }
                for purpose in Purpose
            },
            "feed": {"own": [{"token": LINK}], "missing": [{"token": "no-such-link"}]},
            "checked file": {"own": [{"name": digest(FILE)}]},
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
            "patient, assessment": {
                "own": [{"number": here.patient.number, "pk": here.assessment.pk}],
                "other": [
                    {"number": there.patient.number, "pk": there.assessment.pk},
                    {"number": here.patient.number, "pk": there.assessment.pk},
                    {"number": there.patient.number, "pk": here.assessment.pk},
                ],
                "missing": [{"number": here.patient.number, "pk": NOBODY}],
            },
            "patient, procedure": {
                "own": [{"number": here.patient.number, "code": code}],
                "other": [{"number": there.patient.number, "code": code}],
                "missing": [
                    {"number": NOBODY, "code": code},
                    {"number": here.patient.number, "code": "no-such-procedure"},
                ],
            },
            "patient, revision": {
                "own": [{"number": here.patient.number, "code": code, "revision": 1}],
                "other": [{"number": there.patient.number, "code": code, "revision": 1}],
                "missing": [
                    {"number": NOBODY, "code": code, "revision": 1},
                    {"number": here.patient.number, "code": code, "revision": NOBODY},
                ],
            },
            "consent": {
                "own": [{"pk": here.patient.consents.all()[0].pk}],
                "other": [{"pk": there.patient.consents.all()[0].pk}],
                "missing": [{"pk": NOBODY}],
            },
            "patient, procedure, occasion": {
                "own": [
                    {"number": here.patient.number, "code": code, "pk": _occasion(here.patient)}
                ],
                "other": [
                    {"number": here.patient.number, "code": code, "pk": _occasion(there.patient)}
                ],
                "missing": [{"number": here.patient.number, "code": code, "pk": NOBODY}],
            },
            "patient, product": {
                "own": [{"number": here.patient.number, "code": "home_cream"}],
                "other": [{"number": there.patient.number, "code": "home_cream"}],
                "missing": [
                    {"number": NOBODY, "code": "home_cream"},
                    {"number": here.patient.number, "code": code},
                ],
            },
            "patient, photo": {
                "own": [{"number": here.patient.number, "pk": mine}],
                "other": [
                    {"number": there.patient.number, "pk": theirs},
                    {"number": here.patient.number, "pk": theirs},
                    {"number": there.patient.number, "pk": mine},
                ],
                "missing": [{"number": here.patient.number, "pk": NOBODY}],
            },
            "photo": {
                "own": [{"pk": mine}],
                "other": [{"pk": theirs}],
                "missing": [{"pk": NOBODY}],
            },
            "two photos": {
                "own": [{"a": mine, "b": mine}],
                "other": [
                    {"a": mine, "b": theirs},
                    {"a": theirs, "b": mine},
                ],
                "missing": [{"a": mine, "b": NOBODY}],
            },
            "visit": {
                "own": [{"pk": here.visit.pk}],
                "other": [{"pk": there.visit.pk}],
                "missing": [{"pk": NOBODY}],
            },
            "visit, event": {
                "own": [{"pk": here.visit.pk, "event": event_of(here.visit).pk}],
                "other": [{"pk": there.visit.pk, "event": event_of(there.visit).pk}],
                "missing": [{"pk": NOBODY, "event": event_of(here.visit).pk}],
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
            "review": {
                "own": [{"pk": here.review.pk}],
                "other": [{"pk": there.review.pk}],
                "missing": [{"pk": NOBODY}],
            },
            "lot": {
                "own": [{"pk": Lot.objects.get(location=here.location).pk}],
                "other": [{"pk": Lot.objects.get(location=there.location).pk}],
                "missing": [{"pk": NOBODY}],
            },
            "home care": {
                "own": [{"pk": here.home_care.pk}],
                "other": [{"pk": there.home_care.pk}],
                "missing": [{"pk": NOBODY}],
            },
            "procedure": {"own": [{"code": code}], "missing": [{"code": "no-such-procedure"}]},
            "vignette": {"own": [{"code": "one-case"}], "missing": [{"code": "no-such-case"}]},
            "procedure, section": {
                "own": [{"code": code, "section": "contraindications"}],
                "missing": [
                    {"code": "no-such-procedure", "section": "rules"},
                    {"code": code, "section": "no-such-section"},
                ],
            },
            "revisions": {
                "own": [{"code": code, "number": 2, "other": 1}],
                "missing": [
                    {"code": code, "number": NOBODY, "other": 1},
                    {"code": code, "number": 1, "other": NOBODY},
                ],
            },
            "source": {"own": [{"pk": self.source.pk}], "missing": [{"pk": NOBODY}]},
            "gap table": {"own": [{"number": 1}], "missing": [{"number": NOBODY}]},
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
    _protocol(revision)
    group = procedure.group.code
    put_in_force(new_table([GapRule(group, group, Period(1, "days"))], by=None), "first", by=None)
    Vignette.objects.create(code="one-case", case=CASE, created_at=clock.now())
    own = _clinic(
        revision, condition, needs, given_name=NAME, family_name=FAMILY, phone=PHONE, email=MAIL,
        birth_date=dt.date(1971, 5, 17),
    )  # fmt: skip
    other = _clinic(revision, condition, needs, given_name=FOREIGN_NAME, family_name=FOREIGN_FAMILY)
    staff = {role: UserFactory.create(role=role, location=own.location) for role in ROLES}
    staff[""] = UserFactory.create(location=own.location)
    for person in staff.values():
        keep_file(FILE, by=person)
    Feed.objects.create(
        patient=own.patient, digest=digest_of(LINK), created_at=clock.now(),
        created_by=staff["reception"],
    )  # fmt: skip
    for purpose in Purpose:
        link = Link.objects.create(
            purpose=purpose, patient=own.patient, visit=own.visit, digest=digest_of(f"{LINK}-{purpose}"),
            expires_at=clock.now() + dt.timedelta(days=9), created_at=clock.now(),
            created_by=staff["reception"],
        )  # fmt: skip
        if purpose == Purpose.SHEET:
            HandedOut.objects.create(
                patient=own.patient, visit=own.visit, kind="aftercare", language="en", way="print",
                link=link, at=clock.now(), by=staff["reception"],
            )  # fmt: skip
    ConsentTextFactory.create(procedure=procedure)
    ConsentTextFactory.create(procedure=None)
    for clinic in (own, other):
        ConsentFactory.create(patient=clinic.patient, revision=revision)
    source = Source.objects.create(code="clinic", title="The clinic's own custom")
    return World(own, other, procedure, staff, source)


def _protocol(revision: Revision) -> None:
    """A protocol of the procedure's code, in force, and the draft of its next revision."""
    protocol = Protocol.objects.create(code=revision.procedure.code)
    starts = {"after": "plan", "gap": {"value": 0, "unit": "days"}}
    step = {"step": 1, "procedure": protocol.code, "sessions": 3, "starts": starts}
    for number, state in ((1, "current"), (2, "draft")):
        ProtocolRevision.objects.create(
            protocol=protocol, number=number, state=state, created_at=clock.now(),
            name={"en": "All of it"}, suits={}, steps=[step], source="clinic",
        )  # fmt: skip


def _rules(procedure: Procedure, condition: FactType, needs: list[Any]) -> Revision:
    """A revision in force, under which the condition refuses; and a draft of the next."""
    for number, state in ((1, "current"), (2, "draft")):
        # A patch test is advised, not required: the walk finds its page, and no visit waits for it. The draft
        # asks for more time between sessions, so that its review lists the visits of both clinics.
        months = 2 + number
        revision = RevisionFactory.create(
            procedure=procedure, number=number, patch_code="PT-PEEL",
            patch_read_after_n=2, patch_read_after_unit="days",
            patch_valid_n=6, patch_valid_unit="months",
            interval_min_n=months, interval_recommended_n=months,
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
    BlockFactory.create(resource=resources[0])
    HoursException.objects.create(
        location=location, resource=resources[0], first_day=now.date(), last_day=now.date()
    )
    plan = Plan.objects.create(patient=patient, created_at=now, created_by=reception)
    course = Course.objects.create(plan=plan, patient=patient, revision=revision, created_at=now)
    today = clock.today(location.zone)
    visits = []
    for ordinal, day in ((1, today - dt.timedelta(days=100)), (2, today), (3, None)):
        done = day if ordinal == 1 else None
        session = Session.objects.create(course=course, ordinal=ordinal, performed_on=done)
        if day:
            visits.append(_visit(session, location, day, resources))
    Lot.objects.create(
        location=location, product="TCA", number="7", folded="tca 7", received_on=today,
        expires_on=today, entered_at=now, entered_by=reception,
    )  # fmt: skip
    assessment = AssessmentFactory.create(patient=patient, created_by=reception, note=NOTE)
    Occasion.objects.create(
        patient=patient, day=today + dt.timedelta(days=300), created_at=now, created_by=reception
    )
    PhotoFactory.create(patient=patient, visit=visits[-1], course=course, added_by=reception)
    cream = ProcedureFactory.create(code="home_cream", is_home=True)
    known = Revision.objects.filter(procedure=cream).first()
    week = {"times": {"value": 1, "unit": "per day"}, "course": {"value": 7, "unit": "days"}}
    at_home = known or RevisionFactory.create(procedure=cream, state="current", regimen=week)
    home_care = HomeCare.objects.create(
        plan=plan, patient=patient, revision=at_home, starts_on=today,
        created_at=now, created_by=reception,
    )  # fmt: skip
    review = ReviewItem.objects.create(
        patient=patient, session=course.sessions.get(ordinal=2), appointment=visits[-1], day=today,
        kinds=["early"], cause=f"{revision.procedure.code} 1", created_at=now,
    )  # fmt: skip
    _record(visits[-1], reception)
    return Clinic(location, patient, fact, assessment, course, visits[-1], home_care, review)


def _photo(patient: Patient) -> int:
    return Photo.objects.get(patient=patient).pk


def _record(visit: Appointment, by: User) -> None:
    """A signed record of the visit, and what went wrong afterwards."""
    now = clock.now()
    row = TreatmentRecord.objects.create(
        visit=visit, notes=NOTE, saved_at=now, saved_by=by, state="signed", signed_at=now,
        signed_by=by, digest="x",
    )  # fmt: skip
    AdverseEvent.objects.create(
        record=row, kind="scar", severity=1, began_on=now.date(), note=NOTE, at=now, by=by
    )


def event_of(visit: Appointment) -> AdverseEvent:
    return AdverseEvent.objects.get(record__visit=visit)


def _occasion(patient: Patient) -> int:
    return Occasion.objects.get(patient=patient).pk


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
