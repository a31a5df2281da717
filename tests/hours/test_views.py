"""The pages of hours: a week of everybody, the form of one, the preview, holidays, blocked time."""

import datetime as dt
import re
import uuid
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinic.places.models import HoursException, WorkingHours
from clinic.places.selectors import hours_in_week
from clinic.places.services import add_exception, set_week
from clinic.staff.models import User
from plans.data.factories import LocationFactory, PatientFactory, ResourceFactory
from plans.diary.models import Appointment, Block
from tests.diary.clinic import THURSDAY, TODAY, Clinic, client_of, said

NINE, NOON, ONE, FIVE = dt.time(9), dt.time(12), dt.time(13), dt.time(17)
NEXT_MONDAY = TODAY + dt.timedelta(days=7)


@pytest.fixture
def client(manager: User) -> Client:
    return client_of(manager)


def week(**changes: str) -> dict[str, str]:
    """The form of a week: nine to five with an hour for lunch, Monday to Friday."""
    form = {"key": str(uuid.uuid4()), "valid_from": NEXT_MONDAY.isoformat(), "every_weeks": "1"}
    for weekday in range(1, 6):
        names = ("opens", "closes", "break1_from", "break1_to")
        for name, time in zip(names, ("09:00", "17:00", "12:00", "13:00"), strict=True):
            form[f"d{weekday}_{name}"] = time
    return form | changes


def days(first: dt.date, **changes: str) -> dict[str, str]:
    return {"key": str(uuid.uuid4()), "first_day": first.isoformat(), "reason": "Leave"} | changes


def page_of(clinic: Clinic) -> str:
    return reverse("hours:resource", args=[clinic.weiss.pk])


def test_the_week_of_everybody_is_drawn_with_breaks_and_absences(clinic: Clinic, client: Client):
    set_week(clinic.weiss, {1: [(NINE, NOON), (ONE, FIVE)], 2: [(NINE, FIVE)]}, TODAY, by=None)
    add_exception(clinic.location, TODAY, TODAY, by=None, resource=clinic.room, reason="Painted")
    words = said(client.get(reverse("hours:overview")))
    assert "Dr Weiss 09:00–12:00, 13:00–17:00 09:00–17:00" in words
    assert "Room 1 closed Painted" in words


def test_another_week_shows_its_own_hours(clinic: Clinic, client: Client):
    set_week(clinic.weiss, {1: [(NINE, NOON)]}, NEXT_MONDAY, by=None, every_weeks=2)
    words = [
        said(
            client.get(
                reverse("hours:overview"), {"day": (TODAY + n * dt.timedelta(days=7)).isoformat()}
            )
        )
        for n in range(3)
    ]
    assert [("Dr Weiss 09:00–12:00 " in each) for each in words] == [False, True, False]


def test_a_week_typed_in_is_saved_with_its_breaks(clinic: Clinic, client: Client):
    answer = client.post(page_of(clinic), week(d5_closes="14:00"), follow=True)
    assert "Saved. No visit is touched." in said(answer)
    found = hours_in_week(clinic.weiss, NEXT_MONDAY)
    assert found[1] == [(NINE, NOON), (ONE, FIVE)]
    assert found[5] == [(NINE, NOON), (ONE, dt.time(14))]
    assert hours_in_week(clinic.weiss, TODAY)[1] == [(NINE, FIVE)]


def test_the_form_shows_the_hours_that_it_would_change(clinic: Clinic, client: Client):
    client.post(page_of(clinic), week())
    html = client.get(page_of(clinic)).content.decode()
    assert re.search(r'name="d1_break1_from"[^>]*value="12:00"', html)
    assert f'value="{NEXT_MONDAY}"' in html
    earlier = client.get(page_of(clinic), {"day": TODAY.isoformat()}).content.decode()
    assert not re.search(r'name="d1_break1_from"[^>]*value="12:00"', earlier)


