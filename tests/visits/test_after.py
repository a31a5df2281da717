"""What follows a treatment: the next session's window, and the call."""

import datetime as dt
import uuid

import pytest
from django.urls import reverse

from plans.core.calling import call_day, due_day
from plans.diary.models import Appointment
from plans.visits.models import CallTry, FollowUp
from tests.diary.clinic import BERLIN, THURSDAY, client_of, said, version_of

SERIES = (dt.date(2026, 11, 26), dt.date(2027, 2, 26), dt.date(2027, 5, 26))
FRIDAY = dt.date(2026, 11, 27)


@pytest.fixture
def done(clinic, desk, monday) -> Appointment:
    """The first peel, done on its Thursday."""
    course = clinic.book(*SERIES)
    monday.move_to(dt.datetime(2026, 11, 26, 10, tzinfo=BERLIN))
    clinic.deny("pregnancy", on=THURSDAY)
    visit = Appointment.objects.get(session__course=course, session__ordinal=1)
    client = client_of(clinic.practitioner)
    for to in ("arrived", "in_treatment", "done"):
        form = {"to": to, "key": uuid.uuid4(), "version": version_of(visit)}
        assert client.post(reverse("visits:status", args=[visit.pk]), form).status_code == 302
    desk.force_login(clinic.reception)
    return visit


def note(client, visit, outcome, **more):
    form = {"outcome": outcome, "key": uuid.uuid4(), **more}
    return client.post(reverse("visits:call", args=[visit.pk]), form)


def test_the_next_window_counts_from_this_treatment(desk, done):
    page = said(desk.get(f"/visits/{done.pk}/"))
    assert "Session 2 is booked on Fri 26 Feb 2027" in page
    assert "Counted from this treatment: Fri 26 Feb 2027" in page
    assert "Plan anew" not in page


def test_a_next_session_outside_its_window_is_planned_anew(clinic, desk, done):
    second = Appointment.objects.get(session__course=done.session.course, session__ordinal=2)
    start = dt.datetime(2027, 1, 14, 10, tzinfo=BERLIN)
    Appointment.objects.filter(pk=second.pk).update(
        starts_at=start, ends_at=start + dt.timedelta(hours=1)
    )
    page = desk.get(f"/visits/{done.pk}/").content.decode()
    assert "Outside its window" in page
    assert f'href="/moves/{second.pk}/?day=2027-02-26"' in page


def test_a_session_without_a_date_leads_to_booking(desk, done):
    course = done.session.course
    Appointment.objects.filter(session__course=course, session__ordinal=2).update(
        status="cancelled"
    )
    page = desk.get(f"/visits/{done.pk}/").content.decode()
    assert "Session 2 has no date yet" in page
    assert f'href="/courses/{course.pk}/"' in page


def test_what_is_done_leaves_a_call_behind_once(done):
    call = FollowUp.objects.get(visit=done)
    assert call.due_on == FRIDAY


def test_a_call_stands_on_the_worklist_from_its_day(desk, done, clinic, monday):
    assert "Call Anna Petrova" not in said(desk.get("/worklist/"))
    monday.move_to(dt.datetime(2026, 11, 27, 9, tzinfo=BERLIN))
    desk.force_login(clinic.reception)
    page = said(desk.get("/worklist/"))
    assert "Follow-up call after Medium TCA peel of Thu 26 Nov" in page


def test_who_was_called_leaves_the_list(desk, done, clinic, monday):
    monday.move_to(dt.datetime(2026, 11, 27, 9, tzinfo=BERLIN))
    desk.force_login(clinic.reception)
    answer = note(desk, done, "called", note="all well", back="worklist")
    assert answer["Location"] == "/worklist/"
    assert "Follow-up call after" not in said(desk.get("/worklist/"))


def test_who_was_not_reached_comes_back_on_the_next_day(desk, done, clinic, monday):
    monday.move_to(dt.datetime(2026, 11, 27, 9, tzinfo=BERLIN))
    desk.force_login(clinic.reception)
    note(desk, done, "not_reached")
    assert "Follow-up call after" not in said(desk.get("/worklist/"))
    monday.move_to(dt.datetime(2026, 11, 28, 9, tzinfo=BERLIN))
    desk.force_login(clinic.reception)
    assert "Follow-up call after" in said(desk.get("/worklist/"))


def test_a_settled_call_takes_no_second_end(desk, done):
    assert note(desk, done, "called").status_code == 302
    again = note(desk, done, "not_needed")
    assert again.status_code == 422
    assert "Nobody is to be called here any more" in said(again)
    assert CallTry.objects.count() == 1


def test_a_second_sending_of_a_call_writes_nothing(desk, done):
    key = uuid.uuid4()
    assert [note(desk, done, "not_reached", key=key).status_code for _ in range(2)] == [302, 302]
    assert CallTry.objects.count() == 1


def test_what_was_said_is_for_those_who_see_the_record(clinic, desk, done):
    note(desk, done, "called", note="blister on the chin")
    assert "blister" not in said(desk.get(f"/visits/{done.pk}/"))
    physician = client_of(clinic.physician)
    assert "blister on the chin" in said(physician.get(f"/visits/{done.pk}/"))


@pytest.mark.parametrize(("healing", "days"), [(10, 1), (None, 1), (0, 3)])
def test_a_call_is_due_sooner_where_skin_has_to_heal(healing, days):
    assert call_day(THURSDAY, healing) == THURSDAY + dt.timedelta(days=days)


def test_a_call_that_is_not_reached_waits_a_day_and_one_that_ends_is_due_no_more():
    assert due_day(FRIDAY, []) == FRIDAY
    assert due_day(FRIDAY, [("not_reached", FRIDAY)]) == FRIDAY + dt.timedelta(days=1)
    assert due_day(FRIDAY, [("not_reached", FRIDAY), ("called", FRIDAY)]) is None
