"""Finding, registering and correcting patients. No name, phone or query ever stands in an address."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render, resolve_url
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from clinic.audit.services import record
from clinic.kit.guard import requires
from clinic.kit.pages import chosen_time, go
from clinic.kit.refusals import AlreadyDone, Refusal
from clinic.patients import selectors, services
from clinic.patients.forms import (
    EditForm,
    RegisterForm,
    SearchForm,
    blank_registration,
    contact_of,
)
from clinic.patients.models import Patient


@require_http_methods(["GET", "POST"])
@requires("search_patients")
def list_patients(request: HttpRequest) -> HttpResponse:
    location = _location(request)
    form = SearchForm(request.POST or None)
    query = form.query()
    context: dict[str, Any] = {"form": form, "query": query, "limit": services.MOST_FOUND}
    if query:
        found = selectors.search(query, location, services.MOST_FOUND)
        services.record_search(query, found, by=request.user)
        if len(found) == 1 and not _is_htmx(request):
            return _to_file(request, found[0].number)
        context |= {"found": found, "is_short": not selectors.is_searchable(query)}
    else:
        context["lately"] = selectors.opened_lately(request.user, location)
        context["is_empty"] = not context["lately"] and not selectors.patients_at(location).exists()
    return render(
        request, "patients/list.html#found" if _is_htmx(request) else "patients/list.html", context
    )


@require_http_methods(["GET", "POST"])
@requires("register_patient")
def register(request: HttpRequest) -> HttpResponse:
    location = _location(request)
    if request.method != "POST":
        form = blank_registration(location.country)
        return render(request, "patients/register.html", {"form": form})
    form = RegisterForm(request.POST, region=location.country)
    alike = _alike_in_the_way(form, location) if form.is_valid() else []
    if form.is_valid() and not alike:
        try:
            patient = services.register_patient(
                form.details(),
                location=location,
                by=request.user,
                key=form.cleaned_data["key"],
            )
        except AlreadyDone as done:
            return _to_file(request, int(done.outcome))
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            registered = _("Registered with the number %(number)s.") % {"number": patient.number}
            messages.success(request, registered)
            return _to_file(request, patient.number)
    context = {"form": form, "alike": alike, "is_held": bool(alike)}
    return render(request, "patients/register.html", context, status=422)


@require_POST
@requires("register_patient")
def duplicates(request: HttpRequest) -> HttpResponse:
    """Who is alike, while the form is being filled in."""
    location = _location(request)
    form = RegisterForm(request.POST, region=location.country)
    form.is_valid()  # half a form is never valid: what can be read of it is enough
    alike = _alike(form, location)
    if alike:
        record("duplicates_shown", f"location:{location.pk}", by=request.user, count=len(alike))
    return render(request, "patients/register.html#alike", {"alike": alike})


@require_http_methods(["GET", "POST"])
@requires("register_patient")
def edit(request: HttpRequest, number: int) -> HttpResponse:
    location = _location(request)
    try:
        patient = selectors.get_patient(number, location)
    except Patient.DoesNotExist:
        raise Http404 from None
    posted = request.POST.dict() if request.method == "POST" else None
    form = EditForm(posted, initial=contact_of(patient), region=location.country)
    theirs: list[tuple[str, str]] = []
    if request.method == "GET":
        record("opened", patient, by=request.user, patient_number=number)
    elif form.is_valid():
        try:
            seen = form.cleaned_data["seen"]
            services.change_contact(patient, form.details(), by=request.user, seen=seen)
        except services.ContactMoved as moved:
            form.add_error(None, str(moved))
            form.look_again(contact_of(patient)["seen"])
            theirs = [
                (str(form.fields[name].label), form.on_record(patient, name))
                for name in moved.names
            ]
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Contact data saved."))
            return go(request, "desk:patient", number)
    return render(
        request,
        "patients/edit.html",
        {"form": form, "patient": patient, "theirs": theirs},
        status=422 if form.errors else 200,
    )


def _to_file(request: HttpRequest, number: int) -> HttpResponse:
    """The patient's file, with the time in the diary for which the patient was looked for."""
    query = urlencode(chosen_time(request))
    return go(request, resolve_url("desk:patient", number) + (f"?{query}" if query else ""))


def _is_htmx(request: HttpRequest) -> bool:
    return bool(getattr(request, "htmx", False))


def _alike_in_the_way(form: RegisterForm, location: Any) -> list[selectors.Likeness]:
    """Those alike whom a person has to look at first; nobody for a second click, which is answered like the first."""
    if form.cleaned_data["anyway"] or services.was_sent(form.cleaned_data["key"]):
        return []
    alike = _alike(form, location)
    return alike if any(likeness.is_strong for likeness in alike) else []


def _alike(form: RegisterForm, location: Any) -> list[selectors.Likeness]:
    values = form.cleaned_data
    return selectors.likely_duplicates(
        values.get("given_name", ""),
        values.get("family_name", ""),
        values.get("birth_date"),
        str(values.get("phone") or ""),
        location,
    )


def _location(request: HttpRequest) -> Any:
    """The place of work, without which there is nobody to find or to register."""
    location = getattr(request, "location", None)
    if location is None:
        raise PermissionDenied
    return location
