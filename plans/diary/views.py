"""Pages of the diary: a day, a visit, and the booking of a series."""

import datetime as dt
import uuid
from dataclasses import replace
from typing import Any, cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.audit.services import record
from clinic.kit import clock
from clinic.kit.guard import requires
from clinic.kit.pages import go, location_of
from clinic.kit.refusals import AlreadyDone, Refusal
from clinic.patients.models import Patient
from clinic.patients.selectors import get_patient
from clinic.places.models import Location
from clinic.places.selectors import open_minutes, resources_at
from clinic.staff.models import User
from plans.catalogue.models import Revision
from plans.catalogue.selectors import current_revision
from plans.core.chosen import ChosenSeries
from plans.core.wishes import Answer
from plans.courses.models import Course
from plans.courses.selectors import CourseView, course_at, local_day, names, open_courses
from plans.courses.tags import rules_words
from plans.diary import selectors, services
from plans.diary.forms import (
    DayForm,
    MoveForm,
    OfferForm,
    SignForm,
    StatusForm,
    WishForm,
    booking_page,
    chosen_of,
    move_page,
    signed,
)
from plans.diary.models import Appointment
from plans.diary.selectors import Ask
from plans.diary.tags import day_page, visit_page
from plans.sources.selectors import unconfirmed_rules


@require_GET
@requires("view_day")
def today(request: HttpRequest) -> HttpResponse:
    return go(request, "diary:day", clock.today(location_of(request).zone))


@require_GET
@requires("view_day")
def day(request: HttpRequest, day: dt.date) -> HttpResponse:
    location = location_of(request)
    visits = selectors.visits_on(location, day)
    people = {visit.patient for visit in visits if request.user.has_perm("clinic.see_screening")}
    judged = selectors.rescreen(people, clock.today(location.zone))
    context = day_page(
        day,
        now=clock.now().astimezone(location.zone),
        resources=resources_at(location),
        visits=visits,
        blocks=selectors.blocks_on(location, day),
        open_=open_minutes(location, day, day)[day],
        judged={each.visit.pk: each for each in judged},
    )
    return render(request, "diary/day.html", context)


# Booking


@require_http_methods(["GET", "POST"])
@requires("book_session")
def book(request: HttpRequest, number: int, code: str) -> HttpResponse:
    location = location_of(request)
    patient = _patient(number, location)
    revision = _revision(code, goes_on="course" in request.GET)
    course = _course(request, patient, revision, location)
    if course:
        revision = course.course.revision
    if request.method == "POST":
        form = OfferForm(request.POST)
        if form.is_valid() and _belongs(form.series, patient, location):
            try:
                booked = services.book_series(
                    form.series, by=_staff(request), key=form.form_key, overrides=form.reasons
                )
            except AlreadyDone as done:
                return go(request, "courses:course", int(done.outcome))
            except Refusal as refusal:
                form.add_error(None, str(refusal))
            else:
                return _booked(request, booked, len(form.series.sessions))
        return _offers(request, patient, revision, location, course, form)
    if not getattr(request, "htmx", False):
        record("opened", patient, by=_staff(request), patient_number=number, page="book")
    return _offers(request, patient, revision, location, course, None)


def _booked(request: HttpRequest, course: Course, count: int) -> HttpResponse:
    said = ngettext("%(n)d visit is booked.", "%(n)d visits are booked.", count) % {"n": count}
    messages.success(request, said)
    return go(request, "courses:course", course.pk)


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
    able = selectors.candidates(revision, resources).get("practitioner", ())
    today = clock.today(location.zone)
    wishes = WishForm(
        request.GET,
        today=today,
        revision=revision,
        practitioners=[person for person in resources if person.pk in able],
        left=len(course.unbooked) if course else None,
        planned=course.unbooked[0].planned_on if course else None,
    )
    is_asked = wishes.is_valid()
    context: dict[str, Any] = {
        "here": "patients:list", "patient": patient, "revision": revision, "wishes": wishes, "form": form, "key": uuid.uuid4(),
        "course": course, "query": request.GET.urlencode(), "today": today,
        "open_courses": [] if course else open_courses(patient, revision),
        "rules_words": rules_words(revision), "counts": wishes.counts,
        "count": str(wishes.count), "first_from": wishes.first_day,
    }  # fmt: skip
    if is_asked:
        ask = wishes.ask(patient, location, revision, course)
        may_excuse = request.user.has_perm("clinic.override_wait")
        ask = replace(ask, with_reason=ask.with_reason and may_excuse)
        context |= {"with_reason": ask.with_reason, "given": form.reasons if form else {}}
        answer = selectors.proposals(ask, resources)
        context |= booking_page(ask, answer, resources, names(), request.GET)
        context["unconfirmed"] = unconfirmed_rules([each.rule for each in answer.waits], revision)
        for shown, series in zip(context["series"], _series(ask, answer, wishes), strict=True):
            shown["value"] = signed(series)
    part = "#offers" if getattr(request, "htmx", False) and form is None else ""
    is_wrong = form is not None or not is_asked
    return render(request, f"diary/book.html{part}", context, status=422 if is_wrong else 200)


