"""What somebody types about a protocol, turned into one value; and how one is applied to a patient."""

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from plans.core.editing import SKIN
from plans.core.protocol import Content, Starts, Step, Treatment, faults, read_starts
from plans.core.spacing import Period
from plans.courses.tags import AREAS
from plans.protocols.selectors import Applying, Vocabulary, Wish
from plans.protocols.tags import fault_words
from plans.terms.forms import PeriodField, TextsField, dress

LATEST_START = dt.timedelta(days=366)
MOST_STEPS = 50
NO_GAP = Period(0, "days")


class ContentForm(forms.Form):
    """Everything of a protocol but its steps."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    name = TextsField(label=gettext_lazy("Name"), longest=120, required=True)
    source = forms.ChoiceField(label=gettext_lazy("Source"))
    note = forms.CharField(
        label=gettext_lazy("Note"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, known: Vocabulary, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labels = (_("Skin signs"), _("Type of pits"), _("Depth of pits"), _("Age of pits"))
        for place, label in zip(SKIN, labels, strict=True):
            self.fields[place] = forms.MultipleChoiceField(
                label=label,
                required=False,
                choices=known.terms.get(place, ()),
                widget=forms.CheckboxSelectMultiple,
            )
        sources = self.fields["source"]
        if isinstance(sources, forms.ChoiceField):
            chosen = str((self.initial or {}).get("source") or "")
            is_known = chosen in dict(known.sources)
            sources.choices = [*known.sources, *([] if is_known else [(chosen, chosen)])]
        dress(self)

    def suits(self, base: Mapping[str, Any]) -> dict[str, Any]:
        """What was ticked, over `base`; a list that says the same keeps the order it had."""
        found = dict(base)
        for place in SKIN:
            ticked = self.cleaned_data[place]
            if set(ticked) != set(base.get(place) or ()):
                found[place] = ticked
        return found

    def suit_fields(self) -> list[forms.BoundField]:
        return [self[place] for place in SKIN]


class StepForm(forms.Form):
    """One step."""

    procedure = forms.ChoiceField(label=gettext_lazy("Procedure"))
    sessions = forms.IntegerField(
        label=gettext_lazy("Sessions"), required=False, min_value=1, max_value=60
    )
    days = forms.IntegerField(
        label=gettext_lazy("Days"), required=False, min_value=1, max_value=3650
    )
    gap = PeriodField(label=gettext_lazy("Starts"), bounded=False, required=True, initial=NO_GAP)
    after = forms.ChoiceField(label=gettext_lazy("Starts after"), initial="plan")
    is_optional = forms.BooleanField(label=gettext_lazy("optional"), required=False)

    def step(self, number: int, numbers: Mapping[int, int]) -> Step:
        """The step as it was typed, at its new place; `numbers`: the new ones by those on the page.

        Raises ValueError if what it follows is not there any more.
        """
        data = self.cleaned_data
        gap = {"value": data["gap"].n, "unit": data["gap"].unit}
        starts = read_starts(number, {"after": data["after"], "gap": gap})
        if starts.step and starts.step not in numbers:
            raise ValueError(starts.words)
        placed = Starts(starts.after, numbers.get(starts.step, 0), starts.gap)
        return Step(
            number, data["procedure"], placed, data["sessions"], data["days"], data["is_optional"]
        )


class StepFormSet(forms.BaseFormSet):  # type: ignore[type-arg]  # cannot be subscripted when run
    """The steps in their order; `known`: what can be chosen."""

    def __init__(self, *args: Any, known: Vocabulary, **kwargs: Any) -> None:
        self.known = known
        super().__init__(*args, **kwargs)

    def add_fields(self, form: forms.Form, index: int | None) -> None:
        super().add_fields(form, index)
        chosen = str(form["procedure"].value() or "")
        places: list[tuple[str, str]] = [("plan", _("the start of the plan"))]
        for n in range(1, self.total_form_count() + 1):
            if index is None or n != index + 1:
                places.append((f"end of step {n}", _("the end of step %(n)d") % {"n": n}))
                last = _("the last session of step %(n)d") % {"n": n}
                places.append((f"last session of step {n}", last))
        for name, choices in (
            ("procedure", self.known.procedure_choices(chosen)),
            ("after", places),
        ):
            field = form.fields[name]
            if isinstance(field, forms.ChoiceField):
                field.choices = choices
        form.fields["ORDER"].label = _("Place")
        dress(form)

    def kept(self) -> list[tuple[int, forms.Form]]:
        """The forms that say something and stay, in their order, with their numbers on the page."""
        numbers = {id(form): n for n, form in enumerate(self.forms, start=1)}
        return [
            (numbers[id(form)], form)
            for form in self.ordered_forms
            if form.cleaned_data.get("procedure")
        ]


STEPS: Any = forms.formset_factory(
    StepForm,
    formset=StepFormSet,
    extra=1,
    can_delete=True,
    can_order=True,
    max_num=MOST_STEPS,
    validate_max=True,
)


class Editor:
    """The forms of one draft, read together."""

    def __init__(
        self,
        base: Content,
        version: int,
        known: Vocabulary,
        data: QueryDict | None = None,
    ) -> None:
        self.base, self.known, self._data = base, known, data
        initial = {"name": base.name, "source": base.source, "note": base.note, "version": version}
        self.form = ContentForm(
            data,
            known=known,
            initial={**initial, **{place: base.suits.get(place) for place in SKIN}},
        )
        self.steps = STEPS(data, prefix="steps", known=known, initial=list(map(_row, base.steps)))
        self._content: Content | None = None

    def is_valid(self) -> bool:
        answers = [self.form.is_valid(), self.steps.is_valid()]
        if not all(answers):
            return False
        kept = self.steps.kept()
        if not kept:
            self.form.add_error(None, _("A protocol needs one step at least."))
            return False
        steps = self._read(kept)
        if steps is None or not self._are_sound(steps, [form for _n, form in kept]):
            return False
        data = self.form.cleaned_data
        suits = self.form.suits(self.base.suits)
        self._content = Content(data["name"], suits, steps, data["source"], data["note"])
        return True

    def _read(self, kept: Sequence[tuple[int, Any]]) -> tuple[Step, ...] | None:
        numbers = {old: new for new, (old, _form) in enumerate(kept, start=1)}
        steps = []
        for number, (_old, form) in enumerate(kept, start=1):
            try:
                steps.append(form.step(number, numbers))
            except ValueError:
                form.add_error("after", _("The step that it follows is removed. Choose another."))
        return tuple(steps) if len(steps) == len(kept) else None

    def _are_sound(self, steps: Sequence[Step], rows: Sequence[Any]) -> bool:
        found = list(faults(steps, self.known.treatments))
        for fault in found:
            rows[fault.step - 1].add_error(fault.field, fault_words(fault))
        return not found

    @property
    def content(self) -> Content:
        """What was typed. Only once it is valid."""
        if self._content is None:
            raise ValueError("not valid")
        return self._content

    def see_version(self, version: int) -> None:
        """Show what was typed as an answer to `version` of the draft."""
        if self._data is not None:
            more = self._data.copy()
            more["version"] = str(version)
            self.form.data = more


def _row(step: Step) -> dict[str, Any]:
    return {
        "procedure": step.procedure,
        "sessions": step.sessions,
        "days": step.days,
        "gap": step.starts.gap,
        "after": step.starts.words,
        "is_optional": step.is_optional,
    }


def one_row_more(data: QueryDict) -> QueryDict:
    """The same form with another empty step."""
    more = data.copy()
    count = str(data.get("steps-TOTAL_FORMS", ""))
    rows = int(count) if count.isascii() and count.isdigit() else 0
    more["steps-TOTAL_FORMS"] = str(min(rows + 1, MOST_STEPS))
    return more


class NameForm(forms.Form):
    """The name of a protocol that does not exist yet."""

    name = TextsField(label=gettext_lazy("Name"), longest=120, required=True)


class PublishForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Why"),
        max_length=300,
        widget=forms.Textarea(attrs={"class": "form-control", "rows": 3}),
    )
    number = forms.IntegerField(widget=forms.HiddenInput)
    version = forms.IntegerField(widget=forms.HiddenInput)
    key = forms.UUIDField(widget=forms.HiddenInput)


def blank_publication(number: int, version: int) -> PublishForm:
    """The form as it is first shown for a draft, with a key of its own."""
    return PublishForm(initial={"number": number, "version": version, "key": uuid.uuid4()})


class ReasonForm(forms.Form):
    """Why a protocol is retired or brought back."""

    reason = forms.CharField(max_length=300, label=gettext_lazy("Why"))


class ApplyForm(forms.Form):
    """How a protocol is applied. Everything has a sensible value as long as nothing was asked."""

    asked = forms.BooleanField(required=False, widget=forms.HiddenInput)
    start = forms.DateField(
        label=gettext_lazy("Start"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date", "class": "form-control"}, format="%Y-%m-%d"),
    )
    areas = forms.MultipleChoiceField(
        label=gettext_lazy("Areas"),
        required=False,
        choices=list(AREAS.items()),
        widget=forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"}),
    )

    def __init__(self, data: QueryDict, applying: Applying) -> None:
        self._today = applying.today
        self._steps = applying.steps
        super().__init__(data)
        for step in applying.steps:
            self.fields[f"take-{step.number}"] = forms.BooleanField(
                required=False, widget=forms.CheckboxInput(attrs={"class": "form-check-input"})
            )
            counts = _counts(step, applying.treatments.get(step.procedure))
            if len(counts) > 1:
                self.fields[f"count-{step.number}"] = forms.TypedChoiceField(
                    required=False,
                    coerce=int,
                    empty_value=None,
                    choices=[(n, str(n)) for n in counts],
                    initial=step.sessions,
                    widget=forms.Select(attrs={"class": "form-select"}),
                )
        self.query = data if data.get("asked") else self._all_of_it()
        self.data = self.query

    def _all_of_it(self) -> QueryDict:
        """Nothing was asked yet: every step from today on, as many sessions as the protocol says."""
        shown = QueryDict(mutable=True)
        shown["asked"], shown["start"] = "on", self._today.isoformat()
        for step in self._steps:
            shown[f"take-{step.number}"] = "on"
            if f"count-{step.number}" in self.fields:
                shown[f"count-{step.number}"] = str(step.sessions)
        return shown

    def clean_start(self) -> dt.date:
        day: dt.date = self.cleaned_data["start"] or self._today
        if day < self._today:
            raise forms.ValidationError(_("That day is over. Choose today or a later day."))
        if day > self._today + LATEST_START:
            raise forms.ValidationError(_("That is more than a year away. Check the year."))
        return day

    def wish(self) -> Wish:
        """What was asked. Only once the form is valid."""
        data = self.cleaned_data
        numbers = [step.number for step in self._steps]
        return Wish(
            start=data["start"],
            left_out=frozenset(n for n in numbers if not data[f"take-{n}"]),
            counts={n: count for n in numbers if (count := data.get(f"count-{n}"))},
            areas=tuple(data["areas"]),
        )

    def rows(self) -> Iterable[tuple[Step, forms.BoundField, forms.BoundField | None]]:
        """Each step with its box and, where there is a choice, its number of sessions."""
        for step in self._steps:
            name = f"count-{step.number}"
            count = self[name] if name in self.fields else None
            yield step, self[f"take-{step.number}"], count


def _counts(step: Step, treatment: Treatment | None) -> range:
    """The numbers of sessions that may be chosen; empty for use at home."""
    if treatment is None or treatment.is_home or treatment.interval is None:
        return range(0)
    wanted = step.sessions or 1
    least, most = treatment.sessions_min or wanted, treatment.sessions_max or wanted
    return range(min(least, wanted), max(most, wanted) + 1)


class ConfirmForm(forms.Form):
    """The plan as it was seen: `seen` is the seal of its dates, `key` makes it one plan."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    seen = forms.CharField(max_length=8000, widget=forms.HiddenInput)
