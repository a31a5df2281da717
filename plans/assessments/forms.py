"""Forms of assessments: what is seen on the skin, and the day that the advice is for."""

import datetime as dt
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from plans.assessments.models import Assessment, Seen
from plans.assessments.tags import CAUSES, GRADES, SKIN_TYPES, Terms, grade_words
from plans.core.advice import PITS, RELIEF
from plans.courses.tags import AREAS

# A first session farther ahead than this is no plan yet.
LATEST_DAYS = 730
_TICK = {"class": "form-check-input"}
_NOT_SAID = ("", gettext_lazy("Not said"))
# What is ticked, in the order in which one looks.
_GROUPS = (
    "signs", "pit_types", "pit_depth", "pit_age", "areas", "causes", "goodman_baron", "skin_type",
)  # fmt: skip


def _many(label: Any, choices: Mapping[str, Any] | None = None) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label,
        required=False,
        choices=list((choices or {}).items()),
        widget=forms.CheckboxSelectMultiple(attrs=_TICK),
    )


def _one(label: Any, choices: Mapping[Any, Any] | None = None) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=label,
        required=False,
        choices=[_NOT_SAID, *(choices or {}).items()],
        coerce=int if choices else str,
        empty_value=None if choices else "",
        widget=forms.RadioSelect(attrs=_TICK),
    )


@dataclass(frozen=True)
class Tick:
    """One thing to tick, with its longer explanation if there is one."""

    box: Any
    label: str
    more: str


@dataclass(frozen=True)
class TickGroup:
    """A question of the form. `then`: what was ticked last time, in words."""

    field: forms.BoundField
    ticks: tuple[Tick, ...]
    then: str


class AssessmentForm(forms.Form):
    """What is seen, filled in from the assessment before; `key`: it is sent once, however often it is clicked."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    signs = _many(gettext_lazy("What the skin shows"))
    pit_types = _many(gettext_lazy("Pits: their type"))
    pit_depth = _one(gettext_lazy("Pits: how deep"))
    pit_age = _one(gettext_lazy("Pits: how old"))
    areas = _many(gettext_lazy("Where to treat"), AREAS)
    causes = _many(gettext_lazy("What it comes from"), CAUSES)
    goodman_baron = _one(
        gettext_lazy("Scar grade"), {grade: grade_words(grade) for grade in GRADES}
    )
    skin_type = _one(gettext_lazy("Skin type (Fitzpatrick)"), SKIN_TYPES)
    done_on = forms.DateField(
        label=gettext_lazy("Seen on"),
        widget=forms.DateInput(attrs={"type": "date", "class": "form-control"}, format="%Y-%m-%d"),
    )
    note = forms.CharField(
        label=gettext_lazy("Note"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"class": "form-control", "rows": 3}),
    )

    def __init__(
        self, data: Any = None, *, terms: Terms, last: Assessment | None, **given: Any
    ) -> None:
        super().__init__(data, **given)
        self.last = last
        self._then = {} if last is None else initial_of(last)
        named = (
            ("signs", terms.signs), ("pit_types", terms.pit_types),
            ("pit_depth", terms.pit_depths), ("pit_age", terms.pit_ages),
        )  # fmt: skip
        for name, words in named:
            field = self.fields[name]
            if isinstance(field, forms.MultipleChoiceField):
                field.choices = list(words.items())
            elif isinstance(field, forms.ChoiceField):
                field.choices = [_NOT_SAID, *words.items()]

    def groups(self) -> Iterator[TickGroup]:
        """The questions with what can be ticked."""
        for name in _GROUPS:
            ticks = tuple(
                Tick(box, str(box.choice_label), _more(name, box.data["value"]))
                for box in self[name]
            )
            then = self._then.get(name) or ()
            codes = {str(code) for code in (then if isinstance(then, list) else [then])}
            words = [tick.label for tick in ticks if str(tick.box.data["value"]) in codes]
            yield TickGroup(self[name], ticks, ", ".join(words))

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        pits = [values.get(name) for name in ("pit_types", "pit_depth", "pit_age")]
        signs = values.get("signs", [])
        if any(pits) and not RELIEF.intersection(signs):
            # Whoever describes pits has seen pits.
            values["signs"] = signs = [*signs, PITS]
        if not signs and "signs" not in self.errors:
            self.add_error("signs", _("Tick at least one thing that the skin shows."))
        return values

    def seen(self) -> Seen:
        """What was written down, of a valid form."""
        values: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in self.cleaned_data.items()
            if name != "key"
        }
        return Seen(**values)


def _more(name: str, value: Any) -> str:
    """The definition of a scar grade."""
    return str(GRADES[int(value)].definition) if name == "goodman_baron" and value else ""


def initial_of(row: Assessment) -> dict[str, Any]:
    """What stood in the form then; the day and the note are of that look alone."""
    return {name: getattr(row, name) for name in _GROUPS}


def new_form(
    terms: Terms, last: Assessment | None, skin_type: int | None, today: dt.date
) -> AssessmentForm:
    """A form with a key of its own, filled in from `last`; the patient's own skin type is the later word."""
    initial = {"key": uuid.uuid4(), "done_on": today, **(initial_of(last) if last else {})}
    initial["skin_type"] = skin_type or initial.get("skin_type")
    return AssessmentForm(terms=terms, last=last, initial=initial)


class DayForm(forms.Form):
    """The day of the first session that the advice is for."""

    on = forms.DateField(
        label=gettext_lazy("First session on"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date", "class": "form-control"}, format="%Y-%m-%d"),
    )

    def day(self, today: dt.date) -> dt.date:
        """The day asked for; tomorrow without one, so that what is asked on the day itself stays for then."""
        asked: dt.date | None = self.cleaned_data.get("on") if self.is_valid() else None
        latest = today + dt.timedelta(days=LATEST_DAYS)
        return min(max(asked, today), latest) if asked else today + dt.timedelta(days=1)
