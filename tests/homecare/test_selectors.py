"""What is used at home, what stands against it, and its calendar."""

import datetime as dt
import uuid
from typing import Any

import pytest

from clinic.kit import clock
from plans.courses.models import HomeCare, Plan
from plans.data.factories import FactFactory, FactTypeFactory
from plans.diary.models import Appointment
from plans.homecare.selectors import (
    OPEN_END,
    calendar_of,
    conflicts,
    moments_of,
    of_patient,
    planned_last,
)
from plans.homecare.services import stop
from plans.homecare.tags import lines_of, paper_of
from tests.diary.clinic import THURSDAY, TODAY
from tests.homecare.conftest import AtHome

LAST = dt.date(2026, 11, 19)


def day(n: int) -> dt.date:
    return TODAY + dt.timedelta(days=n)


def put(home: AtHome, revision: Any, first: dt.date, last: dt.date | None) -> HomeCare:
    """Stored without any check, as a protocol or an older rule may have left it."""
    by, at = home.clinic.physician, clock.now()
    plan = Plan.objects.create(patient=home.patient, created_at=at, created_by=by)
    return HomeCare.objects.create(
        plan=plan, patient=home.patient, revision=revision, starts_on=first, ends_on=last,
        created_at=at, created_by=by,
    )  # fmt: skip


def said(home: AtHome) -> list[str]:
    return [
        words for _use, against in conflicts(home.patient) for _level, words in lines_of(against)
    ]


def test_a_sheet_is_told_what_is_used_on_its_day_and_later(home: AtHome):
    put(home, home.acid, day(-20), day(-1))
    used = put(home, home.retinoid, day(-3), None)
    later = put(home, home.ointment, day(5), day(11))
    never = put(home, home.ointment, day(20), day(30))
    stop(never, day(19), "not bought", by=home.clinic.physician, key=uuid.uuid4())

    found = of_patient(home.patient, TODAY)

    assert [each.care for each in found] == [used, later]
    assert [each.state for each in found] == ["used", "to_come"]
    assert [each.times for each in found] == ["once a day", "2 times a day"]
    assert found[1].instructions == ["A thin layer."]


def test_reading_takes_the_same_queries_for_few_and_for_many(
    home: AtHome, django_assert_max_num_queries: Any, django_assert_num_queries: Any
):
    home.clinic.book(dt.date(2027, 5, 26))
    put(home, home.retinoid, TODAY, None)
    with django_assert_num_queries(1):
        of_patient(home.patient, TODAY)
    with django_assert_num_queries(4):
        calendar_of(home.patient, TODAY)
    with django_assert_max_num_queries(15) as few:
        conflicts(home.patient)
    for n in range(4):
        put(home, home.acid, day(n * 10), day(n * 10 + 5))
        home.clinic.book(
            THURSDAY + dt.timedelta(days=98 * n), revision=home.clinic.toxin, minute=840
        )
    with django_assert_num_queries(len(few)):
        conflicts(home.patient)
    with django_assert_num_queries(1):
        of_patient(home.patient, TODAY)


def test_when_the_peel_moves_the_last_day_is_checked_again(home: AtHome):
    home.clinic.book(THURSDAY)
    put(home, home.retinoid, TODAY, LAST)
    assert said(home) == []

    visit = Appointment.objects.get()
    Appointment.objects.filter(pk=visit.pk).update(
        starts_at=visit.starts_at - dt.timedelta(days=1), ends_at=visit.ends_at - dt.timedelta(days=1)
    )  # fmt: skip

    [words] = said(home)
    assert "Medium TCA peel on Wed 25 Nov 2026" in words
    assert "last day Wed 18 Nov 2026; again 2 weeks after it, from Wed 9 Dec 2026" in words


def test_what_is_used_through_the_peel_is_shown_with_both_ends(home: AtHome):
    home.clinic.book(THURSDAY)
    put(home, home.retinoid, TODAY, None)
    [(_use, against)] = conflicts(home.patient)
    assert [(clash.rest.stop_by, clash.rest.again_on) for clash in against.clashes] == [
        (LAST, dt.date(2026, 12, 10))
    ]
    assert against.best_last == LAST


