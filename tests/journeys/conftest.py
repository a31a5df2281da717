"""A small clinic with the product's own catalogue, on a Monday morning, for people who click through it."""

import datetime as dt
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.conf import settings
from playwright.sync_api import Locator, Page

from clinic.places.models import Location, Resource
from clinic.staff.models import User
from plans.data.factories import (
    CapabilityFactory,
    LocationFactory,
    ResourceFactory,
    UserFactory,
    WorkingHoursFactory,
)
from plans.exchange.services import load_catalogue

BERLIN = ZoneInfo("Europe/Berlin")


@dataclass
class House:
    location: Location
    reception: User
    physician: User
    editor: User
    doctor: Resource


@dataclass
class Hand:
    """One person's hand: does things on a page and counts them, a filled field apart from a click or a key."""

    page: Page
    actions: int = 0
    fields: int = 0

    def click(self, target: Locator) -> None:
        target.click()
        self.actions += 1

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)
        self.actions += 1

    def fill(self, target: Locator, text: str) -> None:
        target.fill(text)
        self.fields += 1


@pytest.fixture
def monday() -> Iterator[dt.date]:
    """The next Monday, from half past eight in the morning in Berlin; time goes on from there."""
    real_today = dt.datetime.now(BERLIN).date()
    day = real_today + dt.timedelta(days=8 - real_today.isoweekday())
    with time_machine.travel(dt.datetime.combine(day, dt.time(8, 30), BERLIN), tick=True):
        yield day


@pytest.fixture
def house(transactional_db: None, monday: dt.date) -> House:
    """Dr Weiss, a procedure room with water, and the people at the desk; open on all seven days."""
    load_catalogue((settings.BASE_DIR / "plans" / "data" / "catalogue.yaml").read_text())
    location = LocationFactory(name="Skin Clinic Lindenhof")
    physician = UserFactory(username="weiss", role="physician", location=location)
    doctor = ResourceFactory(
        location=location,
        name="Dr Marta Weiss",
        user=physician,
        capabilities=[CapabilityFactory(code="physician")],
        open_hours=(9, 17),
    )
    room = ResourceFactory(
        location=location,
        kind="room",
        name="Room 1",
        capabilities=[CapabilityFactory(code="procedure_water")],
        open_hours=(8, 18),
    )
    for resource, weekday in itertools.product((doctor, room), (6, 7)):
        WorkingHoursFactory(resource=resource, weekday=weekday)
    return House(
        location,
        UserFactory(username="roth", role="reception", location=location),
        physician,
        UserFactory(username="busch", role="editor", location=location),
        doctor,
    )
