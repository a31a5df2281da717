"""What a manager types about hours, turned into wishes; what a visit stands in the way of is not known here."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.kit import clock
from clinic.kit.tags import weekday_word
from clinic.places.models import Resource
from clinic.places.selectors import LONGEST_RHYTHM
from plans.core.hours import MOST_WEEKS, Times, WishedBlock, WishedDays, WishedWeek
from plans.diary.forms import KeyForm
from plans.diary.tags import KIND_WORDS
from plans.hours.tags import rhythm_words

_CLASSES: dict[type, str] = {
    forms.CheckboxInput: "form-check-input",
    forms.CheckboxSelectMultiple: "form-check-input",
    forms.Select: "form-select",
}
BOTH = gettext_lazy("Give both times, the second after the first.")
# Nobody plans hours further away; at the calendar's ends the day before or after does not exist.
YEARS_IN_SIGHT = 20
LONGEST_KEY = 18


def _dress(form: forms.Form) -> None:
    for field in form.fields.values():
        if not isinstance(field.widget, forms.HiddenInput):
            field.widget.attrs.setdefault("class", _CLASSES.get(type(field.widget), "form-control"))


def _day(label: Any, *, required: bool = True) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=required, widget=widget, validators=[_in_sight])


def _in_sight(day: dt.date) -> None:
    if abs(day.year - clock.today().year) > YEARS_IN_SIGHT:
        raise forms.ValidationError(_("That is years away. Check the year."))


def _time(label: Any) -> forms.TimeField:
    widget = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    return forms.TimeField(label=label, required=False, widget=widget)


class ChangeForm(KeyForm):
    """A change of hours. `agreed`: the visits (keys) that its preview showed."""

    agreed = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _dress(self)

    @property
    def agreed_visits(self) -> frozenset[int]:
        keys = (self.cleaned_data.get("agreed") or "").split(",")
        return frozenset(int(key) for key in keys if key.isdecimal() and len(key) <= LONGEST_KEY)


class WeekForm(ChangeForm):
    """Seven days with their hours and breaks, from when, to which day, every how many weeks."""

    valid_from = _day(gettext_lazy("Holds from"))
    valid_until = _day(gettext_lazy("Last day, empty: until further notice"), required=False)
    every_weeks = forms.TypedChoiceField(label=gettext_lazy("In these weeks"), coerce=int)

    def __init__(self, *args: Any, breaks: int = 1, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._breaks = max(1, breaks)
        every: Any = self.fields["every_weeks"]
        every.choices = [(n, rhythm_words(n)) for n in range(1, LONGEST_RHYTHM + 1)]
        for weekday in range(1, 8):
            for name, label in self._names(weekday):
                self.fields[name] = _time(label)
        _dress(self)

    def _names(self, weekday: int) -> list[tuple[str, str]]:
        """The fields of a day in their order, each with words that name it alone."""
        said = {"day": weekday_word(weekday)}
        names = [
            (f"d{weekday}_opens", _("%(day)s, from") % said),
            (f"d{weekday}_closes", _("%(day)s, to") % said),
        ]
        for n in range(1, self._breaks + 1):
            names += [
                (f"d{weekday}_break{n}_from", _("%(day)s, break from") % said),
                (f"d{weekday}_break{n}_to", _("%(day)s, break to") % said),
            ]
        return names

    def rows(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The name of each weekday with its fields."""
        return [
            (
                weekday_word(weekday).capitalize(),
                [self[name] for name, _label in self._names(weekday)],
            )
            for weekday in range(1, 8)
        ]

    @property
    def break_heads(self) -> range:
        return range(self._breaks)

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        self._week = {weekday: self._spans(weekday, said) for weekday in range(1, 8)}
        return said

    def _spans(self, weekday: int, said: Mapping[str, Any]) -> list[Times]:
        """The hours of a day between its breaks; errors stand beside the first field that is wrong."""
        times = [said.get(name) for name, _label in self._names(weekday)]
        if not any(times):
            return []
        pairs = list(zip(times[::2], times[1::2], strict=True))
        for n, (first, last) in enumerate(pairs):
            is_needed = n == 0 or first is not None or last is not None
            if is_needed and (first is None or last is None or last <= first):
                self.add_error(self._names(weekday)[2 * n][0], BOTH)
                return []
        (opens, closes), *breaks = pairs
        return self._between(weekday, opens, closes, breaks)

    def _between(
        self, weekday: int, opens: Any, closes: Any, breaks: Iterable[tuple[Any, Any]]
    ) -> list[Times]:
        spans: list[Times] = []
        begin = opens
        for first, last in sorted(pair for pair in breaks if pair[0] is not None):
            if first <= begin or last >= closes:
                words = _("The break lies between opening and closing, after the one before it.")
                self.add_error(f"d{weekday}_break1_from", words)
                return []
            spans.append((begin, first))
            begin = last
        return [*spans, (begin, closes)]

    def wish(self) -> WishedWeek:
        said = self.cleaned_data
        return WishedWeek(self._week, said["valid_from"], said["valid_until"], said["every_weeks"])


