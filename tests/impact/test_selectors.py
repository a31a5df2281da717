"""Whom a change touches, read from the database."""

import datetime as dt
import uuid
from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from plans.catalogue.models import Procedure
from plans.core.gaps import GapRule
from plans.core.impact import Kind
from plans.core.ruleset import LineRule, NeedRule
from plans.core.spacing import Period
from plans.courses.models import HomeCare, PatchTest, Session
from plans.data.factories import (
    AppointmentFactory,
    FactTypeFactory,
    GroupFactory,
    LocationFactory,
    OccupancyFactory,
    PatientFactory,
    PlanFactory,
    ProcedureFactory,
    RevisionFactory,
)
from plans.diary.models import Appointment
from plans.diary.services import change_status
from plans.impact.selectors import impact_of
from tests.diary.clinic import THURSDAY, Clinic
from tests.impact.conftest import changed, impact_here, kinds_by_day, rules_of, spaced

PEEL = "tca_peel_medium"
SECOND = dt.date(2027, 3, 1)
THIRD = dt.date(2027, 6, 3)


def test_a_longer_interval_lists_the_visits_it_leaves_too_early(clinic: Clinic):
    course = clinic.book(THURSDAY, SECOND, THIRD)

    impact = impact_here(clinic, spaced(clinic.peel, 4))

    assert kinds_by_day(impact) == {SECOND: [Kind.EARLY], THIRD: [Kind.EARLY]}
    assert (impact.counts[Kind.EARLY], impact.patients, impact.judged) == (2, 1, 3)
    (each, _later) = impact.sessions
    assert (each.patient, each.procedure, each.revision) == (clinic.patient.pk, PEEL, 1)
    assert (each.ordinal, each.count, each.session) == (2, 3, course.sessions.get(ordinal=2).pk)


def test_a_change_of_words_touches_nobody_and_reads_no_session(clinic: Clinic):
    clinic.book(THURSDAY, SECOND)

    impact = impact_here(clinic, changed(clinic.peel, name={"en": "Peel"}))

    assert (impact.sessions, impact.judged) == ((), 0)


def test_what_is_cancelled_or_done_is_not_listed(clinic: Clinic):
    course = clinic.book(THURSDAY, SECOND, THIRD)
    Session.objects.filter(course=course, ordinal=1).update(performed_on=dt.date(2026, 11, 8))
    last = Appointment.objects.get(session__course=course, session__ordinal=3)
    change_status(last, "cancelled", by=clinic.reception, reason="Moves", key=uuid.uuid4())

    impact = impact_here(clinic, spaced(clinic.peel, 5))

    assert list(kinds_by_day(impact)) == [SECOND]


def test_a_session_that_is_only_planned_is_listed_too(clinic: Clinic):
    course = clinic.book(THURSDAY)
    Session.objects.create(course=course, ordinal=2, planned_on=SECOND)

    (each,) = impact_here(clinic, spaced(clinic.peel, 4)).sessions

    assert (each.appointment, each.day) == (None, SECOND)


def test_only_patients_of_the_location_are_listed(clinic: Clinic):
    clinic.book(THURSDAY, SECOND)
    rules = spaced(clinic.peel, 4)

    assert len(impact_of(rules, location=None).sessions) == 1
    assert impact_of(rules, location=LocationFactory()).sessions == ()


def test_an_answer_on_record_decides_under_a_new_line(clinic: Clinic):
    FactTypeFactory(code="smoking")
    clinic.deny("smoking")
    clinic.book(THURSDAY)
    rules = rules_of(clinic.peel)
    after = replace(rules, lines=(*rules.lines, LineRule("smoking", "relative")))
    other = PatientFactory(location=clinic.location)
    clinic.deny("isotretinoin_oral", "keloid_tendency", patient=other)
    clinic.book(dt.date(2026, 11, 27), patient=other)

    impact = impact_here(clinic, {PEEL: after})

    assert kinds_by_day(impact) == {dt.date(2026, 11, 27): [Kind.ASK]}
    assert impact.sessions[0].patient == other.pk


