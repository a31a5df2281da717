"""What the health form, a fact, a correction and the skin type take in."""

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.kit import clock
from clinic.kit.languages import localized
from clinic.kit.partial import PartialDate, PartialDateField
from clinic.patients.forms import told
from clinic.patients.models import Answer, Fact, FactKind, FactStatus, FactType, Patient
from clinic.patients.services import LATEST_YEARS
from plans.health.tags import since_of, standing_words, until_of
from plans.terms.tags import ROMAN

SKIN_TYPES = [("", "–"), *((str(n), roman) for n, roman in enumerate(ROMAN, start=1))]


class KeyForm(forms.Form):
    """A form that is sent once: its key is made with the page."""

    key = forms.UUIDField(widget=forms.HiddenInput)

    @property
    def form_key(self) -> uuid.UUID:
        """The key of a valid form."""
        key: uuid.UUID = self.cleaned_data["key"]
        return key


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


@dataclass(frozen=True)
class StandingRow:
    """Something on record as true, with the question whether it still is."""

    name: str
    words: str
    end_question: str
    still: forms.BoundField
    ended: forms.BoundField


class HealthForm(KeyForm):
    """ "All no, except ...": a tick is a yes; no tick is a no for the questions that were asked, and only for those.

    `more` are questions that may be looked through: there, no tick says nothing unless `read_more` is ticked.
    `standing` is on record as true: only a last day closes it.
    """

    asked = forms.CharField(widget=forms.HiddenInput, required=False)
    read_more = forms.BooleanField(required=False)

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        patient: Patient,
        questions: Sequence[FactType],
        more: Sequence[FactType] = (),
        standing: Sequence[Fact] = (),
        language: str | None = None,
    ) -> None:
        self.patient, self.today, self.language = patient, clock.today(), language
        self.questions, self.more, self.standing = list(questions), list(more), list(standing)
        codes = ",".join(question.code for question in self.questions)
        super().__init__(data, initial={"asked": codes, "key": uuid.uuid4()})
        for question in (*self.questions, *self.more):
            self._add_question(question)
        for fact in self.standing:
            self.fields[f"still_{fact.pk}"] = forms.ChoiceField(
                choices=[("so", _("Still so")), ("ended", _("Ended on"))],
                required=False,
                initial="so",
                widget=forms.RadioSelect,
            )
            self.fields[f"ended_{fact.pk}"] = PartialDateField(label=_("Last day"))

    def _add_question(self, question: FactType) -> None:
        code, is_event = question.code, question.kind == FactKind.EVENT
        label = self._words(question.question) or localized(question.name, self.language)
        self.fields[f"yes_{code}"] = forms.BooleanField(label=label, required=False)
        self.fields[f"unsure_{code}"] = forms.BooleanField(label=_("Not sure"), required=False)
        since = _("When was it?") if is_event else _("Since when?")
        self.fields[f"since_{code}"] = PartialDateField(label=since)
        self.fields[f"until_{code}"] = PartialDateField(label=_("Last day, if it is over"))

    def rows_of(self, questions: Iterable[FactType]) -> Iterator[Row]:
        """The fields of these questions, in their order."""
        for question in questions:
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

    def has_more_said(self) -> bool:
        """Something was ticked or typed among the questions that need not be put."""
        names = (f"{what}_{kind.code}" for kind in self.more for what in ("yes", "unsure", "since"))
        return any(self.data.get(name) for name in names)

    def standing_rows(self) -> Iterator[StandingRow]:
        """What is on record as true, oldest answer first."""
        for fact in self.standing:
            kind = fact.fact_type.stands_for
            end_question = self._words(kind.end_question) or _("Last day")
            still, ended = self[f"still_{fact.pk}"], self[f"ended_{fact.pk}"]
            name = localized(kind.name, self.language)
            yield StandingRow(name, standing_words(fact), end_question, still, ended)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for question in (*self.questions, *self.more):
            self._check(question, cleaned)
        for fact in self.standing:
            self._check_standing(fact, cleaned)
        return cleaned

    def _check(self, question: FactType, values: dict[str, Any]) -> None:
        code = question.code
        if values.get(f"yes_{code}") and values.get(f"unsure_{code}"):
            self.add_error(
                f"unsure_{code}", _("Ticked as true and as not sure. Leave one of them.")
            )
        since, until = values.get(f"since_{code}"), values.get(f"until_{code}")
        self._check_dates(question, since, until, f"since_{code}", f"until_{code}")
        if since is not None and since.day > self.today and f"since_{code}" not in self.errors:
            # The form asks what is true today; nothing that is planned answers that.
            self.add_error(
                f"since_{code}", _("This day is still to come. Check it, or take the tick away.")
            )

    def _check_standing(self, fact: Fact, values: dict[str, Any]) -> None:
        name, ended = f"ended_{fact.pk}", values.get(f"ended_{fact.pk}")
        is_over = values.get(f"still_{fact.pk}") == "ended"
        if is_over and ended is None and name not in self.errors:
            self.add_error(name, _("Write when it ended; a month or a year will do."))
        elif ended is not None and not is_over:
            self.add_error(name, _("Say that it has ended, or clear the day."))
        elif ended is not None:
            self._check_dates(fact.fact_type, since_of(fact), ended, name, name)

    def _check_dates(
        self,
        kind: FactType,
        since: PartialDate | None,
        until: PartialDate | None,
        since_name: str,
        until_name: str,
    ) -> None:
        for name, partial in ((since_name, since), (until_name, until)):
            if partial is not None and partial.last < self.patient.birth_date:
                self.add_error(name, _("This is before the birth date. Check the year."))
            elif partial is not None and partial.day.year > self.today.year + LATEST_YEARS:
                self.add_error(name, _("This day is many years away. Check the year."))
        if since is None or until is None:
            return
        answer = told(
            kind, FactStatus.PRESENT, since, until, patient=self.patient, today=self.today
        )
        if answer.since and answer.until and answer.since > answer.until:
            self.add_error(until_name, _("The last day is before the first. Check both dates."))

    def answers(self) -> list[Answer]:
        """What was said about each question that was put, in the order to record it."""
        put = [*self.questions, *self.more]
        silent = set() if self.cleaned_data["read_more"] else {kind.code for kind in self.more}
        return [answer for kind in put for answer in self._answers(kind, kind.code in silent)]

    def _answers(self, question: FactType, is_silent: bool) -> list[Answer]:
        values, code = self.cleaned_data, question.code
        denial = Answer(code, FactStatus.DENIED, since=self.today)
        if values[f"unsure_{code}"]:
            return [Answer(code, FactStatus.UNKNOWN)]
        if not values[f"yes_{code}"]:
            return [] if is_silent else [denial]
        since, until = values[f"since_{code}"], values[f"until_{code}"]
        answer = told(
            question, FactStatus.PRESENT, since, until, patient=self.patient, today=self.today
        )
        # "Stopped in May", said today, also says that it is not so today: else it would be asked again at once.
        is_over = answer.until is not None and answer.until < self.today
        return [answer, denial] if is_over else [answer]

    def ended(self) -> list[tuple[Fact, Answer]]:
        """What is on record as true and has ended, each with the answer to take its place."""
        return [
            (fact, self._ended(fact, self.cleaned_data[f"ended_{fact.pk}"]))
            for fact in self.standing
            if self.cleaned_data[f"still_{fact.pk}"] == "ended"
        ]

    def _ended(self, fact: Fact, until: PartialDate) -> Answer:
        return told(
            fact.fact_type,
            FactStatus.PRESENT,
            since_of(fact),
            until,
            patient=self.patient,
            today=self.today,
        )

    def _words(self, texts: Mapping[str, str]) -> str:
        return localized(texts, self.language)


