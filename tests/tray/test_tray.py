"""What waits for a date, to be dragged into the diary."""

import datetime as dt

from plans.courses.services import open_course
from plans.data.factories import PatientFactory
from plans.tray.selectors import to_book
from tests.diary.clinic import THURSDAY, said

TRAY = "/tray/"
SERIES = (dt.date(2026, 11, 26), dt.date(2027, 2, 26), dt.date(2027, 5, 26))


def test_the_tray_holds_what_is_owed_the_most_urgent_first(clinic, desk):
    later = PatientFactory(location=clinic.location, given_name="Bea", family_name="Later")
    late = open_course(later, clinic.peel, 3, by=clinic.reception)
    early = open_course(clinic.patient, clinic.peel, 3, by=clinic.reception)
    early.sessions.filter(ordinal=1).update(performed_on=dt.date(2026, 7, 1))
    late.sessions.filter(ordinal=1).update(performed_on=dt.date(2026, 10, 1))
    tray = desk.get(TRAY)
    words = said(tray)
    assert words.index("Anna Petrova") < words.index("Bea Later")
    assert "2 of 3, due Thu 1 Oct, window to" in words
    assert f"/series/142/tca_peel_medium/?course={early.pk}" in str(tray.content, "utf-8")


def test_the_tray_holds_twenty_however_many_wait(clinic, desk, django_assert_max_num_queries):
    for _number in range(25):
        open_course(PatientFactory(location=clinic.location), clinic.peel, 3, by=clinic.reception)
    with django_assert_max_num_queries(7):
        assert [each.minutes for each in to_book(clinic.location, THURSDAY)] == [80] * 20
    assert str(desk.get(TRAY).content, "utf-8").count("data-book") == 20


def test_what_stands_in_the_diary_waits_for_no_date(clinic, desk):
    clinic.book(*SERIES)
    assert "Nothing waits for a date." in said(desk.get(TRAY))
