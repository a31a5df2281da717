"""Forms of courses: what is to be treated, why a session is given up or home care ends, and when a patch test was done."""

import datetime as dt
import uuid

from django import forms
from django.utils.translation import gettext_lazy as _

from plans.core.advice import Found
from plans.courses.models import PitDepth
from plans.courses.selectors import Indication, signs

LETTERS = 80


class IndicationForm(forms.Form):
    """The sign, the depth of pits, and the procedure's name as far as it is typed. No personal data."""

    sign = forms.ChoiceField(
        label=_("What is treated"),
        required=False,
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    depth = forms.ChoiceField(
        label=_("Depth of pits"),
        required=False,
        choices=[("", _("Not said")), *PitDepth.choices],
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    q = forms.CharField(
        label=_("Procedure"),
        required=False,
        max_length=LETTERS,
        widget=forms.TextInput(
            attrs={
                "class": "form-control",
                "type": "search",
                "autocomplete": "off",
                "placeholder": _("Name or code, such as tca"),
            }
        ),
    )

    def __init__(self, data: object = None) -> None:
        super().__init__(data)  # type: ignore[arg-type]  # request.GET
        field = self.fields["sign"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [("", _("Not said")), *((sign.code, str(sign)) for sign in signs())]

    def indication(self, seen: Found) -> Indication:
        """What was chosen, empty where nothing was or where it does not exist, over what was `seen`."""
        values = getattr(self, "cleaned_data", {})
        return Indication(values.get("sign", ""), values.get("depth", ""), seen)

    def text(self) -> str:
        text: str = getattr(self, "cleaned_data", {}).get("q", "")
        return text


class WriteOffForm(forms.Form):
    """Why a session is given up."""

    reason = forms.CharField(max_length=300, label=_("Why"))


class StopForm(forms.Form):
    """The last day on which a product was used at home, and why it ends."""

    last_day = forms.DateField(
        label=_("Last day of use"),
        widget=forms.DateInput(attrs={"type": "date", "class": "form-control"}, format="%Y-%m-%d"),
        help_text=_("If it was never used: the day before its first."),
    )
    reason = forms.CharField(max_length=300, label=_("Why"))


class PatchTestForm(forms.Form):
    """A patch test that was done; `key`: the form is sent once, however often it is clicked."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    done_on = forms.DateField(
        label=_("Done on"),
        widget=forms.DateInput(attrs={"type": "date", "class": "form-control"}, format="%Y-%m-%d"),
    )
    note = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=200,
        help_text=_("Such as: left forearm, 12 J/cm2."),
    )


def new_patch_test_form(today: dt.date) -> PatchTestForm:
    """An empty form with a key of its own; the test is mostly recorded on the day it is done."""
    return PatchTestForm(initial={"key": uuid.uuid4(), "done_on": today})
