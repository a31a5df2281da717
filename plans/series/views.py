"""Pages of booking: the series that fit, and the one chosen."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.audit.services import record
from clinic.kit import clock
from clinic.kit.guard import requires
from clinic.kit.pages import go, location_of
from clinic.kit.refusals import AlreadyDone, Refusal
from clinic.patients.models import Patient
from clinic.patients.selectors import get_patient
from clinic.places.models import Location, Resource
from clinic.places.selectors import resources_at
from clinic.staff.selectors import signed_in
from plans.catalogue.models import Revision
from plans.catalogue.selectors import current_revision
from plans.core.chosen import ChosenSeries
from plans.core.together import MOST_COURSES
from plans.courses.models import Course, Occasion
from plans.courses.selectors import CourseView, course_at, names, open_courses
from plans.courses.tags import rules_words
from plans.diary.forms import signed
from plans.diary.selectors import candidates
from plans.series.forms import (
    SALT,
    CombinedForm,
    OccasionForm,
    OfferForm,
    PlaceForm,
    TogetherForm,
    WishForm,
    chosen_of,
    dropped,
    series_of,
    sign_starts,
    signed_together,
    stretches,
)
from plans.series.selectors import (
    CombinedAsk,
    arranged,
    bookable,
    combined_parts,
    find_combined,
    free_starts,
    occasions_of,
    owing,
    proposals,
)
from plans.series.services import book_series, book_together, keep_clear, let_go
from plans.series.tags import booking_page, combined_page, free_page, together_page
from plans.sources.selectors import unconfirmed_rules


@require_http_methods(["GET", "POST"])
@requires("book_session")
def book(request: HttpRequest, number: int, code: str) -> HttpResponse:
    location = location_of(request)
    patient = _patient(number, location)
    revision, course = _treatment(request, patient, code, location)
    if request.method == "POST":
        form = OfferForm(request.POST)
        if form.is_valid() and _belongs([form.series], patient, location):
            try:
                booked = book_series(
                    form.series, by=signed_in(request), key=form.form_key, overrides=form.reasons
                )
            except AlreadyDone as done:
                return go(request, "courses:course", int(done.outcome))
            except Refusal as refusal:
                form.add_error(None, str(refusal))
            else:
                return _booked(request, booked, len(form.series.sessions))
        return _offers(request, patient, revision, location, course, form)
    _opened(request, patient)
    return _offers(request, patient, revision, location, course, None)


def _opened(request: HttpRequest, patient: Patient) -> None:
    if not getattr(request, "htmx", False):
        record("opened", patient, by=signed_in(request), patient_number=patient.number, page="book")


def _booked(request: HttpRequest, course: Course, count: int) -> HttpResponse:
    _say_booked(request, count)
    return go(request, "courses:course", course.pk)


def _say_booked(request: HttpRequest, count: int) -> None:
    said = ngettext("%(n)d visit is booked.", "%(n)d visits are booked.", count) % {"n": count}
    messages.success(request, said)


def _treatment(
    request: HttpRequest, patient: Patient, code: str, location: Location
) -> tuple[Revision, CourseView | None]:
    """The rules to book by, and the course to go on with, whose own rules they are then."""
    revision = _revision(code, goes_on="course" in request.GET)
    course = _course(request, patient, revision, location)
    return (course.course.revision if course else revision), course


def _offers(
    request: HttpRequest,
    patient: Patient,
    revision: Revision,
    location: Location,
    course: CourseView | None,
    form: OfferForm | None,
) -> HttpResponse:
    """The page with fresh offers; 422 with what was wrong when a form was refused."""
    resources = resources_at(location)
    query, occasions = dropped(request.GET, resources), occasions_of(patient)
    wishes = _wishes(query, patient, revision, course, resources, occasions)
    is_asked = wishes.is_valid()
    context: dict[str, Any] = {
        "here": "patients:list", "patient": patient, "revision": revision, "wishes": wishes, "form": form, "key": uuid.uuid4(),
        "course": course, "query": query.urlencode(), "today": clock.today(location.zone),
        "open_courses": [] if course else open_courses(patient, revision),
        "rules_words": rules_words(revision), "counts": wishes.counts, "occasions": occasions,
        "count": str(wishes.count), "first_from": wishes.first_day, "occasion_key": uuid.uuid4(),
        "occasion_form": OccasionForm(auto_id="id_occasion_%s"),
    }  # fmt: skip
    if is_asked:
        ask = wishes.ask(patient, location, revision, course)
        may_excuse = request.user.has_perm("clinic.override_wait")
        ask = replace(ask, with_reason=ask.with_reason and may_excuse)
        context |= {"with_reason": ask.with_reason, "given": form.reasons if form else {}}
        answer = proposals(ask, resources)
        context |= booking_page(
            ask, answer, resources, names(), query,
            sees=request.user.has_perm("clinic.see_screening"), occasions=occasions,
        )  # fmt: skip
        context["unconfirmed"] = unconfirmed_rules([each.rule for each in answer.waits], revision)
        for shown, series in zip(context["series"], answer.series, strict=True):
            shown["value"] = signed(series_of(ask, chosen_of(series.offer), wishes), SALT)
    part = "#offers" if getattr(request, "htmx", False) and form is None else ""
    is_wrong = form is not None or not is_asked
    return render(request, f"series/book.html{part}", context, status=422 if is_wrong else 200)


def _wishes(
    query: QueryDict,
    patient: Patient,
    revision: Revision,
    course: CourseView | None,
    resources: Sequence[Resource],
    occasions: Sequence[Occasion],
) -> WishForm:
    return WishForm(
        query,
        revision=revision,
        left=len(course.unbooked) if course else None,
        today=clock.today(patient.location.zone),
        resources=resources,
        able={pk for pks in candidates(revision, resources).values() for pk in pks},
        occasions=occasions,
        first=course.unbooked[0].planned_on if course else None,
    )


@require_GET
@requires("book_session")
def free(request: HttpRequest, number: int, code: str) -> HttpResponse:
    """A day or a week of free starts for one session; the booking page books the one chosen."""
    location = location_of(request)
    patient = _patient(number, location)
    revision, course = _treatment(request, patient, code, location)
    resources, occasions = resources_at(location), occasions_of(patient)
    wishes = _wishes(
        dropped(request.GET, resources), patient, revision, course, resources, occasions
    )
    by_day = request.GET.get("show") == "day"
    today, step = clock.today(location.zone), dt.timedelta(days=1 if by_day else 7)
    context: dict[str, Any] = {
        "here": "patients:list", "patient": patient, "revision": revision, "wishes": wishes, "course": course,
        "by_day": by_day, "today": today, "key": uuid.uuid4(), "book_query": f"?course={course.course.pk}" if course else "",
    }  # fmt: skip
    is_asked = wishes.is_valid()
    if is_asked:
        chosen = wishes.first_day
        first = chosen if by_day else chosen - dt.timedelta(days=chosen.weekday())
        ask = wishes.ask(patient, location, revision, course)
        days, case = free_starts(ask, resources, first, first + step - dt.timedelta(days=1))
        called = {each.pk: each.name for each in resources}
        sees = request.user.has_perm("clinic.see_screening")
        shown = free_page(days, case, called, names(), today, sees=sees, by_person=by_day)
        context |= {
            "days": shown,
            "first": first,
            "before": max(first - step, today),
            "after": first + step,
        }
        context |= {"has_before": first > today, "has_starts": any(d["groups"] for d in shown)}
        sign_starts(shown, ask, wishes)
    _opened(request, patient)
    part = "#starts" if getattr(request, "htmx", False) else ""
    return render(request, f"series/free.html{part}", context, status=200 if is_asked else 422)


@require_http_methods(["GET", "POST"])
@requires("book_session")
def combined(request: HttpRequest, number: int) -> HttpResponse:
    """Two to four procedures on one day, in a row."""
    location = location_of(request)
    patient = _patient(number, location)
    form = TogetherForm(request.POST) if request.method == "POST" else None
    if form is not None and (done := _book_together(request, form, patient, location)):
        return done
    resources, occasions = resources_at(location), occasions_of(patient)
    offered = {r.procedure.code: r for r in bookable()}
    wishes = CombinedForm(
        request.GET,
        offered=[(code, revision.title) for code, revision in offered.items()],
        today=clock.today(location.zone),
        resources=resources,
        able={each.pk for each in resources},
        occasions=occasions,
    )
    is_asked = wishes.is_valid()
    codes = wishes.cleaned_data.get("code", []) if is_asked else []
    context: dict[str, Any] = {
        "here": "patients:list", "patient": patient, "wishes": wishes, "form": form, "key": uuid.uuid4(), "codes": [*codes, "", "", "", ""][:4],
        "occasions": occasions, "today": clock.today(location.zone), "query": request.GET.urlencode(),
    }  # fmt: skip
    if codes:
        parts = combined_parts(patient, [offered[code] for code in codes])
        ask = CombinedAsk(patient, location, parts, wishes.first_day, wishes.wishes)
        answer = find_combined(ask, resources)
        sees = request.user.has_perm("clinic.see_screening")
        called = {each.pk: each.name for each in resources}
        context |= {"parts": parts} | combined_page(ask, answer, called, names(), sees=sees)
        for shown, (visit, _screenings) in zip(context["visits"], answer.visits, strict=True):
            shown["value"] = signed_together(stretches(ask, visit))
    _opened(request, patient)
    is_wrong = form is not None or not is_asked
    return render(request, "series/combined.html", context, status=422 if is_wrong else 200)


@require_http_methods(["GET", "POST"])
@requires("book_session")
def together(request: HttpRequest, number: int) -> HttpResponse:
    """Several courses of the patient placed at once."""
    location = location_of(request)
    patient = _patient(number, location)
    form = TogetherForm(request.POST) if request.method == "POST" else None
    if form is not None and (done := _book_together(request, form, patient, location)):
        return done
    today, resources, occasions = (
        clock.today(location.zone), resources_at(location), occasions_of(patient),
    )  # fmt: skip
    owed = owing(patient, today)
    chosen = _chosen_courses(request, owed)
    able = {
        pk
        for view in chosen
        for pks in candidates(view.course.revision, resources).values()
        for pk in pks
    }
    wishes = PlaceForm(
        request.GET, today=today, resources=resources, able=able, occasions=occasions
    )
    is_asked = wishes.is_valid()
    context: dict[str, Any] = {
        "here": "patients:list", "patient": patient, "wishes": wishes, "form": form, "key": uuid.uuid4(), "owed": owed,
        "chosen": [view.course.pk for view in chosen], "occasions": occasions, "today": today, "query": request.GET.urlencode(),
    }  # fmt: skip
    if is_asked and len(chosen) > 1:
        answer = arranged(patient, location, chosen, resources, wishes.first_day, wishes.wishes)
        sees = request.user.has_perm("clinic.see_screening")
        called = {each.pk: each.name for each in resources}
        context |= together_page(answer, called, names(), sees=sees)
        series = zip(answer.asks, answer.series, strict=False)
        every = [series_of(ask, chosen_of(each.offer), None) for ask, each in series]
        context["value"] = signed_together(every) if answer.series else ""
    _opened(request, patient)
    is_wrong = form is not None or not is_asked
    return render(request, "series/together.html", context, status=422 if is_wrong else 200)


def _chosen_courses(request: HttpRequest, owed: list[CourseView]) -> list[CourseView]:
    """Those that the address names, or those of its plan; the first four where it names none."""
    keys, plan = request.GET.getlist("course"), request.GET.get("plan")
    named = [view for view in owed if str(view.course.pk) in keys]
    if not keys:
        named = [view for view in owed if plan in (None, "", str(view.course.plan_id))]
    return named[:MOST_COURSES]


def _book_together(
    request: HttpRequest, form: TogetherForm, patient: Patient, location: Location
) -> HttpResponse | None:
    """Where to go once all of it is booked; None with the form saying why it is not."""
    if not form.is_valid() or not _belongs(form.all_series, patient, location):
        return None
    try:
        book_together(form.all_series, by=signed_in(request), key=form.form_key)
    except AlreadyDone as done:
        return go(request, "desk:patient", int(done.outcome))
    except Refusal as refusal:
        form.add_error(None, str(refusal))
        return None
    _say_booked(request, sum(len(series.sessions) for series in form.all_series))
    return go(request, "desk:patient", patient.number)


@require_POST
@requires("book_session")
def occasion(request: HttpRequest, number: int, code: str) -> HttpResponse:
    """Keep a date clear; back to the booking page, which says why if it cannot be."""
    patient = _patient(number, location_of(request))
    _revision(code, goes_on=True)
    form = OccasionForm(request.POST)
    if form.is_valid():
        values = form.cleaned_data
        try:
            keep_clear(
                patient, values["day"], values["name"], by=signed_in(request), key=form.form_key
            )
        except AlreadyDone:
            pass
        except Refusal as refusal:
            messages.error(request, str(refusal))
    else:
        messages.error(request, str(next(iter(form.errors.values()))[0]))
    return _back(request, number, code)


@require_POST
@requires("book_session")
def occasion_gone(request: HttpRequest, number: int, code: str, pk: int) -> HttpResponse:
    patient = _patient(number, location_of(request))
    try:
        found = Occasion.objects.get(pk=pk, patient=patient)
    except Occasion.DoesNotExist:
        raise Http404 from None
    let_go(found, by=signed_in(request))
    return _back(request, number, code)


def _back(request: HttpRequest, number: int, code: str) -> HttpResponse:
    query = request.GET.urlencode()
    return go(request, reverse("series:book", args=[number, code]) + (f"?{query}" if query else ""))


def _belongs(several: Sequence[ChosenSeries], patient: Patient, location: Location) -> bool:
    """An offer is good on its own page only."""
    if any((s.patient, s.location) != (patient.number, location.pk) for s in several):
        raise Http404
    return True


def _course(
    request: HttpRequest, patient: Patient, revision: Revision, location: Location
) -> CourseView | None:
    """The course that `?course=` says to go on with; 404 unless it is this patient's and owes a session."""
    asked = request.GET.get("course", "")
    if not asked:
        return None
    try:
        view = course_at(location, int(asked))
    except (ValueError, Course.DoesNotExist):
        raise Http404 from None
    same = view.course.revision.procedure_id == revision.procedure_id
    if view.course.patient != patient or not same or not view.unbooked:
        raise Http404
    return view


def _patient(number: int, location: Location) -> Patient:
    try:
        return get_patient(number, location)
    except Patient.DoesNotExist:
        raise Http404 from None


def _revision(code: str, *, goes_on: bool = False) -> Revision:
    """The rules of a procedure that can be booked; 404 for home care, and for a retired one unless a course goes on."""
    try:
        revision = current_revision(code)
    except Revision.DoesNotExist:
        raise Http404 from None
    if revision.procedure.is_home or (revision.procedure.retired_at and not goes_on):
        raise Http404
    return revision
