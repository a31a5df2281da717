"""What an editor types about a fact, turned into the columns of its row."""

import uuid
from collections.abc import Iterable
from typing import Any

from django import forms
from django.conf import settings
from django.core.validators import RegexValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.patients.models import FactCategory, FactKind, FactType
from plans.terms.models import Unit
from plans.vocabulary.selectors import TEXTS, recheck_of, stamp
from plans.vocabulary.tags import CATEGORIES, choice_words, recheck_words

LANGUAGES = settings.LANGUAGES
SESSION, NEVER = "session", "never"
# Words that stand in addresses of this room where a code may stand.
_ADDRESSES = frozenset({"new"})
_LABELS = {
    "name": gettext_lazy("Name, %(language)s"),
    "question": gettext_lazy("Question, %(language)s"),
    "hint": gettext_lazy("Hint, %(language)s"),
    "end_question": gettext_lazy("Question about the end, %(language)s"),
}
_CLASSES: dict[type, str] = {forms.CheckboxInput: "form-check-input", forms.Select: "form-select"}


def dress(form: forms.Form) -> None:
    """Give every widget the class that its kind has in the house."""
    for field in form.fields.values():
        if not isinstance(field.widget, forms.HiddenInput):
            field.widget.attrs["class"] = _CLASSES.get(type(field.widget), "form-control")


def _code_field(label: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=50,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        validators=[
            RegexValidator(
                r"^[a-z0-9_-]+$",
                gettext_lazy("Small letters, digits, - and _ only, such as allergy_latex."),
            )
        ],
    )


def _free(code: str) -> str:
    if code in _ADDRESSES:
        raise forms.ValidationError(_("This word is kept for a page. Choose another code."))
    return code