class AnswerForm(KeyForm):
    """One answer with its dates, for those who may write any."""

    status = forms.ChoiceField(label=gettext_lazy("Answer"), choices=FactStatus.choices)
    since = PartialDateField(
        label=gettext_lazy("Since, or answered on"),
        help_text=gettext_lazy("A day, a month or a year: 23.05.2025, 05.2025 or 2025."),
    )
    until = PartialDateField(label=gettext_lazy("Last day, if it is over"))

    def __init__(self, *args: Any, patient: Patient, **kwargs: Any) -> None:
        self.patient, self.today = patient, clock.today()
        kwargs["initial"] = {"key": uuid.uuid4(), **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        since, until = cleaned.get("since"), cleaned.get("until")
        if until and cleaned.get("status") != FactStatus.PRESENT:
            self.add_error(
                "until",
                _("Only something that was true has a last day. Choose Yes, or clear the date."),
            )
        elif since and until and since.day > until.ends_on(self.today):
            self.add_error("until", _("The last day is before the first. Check both dates."))
        return cleaned

    def answer(self, fact_type: FactType, note: str = "") -> Answer:
        """The answer about `fact_type`, on its most cautious days."""
        values = self.cleaned_data
        return told(
            fact_type,
            values["status"],
            values["since"],
            values["until"],
            patient=self.patient,
            today=self.today,
            note=note,
        )


class CorrectionForm(AnswerForm):
    """A correction of one answer: what is true instead, and why."""

    reason = forms.CharField(
        label=gettext_lazy("Why"),
        min_length=3,
        max_length=200,
        help_text=gettext_lazy("Such as: stopped on 23 May, told by phone."),
    )


class FactForm(AnswerForm):
    """A fact of any kind, also one that the health form does not ask."""

    fact_type = forms.ModelChoiceField(queryset=FactType.objects.none(), label=gettext_lazy("What"))
    note = forms.CharField(label=gettext_lazy("Note"), max_length=200, required=False)

    def __init__(self, *args: Any, types: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["fact_type"]
        field.queryset = types
        field.label_from_instance = lambda kind: localized(kind.name)
        self.order_fields(["fact_type", "status", "since", "until", "note"])

    def fact_answer(self) -> Answer:
        """The answer about the kind that was chosen."""
        return self.answer(self.cleaned_data["fact_type"], self.cleaned_data["note"])


class CloseForm(KeyForm):
    """The last day of something on record as true, and how it is known."""

    until = PartialDateField(label=gettext_lazy("Last day"), required=True)
    reason = forms.CharField(label=gettext_lazy("Why"), min_length=3, max_length=200)

    def __init__(self, data: Mapping[str, Any], *, fact: Fact) -> None:
        self.fact, self.today = fact, clock.today()
        super().__init__(data, auto_id=f"id_%s_{fact.pk}")

    def clean_until(self) -> PartialDate:
        until: PartialDate = self.cleaned_data["until"]
        if self.fact.since and until.ends_on(self.today) < self.fact.since:
            raise forms.ValidationError(
                _("The last day is before the first. Correct the answer instead.")
            )
        return until

    def answer(self) -> Answer:
        """The answer to take the place of the open one."""
        until, patient = self.cleaned_data["until"], self.fact.patient
        return told(
            self.fact.fact_type,
            FactStatus.PRESENT,
            since_of(self.fact),
            until,
            patient=patient,
            today=self.today,
        )


class LinkForm(KeyForm):
    """Make a link to the questions before a visit, send it, or take it back."""

    act = forms.ChoiceField(choices=[("issue", ""), ("send", ""), ("revoke", "")])


class TakeBackForm(forms.Form):
    """The password of whoever handed the tablet over."""

    password = forms.CharField(
        max_length=128,
        strip=False,
        label=gettext_lazy("Your password"),
        widget=forms.PasswordInput(
            attrs={"autocomplete": "current-password", "class": "form-control"}
        ),
    )


class SkinTypeForm(forms.Form):
    """Fitzpatrick skin type, I to VI."""

    skin_type = forms.TypedChoiceField(
        label=gettext_lazy("Skin type (Fitzpatrick)"),
        choices=SKIN_TYPES,
        coerce=int,
        empty_value=None,
    )


def as_told(fact: Fact) -> dict[str, Any]:
    """What a correction shows of the answer on record."""
    return {"status": fact.status, "since": since_of(fact), "until": until_of(fact)}
