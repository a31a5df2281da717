"""What an editor types about a procedure, turned into one rule set."""

import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django import forms
from django.conf import settings
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from plans.catalogue.models import Severity, StepKind, Unit
from plans.catalogue.tags import LABELS, Names, value_words
from plans.core.ruleset import (
    MINUTES,
    NUMBERS,
    LineRule,
    RuleSet,
    Step,
    falling,
    held_minutes,
    missing,
    recommended_inside,
)
from plans.core.spacing import Period

LONGEST_DAYS = 730
LANGUAGES = [code for code, _name in settings.LANGUAGES]
PERIODS = (
    "interval.min",
    "interval.recommended",
    "interval.max",
    "effect_lasts",
    "downtime",
    "on_break.on_for",
    "on_break.break_min",
    "on_break.break_max",
    "consent.valid_for",
)
# Least and greatest value of the numbers of each part.
LIMITS = {"course": (1, 60), "duration": (0, 600), "anaesthesia": (0, 240), "age": (0, 120)}


def field_name(path: str) -> str:
    """The form field of a rule set's place."""
    return path.replace(".", "_")


def dress(form: forms.Form) -> None:
    """Give every widget the class that its kind has in the house."""
    classes: dict[type, str] = {
        forms.CheckboxInput: "form-check-input",
        forms.Select: "form-select",
    }
    for field in form.fields.values():
        if not isinstance(field.widget, (forms.MultiWidget, forms.HiddenInput)):
            field.widget.attrs["class"] = classes.get(type(field.widget), "form-control")


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

    def compress(self, data_list: list[Any]) -> Period | None:
        if not data_list or data_list[0] is None:
            return None
        n, unit = data_list
        period = Period(n, unit or "months")
        if self.bounded and not 10 <= period.rough_tenths_of_a_day() <= LONGEST_DAYS * 10:
            raise forms.ValidationError(_("Between 1 day and 2 years."))
        return period


class RulesForm(forms.Form):
    """Everything of a draft but its contraindications and care steps. A field stands for a place of the rule set."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, rules: RuleSet, version: int, **kwargs: Any) -> None:
        self.rules = rules
        kwargs["initial"] = self._initial(rules) | {"version": version}
        super().__init__(*args, **kwargs)
        for code, name in settings.LANGUAGES:
            self.fields[f"name_{code}"] = forms.CharField(
                label=_("Name, %(language)s") % {"language": name},
                max_length=120,
                required=code == "en",
                widget=forms.TextInput(attrs={"lang": code}),
            )
        for path in PERIODS:
            bounded = path not in ("effect_lasts", "downtime")
            self.fields[field_name(path)] = PeriodField(label=LABELS[path], bounded=bounded)
        for path in NUMBERS:
            least, most = LIMITS[path.partition(".")[0]]
            self.fields[field_name(path)] = forms.IntegerField(
                label=LABELS[path], min_value=least, max_value=most, required=path in MINUTES
            )
        self.fields["consent_required"] = forms.BooleanField(
            label=LABELS["consent.required"],
            required=False,
        )

        dress(self)

    @staticmethod
    def _initial(rules: RuleSet) -> dict[str, Any]:
        paths = (*PERIODS, *NUMBERS, "consent.required")
        names = {f"name_{code}": rules.values["name"].get(code, "") for code in LANGUAGES}
        return {field_name(path): rules.values[path] for path in paths} | names

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        typed = {path: data.get(field_name(path)) for path in (*PERIODS, *NUMBERS)}
        if "interval_recommended" not in self.changed_data:
            # Nobody touched it: it moves with the end that was pushed past it.
            typed["interval.recommended"] = recommended_inside(typed)
            data["interval_recommended"] = typed["interval.recommended"]
        for path in missing(typed):
            if field_name(path) not in self.errors:
                self.add_error(field_name(path), _("Give all three values, or none."))
        for low, high in falling(typed):
            self.add_error(field_name(low), _falling_words(low, high, typed))
        if self.rules.needs and data.get("duration_treat") == 0:
            self.add_error("duration_treat", _("A visit takes at least one minute of treatment."))
        return data

    def values(self) -> dict[str, Any]:
        """The typed values by place."""
        data = self.cleaned_data
        found = {path: data[field_name(path)] for path in (*PERIODS, *NUMBERS, "consent.required")}
        found["name"] = {code: data[f"name_{code}"] for code in LANGUAGES if data[f"name_{code}"]}
        return found


def _falling_words(low: str, high: str, values: Mapping[str, Any]) -> str:
    text = _(
        "%(low)s (%(least)s) is more than %(high)s (%(most)s). Lower the one or raise the other."
    )
    return text % {
        "low": LABELS[low],
        "least": value_words(low, values[low]),
        "high": str(LABELS[high]).lower(),
        "most": value_words(high, values[high]),
    }


class LineForm(forms.Form):
    """One contraindication."""

    fact = forms.CharField(max_length=60, widget=forms.HiddenInput)
    severity = forms.ChoiceField(
        label=gettext_lazy("Strength"), choices=Severity.choices, initial=Severity.TEMPORARY
    )
    washout = PeriodField(label=gettext_lazy("After its end"), bounded=False)

    facts: Names = {}

    @property
    def title(self) -> str:
        """The fact's name; "" for the line that is still to be chosen."""
        return self.facts.get(self["fact"].value() or "", "")

    def line(self) -> LineRule:
        data = self.cleaned_data
        return LineRule(data["fact"], data["severity"], data["washout"])


