"""Which series fit what is asked, and what stands in their way."""

import dataclasses
import datetime as dt
import uuid

from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinic.places.selectors import resources_at
from plans.catalogue.selectors import current_revision
from plans.core.problems import Impossible
from plans.core.screening import Verdict
from plans.core.spacing import window_after
from plans.courses.selectors import course_at, names
from plans.courses.tags import finding_words, impossible_words
from plans.data.factories import FactFactory, FactTypeFactory, PatientFactory
from plans.diary.models import Appointment
from plans.diary.services import change_status
from plans.series.selectors import Ask, proposals
from tests.diary.clinic import TODAY

TUESDAY = dt.date(2026, 11, 10)


def ask(clinic, **changes) -> Ask:
    values = {
        "patient": clinic.patient,
        "location": clinic.location,
        "revision": current_revision("tca_peel_medium"),
        "count": 3,
        "first_from": TUESDAY,
    }
    return Ask(**(values | changes))


def answer(clinic, **changes):
    return proposals(ask(clinic, **changes), resources_at(clinic.location))


def test_the_best_series_stands_on_its_target_days(clinic):
    best = answer(clinic).series[0].offer
    days = [place.day for place in best.places]
    interval = current_revision("tca_peel_medium").interval
    assert interval
    assert days[0] == TUESDAY
    for before, place in zip(days, best.places[1:], strict=False):
        window = window_after(before, interval)
        assert place.window == window
        assert place.day in window


def test_a_practitioner_asked_for_serves_the_best_series(clinic):
    found = answer(clinic, practitioner=clinic.brandt.pk)
    people = {place.practitioner for place in found.series[0].offer.places}
    (other,) = [s.offer for s in found.series if s.offer.kind == "other_practitioner"]
    others = {place.practitioner for place in other.places}
    assert people == {clinic.brandt.pk}
    assert clinic.brandt.pk not in others


def test_wishes_of_time_are_kept_where_they_can_be(clinic):
    found = answer(clinic, part=(720, 1440), weekdays=frozenset({4}))
    places = found.series[0].offer.places
    assert found.keeps_wishes
    assert all(place.start_minute >= 720 and place.day.isoweekday() == 4 for place in places)


def test_wishes_that_nobody_can_meet_are_told_from_those_that_are(clinic):
    found = answer(clinic, weekdays=frozenset({7}))
    assert found.series
    assert not found.keeps_wishes


def test_after_isotretinoin_the_series_begins_on_the_first_day_allowed(clinic):
    FactFactory(
        patient=clinic.patient, fact_type=FactTypeFactory(code="isotretinoin_oral"),
        status="present", since=dt.date(2026, 1, 9), until=dt.date(2026, 7, 8),
    )  # fmt: skip
    found = answer(clinic)
    assert found.asked.verdict is Verdict.WAIT
    assert found.starts_from == dt.date(2027, 1, 8)
    assert found.series[0].offer.places[0].day == dt.date(2027, 1, 8)
    assert [finding_words(each, names()) for each in found.waits] == [
        "Isotretinoin stopped 8 Jul 2026: wait 6 months, until Fri 8 Jan 2027"
    ]


def test_what_was_never_asked_is_asked_and_never_ok(clinic):
    stranger = PatientFactory(location=clinic.location)
    verdicts = {
        screening.verdict
        for series in answer(clinic, patient=stranger).series
        for screening in series.screenings
    }
    assert verdicts == {Verdict.ASK}


def test_a_wait_without_a_known_end_offers_nothing(clinic):
    FactFactory(
        patient=clinic.patient, fact_type=FactTypeFactory(code="isotretinoin_oral"),
        status="present", since=dt.date(2026, 1, 9),
    )  # fmt: skip
    found = answer(clinic)
    assert found.series == ()
    assert found.starts_from is None
    assert found.waits


def test_a_series_keeps_clear_of_a_later_visit_of_another_procedure(clinic):
    clinic.book(dt.date(2026, 12, 3), revision=clinic.toxin)
    first = answer(clinic, first_from=dt.date(2026, 11, 23)).series[0].offer.places[0]
    assert first.day > dt.date(2026, 12, 3)


def test_no_series_names_the_session_and_a_way_out(clinic):
    clinic.location.exceptions.create(
        first_day=TUESDAY, last_day=dt.date(2026, 12, 31), reason="rebuilding"
    )
    found = answer(clinic)
    assert found.impossible.ordinal == 1
    assert found.impossible.relaxation.kind == "later_start"
    assert found.impossible.relaxation.day == dt.date(2027, 1, 1)


def test_the_rest_of_a_course_is_placed_between_what_stands(clinic):
    course = clinic.book(dt.date(2026, 11, 26), dt.date(2027, 2, 26), dt.date(2027, 6, 28))
    second = Appointment.objects.get(session__course=course, session__ordinal=2)
    change_status(second, "cancelled", by=clinic.reception, reason="holiday", key=uuid.uuid4())
    view = course_at(clinic.location, course.pk)
    found = answer(clinic, course=view, count=1)
    places = found.series[0].offer.places
    assert [(place.ordinal, place.stays) for place in places] == [(2, False), (3, True)]
    assert places[0].day in window_after(dt.date(2026, 11, 26), clinic.peel.interval)
    assert places[1].day in window_after(places[0].day, clinic.peel.interval)


def test_the_number_of_queries_does_not_depend_on_the_diary(clinic):
    def count() -> int:
        resources = resources_at(clinic.location)
        with CaptureQueriesContext(connection) as queries:
            proposals(ask(clinic), resources)
        return len(queries)

    before = count()
    for number in range(12):
        patient = PatientFactory(location=clinic.location)
        clinic.deny("isotretinoin_oral", "keloid_tendency", patient=patient)
        clinic.book(
            dt.date(2026, 11, 16) + dt.timedelta(days=number % 5),
            minute=540 + 80 * (number // 5),
            patient=patient,
        )
    assert count() == before


def test_when_only_a_later_visit_stands_in_the_way_the_page_says_so():
    window = (TODAY, TODAY + dt.timedelta(days=42))
    problem = Impossible(1, "screening", {"screening": 43}, window, ("later",), None, ())
    assert impossible_words(problem).endswith(
        "Another booked visit of the patient stands too near."
    )
    other = dataclasses.replace(problem, reasons=("ci:tca_peel_medium:pregnancy",))
    assert "Another booked visit" not in impossible_words(other)
