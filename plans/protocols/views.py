"""Pages of protocols: the list, one of them, the editor of its draft, and a plan made from it."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.audit.services import record
from clinic.kit import clock
from clinic.kit.guard import requires
from clinic.kit.pages import go, location_of
from clinic.kit.refusals import AlreadyDone, Refusal
from clinic.patients.models import Patient
from clinic.patients.selectors import get_patient
from clinic.staff.selectors import signed_in
from plans.catalogue.selectors import names_in
from plans.core.outline import outline
from plans.core.protocol import Content, differences
from plans.courses.selectors import names
from plans.drafts.models import RevisionState
from plans.drafts.services import DraftMoved, NotADraft
from plans.protocols import selectors, services, tags
from plans.protocols.forms import (
    ApplyForm,
    ConfirmForm,
    Editor,
    NameForm,
    PublishForm,
    ReasonForm,
    blank_publication,
    one_row_more,
)
from plans.protocols.models import Protocol, ProtocolRevision


@require_GET
@requires("view_catalogue")
def list_protocols(request: HttpRequest) -> HttpResponse:
    called = selectors.procedure_names()
    terms = names_in()
    rows = [tags.row(each, called, terms) for each in selectors.overview()]
    return render(request, "protocols/list.html", {"here": "catalogue:list", "rows": rows})


@require_GET
@requires("view_catalogue")
def protocol(request: HttpRequest, code: str) -> HttpResponse:
    """The revision in force; the draft of a protocol that has none yet."""
    found = get_object_or_404(Protocol, code=code)
    rows = selectors.revisions().filter(protocol=found)
    stored = rows.filter(state=RevisionState.CURRENT).first() or rows.first()
    if stored is None:
        raise Http404
    return _sheet(request, stored)


@require_GET
@requires("view_catalogue")
def revision(request: HttpRequest, code: str, number: int) -> HttpResponse:
    stored = get_object_or_404(selectors.revisions(), protocol__code=code, number=number)
    return _sheet(request, stored)


def _sheet(
    request: HttpRequest, shown: ProtocolRevision, reason: ReasonForm | None = None
) -> HttpResponse:
    said, called, terms = selectors.content(shown), selectors.procedure_names(), names_in()
    code, history = shown.protocol.code, list(selectors.history(shown.protocol))
    confirmed = selectors.confirmed_steps(code, said)
    known = selectors.treatments(selectors.offers())
    before = next((row for row in history if row.number < shown.number), None)
    changes = differences(selectors.content(before), said) if before else ()
    context = {
        "here": "catalogue:list",
        "protocol": shown.protocol,
        "revision": shown,
        "steps": [tags.StepRow(step, called, confirmed.get(step.number)) for step in said.steps],
        "outline": outline(said.steps, known),
        "suits": tags.suits_words(said.suits, terms),
        "source_title": selectors.source_title(said.source),
        "history": history,
        "draft": next((row for row in history if row.state == RevisionState.DRAFT), None),
        "before": before,
        "changes": tags.change_words(changes, called, terms),
        "form": reason,
    }
    return render(request, "protocols/protocol.html", context, status=422 if reason else 200)


@require_http_methods(["GET", "POST"])
@requires("draft_catalogue")
def new(request: HttpRequest) -> HttpResponse:
    form = NameForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = Content(form.cleaned_data["name"], {}, (), "clinic default")
        try:
            draft = services.create_protocol(said, by=request.user)
        except Refusal as refusal:
            form.add_error("name", str(refusal))
        else:
            return go(request, "protocols:draft", draft.protocol.code)
    context = {"here": "catalogue:list", "form": form}
    return render(request, "protocols/new.html", context, status=422 if form.errors else 200)


# The draft


@require_POST
@requires("draft_catalogue")
def start(request: HttpRequest, code: str) -> HttpResponse:
    """Open the draft; a new one begins with the revision that `base` numbers, or with the one in force."""
    found = get_object_or_404(Protocol, code=code)
    asked = request.POST.get("base", "")
    base = None
    if asked.isascii() and asked.isdigit():
        base = get_object_or_404(ProtocolRevision, protocol=found, number=int(asked))
    try:
        services.start_draft(found, by=request.user, base=base)
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return go(request, "protocols:list")
    return go(request, "protocols:draft", code)


@require_POST
@requires("draft_catalogue")
def discard(request: HttpRequest, code: str) -> HttpResponse:
    found = get_object_or_404(Protocol, code=code)
    stored = selectors.draft_of(code)
    if stored is None:
        return _gone(request, code)
    try:
        services.discard(stored, by=request.user)
    except NotADraft:
        return _gone(request, code)
    messages.success(request, _("The draft is discarded. Nothing changed for anybody."))
    is_left = Protocol.objects.filter(pk=found.pk).exists()
    return go(request, "protocols:protocol", code) if is_left else go(request, "protocols:list")


@require_http_methods(["GET", "POST"])
@requires("draft_catalogue")
def draft(request: HttpRequest, code: str) -> HttpResponse:
    get_object_or_404(Protocol, code=code)
    stored = selectors.draft_of(code)
    if stored is None:
        return _gone(request, code)
    known, said = selectors.vocabulary(), selectors.content(stored)
    if request.method == "GET":
        return _editor(request, stored, Editor(said, stored.version, known))
    if request.POST.get("then") == "more":
        editor = Editor(said, stored.version, known, one_row_more(request.POST))
        return _editor(request, stored, editor, is_quiet=True)
    editor = Editor(said, stored.version, known, request.POST)
    if not editor.is_valid():
        return _editor(request, stored, editor, status=422)
    return _save(request, stored, editor)


def _save(request: HttpRequest, stored: ProtocolRevision, editor: Editor) -> HttpResponse:
    code, version = stored.protocol.code, editor.form.cleaned_data["version"]
    try:
        services.save_draft(stored, editor.content, version, by=request.user)
    except DraftMoved as moved:
        # What was typed stays; sent again, it goes over theirs.
        editor.see_version(moved.version)
        theirs = tags.change_words(moved.changes, editor.known.procedures, names_in())
        return _editor(request, stored, editor, status=409, moved=str(moved), theirs=theirs)
    except NotADraft:
        return _gone(request, code)
    except Refusal as refusal:
        editor.form.add_error(None, str(refusal))
        return _editor(request, stored, editor, status=422)
    if request.POST.get("then") == "review" and request.user.has_perm("clinic.publish_catalogue"):
        return go(request, "protocols:publish", code)
    messages.success(request, _("Draft saved. Nothing changes for anybody until you publish."))
    return go(request, "protocols:draft", code)


def _editor(
    request: HttpRequest,
    stored: ProtocolRevision,
    editor: Editor,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    context = {
        "here": "catalogue:list",
        "draft": stored,
        "protocol": stored.protocol,
        "current": _current(stored),
        "editor": editor,
    }
    return render(request, "protocols/draft.html", context | more, status=status)


@require_http_methods(["GET", "POST"])
@requires("publish_catalogue")
def publish(request: HttpRequest, code: str) -> HttpResponse:
    get_object_or_404(Protocol, code=code)
    stored = selectors.draft_of(code)
    if request.method == "GET":
        return _review(request, stored) if stored else _gone(request, code)
    form = PublishForm(request.POST)
    if not form.is_valid():
        return _review(request, stored, form) if stored else _gone(request, code)
    data = form.cleaned_data
    # Whatever its state: sent a second time, the form finds what it has published itself.
    sent = get_object_or_404(selectors.revisions(), protocol__code=code, number=data["number"])
    try:
        services.publish(
            sent, reason=data["reason"], by=request.user, key=data["key"], version=data["version"]
        )
    except AlreadyDone:
        return go(request, "protocols:protocol", code)
    except NotADraft:
        return _gone(request, code)
    except Refusal as refusal:
        form.add_error(None, str(refusal))
        return _review(request, stored or sent, form)
    text = _("Revision %(number)d is in force. Plans made before stay as they are.")
    messages.success(request, text % {"number": sent.number})
    return go(request, "protocols:protocol", code)


def _review(
    request: HttpRequest, stored: ProtocolRevision, form: PublishForm | None = None
) -> HttpResponse:
    current = _current(stored)
    said = selectors.content(stored)
    changes = differences(selectors.content(current), said) if current else ()
    called = selectors.procedure_names()
    context = {
        "here": "catalogue:list",
        "draft": stored,
        "protocol": stored.protocol,
        "current": current,
        "steps": [tags.StepRow(step, called) for step in said.steps],
        "changes": tags.change_words(changes, called, names_in()),
        "used": selectors.plans_of(stored.protocol),
        "form": form or blank_publication(stored.number, stored.version),
    }
    return render(request, "protocols/publish.html", context, status=422 if form else 200)


@require_POST
@requires("publish_catalogue")
def offer(request: HttpRequest, code: str) -> HttpResponse:
    """Retire the protocol, or bring it back, whichever it is not."""
    found = get_object_or_404(Protocol, code=code)
    form = ReasonForm(request.POST)
    change = services.bring_back if found.retired_at else services.retire
    if form.is_valid():
        try:
            change(found, reason=form.cleaned_data["reason"], by=request.user)
        except Refusal as refusal:
            form.add_error("reason", str(refusal))
        else:
            return go(request, "protocols:protocol", code)
    shown = selectors.revisions().filter(protocol=found).exclude(state=RevisionState.SUPERSEDED)
    return _sheet(request, get_object_or_404(shown.order_by("state")[:1]), form)


def _gone(request: HttpRequest, code: str) -> HttpResponse:
    """Somebody published or discarded the draft meanwhile: say so where its revisions stand."""
    messages.error(request, str(NotADraft()))
    return go(request, "protocols:protocol", code)


def _current(stored: ProtocolRevision) -> ProtocolRevision | None:
    rows = selectors.revisions().filter(protocol=stored.protocol, state=RevisionState.CURRENT)
    return rows.first()


# For one patient


@require_GET
@requires("draft_plan")
def choose(request: HttpRequest, number: int) -> HttpResponse:
    """Which protocol to apply."""
    patient = _patient(request, number)
    called, terms = selectors.procedure_names(), names_in()
    rows = [tags.row(each, called, terms) for each in selectors.overview(offered_only=True)]
    context = {"here": "patients:list", "patient": patient, "rows": rows}
    return render(request, "protocols/choose.html", context)


@require_http_methods(["GET", "POST"])
@requires("draft_plan")
def apply(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """Dates for every step, then one plan of all of them. What was asked stands in the address."""
    return _apply(request, _patient(request, number), _offered(code))


@require_http_methods(["GET", "POST"])
@requires("draft_plan")
def product(request: HttpRequest, number: int, code: str) -> HttpResponse:
    """The use of one product at home: a protocol of a single step."""
    patient = _patient(request, number)
    found = selectors.of_product(code, clock.today(location_of(request).zone))
    if found is None:
        raise Http404
    return _apply(request, patient, found)


def _apply(request: HttpRequest, patient: Patient, stored: ProtocolRevision) -> HttpResponse:
    make = services.apply_protocol if stored.pk else services.start_product
    number = patient.number
    applying = selectors.Applying(patient, location_of(request), stored)
    asked = ApplyForm(request.GET, applying)
    if not asked.is_valid():
        return _dates(request, stored, applying, asked)
    if request.method == "GET":
        if not getattr(request, "htmx", False):
            record("opened", patient, by=request.user, patient_number=number, page="protocol")
        return _dates(request, stored, applying, asked)
    form = ConfirmForm(request.POST)
    if form.is_valid():
        data, by = form.cleaned_data, signed_in(request)
        wish, location = asked.wish(), location_of(request)
        try:
            make(patient, location, stored, wish, seen=data["seen"], by=by, key=data["key"])
        except AlreadyDone:
            return go(request, "desk:patient", number)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            return _planned(request, patient, stored)
    return _dates(request, stored, applying, asked, form)


def _planned(request: HttpRequest, patient: Patient, stored: ProtocolRevision) -> HttpResponse:
    said = _("The plan is made. Now book its courses, the first one first.")
    messages.success(request, said if stored.pk else _("The use at home is planned."))
    return go(request, "desk:patient", patient.number)


def _dates(
    request: HttpRequest,
    stored: ProtocolRevision,
    applying: selectors.Applying,
    asked: ApplyForm,
    form: ConfirmForm | None = None,
) -> HttpResponse:
    """The page with the dates of what was asked; 422 with what was wrong when a form was refused."""
    called = names()
    context: dict[str, Any] = {
        "here": "patients:list",
        "patient": applying.patient,
        "revision": stored,
        "asked": asked,
        "rows": tags.apply_rows(asked.rows(), called.procedures),
        "today": applying.today,
        "form": form,
        "key": uuid.uuid4(),
        "query": request.GET.urlencode(),
    }
    if asked.is_valid():
        proposal = applying.propose(asked.wish())
        context |= tags.proposal_page(proposal, called, asked.query)
    is_partial = getattr(request, "htmx", False) and form is None
    is_wrong = form is not None or not asked.is_valid()
    page = f"protocols/apply.html{'#dates' if is_partial else ''}"
    return render(request, page, context, status=422 if is_wrong else 200)


def _patient(request: HttpRequest, number: int) -> Patient:
    try:
        return get_patient(number, location_of(request))
    except Patient.DoesNotExist:
        raise Http404 from None


def _offered(code: str) -> ProtocolRevision:
    """The revision in force of a protocol that is not retired."""
    try:
        stored = selectors.current_revision(code)
    except ProtocolRevision.DoesNotExist:
        raise Http404 from None
    if stored.protocol.retired_at is not None:
        raise Http404
    return stored