class LineFormSet(forms.BaseFormSet):  # type: ignore[type-arg]  # cannot be subscripted when run
    """The contraindications of a draft; `facts` names every fact that a line may speak of, by code."""

    def __init__(self, *args: Any, facts: Names, **kwargs: Any) -> None:
        self.facts = facts
        super().__init__(*args, **kwargs)

    def add_fields(self, form: LineForm, index: int | None) -> None:
        super().add_fields(form, index)
        form.facts = self.facts
        is_new = index is None or index >= self.initial_form_count()
        choices = [("", "—"), *self.facts.items()] if is_new else list(self.facts.items())
        form.fields["fact"] = forms.ChoiceField(
            label=_("Add"),
            choices=choices,
            required=not is_new,
            widget=forms.Select if is_new else forms.HiddenInput,
        )
        form.empty_permitted = is_new
        dress(form)

    def clean(self) -> None:
        facts = [line.fact for line in self.lines()]
        twice = sorted(self.facts[fact] for fact in facts if facts.count(fact) > 1)
        if twice:
            raise forms.ValidationError(
                _("%(fact)s stands here twice. Remove one.") % {"fact": twice[0]}
            )

    def lines(self) -> tuple[LineRule, ...]:
        return tuple(
            form.line()
            for form in self.forms
            if form.is_valid() and form.cleaned_data.get("fact") and form not in self.deleted_forms
        )