def test_what_ended_yesterday_is_still_too_near_to_a_peel_this_week(home: AtHome):
    home.clinic.book(dt.date(2026, 11, 12))
    put(home, home.retinoid, day(-30), day(-1))
    [(use, against)] = conflicts(home.patient)
    assert use.state == "over"
    assert against.clashes[0].visit == Appointment.objects.get()


def test_a_use_begun_too_soon_after_a_peel_is_shown(home: AtHome):
    course = home.clinic.book(dt.date(2026, 11, 12))
    course.sessions.update(performed_on=day(-5))
    put(home, home.retinoid, TODAY, day(30))
    [words] = said(home)
    assert "wait 2 weeks, until Wed 18 Nov 2026" in words


def test_an_allergy_that_came_later_stands_against_what_is_used(healthy: AtHome):
    healthy.begin(healthy.ointment, TODAY, day(6))
    assert said(healthy) == []
    allergy = FactTypeFactory(code="allergy_heparin")
    FactFactory(patient=healthy.patient, fact_type=allergy, status="present", since=TODAY)
    assert any("Allergy heparin" in words for words in said(healthy))


def test_acids_that_run_into_their_pause_are_shown(home: AtHome):
    put(home, home.acid, TODAY, None)
    assert said(home) == ["The months of use are full: the pause begins on Tue 9 Feb 2027."]


def test_the_rules_of_the_product_say_its_last_day(home: AtHome):
    assert planned_last(home.ointment, TODAY) == day(6)
    assert planned_last(home.acid, TODAY) == dt.date(2027, 2, 8)
    assert planned_last(home.clinic.peel, TODAY) is None


def test_the_calendar_shows_uses_and_visits(home: AtHome):
    home.clinic.book(THURSDAY)
    put(home, home.ointment, day(1), day(7))
    calendar = calendar_of(home.patient, TODAY)
    assert calendar is not None
    days = {
        each.date: each
        for month in calendar.months
        for week in month.weeks
        for each in week
        if not each.is_outside
    }
    assert sum(times for each in days.values() for _letter, times in each.marks) == 14
    assert days[day(1)].marks == (("A", 2),)
    assert calendar.last == day(7)
    put(home, home.retinoid, day(1), None)
    longer = calendar_of(home.patient, TODAY)
    assert longer is not None
    assert longer.last == day(1) + OPEN_END
    visits = [
        each for month in longer.months for week in month.weeks for each in week if each.visits
    ]
    assert [(each.date, each.visits) for each in visits] == [(THURSDAY, ("10:00",))]


def test_without_home_care_there_is_no_calendar(home: AtHome):
    assert calendar_of(home.patient, TODAY) is None
    assert moments_of(home.patient, TODAY) == ()
    assert paper_of(None, home.patient, home.clinic.location)["months"] == []


@pytest.mark.parametrize(
    ("language", "product"), [("en", "Heparin ointment"), ("de", "Heparinsalbe")]
)
def test_the_paper_speaks_the_patient_s_language(home: AtHome, language: str, product: str):
    home.patient.language = language
    put(home, home.ointment, TODAY, day(6))
    calendar = calendar_of(home.patient, TODAY)
    values = paper_of(calendar, home.patient, home.clinic.location)
    assert (values["language"], values["uses"][0]["title"]) == (language, product)
    cells = [cell for week in values["months"][0]["weeks"] for cell in week]
    assert len([cell for cell in cells if cell["marks"]]) == 7
    assert values["months"][0]["name"] == "November 2026"


def test_reminders_reach_back_some_days_and_to_the_end(home: AtHome):
    put(home, home.ointment, day(-10), day(2))
    moments = moments_of(home.patient, TODAY)
    assert moments[0] == (day(-7), "morning")
    assert moments[-1] == (day(2), "evening")
    assert len(moments) == 20
