"""Fields that the catalogue's forms share: a length of time, a text in every language, a source; and lists of lines."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from plans.core.editing import SKIN
from plans.core.spacing import Period
from plans.terms.models import Unit

LONGEST_DAYS = 730
LONGEST_NOTE = 2000
LANGUAGES = [code for code, _name in settings.LANGUAGES]


def dress(form: forms.Form) -> None:
    """Give every widget the class that its kind has in the house."""
    classes: dict[type, str] = {
        forms.CheckboxInput: "form-check-input",
        forms.CheckboxSelectMultiple: "form-check-input",
        forms.Select: "form-select",
        forms.SelectMultiple: "form-select",
    }
    for field in form.fields.values():
        if not isinstance(field.widget, (forms.MultiWidget, forms.HiddenInput)):
            field.widget.attrs.setdefault("class", classes.get(type(field.widget), "form-control"))


class PeriodWidget(forms.MultiWidget):
    """A number and its unit, side by side."""

    def __init__(self, label: Any = "") -> None:
        number = forms.NumberInput(
            attrs={"class": "form-control", "min": 0, "inputmode": "numeric", "aria-label": label}
        )
        unit = forms.Select(
            choices=Unit.choices,
            attrs={
                "class": "form-select ms-1",
                "aria-label": format_lazy("{}, {}", label, gettext_lazy("unit")),
            },
        )
        super().__init__(widgets=[number, unit])

    def decompress(self, value: Period | None) -> list[Any]:
        return [value.n, value.unit] if value else [None, Unit.MONTHS]


class PeriodField(forms.MultiValueField):
    """A length of time; empty when no number is typed. `bounded`: from one day to two years."""

    widget = PeriodWidget

    def __init__(self, *, bounded: bool = True, **kwargs: Any) -> None:
        self.bounded = bounded
        self.is_needed = kwargs.pop("required", False)
        kwargs.setdefault("widget", PeriodWidget(kwargs.get("label", "")))
        super().__init__(
            fields=[
                forms.IntegerField(min_value=0, max_value=3650, required=False),
                forms.ChoiceField(choices=Unit.choices, required=False),
            ],
            require_all_fields=False,
            required=False,
            **kwargs,
        )

    def has_changed(self, initial: Any, data: Any) -> bool:
        # A unit without a number says nothing, though the browser always sends one.
        if initial is None:
            return bool(data and data[0])
        return super().has_changed(initial, data)

    def clean(self, value: Any) -> Any:
        found = super().clean(value)
        if found is None and self.is_needed:
            raise forms.ValidationError(_("Say how long."))
        return found

    def compress(self, data_list: list[Any]) -> Period | None:
        if not data_list or data_list[0] is None:
            return None
        n, unit = data_list
        period = Period(n, unit or "months")
        if self.bounded and not 10 <= period.rough_tenths_of_a_day() <= LONGEST_DAYS * 10:
            raise forms.ValidationError(_("Between 1 day and 2 years."))
        return period


class TextsWidget(forms.MultiWidget):
    """One box for each language; `rows` above 1 gives areas. The page may lay them out side by side itself."""

    def __init__(self, label: Any = "", rows: int = 1) -> None:
        area = {"rows": rows} if rows > 1 else {}
        kind = forms.Textarea if rows > 1 else forms.TextInput
        boxes: dict[str, forms.Widget | type[forms.Widget]] = {
            code: kind(
                attrs={
                    "class": "form-control",
                    "lang": code,
                    "aria-label": format_lazy("{}, {}", label, name),
                    **area,
                }
            )
            for code, name in settings.LANGUAGES
        }
        super().__init__(widgets=boxes)

    def decompress(self, value: Mapping[str, str] | None) -> list[str]:
        return [(value or {}).get(code, "") for code in LANGUAGES]


class TextsField(forms.MultiValueField):
    """A text by language, as {"en": ...}; {} when nothing is typed. English first: others fall back on it."""

    def __init__(
        self, *, longest: int = 1000, rows: int = 1, required: bool = False, **kwargs: Any
    ) -> None:
        self.is_needed = required
        kwargs.setdefault("widget", TextsWidget(kwargs.get("label", ""), rows))
        super().__init__(
            fields=[forms.CharField(max_length=longest, required=False) for _code in LANGUAGES],
            require_all_fields=False,
            required=False,
            **kwargs,
        )

    def has_changed(self, initial: Any, data: Any) -> bool:
        before = self.widget.decompress(initial)
        return [text.strip() for text in before] != [
            (text or "").strip() for text in data or before
        ]

    def clean(self, value: Any) -> dict[str, str]:
        texts: dict[str, str] = super().clean(value) or {}
        if not texts.get("en") and (texts or self.is_needed):
            raise forms.ValidationError(
                _("Write it in English first: what is not translated is shown in English.")
            )
        return texts

    def compress(self, data_list: list[str]) -> dict[str, str]:
        return {code: text for code, text in zip(LANGUAGES, data_list, strict=False) if text}


class SourceField(forms.CharField):
    """The code of a source, chosen from the page's list of them."""

    def __init__(self, known: Iterable[str]) -> None:
        self.known = frozenset(known)
        box = forms.TextInput(
            attrs={"list": "sources", "class": "form-control wide", "autocomplete": "off"}
        )
        super().__init__(label=_("Source"), required=False, max_length=60, widget=box)

    def validate(self, value: str) -> None:
        super().validate(value)
        if value and value not in self.known:
            raise forms.ValidationError(_("No such source. Choose one of the list."))


