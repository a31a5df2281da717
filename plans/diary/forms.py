"""Forms of the diary: strings in, wishes of the core and signed offers out."""

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.core import signing
from django.http import QueryDict
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from clinic.kit import clock
from clinic.patients.models import Patient
from clinic.places.models import Location, Resource
from clinic.staff.models import User
from plans.catalogue.models import Revision
from plans.core.chosen import Chosen, ChosenSeries, unpacked
from plans.core.offers import EVERY_WEEKDAY, Offer
from plans.core.problems import Impossible
from plans.core.screening import Verdict
from plans.core.wallclock import minute_of
from plans.core.wishes import Answer, Series
from plans.courses.models import PitDepth
from plans.courses.selectors import CourseView
from plans.courses.tags import (
    AREAS,
    Names,
    finding_words,
    impossible_words,
    relaxation_words,
    screening_words,
)
from plans.diary.models import Appointment
from plans.diary.selectors import Ask, MoveOptions
from plans.diary.tags import (
    OFFER_TITLES,
    deviation_words,
    excuses,
    minute_words,
    offer_words,
    reasons_words,
)

SALT = "diary.offer"
MOVE_SALT = "diary.move"  # a start for a move books nothing
OFFER_SECONDS = 30 * 60
NOON = 12 * 60
PARTS: Mapping[str, tuple[int, int]] = {"morning": (0, NOON), "afternoon": (NOON, 24 * 60)}
LATEST_YEARS = 3
MOST_WITHOUT_LIMIT = 6


class WishForm(forms.Form):
    """What the series shall be like; everything has a sensible value when it is left out."""

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
    sessions = forms.TypedChoiceField(
        label=_("Sessions"),
        required=False,
        coerce=int,
        empty_value=None,
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    areas = forms.MultipleChoiceField(
        label=_("Areas"), required=False, choices=list(AREAS.items()),
        widget=forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"}),
    )  # fmt: skip
    every = forms.IntegerField(required=False, min_value=5, max_value=60, widget=forms.HiddenInput)
    course = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)
    sign = forms.SlugField(required=False, widget=forms.HiddenInput)
    with_reason = forms.BooleanField(required=False, widget=forms.HiddenInput)
    depth = forms.ChoiceField(
        required=False, choices=[("", ""), *PitDepth.choices], widget=forms.HiddenInput
    )

    def __init__(
        self,
        data: Mapping[str, Any],
        *,
        today: dt.date,
        revision: Revision,
        practitioners: Iterable[Resource],
        left: int | None = None,
        planned: dt.date | None = None,
    ) -> None:
        """`left`: how many sessions a course still owes, `planned`: for when; None for a new one."""
        self._today, self._first = today, max(planned or today, today)
        self._recommended = left or revision.sessions_recommended or 1
        super().__init__(data)
        people = ((str(person.pk), person.name) for person in practitioners)
        self._choice("practitioner").choices = [("", _("Anyone")), *people]
        self.counts = list(self._counts(revision, left))
        self._choice("sessions").choices = self.counts
        self.initial = {"first_from": self._first, "sessions": self._recommended}

    def _choice(self, name: str) -> forms.ChoiceField:
        field = self.fields[name]
        if not isinstance(field, forms.ChoiceField):
            raise TypeError(name)
        return field

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
            practitioner=int(values["practitioner"]) if values["practitioner"] else None,
            part=PARTS.get(values["part"]),
            weekdays=frozenset(map(int, values["weekdays"])) or EVERY_WEEKDAY,
            course=course,
            every=values["every"],
            areas=tuple(course.course.areas if course else values["areas"]),
            with_reason=values["with_reason"],
        )

    @property
    def count(self) -> int:
        """How many sessions are asked for; the recommended number where nothing sensible was."""
        asked: int | None = self.cleaned_data.get("sessions") or None
        return asked or self._recommended

    @property
    def first_day(self) -> dt.date:
        return self.cleaned_data.get("first_from") or self._first


