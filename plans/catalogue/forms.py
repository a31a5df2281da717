"""What somebody asks of the catalogue's list and history, and why a procedure is offered no longer."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.patients.selectors import fold
from plans.catalogue.selectors import Row
from plans.core.listing import Filters
from plans.terms.models import Sign


class FilterForm(forms.Form):
    """Which procedures the list shows; what is not among its choices asks for nothing."""

    q = forms.CharField(
        label=gettext_lazy("Find a procedure"),
        max_length=80,
        required=False,
        widget=forms.TextInput(
            attrs={"type": "search", "autocomplete": "off", "spellcheck": "false"}
        ),
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("Where"),
        required=False,
        choices=[
            ("", gettext_lazy("Clinic and home")),
            ("clinic", gettext_lazy("In the clinic")),
            ("home", gettext_lazy("At home")),
        ],
    )
    group = forms.ChoiceField(label=gettext_lazy("Category"), required=False)
    sign = forms.ChoiceField(label=gettext_lazy("Indication"), required=False)
    offered = forms.ChoiceField(
        label=gettext_lazy("Offered"),
        required=False,
        choices=[
            ("", gettext_lazy("Offered now")),
            ("retired", gettext_lazy("No longer offered")),
            ("all", gettext_lazy("Both")),
        ],
    )
    in_use = forms.BooleanField(label=gettext_lazy("In use"), required=False)
    has_draft = forms.BooleanField(label=gettext_lazy("Has a draft"), required=False)
    unconfirmed = forms.BooleanField(label=gettext_lazy("Values not confirmed"), required=False)

    def __init__(self, data: Any, *, rows: Iterable[Row], signs: Iterable[Sign]) -> None:
        super().__init__(data)
        groups = {row.procedure.group.code: str(row.procedure.group) for row in rows}
        chosen = {
            "group": [("", _("All categories")), *groups.items()],
            "sign": [("", _("All indications")), *((sign.code, str(sign)) for sign in signs)],
        }
        for name, choices in chosen.items():
            self.fields[name] = forms.ChoiceField(
                label=self.fields[name].label, choices=choices, required=False
            )
        for field in self.fields.values():
            tick, choice = (
                isinstance(field, forms.BooleanField),
                isinstance(field, forms.ChoiceField),
            )
            kind = "form-check-input" if tick else "form-select" if choice else "form-control"
            field.widget.attrs["class"] = kind

    def filters(self) -> Filters:
        """What was asked for."""
        self.is_valid()
        said = self.cleaned_data
        return Filters(
            words=tuple(fold(said.get("q", "")).split()),
            kind=said.get("kind", ""),
            group=said.get("group", ""),
            sign=said.get("sign", ""),
            offered=said.get("offered", ""),
            in_use=said["in_use"],
            has_draft=said["has_draft"],
            unconfirmed=said["unconfirmed"],
        )

    def choices(self) -> list[forms.BoundField]:
        """The fields in which one of several is chosen."""
        return [self[name] for name in ("kind", "group", "sign", "offered")]

    def ticks(self) -> list[forms.BoundField]:
        return [self[name] for name in ("in_use", "has_draft", "unconfirmed")]


class CompareForm(forms.Form):
    """Two revisions of a procedure, by number."""

    old = forms.IntegerField(min_value=1)
    new = forms.IntegerField(min_value=1)


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Why"),
        max_length=300,
        widget=forms.Textarea(attrs={"class": "form-control", "rows": 3}),
        error_messages={"required": gettext_lazy("Say why: the reason stands in the history.")},
    )