class ListForm(forms.Form):
    """What the list is narrowed to."""

    q = forms.CharField(
        label=gettext_lazy("Find"), max_length=80, required=False,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )  # fmt: skip
    category = forms.ChoiceField(
        label=gettext_lazy("Category"),
        required=False,
        choices=[("", gettext_lazy("All categories")), *CATEGORIES],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress(self)

    def wanted(self) -> tuple[str, str]:
        """The words and the category; "" for what is no choice."""
        self.is_valid()
        return self.cleaned_data.get("q", ""), self.cleaned_data.get("category", "")


class FactForm(forms.Form):
    """All of a fact but its code and kind. `seen`: its stamp; `agreed`: the recheck whose impact was shown."""

    category = forms.ChoiceField(label=gettext_lazy("Category"), choices=FactCategory)
    recheck_unit = forms.ChoiceField(
        label=gettext_lazy("An answer stays good"),
        choices=[
            (SESSION, gettext_lazy("for one visit")),
            (NEVER, gettext_lazy("for good")),
            *Unit.choices,
        ],
    )
    recheck_n = forms.IntegerField(
        label=gettext_lazy("How many"), min_value=1, max_value=120, required=False
    )
    recheck_source = forms.ChoiceField(label=gettext_lazy("Source"), required=False)
    position = forms.IntegerField(
        label=gettext_lazy("Place in the list"), min_value=0, max_value=30_000, required=False
    )
    asked_by_practitioner = forms.BooleanField(
        label=gettext_lazy("Judged in the clinic, not asked by the form"), required=False
    )
    reason = forms.CharField(
        label=gettext_lazy("Why"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": gettext_lazy("Say why: the reason stands in the record.")},
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    agreed = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(
        self, data: Any = None, *, fact: FactType, sources: Iterable[tuple[str, str]], **kwargs: Any
    ) -> None:
        self.fact = fact
        super().__init__(data, initial=self._initial(fact), **kwargs)
        titles = [("", _("None")), *sources]
        if fact.recheck_source and fact.recheck_source not in dict(titles):
            titles.append((fact.recheck_source, fact.recheck_source))
        self.fields["recheck_source"].choices = titles  # type: ignore[attr-defined]  # a ChoiceField
        for name in TEXTS:
            for code, language in LANGUAGES:
                self.fields[f"{name}_{code}"] = forms.CharField(
                    label=_LABELS[name] % {"language": language},
                    max_length=300,
                    required=name == "name" and code == "en",
                    widget=forms.TextInput(attrs={"lang": code}),
                )
        dress(self)

    @staticmethod
    def _initial(fact: FactType) -> dict[str, Any]:
        texts = {
            f"{name}_{code}": (getattr(fact, name) or {}).get(code, "")
            for name in TEXTS
            for code, _language in LANGUAGES
        }
        unit = fact.recheck_unit or NEVER
        return texts | {
            "category": fact.category,
            "recheck_unit": unit,
            "recheck_n": fact.recheck_n or None,
            "recheck_source": fact.recheck_source,
            "position": fact.position,
            "asked_by_practitioner": fact.asked_by_practitioner,
            "seen": stamp(fact),
        }

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        unit, n = said.get("recheck_unit"), said.get("recheck_n")
        if unit in Unit.values and n is None and "recheck_n" not in self.errors:
            self.add_error("recheck_n", _("Say how many."))
        return said

    def texts(self) -> list[tuple[str, list[tuple[Any, forms.BoundField]]]]:
        """The fields of each text with their languages."""
        labels = (_("Name"), _("Question"), _("Hint"), _("Question about the end"))
        return [
            (label, [(language, self[f"{name}_{code}"]) for code, language in LANGUAGES])
            for name, label in zip(TEXTS, labels, strict=True)
        ]

    def values(self) -> dict[str, Any]:
        """The columns of the fact's row. Only after is_valid()."""
        said = self.cleaned_data
        unit = said["recheck_unit"]
        numbers = {SESSION: 0, NEVER: None}
        position = said["position"]
        return {
            "category": said["category"],
            "recheck_n": numbers[unit] if unit in numbers else said["recheck_n"],
            "recheck_unit": "" if unit == NEVER else unit,
            "recheck_source": said["recheck_source"],
            "position": self.fact.position if position is None else position,
            "asked_by_practitioner": said["asked_by_practitioner"],
            **{
                name: {
                    code: text for code, _language in LANGUAGES if (text := said[f"{name}_{code}"])
                }
                for name in TEXTS
            },
        }

    def as_edited(self) -> FactType:
        """The fact as it would be, unsaved. Only after is_valid()."""
        edited = FactType(code=self.fact.code, kind=self.fact.kind)
        for name, value in self.values().items():
            setattr(edited, name, value)
        return edited

    @property
    def is_agreed(self) -> bool:
        """The recheck stays as it is, or its impact was shown with the very value that is sent."""
        new = recheck_of(self.as_edited())
        return new == recheck_of(self.fact) or self.cleaned_data["agreed"] == recheck_words(new)

    def look_again(self, now: str = "", agreed: str = "") -> None:
        """Let the form, sent once more, stand for what is shown beside it now."""
        data: Any = self.data
        data = data.copy()
        data["seen"], data["agreed"] = now or data.get("seen", ""), agreed
        self.data = data


class NewForm(FactForm):
    """A fact that is not there yet."""

    code = _code_field(gettext_lazy("Code"))
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"),
        choices=[choice for choice in FactKind.choices if choice[0] != FactKind.DERIVED],
        help_text=gettext_lazy("Stays as it is: it says how answers are read."),
    )
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        blank = FactType(recheck_n=12, recheck_unit=Unit.MONTHS, name={}, category="condition")
        super().__init__(data, fact=blank, **kwargs)
        self.initial = {**self.initial, "key": uuid.uuid4(), "position": None}

    def clean_code(self) -> str:
        return _free(self.cleaned_data["code"])

    def values(self) -> dict[str, Any]:
        """The columns of the new row, without its place: it comes last."""
        values = super().values() | {"kind": self.cleaned_data["kind"]}
        if self.cleaned_data["position"] is None:
            values.pop("position")
        return values


class RenameForm(forms.Form):
    code = _code_field(gettext_lazy("New code"))
    reason = forms.CharField(
        label=gettext_lazy("Why"), max_length=300, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress(self)

    def clean_code(self) -> str:
        return _free(self.cleaned_data["code"])


class MergeForm(forms.Form):
    """`shown`: the code of the fact whose preview is on the page."""

    into = forms.ChoiceField(label=gettext_lazy("Read as"))
    reason = forms.CharField(
        label=gettext_lazy("Why"), max_length=300, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, data: Any = None, *, partners: Iterable[FactType], into: str = "") -> None:
        super().__init__(data, initial={"into": into})
        self.fields["into"].choices = [  # type: ignore[attr-defined]  # a ChoiceField
            ("", _("Choose a fact")),
            *((one.code, choice_words(one)) for one in partners),
        ]
        dress(self)


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Why"), max_length=300, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress(self)
