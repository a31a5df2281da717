"""An editor changes an interval, sees whom it touches, and publishes; reception finds them on the worklist."""

import datetime as dt
import re

import pytest
from playwright.sync_api import Page, expect

from clinic.patients.models import Patient
from plans.catalogue.selectors import current_revision
from plans.core.spacing import add_months
from plans.data.factories import (
    AppointmentFactory,
    CourseFactory,
    PatientFactory,
    SessionFactory,
)
from plans.impact.models import ReviewItem
from tests.conftest import OpenPage
from tests.journeys.conftest import Hand, House

TCA = "tca_peel_medium"


@pytest.fixture
def anna(house: House, monday: dt.date) -> Patient:
    """Anna with three peels booked, three months apart, the first in a week."""
    anna = PatientFactory(
        number=142, given_name="Anna", family_name="Petrova", location=house.location
    )
    course = CourseFactory(patient=anna, revision=current_revision(TCA))
    first = monday + dt.timedelta(days=7)
    for ordinal in (1, 2, 3):
        day = add_months(first, 3 * (ordinal - 1))
        start = dt.datetime.combine(day, dt.time(10), tzinfo=house.location.zone)
        AppointmentFactory(session=SessionFactory(course=course, ordinal=ordinal), starts_at=start)
    return anna


def publish(page: Page) -> None:
    """Agree to what the shipped cases say otherwise, and publish."""
    page.get_by_label(re.compile("as intended")).check()
    page.get_by_role("button", name="Publish revision 2").click()


def test_an_interval_typed_shows_at_once_whom_it_touches(
    house: House, open_page: OpenPage, anna: Patient
):
    page = open_page(house.editor)
    hand = Hand(page)
    page.goto(f"/catalogue/{TCA}/")

    hand.click(page.get_by_role("button", name="Edit"))
    hand.fill(page.get_by_label("Shortest interval").first, "4")
    hand.press("Tab")

    touched = page.get_by_role("region", name="Who is touched")
    expect(touched).to_contain_text("2 sessions of 1 patient would not stand as they are.")
    expect(touched).to_contain_text("too early")
    expect(touched).not_to_contain_text("Petrova")
    assert (hand.actions, hand.fields) == (2, 1)


def test_a_change_published_waits_on_the_worklist_until_it_is_settled(
    house: House, open_page: OpenPage, anna: Patient
):
    editor = open_page(house.editor)
    editor.goto(f"/catalogue/{TCA}/")
    editor.get_by_role("button", name="Edit").click()
    editor.get_by_label("Shortest interval").first.fill("4")
    editor.get_by_role("button", name=re.compile("review")).click()
    expect(editor.get_by_role("region", name="What changes")).to_contain_text("3 months")
    publish(editor)
    expect(editor.get_by_role("status").or_(editor.locator(".toast")).first).to_contain_text(
        "2 sessions are on the list"
    )

    desk = open_page(house.reception)
    desk.goto("/worklist/")
    row = desk.get_by_role("listitem").filter(has_text="Review Medium TCA peel 2")
    expect(row).to_contain_text("Petrova")
    expect(row).to_contain_text("too early")
    row.get_by_text("Settle").first.click()
    row.get_by_placeholder("What was decided").fill("Dr Weiss agrees to three months")
    row.get_by_role("button", name="Settle").click()

    expect(desk.get_by_text("Settled.")).to_be_visible()
    expect(desk.get_by_text("Review Medium TCA peel 2")).to_have_count(0)
    assert ReviewItem.objects.filter(settled_by=house.reception).count() == 1
