"""The clinic's visits in django-appointment's tables, and its slots asked for as it asks for them itself.

It knows staff with hours, not rooms and devices: each resource is a member of its staff, and a start counts when
the slots of a practitioner, a room and a device have it in common.
"""

import datetime as dt
import importlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.apps import apps

from bench.clinic import Clinic
from bench.days import CLOSING, OPENING, hours_of
from bench.loading import Sheet
from clinic.kit import clock
from clinic.staff.models import User
from plans.core.spacing import Window, window_after

GRID_MINUTES = 15
Slots = Callable[[dt.date, int], Iterable[dt.datetime]]


def _model(name: str) -> Any:
    return apps.get_model("appointment", name)


class Mirror:
    """django-appointment with the clinic's staff and hours; `add` gives it a visit. `staff`: its keys, as our resources."""

    def __init__(self, clinic: Clinic, minutes: int) -> None:
        self.clinic = clinic
        _model("Config").objects.create(
            slot_duration=GRID_MINUTES, lead_time=_time(OPENING), finish_time=_time(CLOSING),
            appointment_buffer_time=0, website_name="Bench",
        )  # fmt: skip
        self.service = _model("Service").objects.create(
            name="Resurfacing", duration=dt.timedelta(minutes=minutes), price=0
        )
        self.staff = {resource.pk: self._member(resource) for resource in clinic.resources}
        stamps = {"created_at": clock.now(), "updated_at": clock.now()}
        self._keys = 0
        self.requests = Sheet(
            _model("AppointmentRequest"),
            ("id", "date", "start_time", "end_time", "staff_member"),
            service=self.service.pk, **stamps,
        )  # fmt: skip
        self.visits = Sheet(
            _model("Appointment"),
            ("id", "appointment_request"),
            amount_to_pay=0,
            phone="",
            **stamps,
        )
        self._breaks()

    def _member(self, resource: Any) -> Any:
        user = User.objects.create(username=f"peer-{resource.pk}", first_name=resource.name)
        member = _model("StaffMember").objects.create(
            user=user, slot_duration=GRID_MINUTES, appointment_buffer_time=0
        )
        member.services_offered.add(self.service)
        hours: tuple[tuple[int, int], ...] = ((OPENING, CLOSING),)
        if resource.kind == "practitioner":
            hours = hours_of(resource.position)
        for weekday in range(7):
            _model("WorkingHours").objects.create(
                staff_member=member, day_of_week=weekday,
                start_time=_time(hours[0][0]), end_time=_time(hours[-1][1]),
            )  # fmt: skip
        return member

    def _breaks(self) -> None:
        """Its hours are one stretch a day: a break is time in which nobody can be had."""
        _model("Unavailability").objects.bulk_create(
            _model("Unavailability")(
                staff_member=self.staff[person.pk], date=day,
                start_time=_time(before[1]), end_time=_time(after[0]),
            )
            for person in self.clinic.practitioners
            for before, after in [hours_of(person.position)]
            for day in self.clinic.days
            if day >= self.clinic.today
        )  # fmt: skip

    def add(self, day: dt.date, start: int, end: int, resource: int) -> None:
        self._keys += 1
        member = self.staff[resource].pk
        self.requests.add(self._keys, day.isoformat(), _clock(start), _clock(end), member)
        self.visits.add(self._keys, self._keys)

    def flush(self) -> None:
        self.requests.flush()
        self.visits.flush()

    def slots(self, day: dt.date, resource: int) -> list[dt.datetime]:
        """Its own listing of one calendar's day."""
        services = importlib.import_module("appointment.services")
        weekday = day.isoweekday() % 7  # Sunday is its 0
        found: list[dt.datetime] = services.get_available_slots_for_staff(
            day, self.staff[resource], weekday, service=self.service
        )
        return found

    def starts(self, day: dt.date, slots: Slots | None = None) -> list[int]:
        """Minutes at which a practitioner, a room and a device are free: the slots they have in common."""
        ask, clinic = slots or self.slots, self.clinic
        common = set.intersection(
            *(
                {found for resource in group for found in ask(day, resource.pk)}
                for group in (clinic.practitioners, clinic.rooms, clinic.devices)
            )
        )
        return sorted(slot.hour * 60 + slot.minute for slot in common)

    def series(
        self, first: Window, interval: Any, count: int, slots: Slots | None = None
    ) -> list[tuple[dt.date, int]] | None:
        """Greedy: each session at the first common slot of its window, the days after the target before those ahead."""
        placed: list[tuple[dt.date, int]] = []
        window = first
        for _ in range(count):
            found = next(
                (
                    (day, starts[0])
                    for day in _in_order(window)
                    if (starts := self.starts(day, slots))
                ),
                None,
            )
            if found is None:
                return None
            placed.append(found)
            window = window_after(found[0], interval)
        return placed


def _in_order(window: Window) -> Iterator[dt.date]:
    day = window.target
    while day <= window.latest:
        yield day
        day += dt.timedelta(days=1)


def _time(minute: int) -> dt.time:
    return dt.time(minute // 60, minute % 60)


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}:00"
