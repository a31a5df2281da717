"""Pages about a patient's health: the form, what it endangers, every fact with its history, the skin type."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.kit import clock
from clinic.kit.guard import requires
from clinic.kit.languages import localized
from clinic.kit.pages import go, location_of
from clinic.kit.refusals import AlreadyDone, Refusal
from clinic.patients.models import Fact, Patient
from clinic.patients.selectors import askable, every_question, get_patient
from plans.courses.selectors import names
from plans.health import selectors, services
from plans.health.forms import (
    CloseForm,
    CorrectionForm,
    FactForm,
    HealthForm,
    Row,
    SkinTypeForm,
    as_told,
)
from plans.health.services import Saved


@require_http_methods(["GET", "POST"])
@requires("answer_health_form")
def form(request: HttpRequest, number: int) -> HttpResponse:
    patient, sent = _patient(request, number), request.POST if request.method == "POST" else None
    shown = None
    if sent is not None:
        shown = [kind.code for kind in askable(sent.get("asked", "").split(","))]
    asked = selectors.questions_for(patient, request.GET.get("procedure", ""), shown)
    # Reception writes answers down without reading what is on record.
    standing = asked.standing if request.user.has_perm("clinic.edit_facts") else ()
    form = HealthForm(
        sent, patient=patient, questions=asked.types, more=asked.more, standing=standing
    )
    if form.is_valid():
        try:
            saved = services.keep_form(
                patient, form.answers(), form.ended(), by=request.user, key=form.form_key
            )
        except AlreadyDone as done:
            return _after(request, patient, done.outcome)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _recorded(saved.count))
            return _after(request, patient, _keys(saved))
    context = {
        "here": "patients:list", "patient": patient, "form": form, "asked": asked, "today": clock.today(),
        "groups": [(group.title, _rows(form, group)) for group in asked.groups],
        "more": list(form.rows_of(asked.more)), "skin_form": SkinTypeForm(),
    }  # fmt: skip
    return render(request, "health/form.html", context, status=422 if form.errors else 200)


@require_GET
@requires("answer_health_form")
def saved(request: HttpRequest, number: int) -> HttpResponse:
    """The visits that what is known now endangers, those first that were allowed until a moment ago."""
    patient, said = _patient(request, number), names()
    new = set(request.GET.get("new", "").split("."))
    found = selectors.endangered_visits(patient)
    lines = [
        selectors.endangered_line(each, said, is_new=str(each.visit.pk) in new) for each in found
    ]
    lines.sort(key=lambda line: not line.is_new)
    context = {"here": "patients:list", "patient": patient, "lines": lines}
    return render(request, "health/saved.html", context)


@require_GET
@requires("see_clinical")
def facts(request: HttpRequest, number: int) -> HttpResponse:
    patient = _patient(request, number)
    services.opened_facts(patient, by=request.user)
    return _facts_page(request, patient)


def _facts_page(
    request: HttpRequest, patient: Patient, closing: CloseForm | None = None
) -> HttpResponse:
    """Every fact; `closing`: a last day that was not accepted, beside the fact that it was meant for."""
    context = {
        "here": "patients:list", "patient": patient, "page": selectors.facts_page(patient),
        "closing": closing, "key": uuid.uuid4(), "skin_form": SkinTypeForm(),
    }  # fmt: skip
    return render(request, "health/facts.html", context, status=422 if closing else 200)


@require_http_methods(["GET", "POST"])
@requires("edit_facts")
def add(request: HttpRequest, number: int) -> HttpResponse:
    patient = _patient(request, number)
    form = FactForm(request.POST or None, patient=patient, types=every_question())
    if request.method == "POST" and form.is_valid():
        try:
            kept = services.keep_fact(
                patient, form.fact_answer(), by=request.user, key=form.form_key
            )
        except AlreadyDone as done:
            return _after(request, patient, done.outcome, "health:facts")
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _recorded(kept.count))
            return _after(request, patient, _keys(kept), "health:facts")
    context = {"here": "patients:list", "form": form, "patient": patient}
    return render(request, "health/add.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@requires("edit_facts")
def correct(request: HttpRequest, number: int, fact: int) -> HttpResponse:
    patient, standing = _patient(request, number), _fact(request, number, fact)
    form = CorrectionForm(request.POST or None, patient=patient, initial=as_told(standing))
    if request.method == "POST" and form.is_valid():
        answer, reason = form.answer(standing.fact_type), form.cleaned_data["reason"]
        try:
            kept = services.keep_correction(
                standing, answer, by=request.user, reason=reason, key=form.form_key
            )
        except AlreadyDone as done:
            return _after(request, patient, done.outcome, "health:facts")
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Answer corrected. The earlier one stays readable."))
            return _after(request, patient, _keys(kept), "health:facts")
    name = localized(standing.fact_type.stands_for.name)
    context = {"here": "patients:list", "form": form, "patient": patient, "name": name}
    return render(request, "health/correct.html", context, status=422 if form.errors else 200)


@require_POST
@requires("edit_facts")
def close(request: HttpRequest, number: int, fact: int) -> HttpResponse:
    patient, standing = _patient(request, number), _fact(request, number, fact)
    form = CloseForm(request.POST, fact=standing)
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        try:
            kept = services.keep_correction(
                standing, form.answer(), by=request.user, reason=reason, key=form.form_key
            )
        except AlreadyDone as done:
            return _after(request, patient, done.outcome, "health:facts")
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The last day is recorded."))
            return _after(request, patient, _keys(kept), "health:facts")
    return _facts_page(request, patient, form)


@require_POST
@requires("edit_facts")
def skin_type(request: HttpRequest, number: int) -> HttpResponse:
    patient, form = _patient(request, number), SkinTypeForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose one of the skin types I to VI."))
        return go(request, "health:facts", number)
    kept = services.keep_skin_type(patient, form.cleaned_data["skin_type"], by=request.user)
    messages.success(request, _("Skin type recorded."))
    return _after(request, patient, _keys(kept), "health:facts")


def _recorded(count: int) -> str:
    if not count:
        return _("These answers are on record already.")
    return ngettext("%(n)s answer recorded.", "%(n)s answers recorded.", count) % {"n": count}


def _keys(kept: Saved) -> str:
    return ".".join(map(str, kept.endangered))


def _after(
    request: HttpRequest, patient: Patient, endangered: str, to: str = "desk:patient"
) -> HttpResponse:
    """Where saving leads: to the visits that it endangers, else to the page `to`."""
    if not endangered:
        return go(request, to, patient.number)
    return go(request, f"{reverse('health:saved', args=[patient.number])}?new={endangered}")


def _rows(form: HealthForm, group: selectors.QuestionGroup) -> list[tuple[Row, Any]]:
    """Each question's fields, and when it was asked last where that is not in the heading."""
    rows = form.rows_of(question.fact_type for question in group.questions)
    return [(row, each.last_asked) for row, each in zip(rows, group.questions, strict=True)]


def _fact(request: HttpRequest, number: int, pk: int) -> Fact:
    rows = Fact.objects.select_related("fact_type__merged_into", "patient")
    return get_object_or_404(rows, pk=pk, patient=_patient(request, number))


def _patient(request: HttpRequest, number: int) -> Patient:
    try:
        return get_patient(number, location_of(request))
    except Patient.DoesNotExist:
        raise Http404 from None
