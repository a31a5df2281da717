"""Converters for dates in addresses: `<day:day>` is 2026-11-23."""

import datetime as dt

from django.urls import register_converter
from django.urls.converters import get_converters

# Clinics keep no diary outside these years; at the calendar's ends the day before or after does not exist.
YEARS = range(1900, 2200)


class DayConverter:
    regex = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"

    def to_python(self, value: str) -> dt.date:
        """ValueError, so no match, for a date that does not exist or is outside YEARS."""
        day = dt.date.fromisoformat(value)
        if day.year not in YEARS:
            raise ValueError(value)
        return day

    def to_url(self, value: dt.date | str) -> str:
        return value if isinstance(value, str) else value.isoformat()


def register() -> None:
    """Make `<day:...>` known; safe to call from every room's addresses."""
    if "day" not in get_converters():
        register_converter(DayConverter, "day")
