"""Home care begins, pauses and ends; what stands against it keeps it off."""

import datetime as dt
import uuid

import pytest

from clinic.audit.models import Entry
from clinic.kit.refusals import AlreadyDone, Refusal
from plans.courses.models import HomeCare, Plan
from plans.data.factories import FactFactory, FactTypeFactory
from plans.diary.selectors import rescreen
from plans.homecare import services
from plans.homecare.selectors import conflicts
from plans.homecare.services import StandsAgainst
from tests.diary.clinic import THURSDAY, TODAY
from tests.homecare.conftest import AtHome

# Seven days before the peel on Thursday the 26th, and two weeks after it.
LAST, AGAIN = dt.date(2026, 11, 19), dt.date(2026, 12, 10)


def day(n: int) -> dt.date:
    return TODAY + dt.timedelta(days=n)


def test_the_ointment_begins_where_its_questions_are_answered(healthy: AtHome):
    care = healthy.begin(healthy.ointment, TODAY, day(6))
    assert (care.starts_on, care.last_day, care.patient) == (TODAY, day(6), healthy.patient)
    [said] = Entry.objects.filter(action="home_care_started")
    assert said.patient_number == 142


def test_an_allergy_keeps_the_ointment_off(healthy: AtHome):
    allergy = FactTypeFactory(code="allergy_heparin")
    FactFactory(patient=healthy.patient, fact_type=allergy, status="present", since=None)
    with pytest.raises(StandsAgainst, match=r"Allergy heparin.*Choose another product"):
        healthy.begin(healthy.ointment, TODAY, day(6))
    assert not HomeCare.objects.exists()
    assert not Plan.objects.exists()


def test_what_was_never_asked_is_asked_first(home: AtHome):
    with pytest.raises(StandsAgainst, match=r"never asked.*Ask the health questions first"):
        home.begin(home.ointment, TODAY, day(6))


def test_a_caution_asks_for_a_reason_and_keeps_it(healthy: AtHome):
    bleeding = FactTypeFactory(code="bleeding_disorder")
    FactFactory(patient=healthy.patient, fact_type=bleeding, status="present", since=None)
    with pytest.raises(StandsAgainst, match="Give the reason"):
        healthy.begin(healthy.ointment, TODAY, day(6), "fine")
    healthy.begin(healthy.ointment, TODAY, day(6), "mild, seen with her physician")
    signed = Entry.objects.get(action="home_care_signed")
    assert signed.reason == "mild, seen with her physician"
    assert signed.details["rule"] == "ci:heparin_ointment:bleeding_disorder"


def test_the_retinoid_stops_before_the_peel(home: AtHome):
    home.clinic.book(THURSDAY)
    with pytest.raises(StandsAgainst, match="Let it end on Thu 19 Nov 2026 or earlier"):
        home.begin(home.retinoid, TODAY, day(89))
    care = home.begin(home.retinoid, TODAY, LAST)
    assert conflicts(home.patient) == []
    assert not any(each.is_endangered for each in rescreen([home.patient], TODAY))
    with pytest.raises(StandsAgainst):
        services.change_end(care, day(11), by=home.clinic.physician, key=uuid.uuid4())


def test_after_the_peel_the_retinoid_waits(home: AtHome):
    home.clinic.book(THURSDAY)
    with pytest.raises(StandsAgainst, match="Begin on Thu 10 Dec 2026 or later"):
        home.begin(home.retinoid, THURSDAY + dt.timedelta(days=1))
    assert home.begin(home.retinoid, AGAIN).starts_on == AGAIN


def test_a_pause_around_the_peel_lets_both_stand(home: AtHome):
    care = home.begin(home.retinoid, TODAY, day(89))
    second = services.pause(
        care, LAST, AGAIN, "peel on the 26th", by=home.clinic.physician, key=uuid.uuid4()
    )
    care.refresh_from_db()
    assert (care.last_day, second.starts_on, second.last_day) == (LAST, AGAIN, day(89))
    assert second.plan == care.plan
    home.clinic.book(THURSDAY)
    assert conflicts(home.patient) == []
    assert not any(each.is_endangered for each in rescreen([home.patient], TODAY))


