"""The demo clinic: alive, allowed by the rules, the same for the same seed."""

import datetime as dt
import io
import zoneinfo
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import Client
from pytest_django import DjangoDbBlocker

from clinic.audit.models import Entry
from clinic.kit import clock
from clinic.kit.operations import Role
from clinic.patients.models import Fact, Patient
from clinic.places.models import Location, Resource
from clinic.places.selectors import open_minutes, resources_at
from clinic.staff.models import User
from plans.catalogue.selectors import current_revisions, phases, rulebook
from plans.consents.models import Consent
from plans.consents.selectors import document, missing
from plans.core.availability import Needs, busy_bits, open_bits
from plans.core.screening import screen
from plans.core.wallclock import stretches
from plans.courses.selectors import courses_with_sessions, local_day, view_of
from plans.data.demo import make_demo
from plans.data.demo_clinic import LOG_INS, SIGN_IN_WORD
from plans.diary.models import TRANSITIONS, Appointment, Occupancy, Status, StatusChange
from plans.diary.selectors import candidates, check_in, core_patient, free_days, visits_on

BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")
# A Thursday morning without holidays near, when a clinic is full of people.
MORNING = dt.datetime(2026, 11, 26, 10, 50, tzinfo=BERLIN)
TODAY = MORNING.date()

pytestmark = pytest.mark.django_db


Essence = list[tuple[object, ...]]


@dataclass(frozen=True)
class Made:
    """What the command said, and what two other runs had made before it was called."""

    said: str
    same_seed: Essence
    other_seed: Essence


@pytest.fixture(scope="module", autouse=True)
def made(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Made]:
    """A small demo, which every test of this file looks at, on an empty database."""
    with (
        django_db_blocker.unblock(),
        time_machine.travel(MORNING, tick=False),
        transaction.atomic(),
    ):
        same_seed, other_seed = made_and_gone(seed=1), made_and_gone(seed=2)
        out = io.StringIO()
        call_command("demo", patients=30, stdout=out)
        yield Made(out.getvalue(), same_seed, other_seed)
        transaction.set_rollback(True)


def made_and_gone(seed: int) -> Essence:
    with transaction.atomic():
        make_demo(30, seed)
        found = essence()
        transaction.set_rollback(True)
    return found


def essence() -> Essence:
    """Who comes when, for what."""
    return list(
        Appointment.objects.order_by("starts_at", "patient__number").values_list(
            "patient__number",
            "patient__given_name",
            "patient__family_name",
            "patient__birth_date",
            "session__course__revision__procedure__code",
            "starts_at",
            "status",
        )
    )


@pytest.fixture
def location() -> Location:
    return Location.objects.get()


def endangered() -> set[int]:
    """The visits that the demo says it lets stand against the rules."""
    return set(Entry.objects.get(action="demo_made").details["endangered"])


def to_come() -> list[Appointment]:
    booked = Appointment.objects.filter(status__in=[Status.BOOKED, Status.CONFIRMED])
    return list(
        booked.filter(session__isnull=False).select_related(
            "patient", "location", "session__course__revision__procedure"
        )
    )


def test_everybody_asked_for_is_there():
    assert Patient.objects.count() == 30
    assert str(Patient.objects.get(number=142)) == "Anna Petrova"


def test_the_accounts_are_said_and_open_the_door(made: Made):
    assert SIGN_IN_WORD in made.said
    for log_in in LOG_INS:
        assert f"{log_in.role}  " in made.said
        assert Client().login(username=log_in.role.value, password=SIGN_IN_WORD)
        assert User.objects.get(username=log_in.role.value).role_names() == {log_in.role.value}


def test_a_clinic_with_patients_is_never_mixed_with_a_demo():
    with pytest.raises(CommandError, match="patients already"):
        call_command("demo")
    call_command("demo", if_empty=True)
    assert Patient.objects.count() == 30


def test_the_accounts_are_shown_only_where_there_is_a_demo():
    shown = io.StringIO()
    call_command("demo", show=True, stdout=shown)
    assert "reception" in shown.getvalue()


def test_every_session_to_come_lies_in_its_window():
    views = [view_of(course, TODAY) for course in courses_with_sessions()]
    outside = [v.session for view in views for v in view.sessions if v.is_outside_window]
    assert not outside
    assert any(v.window for view in views for v in view.sessions if v.state == "booked")


def test_the_rules_forbid_exactly_what_is_said_to_be_endangered():
    rules, forbidden = rulebook(), set()
    for visit in to_come():
        course = visit.session.course if visit.session else None
        assert course
        known = core_patient(visit.patient, without=[visit.session_id or 0])
        day = local_day(visit)
        if screen(rules, course.revision.procedure.code, known, day, TODAY).verdict.blocks:
            forbidden.add(visit.pk)
    assert forbidden == endangered()
    assert len(forbidden) >= 4


