"""Pages of photos: taking one, a patient's, a course's, two beside each other, and the files themselves."""

import re
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from clinic.audit.services import record
from clinic.kit import clock, paper
from clinic.kit.guard import requires
from clinic.kit.pages import go, location_of
from clinic.kit.pictures import PictureRefused
from clinic.kit.refusals import AlreadyDone, Refusal
from clinic.patients.models import Patient
from clinic.patients.selectors import get_patient
from clinic.staff.selectors import signed_in
from plans.consents.selectors import photo_consent
from plans.courses.models import Course
from plans.courses.selectors import course_at
from plans.diary.models import Appointment
from plans.diary.selectors import visit_at
from plans.photos import selectors, services
from plans.photos.forms import DeleteForm, PhotoForm, WhichForm, new_form
from plans.photos.models import Photo

_PAGE = 24
# Nothing in a file may run, load or be shown inside another page, whatever it is taken for.
_POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox"


@require_GET
@requires("see_photo")
def photos(request: HttpRequest, number: int) -> HttpResponse:
    """All photos of a patient: what can be compared, then each, the latest first."""
    patient = _patient(request, number)
    form = WhichForm(request.GET)
    every = selectors.shots_of(patient)
    area, view = form.wanted()
    shown = [
        shot for shot in every if area in ("", shot.photo.area) and view in ("", shot.photo.view)
    ]
    page = Paginator(shown, _PAGE).get_page(request.GET.get("page"))
    record("photos_listed", patient, by=request.user, patient_number=number, count=len(page))
    context = _about(patient) | {
        "form": form,
        "page": page,
        "area": area,
        "view": view,
        "series": selectors.series_of(every),
        "courses": sorted({shot.photo.course_id for shot in every if shot.photo.course_id}),
    }
    return render(request, "photos/list.html", context)


@require_http_methods(["GET", "POST"])
@requires("see_photo")
def add(request: HttpRequest, number: int) -> HttpResponse:
    """Take one photo after the other; `?visit=` says at which visit."""
    patient = _patient(request, number)
    visit = _visit(request, patient)
    before = selectors.previous(patient, visit)
    shots = selectors.in_visit(visit)["shots"] if visit else []
    if request.method == "POST":
        form = PhotoForm(request.POST, request.FILES)
        if form.is_valid() and _is_kept(request, patient, visit, form):
            return go(request, _adding(patient, visit))
    else:
        area, view = selectors.next_to_take(visit, shots)
        form = new_form(area, view, clock.today())
    context = _about(patient) | {"form": form, "visit": visit, "shots": shots, "before": before}
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "photos/add.html", context, status=status)


def _is_kept(
    request: HttpRequest, patient: Patient, visit: Appointment | None, form: PhotoForm
) -> bool:
    """Whether the photo of a valid form is kept, now or before; else the form says why not."""
    by, key = signed_in(request), form.cleaned_data["key"]
    try:
        services.add_photo(patient, form.data_sent(), form.taken(visit), by=by, key=key)
    except AlreadyDone:
        return True
    except PictureRefused as refusal:
        form.add_error(form.source, str(refusal))
    except services.ImpossibleDay as refusal:
        form.add_error("taken_on", str(refusal))
    except Refusal as refusal:
        form.add_error(None, str(refusal))
    else:
        messages.success(request, _("Photo kept."))
        return True
    return False


@require_GET
@requires("see_photo")
def photo(request: HttpRequest, number: int, pk: int) -> HttpResponse:
    """One photo, and what it can be compared with."""
    patient = _patient(request, number)
    found = _photo(request, pk)
    if found.patient_id != patient.pk:
        raise Http404
    others = selectors.shots_of(patient, found.area, found.view)
    context = _about(patient) | {
        "shot": selectors.Shot(found),
        "others": [shot for shot in reversed(others) if shot.photo.pk != pk],
    }
    return render(request, "photos/photo.html", context)


@require_GET
@requires("see_photo")
def compare(request: HttpRequest, a: int, b: int) -> HttpResponse:
    """Two photos of a patient, one over the other, the earlier one under the slider's left."""
    one, other = _photo(request, a), _photo(request, b)
    if one.patient_id != other.patient_id:
        raise Http404
    before, after = sorted((one, other), key=lambda each: (each.taken_at, each.pk))
    shots = selectors.shots_of(before.patient, after.area, after.view)
    context = _about(before.patient) | {
        "before": selectors.Shot(before),
        "after": selectors.Shot(after),
        "shots": list(reversed(shots)),
        "differ": (before.area, before.view) != (after.area, after.view),
    }
    return render(request, "photos/compare.html", context)


