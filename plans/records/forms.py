"""Forms of a record: its draft, built from the procedure's parameters, and what is added to it afterwards."""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.kit import clock
from plans.core import record as core
from plans.core.record import Harm, Saving
from plans.core.record_map import Region, regions
from plans.core.wallclock import instant
from plans.diary.forms import KeyForm
from plans.lots.models import Lot
from plans.records.models import ReactionKind, Severity
from plans.records.selectors import Page
from plans.records.tags import Row, area_words, choice_words, label_words, lot_choice_words, row_of

_TICK = {"class": "form-check-input"}
_TEXT = {"class": "form-control"}
_PICK = {"class": "form-select"}
_TIME = {"type": "time", "class": "form-control"}
_DAY = {"type": "date", "class": "form-control"}
# Which fields a product lot of the store answers: they stand beside it.
_OF_LOT = (core.PRODUCT, core.LOT, core.EXPIRES)
_MOST_LOTS = 8
_NONE_CHOSEN = ("", gettext_lazy("Not chosen"))


class AmountField(forms.DecimalField):
    """An amount, with the comma or the point, whatever the language of the page."""

    def to_python(self, value: Any) -> Any:
        return super().to_python(value.replace(",", ".") if isinstance(value, str) else value)


class UseForm(forms.Form):
    """One product lot with how much of it the patient got."""

    lot = forms.ChoiceField(
        label=gettext_lazy("Product lot"), required=False, widget=forms.Select(attrs=_PICK)
    )
    units = AmountField(
        label=gettext_lazy("Amount"),
        required=False,
        min_value=Decimal("0.01"),
        max_digits=8,
        decimal_places=2,
        widget=forms.TextInput(attrs=_TEXT | {"inputmode": "decimal"}),
    )
    sites = forms.CharField(
        label=gettext_lazy("Where"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs=_TEXT),
    )

    def __init__(self, *args: Any, lots: Sequence[Lot], day: dt.date, **given: Any) -> None:
        super().__init__(*args, **given)
        choices = [(str(lot.pk), lot_choice_words(lot, day)) for lot in lots]
        self.fields["lot"].choices = [_NONE_CHOSEN, *choices]  # type: ignore[attr-defined]  # a ChoiceField, see above

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("lot") and (data.get("units") or data.get("sites")):
            self.add_error("lot", _("Choose the lot, or empty this line."))
        return data

    def use(self) -> core.Use | None:
        """What can be read of this line, None without a lot; the lot counts even where its amount is no number."""
        data = self.cleaned_data
        if not data.get("lot"):
            return None
        return core.Use(int(data["lot"]), data.get("units"), data.get("sites", ""))


_UseForms = forms.formset_factory(
    UseForm, extra=1, max_num=_MOST_LOTS, absolute_max=_MOST_LOTS, validate_max=True
)