def test_no_visit_was_booked_against_the_screening_of_its_day():
    said = set(
        Appointment.objects.exclude(session=None).values_list("screening__verdict", flat=True)
    )
    assert said <= {"ok", "caution", "ask"}
    assert {"ok", "caution"} <= said


def test_courses_stand_in_every_state():
    views = [view_of(course, TODAY) for course in courses_with_sessions()]
    assert {v.state for view in views for v in view.sessions} == {
        "done", "booked", "due", "lapsed", "written_off",
    }  # fmt: skip
    due = [v for view in views for v in view.sessions if v.state == "due" and v.window]
    assert any(TODAY in view.window for view in due if view.window)
    assert any(view.is_over for view in views)
    assert any(0 < view.done < view.count and not view.unbooked for view in views)


def test_today_holds_visits_at_every_stage_around_the_clock(location: Location):
    today = {visit.status: visit for visit in visits_on(location, TODAY)}
    assert set(today) == set(Status) - {Status.CANCELLED}
    assert today[Status.DONE].ends_at <= MORNING
    assert today[Status.IN_TREATMENT].starts_at <= MORNING <= today[Status.IN_TREATMENT].ends_at
    assert today[Status.CONFIRMED].starts_at > MORNING


def test_whoever_is_in_treatment_has_answered_and_who_has_just_come_has_not(location: Location):
    today = {visit.status: visit for visit in visits_on(location, TODAY)}
    treated, arrived = (
        check_in(today[status], TODAY) for status in (Status.IN_TREATMENT, Status.ARRIVED)
    )
    assert treated
    assert not treated.open_findings
    assert arrived
    assert arrived.open_findings


def test_whoever_was_treated_had_signed_and_the_document_is_there(location: Location):
    treated = Appointment.objects.filter(status__in=(Status.IN_TREATMENT, Status.DONE))
    treated = treated.select_related("patient", "session__course__revision__procedure")
    assert treated.exists()
    for visit in treated.filter(session__isnull=False):
        assert missing(visit.patient, visit.session.course.revision, local_day(visit)) == []
    for row in Consent.objects.all():
        assert document(row).startswith(b"%PDF-")
    assert set(Consent.objects.values_list("kind", flat=True)) == {"treatment", "photo"}


def test_a_missed_visit_says_why():
    missed = StatusChange.objects.filter(became__in=[Status.NO_SHOW, Status.CANCELLED])
    assert {change.became for change in missed} == {Status.NO_SHOW, Status.CANCELLED}
    assert all(change.reason for change in missed)


def test_the_history_of_a_visit_follows_the_table_and_is_over():
    for visit in Appointment.objects.prefetch_related("changes"):
        changes = list(visit.changes.all())
        assert changes[0].was == ""
        assert changes[-1].became == visit.status
        assert all(change.at <= clock.now() for change in changes)
        for before, after in pairwise(changes):
            assert before.at <= after.at
            assert after.became in TRANSITIONS[before.became]


def test_nothing_was_answered_tomorrow():
    assert Fact.objects.exists()
    assert not Fact.objects.filter(recorded_at__gt=MORNING).exists()


def test_everybody_works_only_while_they_are_open(location: Location):
    rows = Occupancy.objects.filter(appointment__isnull=False)
    held: dict[dt.date, list[tuple[int, tuple[int, int]]]] = defaultdict(list)
    for row in rows:
        for day, minutes in stretches(row.starts_at, row.ends_at, BERLIN):
            held[day].append((row.resource_id, minutes))
    open_ = open_minutes(location, min(held), max(held))
    for day, stretches_of_day in held.items():
        for resource, minutes in stretches_of_day:
            assert not busy_bits([minutes]) & ~open_bits(open_[day][resource]), (day, resource)


def test_every_procedure_of_the_clinic_finds_a_start_within_a_month(location: Location):
    resources = resources_at(location)
    last = TODAY + dt.timedelta(days=30)
    free = free_days(location, {row.pk for row in resources}, TODAY, last)
    revisions = current_revisions().prefetch_related("needs__capability")
    offered = [row for row in revisions if phases(row)]
    assert len(offered) >= 15  # the catalogue came along
    for revision in offered:
        able = candidates(revision, resources)
        assert all(able.values()), revision.procedure.code
        needs = Needs(phases(revision), able)
        assert any(needs.free_starts(day) for day in free.values()), revision.procedure.code


def test_the_practitioners_with_accounts_are_the_ones_in_the_diary():
    linked = Resource.objects.filter(user__isnull=False).values_list("name", "user__username")
    assert set(linked) == {
        ("Dr Marta Weiss", Role.PHYSICIAN.value),
        ("Lena Vogel", Role.PRACTITIONER.value),
    }


def test_the_same_seed_makes_the_same_clinic_and_another_does_not(made: Made):
    assert essence() == made.same_seed
    assert essence() != made.other_seed