def note_field() -> forms.CharField:
    """A note beside a value, such as what the sources disagree about."""
    return forms.CharField(label=_("Note"), required=False, max_length=LONGEST_NOTE)


def code_field(label: Any, *, required: bool = True) -> forms.SlugField:
    """A name for programs and files, such as acid_percent."""
    wrong = gettext_lazy("Letters, digits, - and _ only, without spaces: for example acid_percent.")
    return forms.SlugField(
        label=label, required=required, max_length=50, error_messages={"invalid": wrong}
    )


class RowForm(forms.Form):
    """One line of a list; `known` is what can be chosen."""

    def __init__(self, *args: Any, known: Any, may_hard: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.may_hard = may_hard
        self.build(known)
        dress(self)

    def build(self, known: Any) -> None:
        """Add the fields that need `known`."""


class RowSet(forms.BaseFormSet):  # type: ignore[type-arg]  # cannot be subscripted when run
    """A list of lines with one empty line at its end."""

    @classmethod
    def get_deletion_widget(cls) -> Any:
        return forms.CheckboxInput(attrs={"class": "form-check-input"})

    @classmethod
    def get_ordering_widget(cls) -> Any:
        return forms.NumberInput(attrs={"class": "form-control", "min": 1})

    def kept(self) -> list[Any]:
        """The lines that are to stand, in their order; a line moved to a taken place takes it."""
        rows = [
            (form.cleaned_data.get("ORDER") or n, n, form)
            for n, form in enumerate(self.forms, start=1)
            if form not in self.deleted_forms
            and (n <= self.initial_form_count() or set(form.changed_data) - {"ORDER", "DELETE"})
        ]
        return [form for _place, _n, form in sorted(rows, key=_moved)]

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        if getattr(form, "is_locked", False):
            form.fields["DELETE"].disabled = True

    def refuse_twice(self, field: str, names: Mapping[str, str]) -> None:
        """Say beside the second of two lines that name the same."""
        seen: set[str] = set()
        for form in self.kept():
            value = form.cleaned_data.get(field)
            if value in seen:
                text = _("%(name)s stands here twice. Remove one.")
                form.add_error(field, text % {"name": names.get(value, value)})
            seen.add(value)


def _moved(row: tuple[int, int, Any]) -> tuple[int, int, int]:
    """Who comes up goes before who stood there, who goes down behind."""
    place, n, _form = row
    return place, (place > n) - (place < n), n


def rows_of(form: type[RowForm], *, can_order: bool = False, most: int = 200) -> Any:
    """The list of such lines."""
    return forms.formset_factory(
        form, formset=RowSet, extra=1, can_delete=True, can_order=can_order, max_num=most
    )


class TextForm(RowForm):
    """A text by itself: an instruction, an indication."""

    text = TextsField(label=gettext_lazy("Text"), required=True)


def add_skin(form: forms.Form, known: Any) -> None:
    """Let `form` name signs of the skin and kinds of pits; `known` has `signs` and `pits`."""
    labels = _("Skin signs"), _("Types of pits"), _("Depths of pits"), _("Ages of pits")
    named = known.signs, known.pits["type"], known.pits["depth"], known.pits["age"]
    for name, label, words in zip(SKIN, labels, named, strict=True):
        form.fields[name] = forms.MultipleChoiceField(
            label=label,
            required=False,
            choices=list(words.items()),
            widget=forms.CheckboxSelectMultiple,
        )