@pytest.mark.parametrize(
    ("last", "again", "said"),
    [
        (5, 6, "a day at least"),
        (-2, 6, "a day at least"),
        (5, 95, "Set an earlier last day"),
    ],
)
def test_a_pause_lies_inside_the_use(home: AtHome, last: int, again: int, said: str):
    care = home.begin(home.retinoid, TODAY, day(89))
    with pytest.raises(Refusal, match=said):
        services.pause(
            care, day(last), day(again), "away", by=home.clinic.physician, key=uuid.uuid4()
        )
    care.refresh_from_db()
    assert care.stopped_on is None


def test_a_pause_that_ends_too_early_after_the_peel_changes_nothing(home: AtHome):
    home.clinic.book(THURSDAY)
    care = home.begin(home.retinoid, TODAY, LAST)
    HomeCare.objects.filter(pk=care.pk).update(ends_on=day(89))
    with pytest.raises(StandsAgainst):
        services.pause(
            care, LAST, dt.date(2026, 12, 9), "peel", by=home.clinic.physician, key=uuid.uuid4()
        )
    care.refresh_from_db()
    assert care.stopped_on is None
    assert HomeCare.objects.count() == 1


def test_acids_end_before_their_pause(home: AtHome):
    with pytest.raises(StandsAgainst, match="the pause begins on Tue 9 Feb 2027"):
        home.begin(home.acid, TODAY, dt.date(2027, 2, 9))
    first = home.begin(home.acid, TODAY, dt.date(2027, 2, 8))
    with pytest.raises(StandsAgainst, match=r"Begin on Mon 8 Mar 2027 or later"):
        home.begin(home.acid, dt.date(2027, 3, 1), dt.date(2027, 3, 20))
    assert home.begin(home.acid, dt.date(2027, 3, 8), dt.date(2027, 3, 20)).pk != first.pk


def test_one_product_is_not_begun_twice(home: AtHome):
    home.begin(home.retinoid, TODAY, day(9))
    with pytest.raises(StandsAgainst, match="in use on some of these days already"):
        home.begin(home.retinoid, day(9), day(20))
    assert home.begin(home.retinoid, day(10), day(20)).starts_on == day(10)


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        (0, -1, "cannot be before the first"),
        (-9, -1, "over already"),
        (400, 500, "too far"),
        (0, 5000, "too far"),
    ],
)
def test_impossible_days_are_refused(home: AtHome, first: int, last: int, said: str):
    with pytest.raises(Refusal, match=said):
        home.begin(home.retinoid, day(first), day(last))


def test_a_use_that_has_begun_before_today_can_be_recorded(home: AtHome):
    assert home.begin(home.retinoid, day(-10), day(20)).starts_on == day(-10)


def test_a_form_sent_twice_begins_once(home: AtHome):
    key = uuid.uuid4()
    wanted = home.patient, home.retinoid, TODAY, day(9)
    services.start(*wanted, by=home.clinic.physician, key=key)
    with pytest.raises(AlreadyDone):
        services.start(*wanted, by=home.clinic.physician, key=key)
    assert HomeCare.objects.count() == 1


def test_an_earlier_end_needs_no_check_and_is_recorded(home: AtHome):
    care = home.begin(home.retinoid, TODAY, day(89))
    services.change_end(care, day(30), by=home.clinic.physician, key=uuid.uuid4())
    care.refresh_from_db()
    assert care.ends_on == day(30)
    said = Entry.objects.get(action="home_care_ended")
    assert said.details == {"was": day(89).isoformat(), "last_day": day(30).isoformat()}
    with pytest.raises(Refusal, match="before the first"):
        services.change_end(care, day(-1), by=home.clinic.physician, key=uuid.uuid4())


def test_what_was_stopped_is_not_changed_any_more(home: AtHome):
    care = home.begin(home.retinoid, TODAY, day(89))
    services.stop(care, day(3), "burns", by=home.clinic.physician, key=uuid.uuid4())
    for act in (
        lambda key: services.change_end(care, None, by=home.clinic.physician, key=key),
        lambda key: services.stop(care, day(2), "again", by=home.clinic.physician, key=key),
        lambda key: services.pause(care, day(1), day(9), "away", by=home.clinic.physician, key=key),
    ):
        with pytest.raises(Refusal, match="stopped before"):
            act(uuid.uuid4())
