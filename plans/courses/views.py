"""Pages of courses: what to plan for a patient, and one course with its sessions."""

from typing import cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from clinic.audit.services import record
from clinic.kit.guard import requires
from clinic.kit.pages import go
from clinic.kit.refusals import Refusal
from clinic.patients.models import Patient
from clinic.patients.selectors import get_patient
from clinic.places.models import Location
from clinic.staff.models import User
from plans.courses import selectors, services
from plans.courses.forms import IndicationForm, WriteOffForm
from plans.courses.models import Course


@require_GET
@requires("draft_plan")
def plan(request: HttpRequest, number: int) -> HttpResponse:
    """Choose what to treat and how; the dates come on the next page."""
    try:
        patient = get_patient(number, _location(request))
    except Patient.DoesNotExist:
        raise Http404 from None
    form = IndicationForm(request.GET)
    form.is_valid()
    indication = form.indication()
    context = {
        "here": "patients:list",
        "patient": patient,
        "form": form,
        "indication": indication,
        "choices": selectors.choices(indication, form.text()),
        "text": form.text(),
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
            services.write_off(
                found[0].session, form.cleaned_data["reason"], by=cast("User", request.user)
            )
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Session %(n)d is written off.") % {"n": ordinal})
            return go(request, "courses:course", pk)
    return _page(request, view, form)


def _page(
    request: HttpRequest, view: selectors.CourseView, form: WriteOffForm | None = None
) -> HttpResponse:
    context = {"here": "patients:list", "view": view, "patient": view.course.patient, "form": form}
    return render(request, "courses/course.html", context, status=422 if form else 200)


def _course(request: HttpRequest, pk: int) -> selectors.CourseView:
    try:
        return selectors.course_at(_location(request), pk)
    except Course.DoesNotExist:
        raise Http404 from None


def _location(request: HttpRequest) -> Location:
    location: Location | None = getattr(request, "location", None)
    if location is None:
        raise Http404
    return location
