"""Sentences about home care, and its reminders as calendar programs read them (iCalendar, RFC 5545 and 7986)."""

import datetime as dt
import zoneinfo
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.utils import translation
from django.utils.crypto import salted_hmac
from django.utils.dateformat import format as format_by_letters
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from icalendar import Calendar, Event

from clinic.kit.clock import today
from clinic.kit.tags import weekday_short
from clinic.patients.models import Patient
from clinic.places.models import Location
from plans.core.regimen import Day, Month, PartOfDay, Regimen, Rest
from plans.core.screening import Verdict
from plans.courses.tags import Names, finding_words, long_day
from plans.terms.tags import period_words

if TYPE_CHECKING:
    from plans.homecare.selectors import Against, InUse
    from plans.homecare.selectors import Calendar as HomeCalendar

# Asked for by programs that read the link again and again.
REFRESH = dt.timedelta(hours=6)
# When a part of the day is told of, by the clock of the clinic.
CLOCK: dict[PartOfDay, dt.time] = {
    "morning": dt.time(8),
    "noon": dt.time(13),
    "evening": dt.time(20),
}
_LASTS = dt.timedelta(minutes=10)
_A_YEAR = dt.timedelta(days=366)


def times_words(regimen: Regimen | None) -> str:
    """`2 times a day`; "" where the catalogue does not say."""
    if regimen is None:
        return ""
    if regimen.times == 1:
        return _("once a day") if regimen.per == "day" else _("once a week")
    if regimen.per == "day":
        return ngettext("%(n)s time a day", "%(n)s times a day", regimen.times) % {
            "n": regimen.times
        }
    return ngettext("%(n)s time a week", "%(n)s times a week", regimen.times) % {"n": regimen.times}


def span_words(first: dt.date, last: dt.date | None) -> str:
    """`Mon 23 Nov 2026 to Sun 29 Nov 2026`."""
    if last is None:
        return _("from %(day)s until it is stopped") % {"day": long_day(first)}
    return _("%(first)s to %(last)s") % {"first": long_day(first), "last": long_day(last)}


def rest_words(rest: Rest, first: dt.date, procedure: str, names: Names) -> str:
    """What a treatment asks of a use that begins on `first`, as one sentence with its dates."""
    values = {
        "name": names.procedure(procedure),
        "day": long_day(rest.day),
        "stop": long_day(rest.stop_by),
        "again": long_day(rest.again_on),
        "before": period_words(rest.before),
        "after": period_words(rest.after),
    }
    if first > rest.day or first > rest.stop_by:
        words = _("%(name)s on %(day)s: do not begin before %(again)s.")
    elif rest.before and rest.after:
        words = _(
            "%(name)s on %(day)s: stop %(before)s before it, last day %(stop)s; again %(after)s after it, from %(again)s."
        )
    elif rest.before:
        words = _("%(name)s on %(day)s: stop %(before)s before it, last day %(stop)s.")
    else:
        words = _("%(name)s on %(day)s: pause from that day, again from %(again)s.")
    return words % values


def pause_words(due: dt.date) -> str:
    return _("The months of use are full: the pause begins on %(day)s.") % {"day": long_day(due)}


def lines_of(against: "Against") -> list[tuple[str, str]]:
    """What stands against a use, the strongest first: a verdict's word and a sentence with its dates."""
    names, first = against.names, against.stretch.first
    said = [(one.level.word, f"{finding_words(one, names)}.") for one in against.screening.findings]
    # What comes before its first day is among the findings already.
    asked = [one for one in against.clashes if one.rest.day >= first]
    said += [("wait", rest_words(one.rest, first, one.procedure, names)) for one in asked]
    if against.pause_due:
        said.append(("wait", pause_words(against.pause_due)))
    return sorted(said, key=lambda line: -Verdict[line[0].upper()])


def lines_against(against: "Against") -> list[tuple[str, str]]:
    """Only what forbids the use: questions and cautions were settled when it began."""
    return [line for line in lines_of(against) if Verdict[line[0].upper()].blocks]


