"""Wishes on the booking page: people, rooms, parts of the day, what was dropped in the diary; and what offers say."""

import datetime as dt

import pytest

from plans.data.factories import FactFactory, FactTypeFactory
from tests.diary.clinic import THURSDAY, said
from tests.series.test_views import BOOK, offers_of

FROM = {"first_from": THURSDAY.isoformat()}


def places(page):
    return [each["place"] for each in page.context["series"][0]["sessions"]]


def test_what_was_dropped_in_the_diary_comes_first(clinic, desk):
    page = desk.get(BOOK, {"day": THURSDAY.isoformat(), "minute": 845, "with": clinic.brandt.pk})
    first = places(page)[0]
    assert (first.day, first.start_minute) == (THURSDAY, 840)
    assert first.practitioner == clinic.brandt.pk
    assert page.context["wishes"]["practitioner"].value() == str(clinic.brandt.pk)


def test_what_was_dropped_on_a_room_wishes_for_it(clinic, desk):
    page = desk.get(BOOK, {"day": THURSDAY.isoformat(), "with": clinic.second_room.pk})
    assert {place.room for place in places(page)} == {clinic.second_room.pk}
    assert "In a room asked for" in said(page)


@pytest.mark.parametrize("odd", [{"with": "999"}, {"with": "x"}, {"minute": "5000"}])
def test_a_drop_that_makes_no_sense_breaks_nothing(desk, odd):
    assert desk.get(BOOK, FROM | odd).status_code in (200, 422)


def test_any_of_the_rooms_asked_for(clinic, desk):
    page = desk.get(BOOK, FROM | {"rooms": [clinic.second_room.pk]})
    assert {place.room for place in places(page)} == {clinic.second_room.pk}


def test_only_this_practitioner_has_a_way_out_that_works(clinic, desk):
    clinic.brandt.hours.all().delete()
    page = desk.get(BOOK, FROM | {"practitioner": clinic.brandt.pk, "only": "on"})
    assert not offers_of(page)
    ways = {way["words"]: way["query"] for way in page.context["ways_out"]}
    again = desk.get(BOOK + ways["With anyone who is free"])
    assert {place.practitioner for place in places(again)} == {clinic.weiss.pk}


def test_if_possible_gives_way_and_says_so(clinic, desk):
    clinic.brandt.hours.all().delete()
    page = desk.get(BOOK, FROM | {"practitioner": clinic.brandt.pk})
    assert offers_of(page)
    assert "No series meets every wish." in said(page)


def test_every_way_out_of_an_impossible_wish_works(clinic, desk):
    for resource in (clinic.room, clinic.second_room):
        resource.hours.update(valid_from=THURSDAY + dt.timedelta(days=50))
    page = desk.get(BOOK, FROM)
    assert not offers_of(page)
    ways = [way for way in page.context["ways_out"] if way["query"]]
    assert ways
    for way in ways:
        assert offers_of(desk.get(BOOK + way["query"]))


def test_a_booked_session_in_the_way_is_offered_to_be_moved(clinic, desk):
    course = clinic.book(THURSDAY, dt.date(2027, 2, 26), dt.date(2027, 5, 26))
    gap = course.sessions.get(ordinal=2)
    gap.appointments.update(status="cancelled")
    for visit in gap.appointments.all():
        visit.occupancy.all().delete()
    last = course.sessions.get(ordinal=3).appointments.get()
    start = last.starts_at - dt.timedelta(days=30)
    last.occupancy.all().delete()
    type(last).objects.filter(pk=last.pk).update(
        starts_at=start, ends_at=start + dt.timedelta(minutes=80)
    )
    page = desk.get(BOOK, {"course": course.pk})
    assert "Move session 3 as well" in said(page)
    assert f"/moves/{last.pk}/" in page.content.decode()


def test_three_offers_are_really_different(desk):
    shown = desk.get(BOOK, FROM).context["series"]
    assert len(shown) == 3
    seen = [
        [
            (s["place"].day, s["place"].practitioner, s["place"].start_minute // 120)
            for s in each["sessions"]
        ]
        for each in shown
    ]
    assert all(a != b for n, a in enumerate(seen) for b in seen[:n])


def test_a_caution_says_when_and_what_to_those_who_may_read_it(clinic, desk):
    fact = FactTypeFactory(code="keloid_tendency")
    FactFactory(patient=clinic.patient, fact_type=fact, status="present", since=None)
    words = said(desk.get(BOOK, FROM | {"sessions": "1"}))
    assert "Caution on 26 Nov 2026: Keloid tendency: a practitioner decides and signs" in words


def test_days_late_and_the_same_practitioner_are_reasons(clinic, desk):
    words = said(desk.get(BOOK, {"first_from": "2026-11-27"}))
    assert "Session 2 comes 2 days after the recommended date" in words  # 27 Feb is a Saturday
    assert "Same practitioner: Dr Weiss" in words


def test_first_free_is_asked_for_as_the_page_says(clinic, desk):
    page = desk.get(BOOK, FROM | {"first_free": "on"})
    assert page.context["wishes"].wishes.first_free
    assert 'name="first_free"' in page.content.decode()
    assert not desk.get(BOOK, FROM).context["wishes"].wishes.first_free
