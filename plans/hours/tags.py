"""What the pages of hours say."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clinic.kit.tags import clock, day_in_words, weekday_short
from clinic.places.models import HoursException
from clinic.places.selectors import Minutes, Week, week_number
from plans.diary.models import Occupancy
from plans.diary.tags import KIND_WORDS, minute_words
from plans.hours.selectors import BlockedTime, Stranded, WeekOfAll

# How many holders of a time a refusal names; of the others it says how many.
MOST_NAMED = 3


def spans_words(spans: Iterable[Minutes]) -> str:
    """`09:00–12:00, 13:00–17:00`; "" for closed."""
    return ", ".join(f"{minute_words(first)}–{minute_words(last)}" for first, last in spans)


def times_words(spans: Iterable[tuple[dt.time, dt.time]]) -> str:
    """The same of times of the day."""
    return ", ".join(f"{clock(opens)}–{clock(closes)}" for opens, closes in spans)


def days_words(first: dt.date, last: dt.date) -> str:
    """`Mon 23 Nov`, or `Mon 23 Nov to Fri 27 Nov`."""
    if first == last:
        return day_in_words(first)
    return _("%(first)s to %(last)s") % {
        "first": day_in_words(first),
        "last": day_in_words(last),
    }


def rhythm_words(every_weeks: int) -> str:
    words = ngettext("every week", "every %(n)s weeks", every_weeks)
    return words % {"n": every_weeks}


def in_the_way_words(rows: Sequence[Occupancy]) -> str:
    """Who and what holds the time that somebody wants to block."""
    if not rows:
        return _("Somebody else was faster. Nothing was blocked; load the page again.")
    named = "; ".join(_holder_words(row) for row in rows[:MOST_NAMED])
    if more := len(rows) - MOST_NAMED:
        named = _("%(named)s, and %(n)s more") % {"named": named, "n": more} if more > 0 else named
    return _(
        "Nothing was blocked, the time is held: %(named)s. Move that first, or choose another time."
    ) % {"named": named}


def _holder_words(row: Occupancy) -> str:
    said = {
        "resource": row.resource.name,
        "day": day_in_words(row.starts_at),
        "from": clock(row.starts_at),
        "to": clock(row.ends_at),
        "who": row.appointment.patient.full_name if row.appointment else "",
        "why": row.block.reason if row.block else "",
    }
    if row.appointment:
        return _("%(who)s, %(day)s, %(from)s to %(to)s, %(resource)s") % said
    return _("%(why)s (blocked), %(day)s, %(from)s to %(to)s, %(resource)s") % said


def stranded_rows(found: Iterable[Stranded]) -> list[dict[str, Any]]:
    """Visits outside hours as a list shows them."""
    return [
        {
            "visit": each.visit,
            "what": _title(each),
            "who": ", ".join(resource.name for resource in each.resources),
            "can_move": each.can_move,
        }
        for each in found
    ]


def _title(each: Stranded) -> str:
    session = each.visit.session
    if session is None:
        return _("Consultation")
    said = {"what": session.course.revision.title, "n": session.ordinal}
    return _("%(what)s, session %(n)s") % said


def week_page(week: WeekOfAll) -> dict[str, Any]:
    """The table of a week: a row for each resource, a cell for each day."""
    return {
        "days": [(day, _reason(week.exceptions.get((day, None)))) for day in week.days],
        "rows": [
            {
                "resource": resource,
                "kind": KIND_WORDS[kind](),
                "cells": [_cell(week, day, resource.pk) for day in week.days],
            }
            for kind in KIND_WORDS
            for resource in week.resources
            if resource.kind == kind
        ],
    }


def _cell(week: WeekOfAll, day: dt.date, resource: int) -> dict[str, Any]:
    """The hours of one on a day, and the reason where they are not those of its weekdays."""
    own = week.exceptions.get((day, resource))
    return {
        "day": day,
        "hours": spans_words(week.open_[day][resource]),
        "why": _reason(own or week.exceptions.get((day, None))),
    }


def _reason(row: HoursException | None) -> str:
    if row is None:
        return ""
    return row.reason or (_("other hours") if row.opens else _("closed"))


def weeks_page(weeks: Iterable[Week], today: dt.date) -> list[dict[str, Any]]:
    """The weekly hours on record and planned."""
    return [
        {
            "week": week,
            "validity": _validity_words(week),
            "rhythm": rhythm_words(week.every_weeks),
            "lines": _lines(week.days),
            "is_planned": week.valid_from > today,
            "first_shown": _first_shown(week, today),
        }
        for week in weeks
    ]


def _first_shown(week: Week, today: dt.date) -> dt.date:
    """A day of the first of its weeks that is not over."""
    if week.valid_from >= today:
        return week.valid_from
    wait = (week_number(week.valid_from) - week_number(today)) % week.every_weeks
    return today + dt.timedelta(days=7 * wait)


def _validity_words(week: Week) -> str:
    said = {"first": day_in_words(week.valid_from), "last": day_in_words(week.valid_until)}
    if week.valid_until is None:
        return _("from %(first)s on") % said
    return _("%(first)s to %(last)s") % said


def _lines(days: Mapping[int, Sequence[tuple[dt.time, dt.time]]]) -> list[tuple[str, str]]:
    """Weekdays with the same hours together: ("Mo Tu We", "09:00–17:00")."""
    together: dict[str, list[str]] = {}
    for weekday in sorted(days):
        together.setdefault(times_words(days[weekday]), []).append(weekday_short(str(weekday)))
    return [(" ".join(weekdays), hours) for hours, weekdays in together.items()]


def exception_rows(found: Iterable[HoursException]) -> list[dict[str, Any]]:
    """Absences and extra days as a list shows them."""
    return [
        {
            "row": row,
            "days": days_words(row.first_day, row.last_day),
            "hours": times_words([(row.opens, row.closes)]) if row.opens and row.closes else "",
        }
        for row in found
    ]


def blocked_rows(found: Iterable[BlockedTime], zone: dt.tzinfo) -> list[dict[str, Any]]:
    """Blocked time as a list shows it, what was added together in one line."""
    return [
        {
            "pk": each.first.pk,
            "reason": each.first.reason,
            "who": ", ".join(resource.name for resource in each.resources),
            "times": [_time_words(*times, zone) for times in each.times],
            "more": len(each.times) - 1,
            "blocks": [
                (block.pk, block.resource.name, _time_words(block.starts_at, block.ends_at, zone))
                for block in each.blocks
            ],
        }
        for each in found
    ]


def _time_words(starts_at: dt.datetime, ends_at: dt.datetime, zone: dt.tzinfo) -> str:
    begin, end = starts_at.astimezone(zone), ends_at.astimezone(zone)
    day = day_in_words(begin.date())
    if begin.date() != end.date() and not (begin.hour or begin.minute):
        return _("%(day)s, all day") % {"day": day}
    until = "24:00" if begin.date() != end.date() else f"{end:%H:%M}"
    return f"{day}, {begin:%H:%M}–{until}"
