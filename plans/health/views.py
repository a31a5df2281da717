"""Pages about a patient's health: the form, what it endangers, every fact with its history, the skin type."""

import uuid
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.kit import clock, handing
from clinic.kit.guard import by_link, requires
from clinic.kit.languages import localized
from clinic.kit.pages import go, location_of, nothing, unseen
from clinic.kit.refusals import AlreadyDone, Refusal
from clinic.patients.models import Fact, Patient
from clinic.patients.selectors import askable, every_question, get_patient
from clinic.staff.models import User
from clinic.staff.selectors import signed_in
from plans.courses.selectors import names
from plans.diary.models import Appointment
from plans.diary.views import visit_or_404
from plans.health import selectors, services
from plans.health.forms import (
    CloseForm,
    CorrectionForm,
    FactForm,
    HealthForm,
    LinkForm,
    Row,
    SkinTypeForm,
    TakeBackForm,
    as_told,
)
from plans.health.services import Saved
from plans.links.models import Purpose
from plans.links.selectors import links_of, may_mail
from plans.links.services import PACE_SECONDS, Closed, is_too_often, open_link

# How often within an hour the tablet may be taken back; then only by signing in anew.
MOST_PASSWORDS = 10


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


# What is due for one visit: asked at the desk, on a tablet in the patient's hands, or beforehand through a link