class KeyForm(forms.Form):
    """A form that does something once, however often it is sent."""

    key = forms.UUIDField(widget=forms.HiddenInput)

    @property
    def form_key(self) -> uuid.UUID:
        key: uuid.UUID = self.cleaned_data["key"]
        return key

    @property
    def reasons(self) -> dict[str, str]:
        """Why a physician goes on although a rule says wait, by the rule."""
        if not isinstance(self.data, QueryDict):
            return {}
        given = zip(self.data.getlist("rule"), self.data.getlist("why"), strict=False)
        return {rule: why.strip() for rule, why in given if why.strip()}


class OfferForm(KeyForm):
    """One of the offers of the page, signed when it was made."""

    offer = forms.CharField(
        error_messages={"required": _("Choose one of the series first.")}, max_length=8000
    )

    def clean_offer(self) -> ChosenSeries:
        try:
            values = signing.loads(self.cleaned_data["offer"], salt=SALT, max_age=OFFER_SECONDS)
        except signing.SignatureExpired:
            raise forms.ValidationError(
                _("These dates are more than half an hour old. Choose from the new ones.")
            ) from None
        except signing.BadSignature:
            raise forms.ValidationError(
                _("This offer is damaged. Choose from the new ones.")
            ) from None
        return unpacked(values)

    @property
    def series(self) -> ChosenSeries:
        series: ChosenSeries = self.cleaned_data["offer"]
        return series


def signed(series: ChosenSeries, salt: str = SALT) -> str:
    """The series as a text that only this clinic can have made, good for half an hour."""
    return signing.dumps(series.packed(), salt=salt, compress=True)


def chosen_of(offer: Offer) -> tuple[Chosen, ...]:
    """The sessions of an offer that are new: those that stay are booked already."""
    return tuple(
        Chosen(place.ordinal, place.day, place.start_minute, place.resources)
        for place in offer.places
        if not place.stays
    )


class StatusForm(KeyForm):
    """A visit's next status, with the reason where one is needed."""

    to = forms.CharField(max_length=20)
    reason = forms.CharField(max_length=250, required=False, label=_("Why"))


class SignForm(KeyForm):
    """A signature under one finding."""

    rule = forms.CharField(max_length=150, widget=forms.HiddenInput)
    reason = forms.CharField(max_length=500, label=_("Reason, at least 10 letters"))


class DayForm(forms.Form):
    """The day to which a visit may be moved."""

    day = forms.DateField(
        label=_("New day"),
        widget=forms.DateInput(attrs={"type": "date", "class": "form-control"}, format="%Y-%m-%d"),
    )

    def clean_day(self) -> dt.date:
        day: dt.date = self.cleaned_data["day"]
        if day.year > clock.today().year + LATEST_YEARS:
            raise forms.ValidationError(_("That is years away. Check the year."))
        return day


class MoveForm(KeyForm):
    """A free start, as the page offered it, and why the visit moves."""

    start = forms.CharField(max_length=2000, error_messages={"required": _("Choose a time first.")})
    reason = forms.CharField(max_length=200, required=False, label=_("Why"))

    def clean_start(self) -> Chosen:
        try:
            values = signing.loads(
                self.cleaned_data["start"], salt=MOVE_SALT, max_age=OFFER_SECONDS
            )
        except signing.BadSignature:
            raise forms.ValidationError(
                _("These times are more than half an hour old. Choose again.")
            ) from None
        (place,) = unpacked(values).sessions
        return place


