"""What somebody sends to bring the catalogue up to a file."""

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from plans.data.catalogue_file import BadFile, Problem, decoded, read_bytes, read_catalogue


class FileForm(forms.Form):
    """A catalogue file; `problems` says all that is wrong with one that cannot be used."""

    file = forms.FileField(
        label=_("Catalogue file"),
        widget=forms.ClearableFileInput(
            attrs={"class": "form-control", "accept": ".yaml,.yml,application/yaml"}
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.problems: tuple[Problem, ...] = ()

    def clean_file(self) -> str:
        """The text of the file, of which every reference is known to be good."""
        try:
            text = decoded(read_bytes(self.cleaned_data["file"]))
            read_catalogue(text)
        except BadFile as error:
            self.problems = error.problems
            raise forms.ValidationError(
                _("The file cannot be used. Nothing was changed; mend what is listed below.")
            ) from None
        return text


class LoadForm(forms.Form):
    """Yes to a checked file, and to each row that changes at once (`accept`: their keys)."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    seen = forms.CharField(widget=forms.HiddenInput, max_length=32)
    accept = forms.MultipleChoiceField(required=False)

    def __init__(self, *args: Any, keys: list[str], seen: str = "", **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"key": uuid.uuid4(), "seen": seen})
        super().__init__(*args, **kwargs)
        self.fields["accept"].choices = [(key, key) for key in keys]  # type: ignore[attr-defined]  # a field of choices