def test_no_break_is_lost_where_a_day_has_several(clinic: Clinic, client: Client):
    three = [(NINE, dt.time(11)), (NOON, ONE), (dt.time(14), FIVE)]
    set_week(clinic.weiss, {1: three}, TODAY, by=None)
    html = client.get(page_of(clinic)).content.decode()
    form = dict(re.findall(r'name="(d\d_\w+)" value="([^"]+)"', html.replace(" \n", " ")))
    assert form["d1_break2_to"] == "14:00"
    form |= {"key": str(uuid.uuid4()), "valid_from": NEXT_MONDAY.isoformat(), "every_weeks": "1"}
    client.post(page_of(clinic), form)
    assert hours_in_week(clinic.weiss, NEXT_MONDAY)[1] == three


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"d1_closes": ""}, "Give both times"),
        ({"d1_closes": "08:00"}, "Give both times"),
        ({"d1_break1_to": ""}, "Give both times"),
        ({"d1_break1_from": "08:00"}, "break lies between"),
        ({"d1_break1_to": "17:00"}, "break lies between"),
        ({"valid_from": "2026-11-01"}, "stays on record"),
        ({"valid_from": "9999-12-31"}, "years away"),
        ({"valid_until": "9999-12-31", "every_weeks": "2"}, "years away"),
        ({"valid_from": "", "d1_opens": "late"}, "Enter a valid time"),
    ],
)
def test_what_cannot_be_stands_beside_its_field_and_what_was_typed_stays(
    clinic: Clinic, client: Client, changes: dict[str, str], words: str
):
    answer = client.post(page_of(clinic), week(d2_opens="09:30") | changes)
    assert answer.status_code == 422
    assert words in said(answer)
    assert re.search(r'name="d2_opens"[^>]*value="09:30"', answer.content.decode())
    assert hours_in_week(clinic.weiss, NEXT_MONDAY)[1] == [(NINE, FIVE)]


def again(answer: Any) -> dict[str, str]:
    """What the preview's form would send."""
    return dict(re.findall(r'name="([^"]+)" value="([^"]*)"', answer.content.decode()))


def test_a_change_shows_whom_it_strands_and_saves_when_told_so(clinic: Clinic, client: Client):
    clinic.book(THURSDAY)
    visit = Appointment.objects.get()
    answer = client.post(
        page_of(clinic), week(d4_opens="13:00", d4_break1_from="", d4_break1_to="")
    )
    words = said(answer)
    assert answer.status_code == 422
    assert "1 visit would stand outside the hours" in words
    assert "Thu 26 Nov , 10:00–11:20 Anna Petrova" in words
    assert "outside the hours of Dr Weiss" in words
    assert "Save and move 1 visit later" in words
    assert hours_in_week(clinic.weiss, THURSDAY)[4] == [(NINE, FIVE)]
    saved = client.post(page_of(clinic), again(answer), follow=True)
    assert hours_in_week(clinic.weiss, THURSDAY)[4] == [(ONE, FIVE)]
    assert "1 visit waits to be moved" in said(saved)
    assert reverse("moves:move", args=[visit.pk]) in saved.content.decode()
    assert "1 visit stands outside the hours" in said(client.get(reverse("hours:overview")))
    visit.refresh_from_db()
    assert visit.status == "booked"


def test_an_absence_shows_whom_it_strands_too(clinic: Clinic, client: Client):
    clinic.book(THURSDAY)
    address = reverse("hours:days", args=[clinic.weiss.pk])
    answer = client.post(address, days(THURSDAY))
    assert "Anna Petrova" in said(answer)
    assert not HoursException.objects.exists()
    page = client.post(address, again(answer), follow=True)
    assert "Thu 26 Nov closed Leave" in said(page)


def test_an_absence_is_added_and_removed(clinic: Clinic, client: Client):
    client.post(
        reverse("hours:days", args=[clinic.weiss.pk]), days(THURSDAY, opens="10:00", closes="14:00")
    )
    row = HoursException.objects.get()
    assert (row.resource, row.opens, row.last_day) == (clinic.weiss, dt.time(10), THURSDAY)
    client.post(reverse("hours:remove_days", args=[row.pk]), {"key": str(uuid.uuid4())})
    assert not HoursException.objects.exists()


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_a_year_mistyped_is_told_wherever_a_day_is_typed(clinic: Clinic, client: Client, day: str):
    one = [clinic.weiss.pk]
    wished = days(THURSDAY) | {"first_day": day}
    sent = [
        (reverse("hours:days", args=one), wished),
        (reverse("hours:closures"), wished),
        (reverse("hours:end", args=one), {"key": str(uuid.uuid4()), "last_day": day}),
        (reverse("hours:blocks"), block(clinic, first_day=day)),
    ]
    for address, form in sent:
        answer = client.post(address, form)
        assert answer.status_code == 422, address
        assert "That is years away." in said(answer), address


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "soon"])
def test_a_day_out_of_sight_in_the_address_shows_this_week(
    clinic: Clinic, client: Client, day: str
):
    answer = client.get(reverse("hours:overview"), {"day": day})
    assert answer.status_code == 200
    assert answer.context["monday"] == TODAY - dt.timedelta(days=TODAY.weekday())


