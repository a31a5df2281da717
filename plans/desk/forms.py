"""What the desk's pages take in."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.kit.languages import localized
from clinic.patients.models import Answer, FactKind, FactStatus, FactType
from plans.desk.tags import ROMAN

SKIN_TYPES = [("", "–"), *((str(n), roman) for n, roman in enumerate(ROMAN, start=1))]


class DateInput(forms.DateInput):
    """The browser's own date field, which takes ISO dates only."""

    input_type = "date"

    def __init__(self, **attrs: Any) -> None:
        super().__init__(attrs={"class": "form-control", **attrs}, format="%Y-%m-%d")


@dataclass(frozen=True)
class Row:
    """One question on the health form with its fields."""

    fact_type: FactType
    question: str
    hint: str
    end_question: str
    has_dates: bool
    is_event: bool
    yes: forms.BoundField
    unsure: forms.BoundField
    since: forms.BoundField
    until: forms.BoundField


class HealthForm(forms.Form):
    """ "All no, except ...": a tick is a yes, no tick is a no for the questions that were shown, and only for those."""

    asked = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        questions: Sequence[FactType],
        today: dt.date,
        born: dt.date,
        language: str | None = None,
    ) -> None:
        self.today, self.born, self.language = today, born, language
        self.questions = list(questions)
        codes = ",".join(question.code for question in self.questions)
        super().__init__(data, initial={"asked": codes})
        for question in self.questions:
            label = self._words(question.question) or localized(question.name, language)
            self.fields[f"yes_{question.code}"] = forms.BooleanField(label=label, required=False)
            self.fields[f"unsure_{question.code}"] = forms.BooleanField(
                label=_("Not sure"), required=False
            )
            self.fields[f"since_{question.code}"] = forms.DateField(
                label=_("Which day?") if question.kind == FactKind.EVENT else _("Since when?"),
                required=False,
                widget=DateInput(),
            )
            self.fields[f"until_{question.code}"] = forms.DateField(
                label=_("Last day, if it is over"), required=False, widget=DateInput()
            )

    def rows(self) -> Iterator[Row]:
        """The questions in the order in which they are asked."""
        for question in self.questions:
            code = question.code
            yield Row(
                question,
                str(self.fields[f"yes_{code}"].label),
                self._words(question.hint),
                self._words(question.end_question),
                question.kind != FactKind.LIFELONG,
                question.kind == FactKind.EVENT,
                self[f"yes_{code}"],
                self[f"unsure_{code}"],
                self[f"since_{code}"],
                self[f"until_{code}"],
            )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for question in self.questions:
            self._check(question.code, cleaned)
        return cleaned

    def answers(self) -> list[Answer]:
        """What was said about each question that was shown, in the order to record it."""
        return [answer for question in self.questions for answer in self._answers(question)]

    def _answers(self, question: FactType) -> list[Answer]:
        values, code = self.cleaned_data, question.code
        denial = Answer(code, FactStatus.DENIED, since=self.today)
        if values[f"unsure_{code}"]:
            return [Answer(code, FactStatus.UNKNOWN)]
        if not values[f"yes_{code}"]:
            return [denial]
        since, until = values[f"since_{code}"], values[f"until_{code}"]
        if question.kind == FactKind.EVENT:
            since = until = since or self.today
        answer = Answer(code, FactStatus.PRESENT, since=since, until=until)
        # "Stopped in May", said today, also says that it is not so today: else it would be asked again at once.
        return [answer, denial] if until and until < self.today else [answer]

    def _check(self, code: str, values: dict[str, Any]) -> None:
        since, until = values.get(f"since_{code}"), values.get(f"until_{code}")
        if values.get(f"yes_{code}") and values.get(f"unsure_{code}"):
            self.add_error(
                f"unsure_{code}", _("Ticked as true and as not sure. Leave one of them.")
            )
        if since and until and since > until:
            self.add_error(
                f"until_{code}", _("The last day is before the first. Check both dates.")
            )
        if since and since < self.born:
            self.add_error(f"since_{code}", _("This is before the birth date. Check the year."))
        if until and until < self.born:
            self.add_error(f"until_{code}", _("This is before the birth date. Check the year."))

    def _words(self, texts: Mapping[str, str]) -> str:
        return localized(texts, self.language)


class CorrectionForm(forms.Form):
    """A correction of one answer: what is true instead, and why."""

    status = forms.ChoiceField(label=gettext_lazy("Answer"), choices=FactStatus.choices)
    since = forms.DateField(
        label=gettext_lazy("Since, or answered on"), required=False, widget=DateInput()
    )
    until = forms.DateField(
        label=gettext_lazy("Last day, if it is over"), required=False, widget=DateInput()
    )
    reason = forms.CharField(
        label=gettext_lazy("Why"),
        min_length=3,
        max_length=200,
        help_text=gettext_lazy("Such as: stopped on 23 May, told by phone."),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        since, until = cleaned.get("since"), cleaned.get("until")
        if until and cleaned.get("status") != FactStatus.PRESENT:
            self.add_error(
                "until",
                _("Only something that was true has a last day. Choose Yes, or clear the date."),
            )
        elif since and until and since > until:
            self.add_error("until", _("The last day is before the first. Check both dates."))
        return cleaned

    def answer(self, code: str) -> Answer:
        values = self.cleaned_data
        return Answer(code, values["status"], since=values["since"], until=values["until"])


class SkinTypeForm(forms.Form):
    """Fitzpatrick skin type, I to VI."""

    skin_type = forms.TypedChoiceField(
        label=gettext_lazy("Skin type (Fitzpatrick)"),
        choices=SKIN_TYPES,
        coerce=int,
        empty_value=None,
    )
