"""What an editor types in one section of a draft, turned into one rule set."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.places.models import ResourceKind
from plans.catalogue.models import Severity, StepKind
from plans.catalogue.tags import LABELS, value_words
from plans.core import editing
from plans.core.rhythm import total_of
from plans.core.ruleset import (
    MINUTES,
    NUMBERS,
    PERIODS,
    LineRule,
    NeedRule,
    Origin,
    RuleSet,
    Step,
    falling,
    missing,
    recommended_inside,
)
from plans.core.sections import section_of
from plans.drafts.forms import (
    ParametersSection,
    RegimenSection,
    Section,
    SuitsSection,
    TextsSection,
)
from plans.editor.selectors import Choices, choices
from plans.terms.forms import (
    PeriodField,
    RowForm,
    SourceField,
    TextsField,
    code_field,
    dress,
    note_field,
)

# Least and greatest value of the numbers of each part.
LIMITS = {"course": (1, 60), "duration": (0, 600), "anaesthesia": (0, 240), "age": (0, 120)}
# Lengths that may be nothing at all, or go on for years.
UNBOUNDED = ("effect_lasts", "downtime", "patch_test.read_after")
YES_NO = ("consent.required", "patch_test.required", "patch_test.renewed_by_session")
RULES = tuple(
    path
    for path in (*PERIODS, *NUMBERS, *YES_NO, "patch_test.code", "on_break.counts_together")
    if section_of(path) == "rules"
)


def form_key(data: Mapping[str, str]) -> uuid.UUID:
    """The key that the form was sent with, so that a second click saves once; a new one for none."""
    try:
        return uuid.UUID(data.get("key", ""))
    except ValueError:
        return uuid.uuid4()


def field_name(path: str) -> str:
    """The form field of a rule set's place."""
    return path.replace(".", "_")


class ValuesForm(forms.Form):
    """Values of a rule set by their places; those that stand on a source with it and with a note."""

    def __init__(
        self, base: RuleSet, known: Choices, data: Any = None, *, paths: Sequence[str]
    ) -> None:
        self.base, self.paths = base, paths
        self.sourced = [one for one in paths if one in (*PERIODS, *NUMBERS, "patch_test.code")]
        origins = {origin.path: origin for origin in base.origins}
        initial: dict[str, Any] = {field_name(path): base.values[path] for path in paths}
        for path in self.sourced:
            origin = origins.get(_origin_path(path))
            initial[f"{field_name(path)}_source"] = origin.source if origin else ""
            initial[f"{field_name(path)}_note"] = origin.note if origin else ""
        super().__init__(data, initial=initial)
        for path in paths:
            self.fields[field_name(path)] = _value_field(path, known)
        for path in self.sourced:
            self.fields[f"{field_name(path)}_source"] = SourceField(known.sources)
            self.fields[f"{field_name(path)}_note"] = note_field()
        dress(self)

    def field(self, path: str) -> Mapping[str, forms.BoundField | None]:
        """The three fields of one place: value, source, note; the last two may be missing."""
        name = field_name(path)
        found = {part: f"{name}{part}" for part in ("", "_source", "_note")}
        return {
            part.strip("_") or "value": self[full] if full in self.fields else None
            for part, full in found.items()
        }

    def values(self) -> dict[str, Any]:
        return {path: self.cleaned_data[field_name(path)] for path in self.paths}

    def origins(self) -> list[Origin]:
        data = self.cleaned_data
        return [
            Origin(
                _origin_path(path),
                data[f"{field_name(path)}_source"],
                data[f"{field_name(path)}_note"],
            )
            for path in self.sourced
        ]


def _origin_path(path: str) -> str:
    # What is known of the patch test as a whole is said of its name.
    return "patch_test" if path == "patch_test.code" else path


def _value_field(path: str, known: Choices) -> forms.Field:
    label = LABELS[path]
    if path in PERIODS:
        return PeriodField(label=label, bounded=path not in UNBOUNDED)
    if path in NUMBERS:
        least, most = LIMITS[path.partition(".")[0]]
        return forms.IntegerField(
            label=label, min_value=least, max_value=most, required=path in MINUTES
        )
    if path in YES_NO:
        return forms.BooleanField(label=label, required=False)
    if path == "patch_test.code":
        return code_field(label, required=False)
    return forms.MultipleChoiceField(
        label=label, required=False, choices=list(known.procedures.items())
    )


