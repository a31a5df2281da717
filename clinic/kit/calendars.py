"""Appointments as calendar programs read them (iCalendar, RFC 5545 and 7986)."""

import datetime as dt
import zoneinfo
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils import translation
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from icalendar import Calendar, Event

# Asked for by programs that read the link again and again.
REFRESH = dt.timedelta(hours=1)
_A_YEAR = dt.timedelta(days=366)


@dataclass(frozen=True)
class Line:
    """One appointment of a calendar. `changes`: since it was booked; `where`: the room, for those who work there."""

    key: int
    starts_at: dt.datetime
    ends_at: dt.datetime
    is_cancelled: bool
    changes: int
    changed_at: dt.datetime
    where: str = ""


def calendar_of(lines: Iterable[Line], zone: zoneinfo.ZoneInfo, language: str) -> bytes:
    """The calendar's file. An appointment is called one and nothing more: whoever sees the calendar learns no treatment.

    Times are the wall clock of `zone`, whose rules are told with them. The same lines make the same bytes.
    """
    lines = list(lines)
    calendar = Calendar()
    calendar.add("prodid", "-//Cadence//Calendar feed//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("refresh-interval", REFRESH, parameters={"value": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    with translation.override(language):
        calendar.add("name", _("Appointments"))
        calendar.add("x-wr-calname", _("Appointments"))
        calendar.add("x-wr-timezone", zone.key)
        for line in lines:
            calendar.add_component(_event(line, zone))
    if lines:
        days = [line.starts_at.date() for line in lines]
        calendar.add_missing_timezones(min(days) - _A_YEAR, max(days) + _A_YEAR)
    file: bytes = calendar.to_ical()
    return file


def _event(line: Line, zone: zoneinfo.ZoneInfo) -> Event:
    event = Event()
    event.add("uid", uid_of(line.key))
    event.add("summary", _("Appointment"))
    event.add("dtstart", line.starts_at.astimezone(zone))
    event.add("dtend", line.ends_at.astimezone(zone))
    # Without a method, DTSTAMP is when what is told of it last changed.
    event.add("dtstamp", line.changed_at.astimezone(dt.UTC))
    event.add("last-modified", line.changed_at.astimezone(dt.UTC))
    event.add("sequence", line.changes)
    event.add("status", "CANCELLED" if line.is_cancelled else "CONFIRMED")
    event.add("class", "PRIVATE")
    if line.where:
        event.add("location", line.where)
    return event


def uid_of(key: int) -> str:
    """What calendar programs know an appointment by, whatever becomes of it; it tells nobody how many there are."""
    return f"{salted_hmac('plans.feeds.uid', str(key)).hexdigest()[:40]}@cadence"
