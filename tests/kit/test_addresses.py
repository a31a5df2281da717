"""Dates in addresses."""

import datetime as dt

import pytest
from django.urls import Resolver404, resolve, reverse

from clinic.kit.addresses import register

register()


def test_a_day_in_an_address_is_read_and_written_as_it_stands():
    assert resolve("/diary/2026-11-23/").kwargs == {"day": dt.date(2026, 11, 23)}
    assert reverse("diary:day", args=[dt.date(2026, 11, 23)]) == "/diary/2026-11-23/"


@pytest.mark.parametrize(
    "day", ["2026-02-29", "2026-13-01", "0001-01-01", "2200-01-01", "9999-12-31", "٢٠٢٦-11-23"]
)
def test_a_day_that_is_none_or_at_the_end_of_the_calendar_is_no_address(day: str):
    with pytest.raises(Resolver404):
        resolve(f"/diary/{day}/")
