"""A session slips, by hand in a browser: Move, the date, Confirm; the rest of the course follows."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from clinic.patients.models import Answer, Patient
from clinic.patients.services import record_answers, set_skin_type
from plans.data.factories import PatientFactory
from plans.diary.models import Appointment
from plans.health.selectors import questions_for
from tests.conftest import OpenPage
from tests.journeys.conftest import Hand, House

TCA = "tca_peel_medium"
BERLIN = ZoneInfo("Europe/Berlin")
TWO_WEEKS = dt.timedelta(days=14)


@pytest.fixture
def anna(house: House) -> Patient:
    patient = PatientFactory(
        number=142, given_name="Anna", family_name="Petrova", location=house.location
    )
    answers = [Answer(kind.code, "denied") for kind in questions_for(patient, TCA).types]
    record_answers(patient, answers, by=house.reception)
    set_skin_type(patient, 3, patient.registered_on, by=house.physician)
    return patient


def days() -> list[dt.date]:
    rows = Appointment.objects.exclude(status="cancelled").order_by("starts_at")
    return [row.starts_at.astimezone(BERLIN).date() for row in rows]


@pytest.fixture
def first(anna: Patient, house: House, open_page: OpenPage) -> Appointment:
    """The first of three peels, booked."""
    page = open_page(house.reception)
    page.goto(f"/series/142/{TCA}/")
    page.get_by_role("button", name="Book all 3").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Medium TCA peel for")
    return Appointment.objects.order_by("starts_at")[0]


def type_day(page: Page, day: dt.date) -> None:
    """Into the date field that has the focus, in whichever order this browser writes a date."""
    for order in ("%m%d%Y", "%d%m%Y"):
        page.get_by_label("New date").focus()
        page.keyboard.type(day.strftime(order))
        if page.get_by_label("New date").input_value() == day.isoformat():
            return


def shows_three(page: Page) -> None:
    expect(page.get_by_role("button", name="Confirm 3 changes")).to_be_visible()


def test_a_slipped_session_takes_three_actions_by_mouse(
    house: House, first: Appointment, open_page: OpenPage
):
    before = days()
    page = open_page(house.reception)
    page.goto(f"/visits/{first.pk}/")
    hand = Hand(page)
    hand.click(page.get_by_role("link", name="Move"))
    hand.fill(page.get_by_label("New date"), (before[0] + TWO_WEEKS).isoformat())
    shows_three(page)
    assert days() == before
    hand.click(page.get_by_role("button", name="Confirm 3 changes"))
    expect(page.locator(".toast").first).to_contain_text("3 dates have moved")
    after = days()
    assert (hand.actions, hand.fields) == (2, 1)
    assert after[0] == before[0] + TWO_WEEKS
    assert all(now > was for now, was in zip(after, before, strict=True))


def test_a_slipped_session_is_moved_by_keyboard_alone(
    house: House, first: Appointment, open_page: OpenPage
):
    before = days()
    page = open_page(house.reception)
    page.goto(f"/visits/{first.pk}/")
    page.get_by_role("link", name="Move").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("New date")).to_be_visible()
    page.get_by_label("New date").focus()
    type_day(page, before[0] + TWO_WEEKS)
    shows_three(page)
    # What was swapped in took neither the date nor the place of the one who types.
    assert page.get_by_label("New date").input_value() == (before[0] + TWO_WEEKS).isoformat()
    assert page.evaluate("document.activeElement.id") == "id_day"
    page.get_by_role("button", name="Confirm 3 changes").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".toast").first).to_contain_text("3 dates have moved")
    assert days()[0] == before[0] + TWO_WEEKS


def test_every_control_of_a_move_is_reached_with_tab(
    house: House, first: Appointment, open_page: OpenPage
):
    page = open_page(house.reception)
    page.goto(f"/moves/{first.pk}/?day={(days()[0] + TWO_WEEKS).isoformat()}")
    page.get_by_label("New date").focus()
    met = set()
    for _press in range(40):
        page.keyboard.press("Tab")
        met.add(page.evaluate("document.activeElement.name || document.activeElement.innerText"))
    assert {"at", "rest", "minutes", "take", "reason", "Leave as it is"} <= met
    assert any("Confirm 3 changes" in each for each in met)


def test_a_line_left_out_is_answered_at_once_and_the_reason_typed_stays(
    house: House, first: Appointment, open_page: OpenPage
):
    page = open_page(house.reception)
    page.goto(f"/moves/{first.pk}/?day={(days()[0] + TWO_WEEKS).isoformat()}")
    page.get_by_label("Why it moves").fill("on holiday")
    page.get_by_role("checkbox").first.uncheck()
    expect(page.locator("#plan .note.is-refuse")).to_contain_text("Accept the new date of")
    expect(page.get_by_label("Why it moves")).to_have_value("on holiday")
    page.get_by_role("checkbox").first.check()
    shows_three(page)


def test_what_moved_is_undone_with_one_click(house: House, first: Appointment, open_page: OpenPage):
    before = days()
    page = open_page(house.reception)
    page.goto(f"/moves/{first.pk}/?day={(before[0] + TWO_WEEKS).isoformat()}")
    page.get_by_role("button", name="Confirm 3 changes").click()
    page.locator(".toast").get_by_role("button", name="Undo").click()
    expect(page.locator(".toast").first).to_contain_text("Undone")
    assert days() == before


def test_a_session_slips_on_a_phone(house: House, first: Appointment, open_page: OpenPage):
    before = days()
    page = open_page(house.reception, width="phone")
    page.goto(f"/moves/{first.pk}/")
    page.get_by_label("New date").fill((before[0] + TWO_WEEKS).isoformat())
    page.get_by_role("button", name="Confirm 3 changes").click()
    expect(page.locator(".toast").first).to_contain_text("3 dates have moved")
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= 390
