"""Turning what somebody sends into cases: a sheet filled in by hand, or JSON."""

import datetime as dt
import json
import re
import uuid
from collections.abc import Mapping
from typing import Any, NoReturn

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from plans.core.screening import Entry, Fact, Rulebook
from plans.core.vignette_reading import read_vignette
from plans.core.vignettes import (
    BadVignette,
    Expected,
    Slip,
    Vignette,
    rows_of,
    told_together,
)
from plans.vignettes.selectors import CaseChoices
from plans.vignettes.tags import place_words, slip_words

# A pasted text or a file of cases; a case has some 5 kB.
LARGEST = 2_000_000
BLANK_ROWS = 2
_ROW = re.compile(r"patient\.(facts|history)\[(\d+)\]\.(\w+)")
_PLACES = {"patient.birth": "birth", "expect.verdict": "verdict"}

VERDICTS = [
    ("", "---------"),
    ("ok", pgettext_lazy("verdict", "OK")),
    ("caution", pgettext_lazy("verdict", "Caution")),
    ("ask", pgettext_lazy("verdict", "Ask")),
    ("wait", pgettext_lazy("verdict", "Wait")),
    ("refuse", pgettext_lazy("verdict", "Refuse")),
]

Choices = list[tuple[str, str]]


def document_of(raw: bytes | str) -> Any:
    """What the JSON text says.  Raises BadVignette for anything else, a key given twice among it."""
    try:
        text = raw.decode() if isinstance(raw, bytes) else raw
        return json.loads(text, object_pairs_hook=_once_each, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise BadVignette([Slip("", "not_json")]) from None


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object; of two values under one key nobody knows which was meant."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key is given twice")
    return found


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _day(label: Any, *, required: bool = False, help_text: Any = "") -> forms.DateField:
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    return forms.DateField(label=label, required=required, widget=widget, help_text=help_text)


