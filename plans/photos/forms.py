"""Forms of photos: one photo with what it shows, which photos to list, and why one is deleted."""

import datetime as dt
import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.kit.pictures import HEAVIEST_BYTES, WHY
from plans.diary.models import Appointment
from plans.photos.models import Taken, View
from plans.photos.tags import PHOTO_AREAS

_KINDS = "image/jpeg,image/png,image/webp,image/heic,image/heif,.heic,.heif"
_TICK = {"class": "form-check-input"}


def _file(label: Any, **attrs: str) -> forms.FileField:
    # What is in the file decides, not its name: an empty one gets our own words too.
    return forms.FileField(
        label=label,
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"class": "form-control", "accept": _KINDS, **attrs}),
    )


class PhotoForm(forms.Form):
    """One photo, from the camera or from a file; `key`: it is kept once, however often it is sent."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    area = forms.ChoiceField(
        label=gettext_lazy("What it shows"),
        choices=list(PHOTO_AREAS.items()),
        widget=forms.RadioSelect(attrs=_TICK),
    )
    view = forms.ChoiceField(
        label=gettext_lazy("From which side"),
        choices=View.choices,
        widget=forms.RadioSelect(attrs=_TICK),
    )
    camera = _file(gettext_lazy("Take a photo"), capture="environment")
    file = _file(gettext_lazy("Choose a file"))
    taken_on = forms.DateField(
        label=gettext_lazy("Taken on"),
        widget=forms.DateInput(attrs={"type": "date", "class": "form-control"}, format="%Y-%m-%d"),
    )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        sent = [name for name in ("camera", "file") if values.get(name) is not None]
        if len(sent) != 1:
            words = (
                _("Two photos at once: send one after the other.")
                if sent
                else _("Take a photo or choose a file first.")
            )
            self.add_error("file", words)
        elif values[sent[0]].size > HEAVIEST_BYTES:
            self.add_error(sent[0], str(WHY["too_heavy"]))
        return values

    @property
    def source(self) -> str:
        """The name of the field by which the photo came."""
        return "camera" if self.cleaned_data.get("camera") is not None else "file"

    def data_sent(self) -> bytes:
        """The file's bytes, of a valid form."""
        data: bytes = self.cleaned_data[self.source].read()
        return data

    def taken(self, visit: Appointment | None) -> Taken:
        """What the photo shows, of a valid form."""
        told = self.cleaned_data
        return Taken(told["area"], told["view"], told["taken_on"], visit)


def new_form(area: str, view: str, today: dt.date) -> PhotoForm:
    """A form with a key of its own that offers what is to be taken next."""
    initial = {"key": uuid.uuid4(), "area": area, "view": view, "taken_on": today}
    return PhotoForm(initial=initial)


class WhichForm(forms.Form):
    """Which photos of a patient to list; an unknown code lists all of them."""

    area = forms.ChoiceField(
        label=gettext_lazy("Area"),
        required=False,
        choices=[("", gettext_lazy("All areas")), *PHOTO_AREAS.items()],
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    view = forms.ChoiceField(
        label=gettext_lazy("Side"),
        required=False,
        choices=[("", gettext_lazy("All sides")), *View.choices],
        widget=forms.Select(attrs={"class": "form-select"}),
    )

    def wanted(self) -> tuple[str, str]:
        """Codes of the area and the side, "" for all."""
        known = self.cleaned_data if self.is_valid() else getattr(self, "cleaned_data", {})
        return known.get("area", ""), known.get("view", "")


class DeleteForm(forms.Form):
    """Why a photo is deleted."""

    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    reason = forms.CharField(
        label=gettext_lazy("Why it is deleted"),
        min_length=5,
        max_length=300,
        widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "off"}),
        error_messages={"min_length": gettext_lazy("Say why in a few words.")},
    )