def _series(ask: Ask, answer: Answer, wishes: WishForm) -> list[ChosenSeries]:
    return [
        ChosenSeries(
            patient=ask.patient.number,
            location=ask.location.pk,
            revision=ask.revision.pk,
            sessions=chosen_of(series.offer),
            course=ask.course.course.pk if ask.course else None,
            areas=ask.areas,
            sign=wishes.cleaned_data["sign"],
            pit_depth=wishes.cleaned_data["depth"],
        )
        for series in answer.series
    ]


def _belongs(series: ChosenSeries, patient: Patient, location: Location) -> bool:
    """An offer is good on its own page only."""
    if series.patient != patient.number or series.location != location.pk:
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


# One visit


@require_GET
@requires("view_day")
def visit(request: HttpRequest, pk: int) -> HttpResponse:
    row = _visit(pk, location_of(request))
    record("opened", row, by=_staff(request), patient_number=row.patient.number)
    return _visit_page(request, row)


@require_POST
@requires("view_day")
def status(request: HttpRequest, pk: int) -> HttpResponse:
    row = _visit(pk, location_of(request))
    form = StatusForm(request.POST)
    if form.is_valid():
        try:
            services.change_status(
                row,
                form.cleaned_data["to"],
                by=_staff(request),
                reason=form.cleaned_data["reason"],
                key=form.form_key,
            )
        except AlreadyDone:
            return go(request, "diary:visit", pk)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            return go(request, "diary:visit", pk)
    return _visit_page(request, _visit(pk, location_of(request)), form)


@require_POST
@requires("sign_caution")
def sign(request: HttpRequest, pk: int) -> HttpResponse:
    row = _visit(pk, location_of(request))
    form = SignForm(request.POST)
    if form.is_valid():
        values = form.cleaned_data
        try:
            services.sign(
                row, values["rule"], values["reason"], by=_staff(request), key=form.form_key
            )
        except AlreadyDone:
            return go(request, "diary:visit", pk)
        except Refusal as refusal:
            form.add_error("reason", str(refusal))
        else:
            return go(request, "diary:visit", pk)
    return _visit_page(request, row, form)


def _visit_page(
    request: HttpRequest, row: Appointment, form: StatusForm | SignForm | None = None
) -> HttpResponse:
    today = clock.today(row.location.zone)
    checked = selectors.check_in(row, today)
    context = visit_page(row, checked, names(), _staff(request), today)
    context |= {"form": form, "key": uuid.uuid4(), "sent": form.data if form else {}}
    if checked and row.session:
        rules = checked.screening.reasons
        context["unconfirmed"] = unconfirmed_rules(rules, row.session.course.revision)
    return render(request, "diary/visit.html", context, status=422 if form else 200)


@require_http_methods(["GET", "POST"])
@requires("book_session")
def move(request: HttpRequest, pk: int) -> HttpResponse:
    location = location_of(request)
    row = _visit(pk, location)
    if row.session is None:
        raise Http404
    form = MoveForm(request.POST) if request.method == "POST" else None
    if form and form.is_valid():
        values = form.cleaned_data
        try:
            services.move_appointment(
                row,
                values["start"],
                by=_staff(request),
                reason=values["reason"],
                key=form.form_key,
                overrides=form.reasons,
            )
        except AlreadyDone:
            return go(request, "diary:visit", pk)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The visit is moved."))
            return go(request, "diary:visit", pk)
    return _move_page(request, row, form)


def _move_page(request: HttpRequest, row: Appointment, form: MoveForm | None) -> HttpResponse:
    wanted = DayForm({"day": request.GET.get("day") or local_day(row).isoformat()})
    context: dict[str, Any] = {"form": form, "key": uuid.uuid4(), "wanted": wanted}
    context |= {"visit": row, "patient": row.patient}
    if wanted.is_valid():
        resources = resources_at(row.location)
        options = selectors.move_options(row, wanted.cleaned_data["day"], resources)
        context |= move_page(row, options, resources, names(), _staff(request))
        context["given"] = form.reasons if form else {}
        told = options.screening.reasons[:1] if options.screening else ()
        revision = row.session.course.revision if row.session else None
        context["unconfirmed"] = unconfirmed_rules(told, revision)
    part = "#starts" if getattr(request, "htmx", False) and form is None else ""
    is_wrong = form is not None or not wanted.is_valid()
    return render(request, f"diary/move.html{part}", context, status=422 if is_wrong else 200)


# What a request stands for


def _staff(request: HttpRequest) -> User:
    """The signed-in person: `requires` lets nobody else in."""
    return cast("User", request.user)


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


def _visit(pk: int, location: Location) -> Appointment:
    try:
        return selectors.visit_at(location, pk)
    except Appointment.DoesNotExist:
        raise Http404 from None