class CaseForm(forms.Form):
    """A case without its rows of facts and history."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    code = forms.SlugField(
        label=_("Code"),
        max_length=60,
        help_text=_("Short, such as tca-after-isotretinoin."),
        error_messages={"invalid": _("Letters, digits, - and _ only, without spaces.")},
    )
    note = forms.CharField(label=_("What it shows"), max_length=200, required=False)
    procedure = forms.ChoiceField(label=_("Procedure"))
    session_date = _day(_("Day of the session"), required=True)
    as_of = _day(_("Day of the screening"), help_text=_("Empty: the day of the session."))
    areas = forms.CharField(
        label=_("Areas"), required=False, help_text=_("Separated by commas. Empty: everywhere.")
    )
    birth = _day(_("Birth date"), required=True)
    rest_denied_on = _day(
        _("Every other question answered no on"), help_text=_("Empty: nothing else was asked.")
    )
    verdict = forms.ChoiceField(label=_("Verdict"), choices=VERDICTS, required=False)
    reasons = forms.CharField(
        label=_("Rules that speak, one a line"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
    )
    earliest_ok = _day(
        _("Earliest date"), help_text=_("For wait and refuse. Empty: none is known.")
    )

    def __init__(self, *args: Any, choices: CaseChoices, code: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["procedure"].choices = [("", "---------"), *choices.procedures]
        if code:
            fields["code"].disabled = True
            self.initial["code"] = code


class _RowForm(forms.Form):
    """A row of the sheet; one in which nothing is chosen says nothing."""

    chosen = ""

    def __init__(self, *args: Any, choices: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields[self.chosen].choices = [("", "---------"), *choices]
        for name, field in fields.items():
            is_choice = isinstance(field, forms.ChoiceField)
            classes = [
                "form-select form-select-sm" if is_choice else "form-control form-control-sm"
            ]
            if self.is_bound and name in self.errors:
                classes.append("is-invalid")
            field.widget.attrs["class"] = " ".join(classes)


class FactForm(_RowForm):
    chosen = "code"

    code = forms.ChoiceField(label=_("Fact"), required=False)
    status = forms.ChoiceField(
        label=_("Answer"),
        choices=[("present", _("Yes")), ("denied", _("No")), ("unknown", _("Not known"))],
    )
    since = _day(_("Since, or asked on"))
    until = _day(_("Until"))


class EntryForm(_RowForm):
    chosen = "procedure"

    procedure = forms.ChoiceField(label=_("Treatment or test"), required=False)
    areas = forms.CharField(label=_("Areas"), required=False)
    date = _day(_("Date"))
    until = _day(_("Until, at home"))


_Facts = forms.formset_factory(FactForm, extra=BLANK_ROWS, max_num=1000)
_Entries = forms.formset_factory(EntryForm, extra=BLANK_ROWS, max_num=1000)


class CaseSheet:
    """A case as it is filled in: the form, and a row for each fact and each earlier treatment.

    `errors` after `read`: any at all.
    """

    def __init__(
        self,
        book: Rulebook,
        choices: CaseChoices,
        data: QueryDict | None = None,
        *,
        vignette: Vignette | None = None,
        code: str = "",
    ) -> None:
        initial = _initial(vignette, book) if vignette and data is None else _Initial()
        self._book = book
        self.form = CaseForm(data, initial=initial.form, choices=choices, code=code)
        self.facts = _Facts(
            data, prefix="facts", initial=initial.facts, form_kwargs={"choices": choices.facts}
        )
        self.history = _Entries(
            data,
            prefix="history",
            initial=initial.history,
            form_kwargs={"choices": choices.entries},
        )

    @property
    def errors(self) -> bool:
        return bool(self.form.errors or any(self.facts.errors) or any(self.history.errors))

    def read(self, former: Mapping[str, str]) -> Vignette | None:
        """The case, or None; then each error stands beside its field."""
        if not all([self.form.is_valid(), self.facts.is_valid(), self.history.is_valid()]):
            return None
        facts = [form for form in self.facts if form.cleaned_data.get("code")]
        history = [form for form in self.history if form.cleaned_data.get("procedure")]
        try:
            return read_vignette(self._data(facts, history), self._book, former)
        except BadVignette as error:
            rows: dict[str, list[Any]] = {"facts": facts, "history": history}
            for slip in error.slips:
                self._add(slip, rows)
            return None

    def _data(self, facts: list[Any], history: list[Any]) -> dict[str, Any]:
        """The case in the form of vignettes.json."""
        said = self.form.cleaned_data
        named = {form.cleaned_data["code"] for form in facts}
        asked = [line.fact for line in self._book.rules(said["procedure"]).lines]
        rest = [fact for fact in asked if fact not in named and said["rest_denied_on"]]
        denied: dict[str, Any] = {
            "status": "denied",
            "since": _iso(said["rest_denied_on"]),
            "until": None,
        }
        return {
            "id": said["code"],
            "note": said["note"],
            "procedure": said["procedure"],
            "session_date": _iso(said["session_date"]),
            "as_of": _iso(said["as_of"]),
            "areas": _areas(said["areas"]),
            "patient": {
                "birth": _iso(said["birth"]),
                "facts": [
                    *map(_fact_row, facts),
                    *({"code": fact} | denied for fact in rest),
                ],
                "history": [_entry_row(form) for form in history],
            },
            "expect": self._expected(),
        }

    def _expected(self) -> dict[str, Any] | None:
        said = self.form.cleaned_data
        if not said["verdict"]:
            return None
        return {
            "verdict": said["verdict"],
            "reasons": said["reasons"].split(),
            "earliest_ok": _iso(said["earliest_ok"]),
        }

    def _add(self, slip: Slip, rows: Mapping[str, list[Any]]) -> None:
        """Put the error beside its field; above the form where it has none there."""
        words = slip_words(slip)
        found = _ROW.fullmatch(slip.field)
        if found and int(found[2]) < len(rows[found[1]]):
            form = rows[found[1]][int(found[2])]
            form.add_error(found[3] if found[3] in form.fields else None, words)
            if found[3] in form.fields:
                form.fields[found[3]].widget.attrs["class"] += " is-invalid"
            return
        field = _PLACES.get(slip.field, slip.field)
        is_here = field in self.form.fields
        self.form.add_error(
            field if is_here else None, words if is_here else f"{slip.field}: {words}"
        )


def with_more_rows(data: QueryDict) -> QueryDict:
    """What was sent, with some empty rows more."""
    more = data.copy()
    for prefix in ("facts", "history"):
        key = f"{prefix}-TOTAL_FORMS"
        count = int(said) if (said := str(more.get(key))).isdecimal() else 0
        more[key] = str(min(count, 900) + BLANK_ROWS)
    return more


def with_answer(data: QueryDict, answer: Expected) -> QueryDict:
    """What was sent, with `answer` as what is expected."""
    more = data.copy()
    more["verdict"] = answer.verdict.word
    more["reasons"] = "\n".join(sorted(answer.reasons))
    more["earliest_ok"] = _iso(answer.earliest_ok) or ""
    return more


def _fact_row(form: Any) -> dict[str, Any]:
    said = form.cleaned_data
    since, until = _iso(said["since"]), _iso(said["until"])
    return {"code": said["code"], "status": said["status"], "since": since, "until": until}


def _entry_row(form: Any) -> dict[str, Any]:
    said = form.cleaned_data
    days = {"date": _iso(said["date"]), "until": _iso(said["until"])}
    return {"procedure": said["procedure"], "areas": _areas(said["areas"])} | days


def _areas(text: str) -> list[str]:
    return [area.strip() for area in text.split(",") if area.strip()]


def _iso(day: dt.date | None) -> str | None:
    return day.isoformat() if day else None


class _Initial:
    """What an empty sheet begins with."""

    def __init__(self) -> None:
        self.form: dict[str, Any] = {"key": uuid.uuid4()}
        self.facts: list[dict[str, Any]] = []
        self.history: list[dict[str, Any]] = []


def _initial(vignette: Vignette, book: Rulebook) -> _Initial:
    found = _Initial()
    asked = [line.fact for line in book.rules(vignette.procedure).lines]
    rest, facts = told_together(vignette.patient, asked)
    found.form |= {
        "code": vignette.code,
        "note": vignette.note,
        "procedure": vignette.procedure,
        "session_date": vignette.session_date,
        "as_of": vignette.as_of,
        "areas": ", ".join(sorted(vignette.areas)),
        "birth": vignette.patient.birth,
        "rest_denied_on": rest,
    }
    if vignette.expected is not None:
        answer = vignette.expected
        found.form["verdict"] = answer.verdict.word
        found.form["reasons"] = "\n".join(sorted(answer.reasons))
        found.form["earliest_ok"] = answer.earliest_ok
    found.facts = [_fact_initial(fact) for fact in facts]
    found.history = [_entry_initial(entry) for entry in vignette.patient.history]
    return found


def _fact_initial(fact: Fact) -> dict[str, Any]:
    return {"code": fact.code, "status": fact.status, "since": fact.since, "until": fact.until}


def _entry_initial(entry: Entry) -> dict[str, Any]:
    areas = ", ".join(sorted(entry.areas))
    return {
        "procedure": entry.procedure,
        "date": entry.date,
        "until": entry.until,
        "areas": areas,
    }


class PasteForm(forms.Form):
    """Cases as JSON, typed or in a file; `vignettes` after a valid form."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    text = forms.CharField(
        label=_("Cases as JSON"),
        required=False,
        max_length=LARGEST,
        widget=forms.Textarea(attrs={"rows": 12, "spellcheck": "false"}),
    )
    file = forms.FileField(label=_("or a file"), required=False)

    def __init__(
        self, *args: Any, book: Rulebook, former: Mapping[str, str], **kwargs: Any
    ) -> None:
        kwargs.setdefault("initial", {"key": uuid.uuid4()})
        super().__init__(*args, **kwargs)
        self._book, self._former = book, former
        self.vignettes: list[Vignette] = []

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        file = said.get("file")
        if file is not None and file.size > LARGEST:
            raise forms.ValidationError(_("The file is too large: 2 MB at most."))
        try:
            rows = rows_of(document_of(file.read() if file else said.get("text") or ""))
        except BadVignette as error:
            raise forms.ValidationError(slip_words(error.slips[0])) from None
        for n, row in enumerate(rows, start=1):
            self._read(n, row)
        return said

    def _read(self, n: int, row: Any) -> None:
        try:
            vignette = read_vignette(row, self._book, self._former)
        except BadVignette as error:
            for slip in error.slips:
                self.add_error(None, f"{place_words(n, slip.field)}: {slip_words(slip)}")
            return
        self.vignettes.append(vignette)
        if not re.fullmatch(r"[-\w]{1,60}", vignette.code, re.ASCII):
            self.add_error(None, _("Case %(n)s: its id must be a short code.") % {"n": n})
        if vignette.expected is None:
            self.add_error(None, _("Case %(n)s says not what is expected.") % {"n": n})