@pytest.mark.parametrize("agreed", ["²", "9" * 5000, "x,,-1"])
def test_keys_that_are_none_agree_to_nothing(clinic: Clinic, client: Client, agreed: str):
    clinic.book(THURSDAY)
    url = reverse("hours:days", args=[clinic.weiss.pk])
    assert client.post(url, days(THURSDAY, agreed=agreed)).status_code == 422
    assert not HoursException.objects.exists()


def test_days_in_the_wrong_order_are_told_in_the_form(clinic: Clinic, client: Client):
    answer = client.post(
        reverse("hours:days", args=[clinic.weiss.pk]),
        days(THURSDAY, last_day=TODAY.isoformat(), opens="10:00"),
    )
    assert answer.status_code == 422
    assert "cannot be before the first" in said(answer)
    assert "Give both times" in said(answer)


def test_hours_end_and_planned_ones_are_taken_back(clinic: Clinic, client: Client):
    client.post(page_of(clinic), week())
    kept = {"key": str(uuid.uuid4()), "valid_from": NEXT_MONDAY.isoformat(), "every_weeks": "1"}
    client.post(reverse("hours:take_back", args=[clinic.weiss.pk]), kept)
    assert hours_in_week(clinic.weiss, NEXT_MONDAY)[1] == [(NINE, FIVE)]
    refused = client.post(
        reverse("hours:take_back", args=[clinic.weiss.pk]), kept | {"key": str(uuid.uuid4())}
    )
    assert "changed meanwhile" in said(refused)
    client.post(
        reverse("hours:end", args=[clinic.weiss.pk]),
        {"key": str(uuid.uuid4()), "last_day": TODAY.isoformat()},
    )
    assert hours_in_week(clinic.weiss, NEXT_MONDAY) == {}
    assert WorkingHours.objects.filter(resource=clinic.weiss).count() == 5


def test_the_year_s_holidays_are_listed_and_the_chosen_ones_added(clinic: Clinic, client: Client):
    address = reverse("hours:holidays")
    assert "New Year" in said(client.get(address, {"year": 2027}))
    chosen = {"key": str(uuid.uuid4()), "year": "2027", "days": ["2027-01-01", "2027-05-01"]}
    client.post(address, chosen)
    assert [row.first_day.month for row in HoursException.objects.all()] == [1, 5]
    row = HoursException.objects.first()
    answer = client.post(reverse("hours:remove_days", args=[row.pk]), {"key": str(uuid.uuid4())})
    assert answer["Location"] == f"{address}?year=2027"
    assert HoursException.objects.get().first_day == dt.date(2027, 5, 1)


def test_no_holiday_chosen_is_told(clinic: Clinic, client: Client):
    answer = client.post(
        reverse("hours:holidays"),
        {"key": str(uuid.uuid4()), "year": "2027", "days": ["2027-07-07"]},
    )
    assert answer.status_code == 422
    assert not HoursException.objects.exists()


def test_a_country_without_a_calendar_is_told_on_the_page(clinic: Clinic, client: Client):
    clinic.location.subdivision = "QQ"
    clinic.location.save(update_fields=["subdivision"])
    assert "No holidays are known for DE QQ" in said(client.get(reverse("hours:holidays")))


def test_the_whole_clinic_may_be_closed_for_some_days(clinic: Clinic, client: Client):
    client.post(reverse("hours:closures"), days(THURSDAY, reason="Team day"))
    row = HoursException.objects.get()
    assert (row.resource, row.opens, row.reason) == (None, None, "Team day")
    assert "Team day" in said(client.get(reverse("hours:holidays")))
    wrong = client.post(reverse("hours:closures"), days(THURSDAY, reason=""))
    assert wrong.status_code == 422