class RulesForm(ValuesForm):
    """The rules: how many sessions, how far apart, for whom, after what."""

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        typed = {path: data.get(field_name(path)) for path in self.paths}
        if "interval_recommended" not in self.changed_data:
            # Nobody touched it: it moves with the end that was pushed past it.
            typed["interval.recommended"] = recommended_inside(typed)
            data["interval_recommended"] = typed["interval.recommended"]
        data["on_break_counts_together"] = sorted(data.get("on_break_counts_together", ()))
        for path in missing(typed):
            self._say(path, _("Give all three values, or none."))
        for low, high in falling(typed):
            self._say(low, _falling_words(low, high, typed))
        if typed["patch_test.code"]:
            for path in ("patch_test.read_after", "patch_test.valid_for"):
                if typed[path] is None:
                    self._say(
                        path,
                        _("A patch test needs both lengths: without them nobody is asked for it."),
                    )
        elif typed["patch_test.required"]:
            self._say("patch_test.code", _("Name the patch test that is needed."))
        return data

    def _say(self, path: str, words: str) -> None:
        if field_name(path) not in self.errors:
            self.add_error(field_name(path), words)


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


class NeedForm(RowForm):
    from_minute = forms.IntegerField(label=gettext_lazy("From minute"), required=False, min_value=0)
    to_minute = forms.IntegerField(label=gettext_lazy("To minute"), required=False, max_value=1440)

    def build(self, known: Choices) -> None:
        named = known.capabilities.items()
        grouped = [
            (label, [(code, name) for code, name in named if known.kinds[code] == kind])
            for kind, label in ResourceKind.choices
        ]
        self.fields["capability"] = forms.ChoiceField(
            label=_("What it must be able to do"), choices=[("", "—"), *grouped]
        )


class LineForm(RowForm):
    """One contraindication. What refuses is changed only by who may."""

    severity = forms.ChoiceField(
        label=gettext_lazy("Strength"), choices=Severity.choices, initial=Severity.TEMPORARY
    )
    washout = PeriodField(label=gettext_lazy("After its end"), bounded=False)

    def build(self, known: Choices) -> None:
        fact = self.initial.get("fact", "")
        names = {**known.facts, **({} if fact in known.facts or not fact else {fact: fact})}
        self.title = names.get(fact, "")
        self.fields["fact"] = forms.ChoiceField(
            label=_("Add"),
            choices=[("", "—"), *names.items()],
            widget=forms.HiddenInput if fact else forms.Select,
        )
        self.fields["source"] = SourceField(known.sources)
        self.fields["washout_source"] = SourceField(known.sources)
        self.fields["note"] = note_field()
        self.is_locked = not self.may_hard and self.initial.get("severity") == Severity.ABSOLUTE
        for field in self.fields.values():
            field.disabled = self.is_locked

    def clean_severity(self) -> str:
        severity: str = self.cleaned_data["severity"]
        if severity == Severity.ABSOLUTE and not (self.may_hard or self.is_locked):
            raise forms.ValidationError(
                _(
                    "What refuses is decided by the physician or the catalogue editor. Choose Wait or Caution."
                )
            )
        return severity

    def line(self) -> LineRule:
        data = self.cleaned_data
        return LineRule(
            data["fact"], data["severity"], data["washout"],
            data["source"], data["washout_source"], data["note"],
        )  # fmt: skip


class StepForm(RowForm):
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
    text = TextsField(label=gettext_lazy("Text"), rows=2, required=True)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        first, last = data.get("from_day"), data.get("to_day")
        if first is not None and last is not None and first > last:
            text = _("From day %(first)d is after day %(last)d. Swap them.")
            self.add_error("from_day", text % {"first": first, "last": last})
        return data

    def step(self, *, is_precare: bool) -> Step:
        data = self.cleaned_data
        days = data["from_day"], data["to_day"]
        return Step(is_precare, data["kind"], *days, data["is_approximate"], data["text"])


