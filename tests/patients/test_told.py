"""An answer as it was told: the most cautious day of what was remembered, and the code that a fact has now."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.kit.partial import PRECISIONS, PartialDate
from clinic.patients import services
from clinic.patients.forms import told
from clinic.patients.models import Answer, Fact, FormerCode
from clinic.patients.selectors import answers_of, askable, codes_now
from plans.data.factories import FactFactory, FactTypeFactory, PatientFactory, UserFactory

TODAY = dt.date(2026, 11, 23)
YEAR = PartialDate(dt.date(2026, 1, 1), "year")
partials = st.builds(
    PartialDate, st.dates(dt.date(1993, 1, 1), dt.date(2028, 12, 31)), st.sampled_from(PRECISIONS)
)


def someone():
    return PatientFactory.build(location=None, birth_date=dt.date(1992, 3, 14))


def tell(status, since=None, until=None, kind="episode"):
    fact_type = FactTypeFactory.build(code="asthma", kind=kind)
    return told(fact_type, status, since, until, patient=someone(), today=TODAY)


@given(partials)
def test_what_began_then_counts_from_its_first_day_and_what_ended_then_to_its_last(partial):
    began, ended = tell("present", since=partial), tell("present", until=partial)
    assert (began.since, began.until) == (partial.day, None)
    assert ended.until == partial.ends_on(TODAY)
    assert (began.since_precision, ended.until_precision) == (partial.precision, partial.precision)


@given(partials)
def test_an_event_may_have_been_on_any_day_of_what_was_told(partial):
    event = tell("present", since=partial, kind="event")
    assert (event.since, event.until) == (partial.day, partial.ends_on(TODAY))


def test_an_event_without_a_day_was_today():
    event = tell("present", kind="event")
    assert (event.since, event.until) == (TODAY, TODAY)


def test_a_no_is_as_old_as_it_can_be_and_of_today_when_nothing_is_said():
    assert tell("denied", since=YEAR).since == dt.date(2026, 1, 1)
    assert tell("denied").since == TODAY
    assert tell("unknown", since=YEAR) == Answer("asthma", "unknown")


def test_something_that_is_over_this_year_ended_today_at_the_latest():
    assert tell("present", until=YEAR).until == TODAY


def test_nothing_begins_before_birth():
    assert tell("present", since=PartialDate(dt.date(1992, 1, 1), "year")).since == dt.date(
        1992, 3, 14
    )


@pytest.mark.django_db
def test_precision_is_kept_and_another_precision_is_another_answer():
    patient, nurse = PatientFactory.create(), UserFactory.create()
    FactTypeFactory.create(code="asthma")
    day = dt.date(2025, 3, 1)
    for precision in ("month", "month", "day"):
        answer = Answer("asthma", "present", since=day, since_precision=precision)
        services.record_answers(patient, [answer], by=nurse)
    assert [fact.since_precision for fact in Fact.objects.all()] == ["month", "day"]


@pytest.mark.django_db
def test_a_code_of_former_times_finds_the_fact_as_it_is_called_now():
    patient, nurse = PatientFactory.create(), UserFactory.create()
    asthma = FactTypeFactory.create(code="asthma")
    FormerCode.objects.create(code="bronchial_asthma", fact_type=asthma)
    merged = FactTypeFactory.create(code="wheezing", merged_into=asthma)
    assert codes_now() == {"bronchial_asthma": "asthma", "wheezing": "asthma"}
    assert askable(["bronchial_asthma", "wheezing"]) == [asthma]
    services.record_answers(patient, [Answer("bronchial_asthma", "denied")], by=nurse)
    FactFactory.create(patient=patient, fact_type=merged)
    assert [fact.fact_type.stands_for for fact in answers_of(patient)] == [asthma, asthma]