def block(clinic: Clinic, **changes: Any) -> dict[str, Any]:
    wish = {"resources": [clinic.room.pk], "first_day": THURSDAY.isoformat(), "weeks": "1"}
    times = {"opens": "12:00", "closes": "13:00", "reason": "Lunch"}
    return {"key": str(uuid.uuid4())} | wish | times | changes


def test_reception_blocks_time_and_frees_it(clinic: Clinic):
    client = client_of(clinic.reception)
    page = client.post(reverse("hours:blocks"), block(clinic, weeks="2"), follow=True)
    assert "2 times are blocked." in said(page)
    assert "Lunch Room 1 Thu 26 Nov, 12:00–13:00 and 1 more time" in said(page)
    first, second = Block.objects.all()
    client.post(reverse("hours:unblock", args=[second.pk]), {"key": str(uuid.uuid4())})
    assert Block.objects.get() == first
    page = client.post(
        reverse("hours:unblock", args=[first.pk]),
        {"key": str(uuid.uuid4()), "whole": "1"},
        follow=True,
    )
    assert "1 time is free again." in said(page)


def test_a_block_over_a_visit_names_it_in_the_form(clinic: Clinic):
    clinic.book(THURSDAY, minute=660)
    answer = client_of(clinic.reception).post(reverse("hours:blocks"), block(clinic))
    assert answer.status_code == 422
    assert "Anna Petrova, Thu 26 Nov, 11:00 to 12:20, Room 1" in said(answer)
    assert 'value="Lunch"' in answer.content.decode()


def test_a_click_on_free_time_fills_the_form(clinic: Clinic):
    where = {"day": THURSDAY.isoformat(), "minute": "615", "resource": str(clinic.room.pk)}
    html = client_of(clinic.reception).get(reverse("hours:blocks"), where).content.decode()
    assert 'value="10:15"' in html
    assert f'value="{THURSDAY}"' in html
    assert re.search(rf'value="{clinic.room.pk}"[^>]*checked', html)


def test_a_block_without_a_time_or_a_resource_is_told(clinic: Clinic):
    answer = client_of(clinic.reception).post(
        reverse("hours:blocks"), block(clinic, resources=[], closes="")
    )
    assert answer.status_code == 422
    assert "Choose at least one." in said(answer)
    assert "Give both times" in said(answer)


def test_the_rail_leads_the_manager_to_hours_and_nobody_else(clinic: Clinic, client: Client):
    link = f'href="{reverse("hours:overview")}"'
    assert link in client.get(reverse("hours:overview")).content.decode()
    answer = client_of(clinic.reception).get(reverse("hours:blocks"))
    assert link not in answer.content.decode()


def test_resources_of_another_clinic_are_not_found(clinic: Clinic, client: Client):
    stranger = ResourceFactory.create(location=LocationFactory.create())
    assert client.get(reverse("hours:resource", args=[stranger.pk])).status_code == 404


def test_a_page_asks_as_often_for_many_as_for_few(clinic: Clinic, client: Client):
    """Everybody's week, the page of one and the blocked time, each with a stranded visit."""
    addresses = [reverse("hours:overview"), page_of(clinic), reverse("hours:blocks")]
    clinic.book(THURSDAY)
    add_exception(clinic.location, THURSDAY, THURSDAY, by=None)
    few = [queries_of(client, address) for address in addresses]
    for week_number in range(2, 6):
        day = THURSDAY + week_number * dt.timedelta(days=7)
        patient = PatientFactory.create(location=clinic.location)
        clinic.book(day, patient=patient)
        add_exception(clinic.location, day, day, by=None)
        set_week(clinic.brandt, {6: [(NINE, NOON)]}, day, by=None)
    ResourceFactory.create_batch(4, location=clinic.location, open_hours=(9, 17))
    client.post(reverse("hours:blocks"), block(clinic, weeks="5", opens="08:00", closes="09:00"))
    assert [queries_of(client, address) for address in addresses] == few
    assert all(count <= 20 for count in few), few


def queries_of(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)