def week_values(week: Mapping[int, Sequence[Times]]) -> dict[str, dt.time]:
    """What a WeekForm shows of hours on record: a gap between two spans is a break."""
    values: dict[str, dt.time] = {}
    for weekday, spans in week.items():
        values[f"d{weekday}_opens"], values[f"d{weekday}_closes"] = spans[0][0], spans[-1][1]
        for n, (before, after) in enumerate(pairwise(spans), start=1):
            values[f"d{weekday}_break{n}_from"] = before[1]
            values[f"d{weekday}_break{n}_to"] = after[0]
    return values


def most_breaks(week: Mapping[int, Sequence[Times]]) -> int:
    return max((len(spans) - 1 for spans in week.values()), default=0)


class EndForm(ChangeForm):
    """The day after which there are no hours."""

    last_day = _day(gettext_lazy("Last day with hours"))


class PlannedForm(ChangeForm):
    """Which planned hours shall not come."""

    valid_from = forms.DateField(widget=forms.HiddenInput)
    every_weeks = forms.IntegerField(widget=forms.HiddenInput, min_value=1)


class SpanForm(KeyForm):
    """Days and, maybe, hours."""

    first_day = _day(gettext_lazy("First day"))
    last_day = _day(gettext_lazy("Last day, empty: the same"), required=False)
    opens = _time(gettext_lazy("Opens"))
    closes = _time(gettext_lazy("Closes"))

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        first, last = said.get("first_day"), said.get("last_day")
        said["last_day"] = last or first
        if first and last and last < first:
            self.add_error("last_day", _("The last day cannot be before the first."))
        opens, closes = said.get("opens"), said.get("closes")
        times_are_wrong = (opens is None) != (closes is None) or (opens and closes <= opens)
        if times_are_wrong and not {"opens", "closes"} & self.errors.keys():
            self.add_error("opens", BOTH)
        return said


class DaysForm(ChangeForm, SpanForm):
    """Days with other hours; without times they are closed."""

    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=80)
    field_order = ("first_day", "last_day", "opens", "closes", "reason")

    def wish(self) -> WishedDays:
        said = self.cleaned_data
        hours = (said["opens"], said["closes"]) if said["opens"] is not None else None
        return WishedDays(said["first_day"], said["last_day"], hours, said["reason"])


class HolidaysForm(ChangeForm):
    """Which of a year's public holidays close the clinic."""

    year = forms.TypedChoiceField(label=gettext_lazy("Year"), coerce=int)
    days = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Holidays"),
        coerce=dt.date.fromisoformat,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose at least one holiday.")},
    )

    def __init__(
        self, *args: Any, years: Iterable[int], days: Iterable[dt.date], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        year: Any = self.fields["year"]
        year.choices = [(n, str(n)) for n in years]
        chosen: Any = self.fields["days"]
        chosen.choices = [(day.isoformat(), day.isoformat()) for day in days]


class BlockForm(SpanForm):
    """Time that nobody can book; without times it is the whole day."""

    resources = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Who and what"),
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose at least one.")},
    )
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=80)
    weeks = forms.IntegerField(
        label=gettext_lazy("So many weeks in a row"), min_value=1, max_value=MOST_WEEKS, initial=1
    )
    field_order = ("resources", "first_day", "last_day", "opens", "closes", "weeks", "reason")

    def __init__(self, *args: Any, resources: Sequence[Resource], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen: Any = self.fields["resources"]
        self._kinds = [kind for kind in KIND_WORDS if kind in {each.kind for each in resources}]
        chosen.choices = [
            (each.pk, each.name) for kind in self._kinds for each in resources if each.kind == kind
        ]
        self._kind_of = {str(each.pk): each.kind for each in resources}
        _dress(self)

    def resources_by_kind(self) -> list[tuple[str, list[Any]]]:
        """The boxes to tick, by the words of their kind."""
        boxes = list(self["resources"])
        return [
            (
                KIND_WORDS[kind](),
                [box for box in boxes if self._kind_of[str(box.data["value"])] == kind],
            )
            for kind in self._kinds
        ]

    def wish(self) -> WishedBlock:
        said = self.cleaned_data
        minutes = None
        if said["opens"] is not None:
            minutes = (_minute(said["opens"]), _minute(said["closes"]))
        return WishedBlock(
            tuple(said["resources"]),
            said["first_day"],
            said["last_day"],
            minutes,
            said["reason"],
            said["weeks"],
        )


def _minute(time: dt.time) -> int:
    return time.hour * 60 + time.minute


class UnblockForm(KeyForm):
    whole = forms.BooleanField(required=False)


class BeginForm(forms.Form):
    """What an address may name: a day, and for a block the resource and the minute."""

    day = forms.DateField(required=False, validators=[_in_sight])
    minute = forms.IntegerField(required=False, min_value=0, max_value=24 * 60 - 5)
    resource = forms.IntegerField(required=False)
    year = forms.IntegerField(required=False, min_value=1970, max_value=2200)