def test_an_answer_to_a_question_merged_since_counts_as_one_to_the_other(clinic: Clinic):
    kept = FactTypeFactory(code="smoking")
    FactTypeFactory(code="cigarettes", merged_into=kept)
    clinic.deny("cigarettes")
    clinic.book(THURSDAY)
    rules = rules_of(clinic.peel)
    after = replace(rules, lines=(*rules.lines, LineRule("cigarettes", "relative")))

    assert impact_here(clinic, {PEEL: after}).sessions == ()


def test_a_new_gap_counts_home_care_and_other_courses(clinic: Clinic):
    cream = RevisionFactory(
        procedure=ProcedureFactory(code="cream", is_home=True, group=GroupFactory(code="home")),
        state="current",
    )
    clinic.book(THURSDAY)
    HomeCare.objects.create(
        plan=PlanFactory(patient=clinic.patient), patient=clinic.patient, revision=cream,
        starts_on=dt.date(2026, 11, 1), ends_on=dt.date(2026, 11, 20),
        created_at=clinic.peel.created_at, created_by=clinic.physician,
    )  # fmt: skip
    table = (GapRule("home", "peel_medium", Period(2, "weeks")),)

    impact = impact_here(clinic, gaps=table)

    assert kinds_by_day(impact) == {THURSDAY: [Kind.WAIT]}
    assert impact.sessions[0].effects[0].findings[0].rule == "gap:home>peel_medium"


def test_answers_that_go_stale_sooner_ask_again(clinic: Clinic):
    other = PatientFactory(location=clinic.location)
    clinic.deny("isotretinoin_oral", patient=other)
    clinic.deny("keloid_tendency", on=dt.date(2026, 9, 1), patient=other)
    clinic.book(THURSDAY, patient=other)

    shorter = impact_here(clinic, rechecks={"keloid_tendency": Period(2, "months")})
    just_good = impact_here(clinic, rechecks={"keloid_tendency": Period(3, "months")})
    on_the_day = impact_here(clinic, rechecks={"keloid_tendency": "session"})

    assert kinds_by_day(shorter) == {THURSDAY: [Kind.ASK]}
    assert (just_good.sessions, just_good.judged) == ((), 1)
    assert on_the_day.sessions == ()


def test_a_patch_test_that_the_new_rules_ask_for_is_read(clinic: Clinic):
    clinic.book(THURSDAY)
    tested = {
        "patch_test__code": "PT-9", "patch_test__required": True,
        "patch_test__read_after": Period(2, "days"), "patch_test__valid_for": Period(6, "months"),
    }  # fmt: skip
    rules = changed(clinic.peel, **tested)
    assert kinds_by_day(impact_here(clinic, rules)) == {THURSDAY: [Kind.WAIT]}

    PatchTest.objects.create(
        patient=clinic.patient, code="PT-9", done_on=dt.date(2026, 11, 2),
        recorded_on=dt.date(2026, 11, 2), recorded_at=clinic.peel.created_at,
        recorded_by=clinic.physician,
    )  # fmt: skip

    assert impact_here(clinic, rules).sessions == ()


def test_a_cycle_counts_what_is_used_in_the_clinic(clinic: Clinic):
    clinic.book(THURSDAY, SECOND)
    weeks = {
        "on_break__on_for": Period(2, "months"), "on_break__break_min": Period(4, "months"),
        "on_break__break_max": Period(5, "months"), "on_break__counts_together": [PEEL],
    }  # fmt: skip

    assert kinds_by_day(impact_here(clinic, changed(clinic.peel, **weeks))) == {SECOND: [Kind.WAIT]}


