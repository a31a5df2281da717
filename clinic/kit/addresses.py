"""Converters for dates in addresses: `<day:day>` is 2026-11-23."""

import datetime as dt

from django.urls import register_converter
from django.urls.converters import get_converters


class DayConverter:
    # Far enough from the calendar's ends that the days beside it, and its hours in UTC, exist.
    regex = r"[12][0-9]{3}-[0-9]{2}-[0-9]{2}"

    def to_python(self, value: str) -> dt.date:
        """ValueError, so no match, for a date that does not exist."""
        return dt.date.fromisoformat(value)

    def to_url(self, value: dt.date | str) -> str:
        return value if isinstance(value, str) else value.isoformat()


def register() -> None:
    """Make `<day:...>` known; safe to call from every room's addresses."""
    if "day" not in get_converters():
        register_converter(DayConverter, "day")
