"""Template tags that know no room: `{% load kit %}`."""

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from babel.dates import get_day_names
from django import template
from django.conf import settings
from django.template import Context
from django.urls import NoReverseMatch, reverse
from django.utils import timezone, translation
from django.utils.dateformat import format as format_by_letters
from django.utils.dates import WEEKDAYS
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from phonenumber_field.phonenumber import to_python

from clinic.kit.clock import today as today_here
from clinic.kit.house import logo
from clinic.kit.markdown import html
from clinic.kit.pages import chosen_time

register = template.Library()

# Day and month as each language writes them, in Django's format letters; the year follows after a space.
DAY_LETTERS = {"en": "D j M", "ru": "D j b", "es": "D j b", "de": "D j. M"}

# Languages that write a weekday small inside a sentence; Django's names begin with a capital.
WEEKDAYS_IN_SMALL = frozenset({"ru", "es"})

ROLE_WORDS = {
    "reception": _("Reception"),
    "practitioner": _("Practitioner"),
    "physician": _("Physician"),
    "editor": _("Catalogue editor"),
    "manager": _("Manager"),
    "auditor": _("Auditor"),
}


@register.simple_tag
@lru_cache(maxsize=500)
def icon(name: str) -> SafeString:
    """A Bootstrap icon, hidden from screen readers: the word beside it says the same."""
    return format_html('<i class="bi bi-{}" aria-hidden="true"></i>', name)


@register.simple_tag
def house_sign() -> dict[str, str]:
    """The clinic's logo, as a data address or "", and its colour: `{% house_sign as sign %}`."""
    found = logo(settings.CLINIC_LOGO)
    return {"logo": found.address if found else "", "accent": settings.CLINIC_ACCENT}


@register.filter
def markdown(text: str) -> SafeString:
    """A text of the clinic with its few marks of Markdown, cleaned; a single paragraph stands in its line."""
    return html(str(text))


@register.filter(name="day")
def day_in_words(value: dt.date | None, year: str = "") -> str:
    """`Fri 26 Feb`; with its year when that is not this year's, always with "year", never with "no year".

    An aware datetime counts by its date in the location's zone. None becomes "".
    """
    if not value:
        return ""
    return _day_in_words(_as_date(value), today_here(), year)


@register.filter(name="date_only")
def date_in_words(value: dt.date | None, year: str = "year") -> str:
    """`14 Mar 1992`: without its weekday, which helps nobody for a birth date or something long over."""
    return day_in_words(value, year).split(" ", 1)[-1]


def weekday_word(iso_weekday: int) -> str:
    """The name of a weekday (1 is Monday) as it stands inside a sentence."""
    word = str(WEEKDAYS[iso_weekday - 1])
    language = (translation.get_language() or "en").split("-")[0]
    return word.lower() if language in WEEKDAYS_IN_SMALL else word


@register.filter
def weekday_short(iso_weekday: str) -> str:
    """The two letters of a weekday (1 is Monday) for narrow buttons: Mo, пн, lu."""
    language = (translation.get_language() or "en").split("-")[0]
    word = str(get_day_names("short", locale=language)[int(iso_weekday) - 1]).rstrip(".")
    return word.lower() if language in WEEKDAYS_IN_SMALL else word


@register.simple_tag(takes_context=True, name="day")
def day_element(context: Context, value: dt.date | None, year: bool | None = None) -> str:
    """A `<time>` element around the words of the filter; `year` True or False decides against this year's."""
    if not value:
        return ""
    date = _as_date(value)
    local_now = context.get("local_now")
    this_day = local_now.date() if isinstance(local_now, dt.datetime) else today_here()
    wish = {True: "year", False: "no year", None: ""}[year]
    return format_html(
        '<time datetime="{}">{}</time>', date.isoformat(), _day_in_words(date, this_day, wish)
    )


def figure(value: float | Decimal) -> str:
    """`20`, `0.5`, in German `0,5`: as the page's language writes a number, without idle zeros."""
    exact = value if isinstance(value, Decimal) else Decimal(repr(value))
    return number_format(f"{exact.normalize():f}")


@register.filter
def clock(value: dt.datetime | dt.time | None) -> str:
    """`09:05`, 24 hours, in the location's zone. None becomes ""."""
    if not value:
        return ""
    if isinstance(value, dt.datetime) and timezone.is_aware(value):
        value = timezone.localtime(value)
    return value.strftime("%H:%M")


@register.filter
def phone(value: Any) -> str:
    """A number to press: `tel:` in E.164, the words as its country writes them. Text that is no number stays text."""
    number = to_python(value)
    if not number or not number.is_valid():
        return str(value or "")
    return format_html('<a href="tel:{}">{}</a>', number.as_e164, number.as_international)


@register.filter
def roles(user: Any) -> str:
    """The person's roles in words, in the order of the list of roles; "" for none."""
    held: Iterable[str] = getattr(user, "role_names", frozenset)()
    return ", ".join(str(words) for name, words in ROLE_WORDS.items() if name in held)


@register.simple_tag(takes_context=True)
def time_kept(context: Context, begin: str = "?") -> str:
    """The time pressed in the diary, to be carried on in an address: `?day=...&minute=...&with=...`; "" where none was."""
    query = urlencode(chosen_time(context["request"]))
    return f"{begin}{query}" if query else ""


@register.inclusion_tag("parts/rail_link.html", takes_context=True)
def rail_link(context: Context, url_name: str, icon_name: str, words: str) -> dict[str, Any]:
    """One entry of the rail, nothing when no such page exists.

    It is the current one when the page's address begins with the same word, or when the view says so
    by `here` (the URL's name) in its context.
    """
    try:
        href = reverse(url_name)
    except NoReverseMatch:
        return {"href": ""}
    path = context["request"].path if "request" in context else ""
    here = context.get("here")
    current = here == url_name if here else _room(path) == _room(href)
    return {"href": href, "current": current, "name": icon_name, "words": words}


@register.inclusion_tag("parts/tab.html", takes_context=True)
def tab(context: Context, url_name: str, words: str) -> dict[str, Any]:
    """One of the tabs that lead from page to page."""
    match = context["request"].resolver_match if "request" in context else None
    current = match is not None and match.view_name == url_name
    return {"href": reverse(url_name), "current": current, "words": words}


def _room(path: str) -> str:
    """The place in the rail to which an address belongs."""
    room = path.strip("/").split("/")[0]
    return settings.RAIL_ROOMS.get(room, room)


def _as_date(value: dt.date) -> dt.date:
    if isinstance(value, dt.datetime):
        return timezone.localtime(value).date() if timezone.is_aware(value) else value.date()
    return value


def _day_in_words(date: dt.date, today: dt.date, year: str) -> str:
    language = (translation.get_language() or "en").split("-")[0]
    return _written(
        date, language, year == "year" or (year != "no year" and date.year != today.year)
    )


@lru_cache(maxsize=4000)
def _written(date: dt.date, language: str, with_year: bool) -> str:
    """`language`: the one that is active."""
    words = format_by_letters(date, DAY_LETTERS[language] + (" Y" if with_year else ""))
    if language in WEEKDAYS_IN_SMALL:
        words = words.lower()
    # Django's short May is the nominative; after a number Russian wants the genitive.
    return words.replace(" май", " мая")