@require_http_methods(["GET", "POST"])
@requires("answer_health_form")
def visit(request: HttpRequest, pk: int) -> HttpResponse:
    """The questions that this visit's procedure still needs, on one page, for whoever is at the desk."""
    row = visit_or_404(pk, location_of(request))
    asked, form = _asked(request, row)
    if _is_kept(row, form, way="screen", by=signed_in(request), sender=signed_in(request)):
        return go(request, "visits:visit", pk)
    context = {"here": "diary:today", "visit": row, **_asked_context(asked, form)}
    return render(request, "health/visit.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@requires("answer_health_form")
def tablet(request: HttpRequest, pk: int) -> HttpResponse:
    """Before the handing over: what will be asked. In the patient's hands: the questions, and no way to anything else."""
    row, here = visit_or_404(pk, location_of(request)), reverse("health:tablet", args=[pk])
    if not handing.is_handed_over(request, here):
        if request.method == "GET":
            asked = selectors.questions_of_visit(row)
            return render(request, "health/hand_over.html", {"visit": row, "asked": asked})
        services.note_handing("handed_over", row, by=signed_in(request))
        back = reverse("health:tablet_back", args=[pk])
        handing.hand_over(request, here, back, reverse("account_logout"))
        return go(request, here)
    with translation.override(row.patient.language):
        asked, form = _asked(request, row)
        if _is_kept(row, form, way="tablet", by=signed_in(request), sender=signed_in(request)):
            return go(request, here)
        context = {"visit": row, "is_tablet": True, "back": TakeBackForm()}
        context |= _asked_context(asked, form)
        return render(request, "health/outside.html", context, status=422 if form.errors else 200)


@require_POST
@requires("answer_health_form")
def tablet_back(request: HttpRequest, pk: int) -> HttpResponse:
    """The staff take the tablet back, by the password of whoever handed it over."""
    row, here = visit_or_404(pk, location_of(request)), reverse("health:tablet", args=[pk])
    if not handing.is_handed_over(request, here):
        return go(request, "visits:visit", pk)
    form, person = TakeBackForm(request.POST), signed_in(request)
    if form.is_valid():
        if is_too_often(f"take back {person.pk}", MOST_PASSWORDS):
            form.add_error("password", _("Tried too often. Sign out and in again."))
        elif not person.check_password(form.cleaned_data["password"]):
            services.note_handing("not_taken_back", row, by=person)
            form.add_error("password", _("This is not the password of whoever handed it over."))
        else:
            services.note_handing("taken_back", row, by=person)
            handing.take_back(request)
            return go(request, "visits:visit", pk)
    context = {"visit": row, "is_tablet": True, "back": form, "form": None}
    return render(request, "health/outside.html", context, status=422)


@require_http_methods(["GET", "POST"])
@requires("issue_link")
def link(request: HttpRequest, pk: int) -> HttpResponse:
    """A link under which the patient answers before coming: sent by e-mail, or told this once."""
    row = visit_or_404(pk, location_of(request))
    form = LinkForm(request.POST) if request.method == "POST" else None
    context = {"here": "diary:today", "visit": row, "form": form, "key": uuid.uuid4()}
    if form and form.is_valid():
        try:
            secret = _act_on_link(request, row, form)
        except AlreadyDone:
            return go(request, "health:link", pk)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            if not secret:
                return go(request, "health:link", pk)
            # Told in this answer and never again, so that no address and no session holds it.
            context["address"] = _address_of(request, secret)
    context["may_mail"] = may_mail(row.patient)
    context["links"] = list(links_of(row.patient, Purpose.HEALTH).filter(visit=row))
    status = 422 if form and form.errors else 200
    return render(request, "health/link.html", context, status=status)


def _act_on_link(request: HttpRequest, row: Appointment, form: LinkForm) -> str:
    """Do what was pressed; the secret to be told, "" where none is.  Raises Refusal, AlreadyDone."""
    act, by = form.cleaned_data["act"], signed_in(request)
    if act == "issue":
        return services.make_link(row, by=by, key=form.form_key)
    if act == "send":
        services.send_link(row, partial(_address_of, request), by=by, key=form.form_key)
        messages.success(request, _("The link is on its way to the patient."))
    else:
        services.revoke_links(row, by=by)
    return ""


def _address_of(request: HttpRequest, secret: str) -> str:
    return request.build_absolute_uri(reverse("health:mine", args=[secret]))


@require_http_methods(["GET", "POST"])
@by_link
def mine(request: HttpRequest, secret: str) -> HttpResponse:
    """The questions before a visit, for whoever holds the link; it names nobody. Looking writes nothing down."""
    try:
        link = open_link(secret, Purpose.HEALTH, address=request.META.get("REMOTE_ADDR", ""))
    except Closed as closed:
        return nothing(retry_after=PACE_SECONDS if closed.is_too_often else 0)
    row = visit_or_404(link.visit_id or 0, link.patient.location)
    with timezone.override(row.location.zone), translation.override(row.patient.language):
        asked, form = _asked(request, row)
        if _is_kept(row, form, way="link", by=None, sender=link.created_by):
            return unseen(go(request, "health:mine", secret))
        context = {"visit": row, "is_tablet": False, **_asked_context(asked, form)}
        page = render(request, "health/outside.html", context, status=422 if form.errors else 200)
    return unseen(page)


def _asked(request: HttpRequest, row: Appointment) -> tuple[selectors.Questions, HealthForm]:
    """What the visit asks, and the form for it; of a page that is sent the questions that it showed."""
    sent = request.POST if request.method == "POST" else None
    shown = sent.get("asked", "").split(",") if sent is not None else None
    asked = selectors.questions_of_visit(row, shown)
    return asked, HealthForm(sent, patient=row.patient, questions=asked.types)


def _is_kept(
    row: Appointment, form: HealthForm, *, way: str, by: User | None, sender: User
) -> bool:
    """Write the answers down; False while the form is not sent or not whole."""
    if not form.is_valid():
        return False
    try:
        services.keep_told(row, form.answers(), way=way, by=by, sender=sender, key=form.form_key)
    except AlreadyDone:
        return True
    except Refusal as refusal:
        form.add_error(None, str(refusal))
        return False
    return True


def _asked_context(asked: selectors.Questions, form: HealthForm) -> dict[str, Any]:
    groups = [(group.title, _rows(form, group)) for group in asked.groups]
    return {"asked": asked, "form": form, "groups": groups, "today": clock.today()}


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