def booking_page(
    ask: Ask, answer: Answer, resources: Iterable[Resource], names: Names, query: QueryDict
) -> dict[str, Any]:
    """What the page of offers shows, in words."""
    called = {resource.pk: resource.name for resource in resources}
    count = len(ask.course.sessions) if ask.course else ask.count
    deferred = {code for series in answer.series for s in series.screenings for code in s.deferred}
    levels = {s.verdict for series in answer.series for s in series.screenings}
    return {
        "series": [_series(ask, each, called, names, count) for each in answer.series],
        "answer": answer,
        "rows": max((len(each.offer.places) for each in answer.series), default=0),
        "new": sum(not p.stays for p in answer.series[0].offer.places) if answer.series else 0,
        "blocking": [(finding_words(found, names), found.rule) for found in answer.waits],
        "has_questions": Verdict.ASK in levels | {answer.asked.verdict},
        "deferred": sorted(names.fact(code) for code in deferred),
        **excuses(answer.asked, [s for each in answer.series for s in each.screenings], names),
        "problem": impossible_words(answer.impossible) if answer.impossible else "",
        "way_out": _way_out(answer.impossible, query),
    }


def _series(
    ask: Ask, series: Series, called: Mapping[int, str], names: Names, count: int
) -> dict[str, Any]:
    offer = series.offer
    return {
        "kind": offer.kind,
        "title": OFFER_TITLES[offer.kind](),
        "ends": offer.places[-1].day,
        "sentence": offer_words(offer, called),
        "reasons": reasons_words(offer, called),
        "sessions": [
            {
                "place": place,
                "count": count,
                "time": minute_words(place.start_minute),
                "who": ", ".join(called.get(pk, "") for pk in place.resources.values()),
                "deviation": deviation_words(
                    place, first_asked=ask.first_from if place.ordinal == 1 else None
                ),
                "screening": screening,
                "words": screening_words(screening, names),
            }
            for place, screening in zip(offer.places, series.screenings, strict=True)
        ],
    }


def _way_out(problem: Impossible | None, query: QueryDict) -> tuple[str, str] | None:
    """The nearest wish that can be met: what its button says and the query that asks for it."""
    relaxation = problem.relaxation if problem else None
    if relaxation is None:
        return None
    changed = {
        "later_start": {"first_from": relaxation.day.isoformat() if relaxation.day else ""},
        "fewer_sessions": {"sessions": str(relaxation.value)},
        "finer_start": {"every": str(relaxation.value)},
    }.get(relaxation.kind)
    other = query.copy()
    for name, value in (changed or {}).items():
        other[name] = value
    return relaxation_words(relaxation), f"?{other.urlencode()}" if changed else ""


def move_page(
    visit: Appointment, options: MoveOptions, resources: Iterable[Resource], names: Names, by: User
) -> dict[str, Any]:
    """The day chosen, what the screening says of it, and the starts that are free."""
    called = {each.pk: each.name for each in resources}
    screening, now = options.screening, minute_of(visit.starts_at, visit.location.zone)
    asked = excuses(screening, [screening], names) if screening else {}
    may_excuse = bool(asked.get("can_excuse")) and by.has_perm("clinic.override_wait")
    kinds = {found.kind for found in screening.findings} if screening and may_excuse else set()
    window = options.window
    nearest = min(options.starts, key=lambda start: abs(start.minute - now), default=None)
    return {
        "visit": visit,
        "patient": visit.patient,
        "title": visit.session.course.revision.title if visit.session else "",
        "options": options,
        "words": screening_words(screening, names) if screening else "",
        "reasons": asked["reasons"] if may_excuse else [],
        "is_blocked": screening and screening.verdict.blocks and not may_excuse,
        "is_outside": window is not None
        and options.day not in window
        and (options.day > window.latest or "interval" not in kinds),
        "starts": [
            {
                "time": minute_words(start.minute),
                "who": ", ".join(called.get(pk, "") for pk in start.resources.values()),
                "value": signed(_move_to(visit, start), MOVE_SALT),
                "is_nearest": start is nearest,
            }
            for start in options.starts
        ],
    }


def _move_to(visit: Appointment, start: Chosen) -> ChosenSeries:
    if visit.session is None:
        raise ValueError("a consultation has no rules to move by")
    revision = visit.session.course.revision_id
    return ChosenSeries(visit.patient.number, visit.location_id, revision, (start,))
