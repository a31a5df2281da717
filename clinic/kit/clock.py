"""Now and today, asked for in one place."""

import datetime as dt
import zoneinfo

from django.utils import timezone


def now() -> dt.datetime:
    """This instant, aware, in UTC."""
    return timezone.now()


def today(zone: zoneinfo.ZoneInfo | None = None) -> dt.date:
    """The calendar date in `zone`, by default the zone of the location that the request works in."""
    return timezone.localtime(timezone.now(), zone).date()
