"""Converters for dates in addresses: `<day:day>` is 2026-11-23."""

import datetime as dt

from django.urls import register_converter
from django.urls.converters import get_converters


class DayConverter:
    regex = r"\d{4}-\d{2}-\d{2}"

    def to_python(self, value: str) -> dt.date:
        """ValueError, so no match, for a date that does not exist."""
        return dt.date.fromisoformat(value)

    def to_url(self, value: dt.date | str) -> str:
        return value if isinstance(value, str) else value.isoformat()


def register() -> None:
    """Make `<day:...>` known; safe to call from every room's addresses."""
    if "day" not in get_converters():
        register_converter(DayConverter, "day")
