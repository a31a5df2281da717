"""Sections of a procedure's draft that need no more than the terms: parameters, regimen, texts, what it helps with.

A section is what an editor types and saves at once; the editor's room has the others and the pages.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.places.models import ResourceKind
from plans.core import editing
from plans.core.ruleset import Origin, RuleSet
from plans.core.sections import restated
from plans.terms.forms import (
    RowForm,
    SourceField,
    TextForm,
    TextsField,
    add_skin,
    code_field,
    dress,
    note_field,
    rows_of,
)  # fmt: skip
from plans.terms.models import Unit


class Section:
    """The forms of one section, read together: `form`, where it has one, and lists of lines by their prefix."""

    name = ""
    form: Any = None

    def __init__(
        self, base: RuleSet, known: Any, data: Any = None, *, may_hard: bool = True
    ) -> None:
        self.base, self.known, self.data, self.may_hard = base, known, data, may_hard
        self.lists: dict[str, Any] = {}
        self.build()

    def build(self) -> None:
        """Make the forms."""

    def check(self) -> None:
        """Look at all lines together, once each is right by itself."""

    def rules(self) -> RuleSet:
        """What was typed, over all else that the draft says; only after is_valid()."""
        return self.base

    def list_of(
        self, prefix: str, kind: type[RowForm], rows: Any, *, can_order: bool = False
    ) -> None:
        given = {"known": self.known, "may_hard": self.may_hard}
        made = rows_of(kind, can_order=can_order)
        self.lists[prefix] = made(self.data, prefix=prefix, initial=rows, form_kwargs=given)

    def is_valid(self) -> bool:
        parts = [part for part in (self.form, *self.lists.values()) if part is not None]
        # Every form is read, so that each shows its errors.
        if False in [part.is_valid() for part in parts]:
            return False
        self.check()
        return False not in [part.is_valid() for part in parts]

    def typed(self, prefix: str) -> list[dict[str, Any]]:
        """The lines of a list that are to stand."""
        return [form.cleaned_data for form in self.lists[prefix].kept()]

    def saying(
        self,
        values: Mapping[str, Any],
        origins: Iterable[Origin],
        changed: Iterable[str] = (),
        **parts: Any,
    ) -> RuleSet:
        """The base with these values and, for this section, these origins."""
        named = restated(self.base, self.name, origins, changed)
        return replace(editing.with_values(self.base, values), origins=named, **parts)


PARAMETER_TYPES = (
    ("number", gettext_lazy("number")),
    ("integer", gettext_lazy("whole number")),
    ("choice", gettext_lazy("one of a list")),
    ("multichoice", gettext_lazy("several of a list")),
    ("text", gettext_lazy("text")),
    ("date", gettext_lazy("date")),
    ("bool", gettext_lazy("yes or no")),
)


class ParameterForm(RowForm):
    """What is written down at a session."""

    key = code_field(gettext_lazy("Key"))
    label = TextsField(label=gettext_lazy("Name"), longest=120, required=True)
    type = forms.ChoiceField(label=gettext_lazy("Kind"), choices=PARAMETER_TYPES, initial="number")
    unit = forms.CharField(label=gettext_lazy("Unit"), required=False, max_length=20)
    min = forms.FloatField(label=gettext_lazy("Least"), required=False)
    max = forms.FloatField(label=gettext_lazy("Most"), required=False)
    choices = forms.CharField(
        label=gettext_lazy("Choices, with commas between"), required=False, max_length=1000
    )
    required = forms.BooleanField(label=gettext_lazy("must be written down"), required=False)

    def build(self, known: Any) -> None:
        self.fields["source"] = SourceField(known.sources)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        least, most = data.get("min"), data.get("max")
        if least is not None and most is not None and least > most:
            self.add_error("min", _("The least is more than the most. Swap them."))
        if data.get("type") in ("choice", "multichoice") and not data.get("choices", "").strip(
            ", "
        ):
            self.add_error("choices", _("Write what can be chosen."))
        return data


class UselessForm(RowForm):
    """Skin and pits that the procedure is known not to help, and why."""

    why = TextsField(label=gettext_lazy("Why"))

    def build(self, known: Any) -> None:
        add_skin(self, known)


class RegimenForm(forms.Form):
    """How often and how long a product is used at home."""

    times_n = forms.IntegerField(
        label=gettext_lazy("How often"), required=False, min_value=1, max_value=24
    )
    course_n = forms.IntegerField(
        label=gettext_lazy("How long"), required=False, min_value=1, max_value=3650
    )
    units = {
        "times": {
            "per day": gettext_lazy("a day"),
            "per week": gettext_lazy("a week"),
            "per month": gettext_lazy("a month"),
        },
        "course": dict(Unit.choices),
    }

    def __init__(self, base: RuleSet, known: Any, data: Any = None) -> None:
        amounts, origins = base.values["regimen"] or {}, {one.path: one for one in base.origins}
        initial: dict[str, Any] = {}
        for name in self.units:
            amount = amounts.get(name, {})
            origin = origins.get(f"regimen.{name}", Origin("", ""))
            initial |= {f"{name}_n": amount.get("value"), f"{name}_unit": amount.get("unit")}
            initial |= {f"{name}_source": origin.source, f"{name}_note": origin.note}
        super().__init__(data, initial=initial)
        for name, units in self.units.items():
            stood = initial[f"{name}_unit"]
            shown = {**units, **({stood: stood} if stood and stood not in units else {})}
            self.fields[f"{name}_unit"] = forms.ChoiceField(choices=list(shown.items()))
            self.fields[f"{name}_source"] = SourceField(known.sources)
            self.fields[f"{name}_note"] = note_field()
        dress(self)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if (data.get("times_n") is None) != (data.get("course_n") is None):
            self.add_error(
                "course_n" if data.get("times_n") else "times_n",
                _("Say how often and how long, or neither."),
            )
        return data


class TextsForm(forms.Form):
    """What a procedure is called, and what is said of its needs."""

    def __init__(self, base: RuleSet, known: Any, data: Any = None) -> None:
        values, origins = base.values, {one.path: one for one in base.origins}
        method = origins.get("anaesthesia.method", Origin("", ""))
        words = {f"needs_{kind}": texts for kind, texts in (values["needs.words"] or {}).items()}
        initial = {"name": values["name"], "method": values["anaesthesia.method"], **words}
        initial |= {"method_source": method.source, "home_allowed": bool(values["home_allowed"])}
        super().__init__(data, initial=initial)
        self.fields["name"] = TextsField(label=_("Name"), longest=120, required=True)
        self.fields["method"] = TextsField(label=_("Anaesthesia"), longest=300)
        self.fields["method_source"] = SourceField(known.sources)
        for kind, label in ResourceKind.choices:
            self.fields[f"needs_{kind}"] = TextsField(label=label, longest=300)
        self.fields["home_allowed"] = forms.BooleanField(
            label=_("May be done at home"), required=False
        )
        dress(self)

    def values(self, stood: Mapping[str, Any]) -> dict[str, Any]:
        data = self.cleaned_data
        words = {
            kind: data[f"needs_{kind}"] for kind in ResourceKind.values if data[f"needs_{kind}"]
        }
        is_said = data["home_allowed"] or stood["home_allowed"] is not None
        return {
            "name": data["name"],
            "anaesthesia.method": data["method"],
            "needs.words": words,
            "home_allowed": data["home_allowed"] if is_said else None,
        }


class SuitsForm(forms.Form):
    """What a procedure helps with."""

    def __init__(self, base: RuleSet, known: Any, data: Any = None) -> None:
        origins = {one.path: one.source for one in base.origins}
        sources = {f"{name}_source": origins.get(name, "") for name in ("suits", "useless_for")}
        super().__init__(data, initial={**(base.values["suits"] or {}), **sources})
        add_skin(self, known)
        for name in sources:
            self.fields[name] = SourceField(known.sources)
        dress(self)


class ParametersSection(Section):
    name = "parameters"

    def build(self) -> None:
        rows = editing.parameter_rows(self.base)
        self.list_of("parameters", ParameterForm, rows, can_order=True)

    def check(self) -> None:
        self.lists["parameters"].refuse_twice("key", {})

    def rules(self) -> RuleSet:
        stood = {one["key"]: one for one in self.base.values["parameters"] or ()}
        typed = self.typed("parameters")
        made = [editing.parameter(data, stood.get(data["key"])) for data in typed]
        changed = [f"parameters.{one['key']}" for one in made if one != stood.get(one["key"])]
        origins = [Origin(f"parameters.{data['key']}", data["source"]) for data in typed]
        return self.saying({"parameters": made}, origins, changed)


class RegimenSection(Section):
    name = "regimen"

    def build(self) -> None:
        self.form = RegimenForm(self.base, self.known, self.data)
        rows = editing.text_rows((self.base.values["regimen"] or {}).get("instructions", ()))
        self.list_of("instructions", TextForm, rows, can_order=True)

    def check(self) -> None:
        if self.typed("instructions") and self.form.cleaned_data["times_n"] is None:
            self.form.add_error("times_n", _("Say how often and how long before you say how."))

    def rules(self) -> RuleSet:
        data, stood = self.form.cleaned_data, self.base.values["regimen"] or {}
        made = editing.regimen(data, [one["text"] for one in self.typed("instructions")])
        places = ("times", "course") if made else ()
        origins = [Origin(f"regimen.{n}", data[f"{n}_source"], data[f"{n}_note"]) for n in places]
        changed = [f"regimen.{name}" for name in places if (made or {})[name] != stood.get(name)]
        return self.saying({"regimen": made}, origins, changed)


class TextsSection(Section):
    name = "texts"

    def build(self) -> None:
        self.form = TextsForm(self.base, self.known, self.data)
        rows = editing.text_rows(self.base.values["indications"] or ())
        self.list_of("indications", TextForm, rows, can_order=True)

    def rules(self) -> RuleSet:
        values = self.form.values(self.base.values)
        place = "anaesthesia.method"
        origins = [Origin(place, self.form.cleaned_data["method_source"])] if values[place] else []
        changed = [place] if values[place] and values[place] != self.base.values[place] else []
        values["indications"] = [one["text"] for one in self.typed("indications")]
        return self.saying(values, origins, changed)


class SuitsSection(Section):
    name = "suits"

    def build(self) -> None:
        self.form = SuitsForm(self.base, self.known, self.data)
        self.list_of("useless", UselessForm, list(self.base.values["useless_for"] or ()))

    def rules(self) -> RuleSet:
        data, stood = self.form.cleaned_data, self.base.values
        suits = editing.skin(data, stood["suits"])
        useless = [
            editing.skin(form.cleaned_data, form.initial, form.cleaned_data["why"])
            for form in self.lists["useless"].kept()
        ]
        values = {
            "suits": suits if any(suits.values()) else stood["suits"] and suits,
            "useless_for": useless,
        }
        places = [place for place in values if values[place]]
        changed = [place for place in places if values[place] != stood[place]]
        return self.saying(values, [Origin(p, data[f"{p}_source"]) for p in places], changed)