class StepForm(forms.Form):
    """One line of a care sheet."""

    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"), choices=StepKind.choices, initial=StepKind.DO
    )
    from_day = forms.IntegerField(
        label=gettext_lazy("From day"), required=False, min_value=-365, max_value=3650
    )
    to_day = forms.IntegerField(
        label=gettext_lazy("To day"), required=False, min_value=-365, max_value=3650
    )
    is_approximate = forms.BooleanField(label=gettext_lazy("about"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for code, name in settings.LANGUAGES:
            self.fields[f"text_{code}"] = forms.CharField(
                label=name,
                max_length=1000,
                required=code == "en",
                widget=forms.TextInput(attrs={"lang": code}),
            )
        dress(self)

    def texts(self) -> list[forms.BoundField]:
        """The fields of the text, one for each language."""
        return [self[f"text_{code}"] for code in LANGUAGES]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        first, last = data.get("from_day"), data.get("to_day")
        if first is not None and last is not None and first > last:
            text = _("From day %(first)d is after day %(last)d. Swap them.")
            self.add_error("from_day", text % {"first": first, "last": last})
        return data

    def step(self, is_precare: bool) -> Step:
        data = self.cleaned_data
        texts = {code: data[f"text_{code}"] for code in LANGUAGES if data[f"text_{code}"]}
        days = data["from_day"], data["to_day"]
        return Step(is_precare, data["kind"], *days, data["is_approximate"], texts)


LINES: Any = forms.formset_factory(
    LineForm, formset=LineFormSet, extra=1, can_delete=True, max_num=200
)
STEPS: Any = forms.formset_factory(StepForm, extra=1, can_delete=True, max_num=100)
STEPS.deletion_widget = forms.CheckboxInput(attrs={"class": "form-check-input"})


class Editor:
    """The four forms of one draft, read together."""

    def __init__(
        self, rules: RuleSet, version: int, facts: Names, data: Mapping[str, Any] | None = None
    ) -> None:
        self.base = rules
        self.form = RulesForm(data, rules=rules, version=version)
        self.lines = LINES(
            data,
            prefix="lines",
            facts=facts,
            initial=[
                {"fact": line.fact, "severity": line.severity, "washout": line.washout}
                for line in rules.lines
            ],
        )
        self.aftercare = STEPS(data, prefix="aftercare", initial=_step_rows(rules, False))
        self.precare = STEPS(data, prefix="precare", initial=_step_rows(rules, True))

    def field(self, path: str) -> forms.BoundField | None:
        """The field for a place of the data sheet; None for one that is not edited here."""
        name = field_name(path)
        return self.form[name] if name in self.form.fields else None

    def see_version(self, version: int) -> None:
        """Show what was typed as an answer to `version` of the draft."""
        self.form.data = {
            **{name: self.form.data[name] for name in self.form.data},
            "version": version,
        }

    def names(self) -> list[forms.BoundField]:
        """The procedure's name in each language."""
        return [self.form[f"name_{code}"] for code in LANGUAGES]

    def is_valid(self) -> bool:
        # A list, so that every form is read and shows its errors.
        answers = [
            part.is_valid() for part in (self.form, self.lines, self.aftercare, self.precare)
        ]
        return all(answers)

    def rules(self) -> RuleSet:
        """What was typed, over what the draft said; only after is_valid()."""
        values = {**self.base.values, **self.form.values()}
        minutes = {place: values[place] for place in MINUTES}
        needs = []
        for need in self.base.needs:
            first, last = held_minutes(need.kind, minutes)
            needs.append(replace(need, from_minute=first, to_minute=last))
        steps = [*_steps(self.precare, True), *_steps(self.aftercare, False)]
        return replace(
            self.base,
            values=values,
            needs=tuple(needs),
            lines=self.lines.lines(),
            steps=tuple(steps),
        )


def _step_rows(rules: RuleSet, is_precare: bool) -> list[dict[str, Any]]:
    return [
        {
            "kind": step.kind,
            "from_day": step.from_day,
            "to_day": step.to_day,
            "is_approximate": step.is_approximate,
            **{f"text_{code}": step.text.get(code, "") for code in LANGUAGES},
        }
        for step in rules.steps
        if step.is_precare is is_precare
    ]


def _steps(formset: Any, is_precare: bool) -> list[Step]:
    return [
        form.step(is_precare)
        for form in formset.forms
        if form.cleaned_data.get("text_en") and form not in formset.deleted_forms
    ]


class PublishForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Why"),
        max_length=300,
        widget=forms.Textarea(attrs={"class": "form-control", "rows": 3}),
        error_messages={
            "required": gettext_lazy("Say why the rules change: the reason stands in the history.")
        },
    )
    number = forms.IntegerField(widget=forms.HiddenInput)
    version = forms.IntegerField(widget=forms.HiddenInput)
    key = forms.UUIDField(widget=forms.HiddenInput)


def blank_publication(number: int, version: int, reason: str) -> PublishForm:
    """The form as it is first shown for a draft, with a key of its own."""
    return PublishForm(
        initial={"number": number, "version": version, "reason": reason[:300], "key": uuid.uuid4()}
    )