@require_GET
@requires("see_photo")
def course(request: HttpRequest, pk: int) -> HttpResponse:
    """The photos of one course as strips, each from its first to its last."""
    try:
        found = course_at(location_of(request), pk)
    except Course.DoesNotExist:
        raise Http404 from None
    strips = selectors.strip(found.course)
    patient = found.course.patient
    count = sum(len(series.shots) for series in strips)
    record(
        "photos_listed", found.course, by=request.user, patient_number=patient.number, count=count
    )
    context = _about(patient) | {"course": found, "strips": strips}
    return render(request, "photos/course.html", context)


@require_GET
@requires("see_photo")
def file(request: HttpRequest, pk: int) -> HttpResponse:
    """A photo's file: `?size=` full, view (the default) or thumb."""
    found = _photo(request, pk)
    asked = request.GET.get("size")
    size: selectors.Size = next((each for each in selectors.SIZES if each == asked), "view")
    try:
        data = selectors.bytes_of(found, size)
    except selectors.FileDamaged:
        raise Http404 from None
    if size != "thumb":
        number = found.patient.number
        record("photo_opened", found, by=request.user, patient_number=number, size=size)
    answer = HttpResponse(data, content_type="image/jpeg")
    answer["Content-Disposition"] = f'inline; filename="photo-{pk}.jpg"'
    answer["Cache-Control"] = "no-store, private"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = _POLICY
    return answer


@require_GET
@requires("see_photo")
def label(request: HttpRequest, pk: int) -> HttpResponse:
    """A card to hold beside the skin in the first photo of a visit: whose, when, and a scale."""
    try:
        visit = visit_at(location_of(request), pk)
    except Appointment.DoesNotExist:
        raise Http404 from None
    values = selectors.label_of(visit)
    number = visit.patient.number
    record("printed", visit, by=request.user, patient_number=number, kind="photo_label")
    answer = HttpResponse(paper.pdf("photolabel.typ", values), content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="photo-label-{pk}.pdf"'
    return answer


@require_GET
@requires("delete_photo")
def deletable(request: HttpRequest, number: int) -> HttpResponse:
    """The patient's photos in words, for those who may delete but perhaps not see them; and what was deleted."""
    patient = _patient(request, number)
    rows = selectors.all_at(location_of(request)).filter(patient=patient).order_by("-taken_at")
    page = Paginator(rows, _PAGE).get_page(request.GET.get("page"))
    context = _about(patient) | {"page": page, "shots": [selectors.Shot(row) for row in page]}
    return render(request, "photos/deletable.html", context)


@require_http_methods(["GET", "POST"])
@requires("delete_photo")
def delete(request: HttpRequest, number: int, pk: int) -> HttpResponse:
    """Delete one photo for good, with a reason."""
    patient = _patient(request, number)
    rows = selectors.all_at(location_of(request))
    found = get_object_or_404(rows, pk=pk, patient=patient)
    form = DeleteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        by, key = signed_in(request), form.cleaned_data["key"]
        try:
            services.delete_photo(found, form.cleaned_data["reason"], by=by, key=key)
        except AlreadyDone:
            return go(request, "photos:deletable", number)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Photo deleted."))
            return go(request, "photos:deletable", number)
    context = _about(patient) | {"shot": selectors.Shot(found), "form": form}
    is_refused = request.method == "POST"
    status = HTTPStatus.UNPROCESSABLE_ENTITY if is_refused else HTTPStatus.OK
    return render(request, "photos/delete.html", context, status=status)


def _about(patient: Patient) -> dict[str, Any]:
    """What every page of a patient's photos shows. One query."""
    agreed = photo_consent(patient, clock.today())
    return {"here": "patients:list", "patient": patient, "photo_consent": agreed}


def _patient(request: HttpRequest, number: int) -> Patient:
    try:
        return get_patient(number, location_of(request))
    except Patient.DoesNotExist:
        raise Http404 from None


def _photo(request: HttpRequest, pk: int) -> Photo:
    try:
        return selectors.photo_at(location_of(request), pk)
    except Photo.DoesNotExist:
        raise Http404 from None


def _visit(request: HttpRequest, patient: Patient) -> Appointment | None:
    """The visit that the address names."""
    asked = request.GET.get("visit", "")
    if not asked:
        return None
    if not re.fullmatch(r"[0-9]{1,15}", asked):
        raise Http404
    try:
        return selectors.visit_of(patient, int(asked))
    except Appointment.DoesNotExist:
        raise Http404 from None


def _adding(patient: Patient, visit: Appointment | None) -> str:
    address = reverse("photos:add", args=[patient.number])
    return f"{address}?visit={visit.pk}" if visit else address
