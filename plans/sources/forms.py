"""What is typed about a source, and which values are confirmed."""

import json
import uuid
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from plans.catalogue.tags import Value
from plans.terms.models import Source

MOST_VALUES = 1000


class ConfirmForm(forms.Form):
    """The values of a section as the page showed them, or the `one` beside whose button somebody pressed."""

    def __init__(self, data: QueryDict) -> None:
        super().__init__(data)
        self.sent = data.getlist("one")[:1] or data.getlist("seen")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.sent or len(self.sent) > MOST_VALUES:
            raise forms.ValidationError(_("Nothing was chosen. Press the button beside a value."))
        try:
            data["seen"] = [self._read(text) for text in self.sent]
        except ValueError:
            raise forms.ValidationError(
                _("This page was not read as it was sent. Open it again.")
            ) from None
        return data

    @staticmethod
    def _read(text: str) -> tuple[str, str, str]:
        parts = json.loads(text)
        if not isinstance(parts, list) or len(parts) != 3:
            raise ValueError(text)
        address, value, source = (str(part) for part in parts)
        return address, value, source


def sent_value(value: Value) -> str:
    """The value as ConfirmForm reads it; "" for one that stands on no source."""
    one = value.stated
    return json.dumps([one.address, one.text, one.source]) if one else ""


class SourceForm(forms.Form):
    code = forms.RegexField(
        label=gettext_lazy("Short name"),
        regex=r"^[\w .+-]+$",
        max_length=60,
        help_text=gettext_lazy("It stands beside every value; it cannot be changed later."),
        widget=forms.TextInput(attrs={"class": "form-control", "spellcheck": "false"}),
        error_messages={"invalid": gettext_lazy("Letters, digits, spaces, points and hyphens.")},
    )
    title = forms.CharField(
        label=gettext_lazy("Title"),
        max_length=300,
        help_text=gettext_lazy("Author, name, where and when it appeared."),
        widget=forms.Textarea(attrs={"class": "form-control", "rows": 3}),
    )
    url = forms.URLField(
        label=gettext_lazy("Link"),
        max_length=300,
        required=False,
        assume_scheme="https",
        widget=forms.URLInput(attrs={"class": "form-control", "placeholder": "https://"}),
    )
    is_background = forms.BooleanField(
        label=gettext_lazy("Background only: read, and no value rests on it"),
        required=False,
        widget=forms.CheckboxInput(attrs={"class": "form-check-input"}),
    )
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, source: Source | None = None, **kwargs: Any) -> None:
        kwargs["initial"] = {"key": uuid.uuid4()} | (_said(source) if source else {})
        super().__init__(*args, **kwargs)
        if source:
            # Values are told by it: a source that exists keeps its name.
            self.fields["code"].disabled = True


def _said(source: Source) -> dict[str, Any]:
    return {name: getattr(source, name) for name in ("code", "title", "url", "is_background")}
