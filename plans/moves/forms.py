"""Forms of a move: what is wanted in, a signed act out."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.core import signing
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from clinic.kit import clock
from plans.core.acts import MODES, Act, unpacked
from plans.core.availability import DAY_MINUTES
from plans.core.cascade import Mode
from plans.core.offers import LATEST_YEARS
from plans.diary.forms import OFFER_SECONDS, KeyForm

SALT = "moves.act"  # an act is no offer: neither does the other's work


@dataclass(frozen=True)
class Wanted:
    """What the visit shall become. `resources`: preferred; `part`: only the lines `take` are accepted."""

    day: dt.date | None = None
    minute: int | None = None
    resources: tuple[int, ...] = ()
    minutes: int | None = None
    mode: Mode = "keep"
    after: int | None = None
    part: frozenset[int] | None = None


class WantedForm(forms.Form):
    """The new day, time, length, and what shall become of the other dates; everything may be left out."""

    day = forms.DateField(label=_("New date"), required=False)
    at = forms.RegexField(r"^\d{1,4}-\d{1,18}$", required=False)
    minute = forms.IntegerField(required=False, min_value=0, max_value=DAY_MINUTES - 1)
    minutes = forms.IntegerField(label=_("Minutes"), required=False, min_value=5, max_value=720)
    after = forms.IntegerField(label=_("After"), required=False, min_value=5, max_value=720)
    rest = forms.ChoiceField(required=False, choices=[(mode, mode) for mode in MODES])
    part = forms.BooleanField(required=False)

    def __init__(self, data: Mapping[str, Any]) -> None:
        super().__init__(data)
        # `with` is a word of Python, `take` comes several times.
        self.fields["with"] = forms.IntegerField(required=False, min_value=1)
        self.fields["take"] = forms.TypedMultipleChoiceField(required=False, coerce=int)
        taken = data.getlist("take") if isinstance(data, QueryDict) else ()
        whole = [(value, value) for value in taken if _is_whole(value)]
        cast("forms.TypedMultipleChoiceField", self.fields["take"]).choices = whole

    def clean_day(self) -> dt.date | None:
        return _possible(self.cleaned_data["day"])

    @property
    def wanted(self) -> Wanted:
        """Only once the form is valid."""
        values = self.cleaned_data
        minute, resource = values["minute"], values["with"]
        if values["at"]:
            minute, resource = map(int, values["at"].split("-"))
        return Wanted(
            day=values["day"],
            minute=minute if minute is not None and minute < DAY_MINUTES else None,
            resources=(resource,) if resource else (),
            minutes=values["minutes"],
            mode=values["rest"] or "keep",
            after=values["after"],
            part=frozenset(values["take"]) if values["part"] else None,
        )


def _possible(day: dt.date | None) -> dt.date | None:
    if day and day.year > clock.today().year + LATEST_YEARS:
        raise forms.ValidationError(_("That is years away. Check the year."))
    if day and day < clock.today():
        raise forms.ValidationError(_("That day is over. Choose a later one."))
    return day


def _is_whole(value: str) -> bool:
    return value.removeprefix("-").isdigit() and len(value) < 19


class ActForm(KeyForm):
    """An act as the page planned it, the lines accepted, and why."""

    act = forms.CharField(
        max_length=20000, error_messages={"required": _("Choose a day and a time first.")}
    )
    reason = forms.CharField(max_length=250, required=False, label=_("Why"))

    def clean_act(self) -> Act:
        try:
            packed = signing.loads(self.cleaned_data["act"], salt=SALT, max_age=OFFER_SECONDS)
        except signing.SignatureExpired:
            raise forms.ValidationError(
                _("These dates are more than half an hour old. Look at the new ones.")
            ) from None
        except signing.BadSignature:
            raise forms.ValidationError(_("This form is damaged. Choose again.")) from None
        return unpacked(packed)

    @property
    def planned(self) -> Act:
        act: Act = self.cleaned_data["act"]
        return act

    @property
    def accepted(self) -> frozenset[int]:
        """The keys of the lines that were left ticked."""
        taken = self.data.getlist("take") if isinstance(self.data, QueryDict) else ()
        return frozenset(int(value) for value in taken if _is_whole(value))


class DropForm(KeyForm):
    """A visit dropped on the diary: at once if nothing else changes."""

    version = forms.IntegerField(min_value=0)
    day = forms.DateField()
    minute = forms.IntegerField(min_value=0, max_value=DAY_MINUTES - 1)
    minutes = forms.IntegerField(required=False, min_value=5, max_value=720)

    def __init__(self, data: Mapping[str, Any]) -> None:
        super().__init__(data)
        self.fields["with"] = forms.IntegerField(required=False, min_value=1)

    def clean_day(self) -> dt.date | None:
        return _possible(self.cleaned_data["day"])

    @property
    def wanted(self) -> Wanted:
        values = self.cleaned_data
        resources = (values["with"],) if values["with"] else ()
        return Wanted(values["day"], values["minute"], resources, values["minutes"])

    @property
    def query(self) -> dict[str, Any]:
        """The same, as the page of the move reads it."""
        names = ("day", "minute", "with", "minutes")
        return {
            name: self.cleaned_data[name]
            for name in names
            if self.cleaned_data.get(name) is not None
        }


class UndoForm(forms.Form):
    batch = forms.UUIDField()


def signed(act: Act) -> str:
    """The act as a text that only this clinic can have made, good for half an hour."""
    return signing.dumps(act.packed(), salt=SALT, compress=True)