class SheetsForm(forms.Form):
    """What each care sheet rests on."""

    def __init__(self, base: RuleSet, known: Choices, data: Any = None) -> None:
        stood = {name: editing.sheet_sources(base, name) for name in ("precare", "aftercare")}
        super().__init__(data, initial={f"{name}_sources": codes for name, codes in stood.items()})
        for name in stood:
            self.fields[f"{name}_sources"] = forms.MultipleChoiceField(
                label=_("Sources of this sheet"),
                required=False,
                choices=[(c, c) for c in known.sources],
            )
        dress(self)

    def origins(self) -> Iterable[Origin]:
        for name, codes in self.cleaned_data.items():
            chosen = editing.in_order(codes, self.initial[name])
            yield from editing.sheet_origins(name.partition("_")[0], chosen)


class RulesSection(Section):
    name = "rules"

    def build(self) -> None:
        self.form = RulesForm(self.base, self.known, self.data, paths=RULES)

    def rules(self) -> RuleSet:
        return self.saying(self.form.values(), self.form.origins())


class NeedsSection(Section):
    name = "needs"

    def build(self) -> None:
        self.form = ValuesForm(self.base, self.known, self.data, paths=MINUTES)
        self.list_of("needs", NeedForm, editing.need_rows(self.base))

    def check(self) -> None:
        self.lists["needs"].refuse_twice("capability", self.known.capabilities)
        total = total_of(self.form.values())
        for form in (each for each in self.lists["needs"].kept() if not each.errors):
            need = self._need(form.cleaned_data)
            if not need.from_minute < need.to_minute <= total:
                text = _(
                    "The visit takes %(n)d minutes: give a first and a later minute inside it."
                )
                form.add_error("to_minute", text % {"n": total})
        if self.typed("needs") and not self.form.values()["duration.treat"]:
            self.form.add_error(
                "duration_treat", _("A visit takes at least one minute of treatment.")
            )

    def _need(self, data: Mapping[str, Any]) -> NeedRule:
        code = data["capability"]
        minutes = data["from_minute"], data["to_minute"]
        return editing.held_as_typed(
            self.base, self.form.values(), self.known.kinds[code], code, minutes
        )

    def rules(self) -> RuleSet:
        needs = tuple(map(self._need, self.typed("needs")))
        return self.saying(self.form.values(), self.form.origins(), needs=needs)


class LinesSection(Section):
    name = "contraindications"

    def build(self) -> None:
        self.list_of("lines", LineForm, editing.line_rows(self.base))

    def check(self) -> None:
        self.lists["lines"].refuse_twice("fact", self.known.facts)

    def rules(self) -> RuleSet:
        return replace(self.base, lines=tuple(form.line() for form in self.lists["lines"].kept()))


class CareSection(Section):
    name = "care"

    def build(self) -> None:
        self.form = SheetsForm(self.base, self.known, self.data)
        for prefix, is_precare in (("precare", True), ("aftercare", False)):
            rows = editing.step_rows(self.base, is_precare=is_precare)
            self.list_of(prefix, StepForm, rows, can_order=True)

    def rules(self) -> RuleSet:
        steps = [form.step(is_precare=True) for form in self.lists["precare"].kept()]
        steps += [form.step(is_precare=False) for form in self.lists["aftercare"].kept()]
        return self.saying({}, self.form.origins(), steps=tuple(steps))


_SECTIONS: dict[str, type[Section]] = {
    kind.name: kind
    for kind in (
        RulesSection, NeedsSection, LinesSection, ParametersSection, RegimenSection,
        CareSection, TextsSection, SuitsSection,
    )
}  # fmt: skip


def section_forms(
    section: str, base: RuleSet, known: Choices, data: Any = None, *, may_hard: bool = True
) -> Section:
    """The forms of `section`, filled with what `base` says or with what was sent."""
    return _SECTIONS[section](base, known, data, may_hard=may_hard)


def typed_rules(
    base: RuleSet, section: str, data: Any, known: Choices | None = None
) -> RuleSet | None:
    """`base` with what was typed in `section`, unsaved; None when it cannot be read. `data`: a request's POST.

    Seven queries, none with `known`. The gaps are no part of a rule set: "gaps" gives `base`.
    """
    if section not in _SECTIONS:
        return base if section == "gaps" else None
    sent = section_forms(section, base, known or choices(), data)
    return sent.rules() if sent.is_valid() else None