class HarmForm(forms.Form):
    """A reaction during the visit; an untouched one says that there was none."""

    kind = forms.ChoiceField(
        label=gettext_lazy("What happened"),
        required=False,
        choices=[("", gettext_lazy("No reaction")), *ReactionKind.choices],
        widget=forms.Select(attrs=_PICK),
    )
    severity = forms.TypedChoiceField(
        label=gettext_lazy("How bad"),
        required=False,
        choices=[_NONE_CHOSEN, *Severity.choices],
        coerce=int,
        empty_value=None,
        widget=forms.Select(attrs=_PICK),
    )
    happened_at = forms.TimeField(
        label=gettext_lazy("At"),
        required=False,
        widget=forms.TimeInput(attrs=_TIME, format="%H:%M"),
    )
    note = forms.CharField(
        label=gettext_lazy("Note"),
        required=False,
        max_length=500,
        widget=forms.TextInput(attrs=_TEXT),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        is_told = data.get("severity") or data.get("note")
        if is_told and not data.get("kind") and "kind" not in self.errors:
            self.add_error("kind", _("Say what happened."))
        if data.get("kind") and not data.get("severity") and "severity" not in self.errors:
            self.add_error("severity", _("Say how bad it is."))
        return data

    def harm(self) -> Harm | None:
        data = self.cleaned_data
        return Harm(data["kind"], data["severity"], data["note"]) if data.get("kind") else None


class RecordForm(forms.Form):
    """The draft of a record. Whatever was typed is kept, readable or not: `Row.problem` says what signing needs."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    tab = forms.UUIDField(widget=forms.HiddenInput)
    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    remove = forms.IntegerField(required=False, widget=forms.HiddenInput)
    areas = forms.MultipleChoiceField(
        label=gettext_lazy("Treated areas"),
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs=_TICK),
    )
    anaesthesia = forms.CharField(
        label=gettext_lazy("Anaesthesia"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs=_TEXT),
    )
    anaesthesia_at = forms.TimeField(
        label=gettext_lazy("Given at"),
        required=False,
        widget=forms.TimeInput(attrs=_TIME, format="%H:%M"),
    )
    outside_reason = forms.CharField(
        label=gettext_lazy("Why a value is beyond its limits"),
        required=False,
        max_length=300,
        widget=forms.TextInput(attrs=_TEXT),
    )
    notes = forms.CharField(
        label=gettext_lazy("Notes"),
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs=_TEXT | {"rows": 4}),
    )

    def __init__(self, data: Any = None, *, page: Page) -> None:
        self.page, self.filled = page, page.filled_in
        super().__init__(data, initial=_initial(page, self.filled))
        self.fields["areas"].choices = [  # type: ignore[attr-defined]  # a ChoiceField, see above
            (code, area_words(code)) for code in page.offered_areas
        ]
        for one in page.fields:
            self.fields[_name(one)] = _field(one)
        uses = [
            {"lot": use.lot, "units": use.units, "sites": use.sites} for use in self.filled.uses
        ]
        offered = {"lots": page.lots, "day": page.day}
        self.uses = _UseForms(data, prefix="use", initial=uses, form_kwargs=offered)
        now = timezone.localtime(clock.now(), page.visit.location.zone)
        self.harm = HarmForm(data, prefix="harm", initial={"happened_at": now.time()})

    def is_valid(self) -> bool:
        parts = [super().is_valid(), self.uses.is_valid(), self.harm.is_valid()]
        return all(parts)

    def saving(self) -> Saving:
        return Saving(self.cleaned_data["version"], self.cleaned_data["tab"])

    def can_keep(self) -> bool:
        """Whether a draft can be kept of it: a half-written lot or reaction does not hold up the rest."""
        self.is_valid()
        return not self.errors

    def written(self) -> core.Written:
        """What a form says that can be kept."""
        data = self.cleaned_data
        uses = (each.use() for each in self.uses.forms)
        return core.Written(
            core.values_of(self.entries()),
            tuple(code for code in self.page.offered_areas if code in data["areas"]),
            data["anaesthesia"].strip(),
            self._at(data["anaesthesia_at"]),
            data["notes"].strip(),
            data["outside_reason"].strip(),
            tuple(use for use in uses if use),
        )

    def reaction(self) -> tuple[Harm, dt.datetime] | None:
        """The reaction that stands in the form, with its time; now where no time is given."""
        harm, at = self.harm.harm(), self.harm.cleaned_data.get("happened_at")
        return (harm, self._at(at) or clock.now()) if harm else None

    def entries(self) -> tuple[core.Entry, ...]:
        """Each parameter with what stands in the form, or with what is filled in."""
        if not self.is_bound:
            return core.entries_of(self.page.fields, self.filled.values)
        typed = {one.key: self[_name(one)].value() for one in self.page.fields}
        return core.read_all(self.page.fields, typed)

    def rows(self) -> list[Row]:
        return [self._row(one) for one in self.entries() if one.field.key not in _OF_LOT]

    def lot_rows(self) -> list[Row]:
        """Product, lot and expiry as they are written by hand."""
        return [self._row(one) for one in self.entries() if one.field.key in _OF_LOT]

    @property
    def is_beyond(self) -> bool:
        """Whether a reason must be given for a value."""
        return any(entry.problem == "outside" for entry in self.entries())

    @property
    def is_expired(self) -> bool:
        """Whether the product that is written down was past its last day on the visit's day."""
        return core.is_expired(core.values_of(self.entries()), self.page.day)

    def map_regions(self) -> tuple[Region, ...]:
        return regions(self.page.offered_areas, self["areas"].value() or ())

    def area_boxes(self) -> dict[str, Any]:
        """The tick box of each area, by its code."""
        return {str(box.data["value"]): box for box in self["areas"]}

    @property
    def areas_before(self) -> str:
        """The areas of the last session, in words, where they were others."""
        before = self.page.before.areas if self.page.before else []
        is_other = sorted(before) != sorted(self["areas"].value() or ())
        return ", ".join(area_words(code) for code in before) if is_other else ""

    @property
    def lacks_areas(self) -> bool:
        is_told = self.page.needs_areas and self.page.record is not None
        return is_told and not self["areas"].value()

    @property
    def are_parts_valid(self) -> bool:
        return self.uses.is_valid() and self.harm.is_valid()

    @property
    def numbing(self) -> list[forms.BoundField]:
        return [self["anaesthesia"], self["anaesthesia_at"]]

    @property
    def numb_at(self) -> dt.datetime | None:
        """When the anaesthesia that is on record works, by the procedure's own waiting time."""
        begun, minutes = self.filled.anaesthesia_at, self.numbing_minutes
        return begun + dt.timedelta(minutes=minutes) if begun and minutes else None

    @property
    def numbing_minutes(self) -> int:
        revision = self.page.revision
        return int((revision.anaesthesia or {}).get("wait_minutes") or 0) if revision else 0

    def drawn(self) -> list[tuple[Region, str, Any]]:
        """What the map shows: the area, its name, and its tick box."""
        boxes = self.area_boxes()
        return [(one, area_words(one.code), boxes[one.code]) for one in self.map_regions()]

    def _row(self, entry: core.Entry) -> Row:
        # What nobody has written yet is no fault of theirs: only a saved draft is told what it lacks.
        is_told = self.page.record is not None or entry.problem != "missing"
        box = self[_name(entry.field)]
        return row_of(box, entry, self.page.before_values, is_told=is_told)

    def _at(self, time: dt.time | None) -> dt.datetime | None:
        if time is None:
            return None
        minute = time.hour * 60 + time.minute
        return instant(self.page.day, minute, self.page.visit.location.zone)


def _name(field: core.Field) -> str:
    return f"p-{field.key}"


def _initial(page: Page, filled: core.Written) -> dict[str, Any]:
    at = filled.anaesthesia_at
    parameters = {_name(one): core.typed_of(filled.values.get(one.key)) for one in page.fields}
    return parameters | {
        "key": uuid.uuid4(),
        "tab": uuid.uuid4(),
        "version": page.record.version if page.record else 0,
        "areas": list(filled.areas),
        "anaesthesia": filled.anaesthesia,
        "anaesthesia_at": timezone.localtime(at, page.visit.location.zone).time() if at else None,
        "outside_reason": filled.outside_reason,
        "notes": filled.notes,
    }


def _field(one: core.Field) -> forms.Field:
    """How a parameter is asked for; lenient, since a draft keeps what cannot be read yet."""
    given: dict[str, Any] = {"label": label_words(one), "required": False}
    if one.type in ("choice", "bool"):
        return forms.ChoiceField(
            choices=_choices(one), widget=forms.RadioSelect(attrs=_TICK), **given
        )
    if one.type == "multichoice":
        return forms.MultipleChoiceField(
            choices=_choices(one), widget=forms.CheckboxSelectMultiple(attrs=_TICK), **given
        )
    widget: forms.Widget = forms.TextInput(attrs=_TEXT)
    if one.type == "date":
        widget = forms.TextInput(attrs=_DAY)
    elif one.is_number:
        mode = "numeric" if one.type == "integer" else "decimal"
        widget = forms.TextInput(attrs=_TEXT | {"inputmode": mode, "autocomplete": "off"})
    return forms.CharField(max_length=core.LONGEST_TEXT, widget=widget, **given)


def _choices(one: core.Field) -> list[tuple[str, str]]:
    if one.type == "bool":
        return [("yes", _("yes")), ("no", _("no"))]
    return [(choice, choice_words(choice)) for choice in one.choices]


class AddendumForm(KeyForm):
    """What the one who signed adds."""

    text = forms.CharField(
        label=gettext_lazy("Addendum"),
        max_length=2000,
        widget=forms.Textarea(attrs=_TEXT | {"rows": 3}),
    )


class EventForm(KeyForm):
    """Harm that came of the treatment."""

    kind = forms.ChoiceField(
        label=gettext_lazy("What happened"),
        choices=[_NONE_CHOSEN, *ReactionKind.choices],
        widget=forms.Select(attrs=_PICK),
    )
    severity = forms.TypedChoiceField(
        label=gettext_lazy("How bad"),
        choices=[_NONE_CHOSEN, *Severity.choices],
        coerce=int,
        widget=forms.Select(attrs=_PICK),
    )
    began_on = forms.DateField(
        label=gettext_lazy("Since"), widget=forms.DateInput(attrs=_DAY, format="%Y-%m-%d")
    )
    note = forms.CharField(
        label=gettext_lazy("What was found and done"),
        max_length=500,
        widget=forms.Textarea(attrs=_TEXT | {"rows": 2}),
    )

    def harm(self) -> Harm:
        data: Mapping[str, Any] = self.cleaned_data
        return Harm(data["kind"], data["severity"], data["note"])


class FollowUpForm(KeyForm):
    """How an adverse event went on."""

    note = forms.CharField(
        label=gettext_lazy("How it is now"),
        max_length=500,
        widget=forms.TextInput(attrs=_TEXT),
    )
    next_on = forms.DateField(
        label=gettext_lazy("Look again on"),
        required=False,
        widget=forms.DateInput(attrs=_DAY, format="%Y-%m-%d"),
    )
    is_over = forms.BooleanField(
        label=gettext_lazy("It is over"), required=False, widget=forms.CheckboxInput(attrs=_TICK)
    )
