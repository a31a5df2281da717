"""Days as people remember them: "2024", "March 2025", "23 May 2025", and the most cautious day each can mean."""

import calendar
import datetime as dt
import re
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, get_args

from babel.dates import get_month_names
from django import forms
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from clinic.kit.tags import date_in_words

Precision = Literal["day", "month", "year"]
PRECISIONS: tuple[Precision, ...] = get_args(Precision)
# Nobody who is treated remembers an earlier year, and nobody plans a later one.
FIRST_YEAR, LAST_YEAR = 1900, 2100
LONGEST = 40
# "в марте": how Russian says a month when something happened in it.
_IN_MONTH = (
    "январе", "феврале", "марте", "апреле", "мае", "июне",
    "июле", "августе", "сентябре", "октябре", "ноябре", "декабре",
)  # fmt: skip
# Words around a date that say nothing about it; after folding, parted by spaces.
_NOISE = frozenset(
    [
        "de",
        "del",
        "in",
        "im",
        "en",
        "в",
        "г",
        "год",
        "года",
        "году",
        "since",
        "seit",
        "desde",
        "с",
        "the",
    ]
)


class NoSuchDay(ValueError):
    """The text reads like a date, but the calendar has no such day."""


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A day, a month or a year. `day` is its first day, whichever of its days it is made from.

    >>> PartialDate(dt.date(2025, 3, 31), "month") == PartialDate(dt.date(2025, 3, 1), "month")
    True
    """

    day: dt.date
    precision: Precision = "day"

    def __post_init__(self) -> None:
        if self.precision not in PRECISIONS:
            raise ValueError(f"no precision: {self.precision!r}")
        if self.precision != "day":
            month = 1 if self.precision == "year" else self.day.month
            object.__setattr__(self, "day", self.day.replace(month=month, day=1))

    @property
    def last(self) -> dt.date:
        """The last day that it can mean; `day` is the first."""
        if self.precision == "day":
            return self.day
        month = 12 if self.precision == "year" else self.day.month
        return self.day.replace(month=month, day=calendar.monthrange(self.day.year, month)[1])

    def begins_on(self, not_before: dt.date | None = None) -> dt.date:
        """The day from which something counts that began then, or a "no" that was said then: the first.

        The longest time of being true, and the answer that goes stale soonest. `not_before` (a birth date)
        counts instead when it falls inside.
        """
        if not_before is not None and self.day < not_before <= self.last:
            return not_before
        return self.day

    def ends_on(self, today: dt.date) -> dt.date:
        """The day to which something counts that ended then: the last, so that a wash-out is the longest.

        What is told as over has ended by now: a month or year that is still running counts to today. One that
        lies wholly ahead is an end that is planned, and counts to its last day.
        """
        return today if self.day <= today < self.last else self.last

    def typed(self) -> str:
        """As it is typed, the same in every language: `2024`, `03.2025`, `23.05.2025`."""
        letters = {"year": "%Y", "month": "%m.%Y", "day": "%d.%m.%Y"}
        return self.day.strftime(letters[self.precision])

    def words(self, *, alone: bool = True) -> str:
        """As it is said in the page's language: `2024`, `March 2025`, `23 May 2025`.

        `alone` False: after "since" or "until", which Russian follows with another form of the month.
        """
        if self.precision == "year":
            return str(self.day.year)
        if self.precision == "day":
            return date_in_words(self.day)
        language = (translation.get_language() or settings.LANGUAGE_CODE).split("-")[0]
        names = get_month_names("wide", "stand-alone" if alone else "format", language)
        between = " de " if language == "es" else " "
        return f"{names[self.day.month]}{between}{self.day.year}"


def parse(text: str) -> PartialDate | None:
    """What somebody typed in any of the product's languages; None for a text that is no date.

    Raises NoSuchDay for 31.02.2025. A day comes before its month, as everywhere in these languages.

    >>> parse("марта 2025")
    PartialDate(day=datetime.date(2025, 3, 1), precision='month')
    >>> parse("2025-05-23").precision
    'day'
    """
    words = [w for w in re.findall(r"[^\W\d_]+|\d+", text.casefold()) if w not in _NOISE]
    named = [month for word in words if (month := _month(word))]
    numbers = [int(word) for word in words if word.isascii() and word.isdecimal()]
    if len(text) > LONGEST or len(named) > 1 or len(named) + len(numbers) != len(words):
        return None
    year_last = len(words[-1]) == 4 if words else False
    if not numbers or (not year_last and len(words[0]) != 4):
        return None
    if named:
        *day, year = numbers if year_last else reversed(numbers)
        parts = (year, *named, *day)
    else:
        parts = tuple(reversed(numbers)) if year_last else tuple(numbers)
    return _partial(parts)


def _partial(parts: tuple[int, ...]) -> PartialDate | None:
    """`parts`: year, month, day, as many as were told."""
    if len(parts) > len(PRECISIONS) or not FIRST_YEAR <= parts[0] <= LAST_YEAR:
        return None
    year, month, day = (*parts, 1, 1)[:3]
    try:
        return PartialDate(dt.date(year, month, day), PRECISIONS[3 - len(parts)])
    except ValueError:
        raise NoSuchDay(f"{day}.{month}.{year}") from None


def _month(word: str) -> int | None:
    """The number of the month that `word` names, whole or by its first three letters or more."""
    if len(word) < 3:
        return None
    return next((n for name, n in _months().items() if name.startswith(word)), None)


@cache
def _months() -> dict[str, int]:
    """Every spelling of every month in the languages of the product; no two that begin alike differ."""
    told = {
        name.casefold().rstrip("."): number
        for language, _name in settings.LANGUAGES
        for width in ("wide", "abbreviated")
        for context in ("format", "stand-alone")
        for number, name in get_month_names(width, context, language).items()
    }
    return told | {name: number for number, name in enumerate(_IN_MONTH, start=1)}


class PartialDateField(forms.CharField):
    """A text field for a day, a month or a year; its value is a PartialDate, or None when left empty."""

    default_error_messages = {
        "invalid": _("Write a day, a month or a year: 23.05.2025, 05.2025 or 2025."),
        "no_such_day": _("The calendar has no such day. Check day and month."),
    }

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(
            attrs={"class": "form-control", "autocomplete": "off", "spellcheck": "false"}
        )
        super().__init__(**{"widget": widget, "required": False, "max_length": LONGEST, **kwargs})

    def to_python(self, value: Any) -> Any:
        """A PartialDate or None."""
        if isinstance(value, PartialDate):
            return value
        text = super().to_python(value)
        if not text:
            return None
        try:
            found = parse(text)
        except NoSuchDay:
            raise forms.ValidationError(
                self.error_messages["no_such_day"], code="no_such_day"
            ) from None
        if found is None:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return found

    def run_validators(self, value: Any) -> None:
        """Those of a text look at a text."""
        super().run_validators(value.typed() if isinstance(value, PartialDate) else value)

    def prepare_value(self, value: Any) -> Any:
        """What the field shows: a known value as it is typed, what was sent as it was."""
        return value.typed() if isinstance(value, PartialDate) else value
