"""Courses: what is owed, in which window, and what is chosen for a plan."""

import datetime as dt
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinic.kit.refusals import Refusal
from plans.core.spacing import Window
from plans.courses.selectors import Indication, choices, courses_of, open_courses
from plans.courses.services import mark_performed, open_course, write_off
from plans.data.factories import ProcedureFactory, RevisionFactory
from plans.diary.models import Appointment
from plans.diary.services import change_status
from plans.terms.models import Sign
from tests.diary.clinic import THURSDAY, TODAY

SERIES = (dt.date(2026, 11, 26), dt.date(2027, 2, 26), dt.date(2027, 5, 26))


def states(patient, today=None) -> list[str]:
    (view,) = courses_of(patient, today=today)
    return [session.state for session in view.sessions]


def test_a_new_course_owes_all_its_sessions(clinic):
    open_course(clinic.patient, clinic.peel, 3, by=clinic.reception)
    assert states(clinic.patient) == ["due", "due", "due"]


def test_a_session_counts_from_the_one_performed_before_it(clinic):
    course = clinic.book(*SERIES)
    mark_performed(course.sessions.get(ordinal=1), dt.date(2026, 11, 9), by=clinic.practitioner)
    (view,) = courses_of(clinic.patient)
    day = dt.date(2027, 2, 9)
    assert view.sessions[1].window == Window(day, day, dt.date(2027, 5, 9))


def test_a_session_without_a_date_before_it_has_no_window(clinic):
    open_course(clinic.patient, clinic.peel, 2, by=clinic.reception)
    (view,) = courses_of(clinic.patient)
    assert [session.window for session in view.sessions] == [None, None]


def test_a_window_that_has_passed_is_lapsed(clinic):
    course = open_course(clinic.patient, clinic.peel, 2, by=clinic.reception)
    mark_performed(course.sessions.get(ordinal=1), TODAY, by=clinic.practitioner)
    assert states(clinic.patient, today=dt.date(2027, 5, 9)) == ["done", "due"]
    assert states(clinic.patient, today=dt.date(2027, 5, 10)) == ["done", "lapsed"]


@pytest.mark.parametrize("status", ["cancelled", "no_show"])
def test_a_visit_that_does_not_happen_leaves_its_session_owed(clinic, monday, status):
    course = clinic.book(*SERIES)
    monday.shift(dt.timedelta(days=17))
    visit = Appointment.objects.get(session__course=course, session__ordinal=1)
    change_status(visit, status, by=clinic.reception, reason="ill", key=uuid.uuid4())
    (view,) = courses_of(clinic.patient)
    assert [session.state for session in view.sessions] == ["due", "booked", "booked"]
    assert view.sessions[1].window is None


def test_a_session_written_off_is_passed_over(clinic):
    course = open_course(clinic.patient, clinic.peel, 3, by=clinic.reception)
    mark_performed(course.sessions.get(ordinal=1), TODAY, by=clinic.practitioner)
    write_off(course.sessions.get(ordinal=2), "moved away", by=clinic.physician)
    (view,) = courses_of(clinic.patient)
    assert [session.state for session in view.sessions] == ["done", "written_off", "due"]
    day = dt.date(2027, 2, 9)
    assert view.sessions[2].window == Window(day, day, dt.date(2027, 5, 9))
    assert view.marks == ["done", "before", "due"]


def test_nothing_is_written_off_without_a_reason(clinic):
    course = open_course(clinic.patient, clinic.peel, 1, by=clinic.reception)
    with pytest.raises(Refusal, match="Say why"):
        write_off(course.sessions.get(), "  ", by=clinic.physician)


def test_what_is_booked_is_cancelled_before_it_is_written_off(clinic):
    course = clinic.book(THURSDAY)
    with pytest.raises(Refusal, match="Cancel its visit first"):
        write_off(course.sessions.get(), "moved away", by=clinic.physician)


def test_what_was_done_is_not_written_off(clinic):
    course = open_course(clinic.patient, clinic.peel, 1, by=clinic.reception)
    mark_performed(course.sessions.get(), TODAY, by=clinic.practitioner)
    with pytest.raises(Refusal, match="not owed"):
        write_off(course.sessions.get(), "moved away", by=clinic.physician)


def test_no_course_has_more_sessions_than_its_procedure_allows(clinic):
    with pytest.raises(Refusal, match="at most 6 sessions"):
        open_course(clinic.patient, clinic.peel, 7, by=clinic.reception)


def test_home_care_is_no_course(clinic):
    home = RevisionFactory(procedure=ProcedureFactory(is_home=True), state="current")
    with pytest.raises(Refusal, match="cannot be booked"):
        open_course(clinic.patient, home, 1, by=clinic.reception)


def test_the_queries_do_not_grow_with_the_courses(clinic):
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            courses_of(clinic.patient)
        return len(queries)

    clinic.book(*SERIES)
    few = count()
    clinic.book(dt.date(2026, 12, 28), revision=clinic.toxin)
    open_course(clinic.patient, clinic.peel, 6, by=clinic.reception)
    assert count() == few == 4
    assert len(open_courses(clinic.patient, clinic.peel)) == 2


# What to plan


def suited(code: str, **suits):
    return RevisionFactory(
        procedure=ProcedureFactory(code=code), state="current", suits=suits, name={"en": code, "ru": "Пилинг"}
    )  # fmt: skip


def test_what_suits_comes_first_and_what_is_useless_last_with_the_reason(clinic):
    suited("fractional", signs=["pits"], pit_depths=["deep"])
    RevisionFactory(
        procedure=ProcedureFactory(code="ointment"), state="current", name={"en": "ointment"},
        useless_for={"pit_depths": ["deep"], "why": "Does nothing for deep pits."},
    )  # fmt: skip
    found = choices(Indication("pits", "deep"))
    assert found[0].procedure.code == "fractional"
    assert found[0].is_suited
    assert found[-1].procedure.code == "ointment"
    assert found[-1].useless == "Does nothing for deep pits."


@pytest.mark.parametrize("text", ["tca", "TCA PEEL", "peel medium", "mitteltiefes"])
def test_a_procedure_is_found_by_any_of_its_names(clinic, text):
    assert [choice.procedure.code for choice in choices(Indication(), text)] == ["tca_peel_medium"]


def test_retired_procedures_are_not_offered(clinic):
    clinic.peel.procedure.retired_at = clinic.peel.created_at
    clinic.peel.procedure.save(update_fields=["retired_at"])
    assert "tca_peel_medium" not in {choice.procedure.code for choice in choices(Indication())}


def test_a_sign_has_its_name_in_the_list(clinic):
    Sign.objects.create(code="pits", name={"en": "Pits"})
    assert str(Sign.objects.get()) == "Pits"
