"""Pages of courses: what to plan for a patient, one course with its sessions, home care, and a patch test."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.audit.services import record
from clinic.kit import clock
from clinic.kit.guard import requires
from clinic.kit.pages import chosen_time, go, location_of
from clinic.kit.refusals import AlreadyDone, Refusal
from clinic.kit.tags import day_in_words
from clinic.patients.models import Patient
from clinic.patients.selectors import get_patient
from clinic.staff.selectors import signed_in
from plans.catalogue.models import Revision
from plans.catalogue.selectors import current_revision
from plans.catalogue.selectors import patch_test as test_asked_by
from plans.core.advice import Found
from plans.core.screening import PatchTest
from plans.courses import selectors, services
from plans.courses.forms import (
    IndicationForm,
    PatchTestForm,
    StopForm,
    WriteOffForm,
    new_patch_test_form,
)
from plans.courses.models import Course


@require_GET
@requires("draft_plan")
def plan(request: HttpRequest, number: int) -> HttpResponse:
    """Choose what to treat and how; the dates come on the next page."""
    patient = _patient(request, number)
    form = IndicationForm(request.GET)
    form.is_valid()
    assessment = selectors.latest_assessment(patient)
    indication = form.indication(Found.of(assessment))
    context = {
        "here": "patients:list",
        "patient": patient,
        "form": form,
        "assessment": assessment,
        "indication": indication,
        "choices": selectors.choices(indication, form.text()),
        "text": form.text(),
        "chosen_time": chosen_time(request),
    }
    part = "#choices" if getattr(request, "htmx", False) else ""
    return render(request, f"courses/plan.html{part}", context)


@require_GET
@requires("view_day")
def course(request: HttpRequest, pk: int) -> HttpResponse:
    view = _course(request, pk)
    record("opened", view.course, by=request.user, patient_number=view.course.patient.number)
    return _page(request, view)


@require_POST
@requires("mark_done")
def write_off(request: HttpRequest, pk: int, ordinal: int) -> HttpResponse:
    view = _course(request, pk)
    found = [each for each in view.sessions if each.ordinal == ordinal]
    if not found:
        raise Http404
    form = WriteOffForm(request.POST)
    if form.is_valid():
        try:
            services.write_off(found[0].session, form.cleaned_data["reason"], by=signed_in(request))
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Session %(n)d is written off.") % {"n": ordinal})
            return go(request, "courses:course", pk)
    return _page(request, view, form)


def _page(
    request: HttpRequest, view: selectors.CourseView, form: WriteOffForm | None = None
) -> HttpResponse:
    context = {
        "here": "patients:list",
        "view": view,
        "patient": view.course.patient,
        "home_care": selectors.home_care_in(view.course.plan),
        "has_several_to_book": bool(view.unbooked) and _has_several(view.course.patient),
        "form": form,
    }
    return render(request, "courses/course.html", context, status=422 if form else 200)


def _has_several(patient: Patient) -> bool:
    """At least two of the patient's courses have sessions to book: they can be placed together."""
    courses = selectors.courses_of(patient, today=clock.today(patient.location.zone))
    return sum(bool(each.unbooked) for each in courses) > 1


@require_http_methods(["GET", "POST"])
@requires("mark_done")
def stop_home_care(request: HttpRequest, pk: int) -> HttpResponse:
    """End a use at home early. What follows is judged by the new end at once."""
    location = location_of(request)
    care = get_object_or_404(selectors.home_care_at(location), pk=pk)
    patient, by = care.patient, signed_in(request)
    form = StopForm(request.POST or None, initial={"last_day": clock.today(location.zone)})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            services.stop_home_care(care, data["last_day"], data["reason"], by=by)
        except Refusal as refusal:
            form.add_error("last_day", str(refusal))
        else:
            messages.success(request, _("Home care is stopped. What follows counts from its end."))
            return go(request, "desk:patient", patient.number)
    context = {"here": "patients:list", "care": care, "patient": patient, "form": form}
    return render(request, "courses/stop.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@requires("edit_facts")
def patch_test(request: HttpRequest, number: int, code: str) -> HttpResponse:
    """Record the test that the procedure `code` asks for; 404 for one that asks for none."""
    patient = _patient(request, number)
    revision, test = _tested(code)
    form = PatchTestForm(request.POST) if request.method == "POST" else None
    if form and form.is_valid():
        values = form.cleaned_data
        day, by = values["done_on"], signed_in(request)
        try:
            services.record_patch_test(
                patient, test.code, day, by=by, note=values["note"], key=values["key"]
            )
        except AlreadyDone:
            return go(request, _back(request, number, code))
        except services.ImpossibleDay as refusal:
            form.add_error("done_on", str(refusal))
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            words = _("Patch test recorded. It can be read from %(day)s.")
            messages.success(request, words % {"day": day_in_words(test.read_after.after(day))})
            return go(request, _back(request, number, code))
    context = {
        "here": "patients:list",
        "patient": patient,
        "revision": revision,
        "test": test,
        "form": form or new_patch_test_form(clock.today()),
        "earlier": selectors.tests_on_record(patient, test.code),
        "back": _back(request, number, code),
    }
    return render(request, "courses/patch_test.html", context, status=422 if form else 200)


def _tested(code: str) -> tuple[Revision, PatchTest]:
    """The rules of a procedure that can be booked, and the patch test they ask for."""
    try:
        revision = current_revision(code)
    except Revision.DoesNotExist:
        raise Http404 from None
    test = test_asked_by(revision)
    if test is None or revision.procedure.is_home:
        raise Http404
    return revision, test


def _back(request: HttpRequest, number: int, code: str) -> str:
    """Where the test was found missing: the visit that `?visit=` names, else the booking with its wishes."""
    visit = request.GET.get("visit", "")
    if visit.isascii() and visit.isdigit():
        return reverse("visits:visit", args=[int(visit)])
    query = request.GET.urlencode()
    return reverse("series:book", args=[number, code]) + (f"?{query}" if query else "")


def _patient(request: HttpRequest, number: int) -> Patient:
    try:
        return get_patient(number, location_of(request))
    except Patient.DoesNotExist:
        raise Http404 from None


def _course(request: HttpRequest, pk: int) -> selectors.CourseView:
    try:
        return selectors.course_at(location_of(request), pk)
    except Course.DoesNotExist:
        raise Http404 from None