def test_a_skin_type_decides_without_an_answer_of_its_own(clinic: Clinic):
    FactTypeFactory(code="phototype_4", kind="derived")
    clinic.patient.skin_type = 4
    clinic.patient.save(update_fields=["skin_type"])
    clinic.book(THURSDAY)
    rules = rules_of(clinic.peel)
    after = replace(rules, lines=(*rules.lines, LineRule("phototype_4", "relative")))

    assert kinds_by_day(impact_here(clinic, {PEEL: after})) == {THURSDAY: [Kind.CAUTION]}


def test_a_longer_visit_that_runs_into_the_next_collides(clinic: Clinic):
    clinic.book(THURSDAY)
    visit = Appointment.objects.get()
    OccupancyFactory(
        resource=clinic.room, appointment=AppointmentFactory(patient=clinic.patient, session=None, location=clinic.location),
        starts_at=visit.ends_at, ends_at=visit.ends_at + dt.timedelta(minutes=30),
    )  # fmt: skip
    rules = rules_of(clinic.peel)
    needs = tuple(replace(need, to_minute=need.to_minute + 10) for need in rules.needs)
    values = {**rules.values, "duration.treat": 30}

    impact = impact_here(clinic, {PEEL: replace(rules, values=values, needs=needs)})

    assert kinds_by_day(impact) == {THURSDAY: [Kind.COLLIDES, Kind.LONGER]}
    assert impact.sessions[0].effects[-1].minutes == (80, 90)


def test_who_is_held_may_not_be_able_to_do_it_any_more(clinic: Clinic):
    clinic.book(THURSDAY)
    rules = rules_of(clinic.peel)
    needs = tuple(
        replace(need, capability="laser") if need.kind == "practitioner" else need
        for need in rules.needs
    )
    cooler = NeedRule("device", "cooler", 0, 20)

    impact = impact_here(clinic, {PEEL: replace(rules, needs=(*needs, cooler))})

    assert kinds_by_day(impact) == {THURSDAY: [Kind.UNABLE, Kind.UNHELD]}


def test_several_procedures_change_at_once(clinic: Clinic):
    clinic.book(THURSDAY, SECOND)
    clinic.book(dt.date(2026, 12, 21), revision=clinic.toxin, minute=660)
    rules = spaced(clinic.peel, 4) | changed(clinic.toxin, duration__treat=5)

    assert set(impact_here(clinic, rules).counts) == {Kind.EARLY, Kind.SHORTER}


def test_rules_of_a_procedure_not_in_the_catalogue_touch_nobody(clinic: Clinic):
    clinic.book(THURSDAY)

    assert impact_here(clinic, {"unheard_of": rules_of(clinic.peel)}).sessions == ()
    assert not Procedure.objects.filter(code="unheard_of").exists()


def everything(clinic: Clinic):
    """A change of every kind at once, so that everything is read."""
    rules = rules_of(clinic.peel)
    months = Period(4, "months")
    values = {
        **rules.values, "interval.min": months, "interval.recommended": months, "duration.treat": 60,
    }  # fmt: skip
    FactTypeFactory(code="smoking")
    lines = (*rules.lines, LineRule("smoking", "absolute"))
    return {PEEL: replace(rules, values=values, lines=lines)}


@pytest.mark.parametrize("location", ["here", "everywhere"])
def test_the_number_of_queries_does_not_grow_with_the_sessions(clinic: Clinic, location: str):
    rules, where = everything(clinic), clinic.location if location == "here" else None
    clinic.book(THURSDAY, SECOND)
    with CaptureQueriesContext(
        connection,
    ) as few:
        assert len(impact_of(rules, location=where).sessions) == 2
    for n in range(6):
        patient = PatientFactory(location=clinic.location)
        clinic.deny("isotretinoin_oral", "keloid_tendency", patient=patient)
        days = [day + dt.timedelta(days=7 * (n % 3 + 1)) for day in (THURSDAY, SECOND, THIRD)]
        clinic.book(*days, patient=patient, minute=600 + 90 * (n // 3))

    with CaptureQueriesContext(connection) as many:
        assert len(impact_of(rules, location=where).sessions) == 20
    assert len(many) == len(few) <= 22