# The calendar on paper


def paper_of(
    calendar: "HomeCalendar | None", patient: Patient, location: Location
) -> dict[str, Any]:
    """Everything that stands on the calendar, as plain values in the patient's language; months alone may be missing."""
    with translation.override(patient.language):
        return {
            "language": patient.language,
            "title": _("Home care calendar"),
            "clinic": {
                "name": location.name,
                "address": location.address,
                "phone": location.phone,
                "after_hours": location.phone_after_hours,
            },
            "who": [
                [_("Patient"), f"{patient.full_name}, {patient.number}"],
                [_("Days"), span_words(calendar.first, calendar.last) if calendar else ""],
            ],
            "labels": {
                "call_night": _("Nights and weekends"),
                "visit": _("Visit"),
                "nothing": _("Nothing is to be used at home at present."),
                "tick": _(
                    "Tick a box each time. Stop and call us if the skin burns, swells or itches."
                ),
            },
            "weekdays": [weekday_short(str(number)) for number in range(1, 8)],
            "uses": [_use(letter, use) for letter, use in calendar.uses] if calendar else [],
            "months": [_month(month) for month in calendar.months] if calendar else [],
            "foot": _("Printed %(at)s.") % {"at": long_day(today())},
        }


def _use(letter: str, use: "InUse") -> dict[str, Any]:
    return {
        "letter": letter,
        "title": use.title,
        "how": ", ".join(filter(None, [use.times, span_words(use.first, use.last)])),
        "instructions": use.instructions,
    }


def _month(month: Month) -> dict[str, Any]:
    name = capfirst(format_by_letters(month.first, "F Y"))
    return {"name": name, "weeks": [[_cell(day) for day in week] for week in month.weeks]}


def _cell(day: Day) -> dict[str, Any]:
    """`said`: the marks in words, for those who cannot see them."""
    marks = [{"letter": letter, "boxes": list(range(times))} for letter, times in day.marks]
    said = ", ".join(f"{letter} {often_words(times)}" for letter, times in day.marks)
    number = "" if day.is_outside else str(day.date.day)
    return {"number": number, "marks": marks, "said": said, "visits": list(day.visits)}


def often_words(times: int) -> str:
    return ngettext("%(n)s time", "%(n)s times", times) % {"n": times}


# Reminders


def reminders_of(
    moments: Iterable[tuple[dt.date, PartOfDay]],
    whose: int,
    zone: zoneinfo.ZoneInfo,
    language: str,
    changed_at: dt.datetime,
) -> bytes:
    """The calendar's file. A reminder is called one and nothing more: whoever sees the calendar learns no product.

    Times are the wall clock of `zone`. `whose`: a patient's key. The same moments make the same bytes.
    """
    moments = list(moments)
    calendar = Calendar()
    calendar.add("prodid", "-//Cadence//Home care//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("refresh-interval", REFRESH, parameters={"value": "DURATION"})
    calendar.add("x-published-ttl", "PT6H")
    with translation.override(language):
        name = _("Cadence reminder")
        calendar.add("name", name)
        calendar.add("x-wr-calname", name)
        calendar.add("x-wr-timezone", zone.key)
        for day, part in moments:
            calendar.add_component(
                _event(name, dt.datetime.combine(day, CLOCK[part], zone), whose, changed_at)
            )
    if moments:
        calendar.add_missing_timezones(moments[0][0] - _A_YEAR, moments[-1][0] + _A_YEAR)
    file: bytes = calendar.to_ical()
    return file


def _event(name: str, at: dt.datetime, whose: int, changed_at: dt.datetime) -> Event:
    event = Event()
    event.add(
        "uid", f"{salted_hmac('plans.homecare.uid', f'{whose} {at}').hexdigest()[:40]}@cadence"
    )
    event.add("summary", name)
    event.add("dtstart", at)
    event.add("dtend", at + _LASTS)
    event.add("dtstamp", changed_at.astimezone(dt.UTC))
    event.add("class", "PRIVATE")
    event.add("transp", "TRANSPARENT")
    return event
