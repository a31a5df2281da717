"""Weeks and months as the diary draws them: from Monday to Sunday."""

import datetime as dt

WEEK = 7


def week_of(day: dt.date) -> tuple[dt.date, ...]:
    """The seven days, from Monday on, of the week that holds `day`.

    >>> week_of(dt.date(2026, 11, 26))[0]
    datetime.date(2026, 11, 23)
    """
    monday = day - dt.timedelta(days=day.weekday())
    return tuple(monday + dt.timedelta(days=n) for n in range(WEEK))


def weeks_of_month(day: dt.date) -> list[tuple[dt.date, ...]]:
    """The weeks that hold a day of `day`'s month; the first and the last may begin and end outside it."""
    first = day.replace(day=1)
    weeks = [week_of(first)]
    while (monday := weeks[-1][0] + dt.timedelta(days=WEEK)) < month_after(day):
        weeks.append(week_of(monday))
    return weeks


def month_before(day: dt.date) -> dt.date:
    """The first day of the month before `day`'s."""
    return (day.replace(day=1) - dt.timedelta(days=1)).replace(day=1)


def month_after(day: dt.date) -> dt.date:
    """The first day of the month after `day`'s.

    >>> month_after(dt.date(2026, 12, 31))
    datetime.date(2027, 1, 1)
    """
    return (day.replace(day=28) + dt.timedelta(days=4)).replace(day=1)
