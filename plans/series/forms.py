"""Forms of the booking page: strings in, wishes of the core and signed offers out."""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.core import signing
from django.http import QueryDict
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from clinic.kit import clock
from clinic.patients.models import Patient
from clinic.places.models import Location, Resource, ResourceKind
from plans.catalogue.models import Revision
from plans.core.chosen import Chosen, ChosenSeries, unpacked
from plans.core.combined import FEWEST, MOST, Combination
from plans.core.offers import EVERY_WEEKDAY, LATEST_YEARS, PARTS, Offer
from plans.courses.models import Occasion, PitDepth
from plans.courses.selectors import CourseView
from plans.courses.tags import AREAS
from plans.diary.forms import OFFER_SECONDS, KeyForm, signed
from plans.series.selectors import Ask, CombinedAsk, Wishes

SALT = "diary.offer"

MOST_WITHOUT_LIMIT = 6


TOGETHER_SALT = "series.together"

_BOX = {"class": "form-check-input"}


class PlaceForm(forms.Form):
    """Where and with whom; everything has a sensible value when it is left out."""

    first_from = forms.DateField(
        label=_("First session from"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date", "class": "form-control"}, format="%Y-%m-%d"),
    )
    practitioner = forms.ChoiceField(
        label=_("Practitioner"),
        required=False,
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    only = forms.BooleanField(
        label=_("Only this practitioner"), required=False, widget=forms.CheckboxInput(attrs=_BOX)
    )
    part = forms.ChoiceField(
        label=_("Part of day"),
        required=False,
        choices=[("", _("Any")), ("morning", _("Morning")), ("afternoon", _("Afternoon"))],
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    weekdays = forms.MultipleChoiceField(
        label=_("Weekdays"),
        required=False,
        choices=[(str(n + 1), WEEKDAYS[n]) for n in range(7)],
        widget=forms.CheckboxSelectMultiple,
    )
    rooms = forms.TypedMultipleChoiceField(
        label=_("Any of these rooms"),
        required=False,
        coerce=int,
        widget=forms.CheckboxSelectMultiple(attrs=_BOX),
    )
    despite = forms.TypedMultipleChoiceField(
        required=False, coerce=int, widget=forms.MultipleHiddenInput
    )
    every = forms.IntegerField(required=False, min_value=5, max_value=60, widget=forms.HiddenInput)
    minute = forms.IntegerField(
        required=False, min_value=0, max_value=24 * 60 - 1, widget=forms.HiddenInput
    )

    def __init__(
        self,
        data: Mapping[str, Any],
        *,
        today: dt.date,
        resources: Iterable[Resource],
        able: Collection[int],
        occasions: Iterable[Occasion] = (),
        first: dt.date | None = None,
    ) -> None:
        """`able`: who and what can serve; `occasions`: kept clear unless the form names them as `despite`."""
        self._today, self._first = today, max(first or today, today)
        self._occasions = list(occasions)
        super().__init__(data)
        fit = [each for each in resources if each.pk in able]
        people = [(str(r.pk), r.name) for r in fit if r.kind == ResourceKind.PRACTITIONER]
        self._choice("practitioner").choices = [("", _("Anyone")), *people]
        self._choice("rooms").choices = [
            (str(r.pk), r.name) for r in fit if r.kind == ResourceKind.ROOM
        ]
        self._choice("despite").choices = [(str(each.pk), "") for each in self._occasions]
        self.initial = {"first_from": self._first}

    def _choice(self, name: str) -> forms.ChoiceField:
        field = self.fields[name]
        if not isinstance(field, forms.ChoiceField):
            raise TypeError(name)
        return field

    def clean_first_from(self) -> dt.date:
        day: dt.date = self.cleaned_data["first_from"] or self._first
        if day < self._today:
            raise forms.ValidationError(_("That day is over. Choose today or a later day."))
        if day.year > self._today.year + LATEST_YEARS:
            raise forms.ValidationError(_("That is years away. Check the year."))
        return day

    def clean_every(self) -> int:
        every: int = self.cleaned_data["every"] or 15
        return every if every % 5 == 0 else 15

    @property
    def first_day(self) -> dt.date:
        return self.cleaned_data.get("first_from") or self._first

    @property
    def wishes(self) -> Wishes:
        """Only once the form is valid."""
        values = self.cleaned_data
        person = int(values["practitioner"]) if values["practitioner"] else None
        return Wishes(
            practitioner=person,
            practitioner_only=person is not None and values["only"],
            rooms=frozenset(values["rooms"]),
            part=PARTS.get(values["part"]),
            weekdays=frozenset(map(int, values["weekdays"])) or EVERY_WEEKDAY,
            around=values["minute"],
            first_free=values.get("first_free", False),
            occasions=tuple(o.day for o in self._occasions if o.pk not in values["despite"]),
            every=values["every"],
        )


class WishForm(PlaceForm):
    """What the series shall be like."""

    sessions = forms.TypedChoiceField(
        label=_("Sessions"),
        required=False,
        coerce=int,
        empty_value=None,
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    areas = forms.MultipleChoiceField(
        label=_("Areas"), required=False, choices=list(AREAS.items()),
        widget=forms.CheckboxSelectMultiple(attrs=_BOX),
    )  # fmt: skip
    first_free = forms.BooleanField(
        label=_("First free"), required=False, widget=forms.CheckboxInput(attrs=_BOX)
    )
    course = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)
    sign = forms.SlugField(required=False, widget=forms.HiddenInput)
    with_reason = forms.BooleanField(required=False, widget=forms.HiddenInput)
    depth = forms.ChoiceField(
        required=False, choices=[("", ""), *PitDepth.choices], widget=forms.HiddenInput
    )

    def __init__(
        self, data: Mapping[str, Any], *, revision: Revision, left: int | None = None, **places: Any
    ) -> None:
        """`left`: how many sessions a course still owes; None for a new one. `places`: as PlaceForm."""
        self._recommended = left or revision.sessions_recommended or 1
        super().__init__(data, **places)
        self.counts = list(self._counts(revision, left))
        self._choice("sessions").choices = self.counts
        self.initial["sessions"] = self._recommended

    def _counts(self, revision: Revision, left: int | None) -> Iterable[tuple[str, str]]:
        if left is not None:
            return ((str(n), str(n)) for n in range(1, left + 1))
        most = revision.sessions_max or MOST_WITHOUT_LIMIT
        if revision.interval is None:
            most = 1
        recommended = revision.sessions_recommended or 1
        said = _("%(n)s (recommended)")
        return (
            (str(n), str(said % {"n": n}) if n == recommended else str(n))
            for n in range(1, most + 1)
        )

    def ask(
        self,
        patient: Patient,
        location: Location,
        revision: Revision,
        course: CourseView | None = None,
    ) -> Ask:
        """What the search is asked for. Only once the form is valid."""
        values = self.cleaned_data
        return Ask(
            patient=patient,
            location=location,
            revision=revision,
            count=self.count,
            first_from=values["first_from"],
            course=course,
            areas=tuple(course.course.areas if course else values["areas"]),
            with_reason=values["with_reason"],
            **vars(self.wishes),
        )

    @property
    def count(self) -> int:
        """How many sessions are asked for; the recommended number where nothing sensible was."""
        asked: int | None = self.cleaned_data.get("sessions") or None
        return asked or self._recommended


class CombinedForm(PlaceForm):
    """Two to four procedures for one day."""

    code = forms.MultipleChoiceField(label=_("Procedures"), required=False)

    def __init__(
        self, data: Mapping[str, Any], *, offered: Iterable[tuple[str, str]], **places: Any
    ) -> None:
        super().__init__(data, **places)
        self._choice("code").choices = [("", "-"), *offered]

    def clean_code(self) -> list[str]:
        codes = list(dict.fromkeys(filter(None, self.cleaned_data["code"])))
        if codes and not FEWEST <= len(codes) <= MOST:
            raise forms.ValidationError(_("Choose two to four different procedures."))
        return codes


class OccasionForm(KeyForm):
    """A date that matters to the patient."""

    day = forms.DateField(
        label=_("Date to keep clear"),
        widget=forms.DateInput(attrs={"type": "date", "class": "form-control"}, format="%Y-%m-%d"),
    )
    name = forms.CharField(
        label=_("What it is"),
        required=False,
        max_length=80,
        widget=forms.TextInput(attrs={"class": "form-control"}),
    )

    def clean_day(self) -> dt.date:
        day: dt.date = self.cleaned_data["day"]
        if day.year > clock.today().year + LATEST_YEARS:
            raise forms.ValidationError(_("That is years away. Check the year."))
        return day


def dropped(query: QueryDict, resources: Iterable[Resource]) -> QueryDict:
    """`?day=&minute=&with=`, as the diary sends what was dropped on free time, put as wishes."""
    asked, kinds = query.copy(), {str(each.pk): each.kind for each in resources}
    day, target = asked.get("day", ""), asked.get("with", "")
    for name in ("day", "with"):
        asked.pop(name, None)
    if day:
        asked["first_from"] = day
    if kinds.get(target) == ResourceKind.PRACTITIONER:
        asked["practitioner"] = target
    if kinds.get(target) == ResourceKind.ROOM:
        asked["rooms"] = target
    return asked


class _SignedForm(KeyForm):
    """Something that this clinic offered and signed not long ago."""

    salt = SALT
    offer = forms.CharField(
        error_messages={"required": _("Choose one of the series first.")}, max_length=20_000
    )

    def _values(self) -> Any:
        try:
            return signing.loads(self.cleaned_data["offer"], salt=self.salt, max_age=OFFER_SECONDS)
        except signing.SignatureExpired:
            raise forms.ValidationError(
                _("These dates are more than half an hour old. Choose from the new ones.")
            ) from None
        except signing.BadSignature:
            raise forms.ValidationError(
                _("This offer is damaged. Choose from the new ones.")
            ) from None


class OfferForm(_SignedForm):
    """One of the offers of the page, signed when it was made."""

    def clean_offer(self) -> ChosenSeries:
        return unpacked(self._values())

    @property
    def series(self) -> ChosenSeries:
        series: ChosenSeries = self.cleaned_data["offer"]
        return series


class TogetherForm(_SignedForm):
    """Sessions of several courses, signed as one."""

    salt = TOGETHER_SALT

    def clean_offer(self) -> list[ChosenSeries]:
        return [unpacked(each) for each in self._values()]

    @property
    def all_series(self) -> list[ChosenSeries]:
        series: list[ChosenSeries] = self.cleaned_data["offer"]
        return series


def signed_together(several: Iterable[ChosenSeries]) -> str:
    """Several series as one text that only this clinic can have made."""
    return signing.dumps([each.packed() for each in several], salt=TOGETHER_SALT, compress=True)


def chosen_of(offer: Offer) -> tuple[Chosen, ...]:
    """The sessions of an offer that are new: those that stay are booked already."""
    return tuple(
        Chosen(place.ordinal, place.day, place.start_minute, place.resources)
        for place in offer.places
        if not place.stays
    )


def series_of(ask: Ask, places: Sequence[Chosen], wishes: WishForm | None = None) -> ChosenSeries:
    """What an offer books; `wishes`: with what it was planned for."""
    values = wishes.cleaned_data if wishes else {}
    return ChosenSeries(
        patient=ask.patient.number,
        location=ask.location.pk,
        revision=ask.revision.pk,
        sessions=tuple(places),
        course=ask.course.course.pk if ask.course else None,
        areas=ask.areas,
        sign=values.get("sign", ""),
        pit_depth=values.get("depth", ""),
    )


def stretches(ask: CombinedAsk, visit: Combination) -> list[ChosenSeries]:
    """Each procedure of the visit as a series of one session, in the order of the day."""
    return [
        ChosenSeries(
            patient=ask.patient.number,
            location=ask.location.pk,
            revision=part.revision.pk,
            sessions=(Chosen(part.ordinal, visit.day, each.start_minute, each.resources),),
            course=part.course.course.pk if part.course else None,
            areas=part.areas,
        )
        for each in visit.stretches
        for part in (ask.parts[each.part],)
    ]


def sign_starts(shown: list[dict[str, Any]], ask: Ask, wishes: WishForm) -> None:
    """Give each start the text that books it."""
    ordinal = ask.course.unbooked[0].ordinal if ask.course else 1
    for day in shown:
        for _who, starts in day["groups"]:
            for each in starts:
                start = each["start"]
                place = Chosen(ordinal, day["day"], start.minute, start.resources)
                each["value"] = signed(series_of(ask, (place,), wishes), SALT)
