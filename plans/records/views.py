"""Pages of a record: its draft, which saves itself; what was signed and what was added; its paper."""

import uuid
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from clinic.audit.services import record as audit
from clinic.kit.guard import requires
from clinic.kit.pages import go, location_of
from clinic.kit.paper import pdf
from clinic.kit.refusals import AlreadyDone, Refusal
from clinic.staff.selectors import signed_in
from plans.core.record_map import HEIGHT, OUTLINE, WIDTH
from plans.diary.forms import KeyForm
from plans.diary.models import Appointment
from plans.diary.views import visit_or_404
from plans.records import selectors, services
from plans.records.forms import AddendumForm, EventForm, FollowUpForm, RecordForm
from plans.records.models import TreatmentRecord
from plans.records.tags import harm_words, lines_of, paper


@require_GET
@requires("see_clinical")
def record(request: HttpRequest, pk: int) -> HttpResponse:
    """The draft, filled in from the last session, or what was signed."""
    visit = visit_or_404(pk, location_of(request))
    audit("record_opened", visit, by=request.user, patient_number=visit.patient.number)
    return _page(request, visit)


@require_POST
@requires("write_record")
def save(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep the draft; under htmx only to say so, every few seconds."""
    visit = visit_or_404(pk, location_of(request))
    form = _form(request, visit)
    if not (form.can_keep() if _is_htmx(request) else form.is_valid()):
        return _refused(request, visit, form)
    reaction = None if _is_htmx(request) else form.reaction()
    written, saving, by = form.written(), form.saving(), signed_in(request)
    try:
        if reaction:
            key = form.cleaned_data["key"]
            row = services.save_with_reaction(visit, written, saving, *reaction, by=by, key=key)
        else:
            row = services.save_draft(visit, written, saving, by=by)
        if gone := form.cleaned_data["remove"]:
            services.remove_reaction(visit, gone, by=by)
    except AlreadyDone:
        return go(request, "records:record", pk)
    except Refusal as refusal:
        form.add_error(None, str(refusal))
        return _refused(request, visit, form)
    if _is_htmx(request):
        context = {"record": row, "form": form, "saved": True, "is_part": True}
        return render(request, "records/record.html#saved", context)
    return go(request, "records:record", pk)


@require_POST
@requires("write_record")
def sign(request: HttpRequest, pk: int) -> HttpResponse:
    """Close the record for good; what it still lacks is said beside the fields, and its draft is kept."""
    visit = visit_or_404(pk, location_of(request))
    form = _form(request, visit)
    if not form.is_valid():
        return _refused(request, visit, form)
    written, saving, by = form.written(), form.saving(), signed_in(request)
    harm, at = form.reaction() or (None, None)
    try:
        key = form.cleaned_data["key"]
        services.sign_record(visit, written, saving, by=by, key=key, harm=harm, at=at)
    except AlreadyDone:
        return go(request, "records:record", pk)
    except services.NotReady as refusal:
        services.save_draft(visit, written, saving, by=by)
        form = _form(request, visit)
        form.is_valid()
        form.add_error(None, str(refusal))
        return _refused(request, visit, form)
    except Refusal as refusal:
        form.add_error(None, str(refusal))
        return _refused(request, visit, form)
    messages.success(request, _("Record signed."))
    return go(request, "visits:visit", pk)


@require_POST
@requires("write_record")
def addendum(request: HttpRequest, pk: int) -> HttpResponse:
    def write(visit: Appointment, form: Any) -> None:
        text, by = form.cleaned_data["text"], signed_in(request)
        services.add_addendum(visit, text, by=by, key=form.form_key)

    return _added(request, pk, "addendum_form", AddendumForm(request.POST), write)


@require_POST
@requires("write_record")
def event(request: HttpRequest, pk: int) -> HttpResponse:
    def write(visit: Appointment, form: Any) -> None:
        began_on, by = form.cleaned_data["began_on"], signed_in(request)
        services.add_event(visit, form.harm(), began_on, by=by, key=form.form_key)

    return _added(request, pk, "event_form", EventForm(request.POST), write)


@require_POST
@requires("write_record")
def follow_up(request: HttpRequest, pk: int, event: int) -> HttpResponse:
    def write(visit: Appointment, form: Any) -> None:
        said, by = form.cleaned_data, signed_in(request)
        services.follow_up(
            visit, event, said["note"], next_on=said["next_on"], is_over=said["is_over"], by=by,
            key=form.form_key,
        )  # fmt: skip

    form = FollowUpForm(request.POST, prefix=f"event-{event}")
    return _added(request, pk, "follow_form", form, write)


@require_GET
@requires("see_clinical")
def printed(request: HttpRequest, pk: int) -> HttpResponse:
    row = _record_or_404(request, pk)
    context = {"visit": row.visit, "sheet": paper(row)}
    return render(request, "records/printed.html", context)


@require_GET
@requires("see_clinical")
def record_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    row = _record_or_404(request, pk)
    sheet = paper(row)
    content = pdf("record.typ", {"sheet": sheet, "title": sheet["title"]})
    name = {"Content-Disposition": f'inline; filename="record-{pk}.pdf"'}
    headers = name | {"Cache-Control": "no-store, private"}
    return HttpResponse(content, content_type="application/pdf", headers=headers)


def _is_htmx(request: HttpRequest) -> bool:
    return bool(getattr(request, "htmx", False))


def _record_or_404(request: HttpRequest, pk: int) -> TreatmentRecord:
    """The visit's record, which is being printed."""
    row = selectors.record_of(visit_or_404(pk, location_of(request)))
    if row is None:
        raise Http404
    number = row.visit.patient.number
    audit("printed", row, by=request.user, patient_number=number, kind="record")
    return row


def _form(request: HttpRequest, visit: Appointment) -> RecordForm:
    return RecordForm(request.POST, page=selectors.page_of(visit))


def _refused(request: HttpRequest, visit: Appointment, form: RecordForm) -> HttpResponse:
    if _is_htmx(request):
        context = {"form": form, "record": form.page.record}
        return render(request, "records/record.html#saved", context, status=422)
    return _page(request, visit, form)


def _added(
    request: HttpRequest, pk: int, name: str, form: KeyForm,
    write: Callable[[Appointment, Any], None],
) -> HttpResponse:  # fmt: skip
    """What a form that adds something to a record answers."""
    visit = visit_or_404(pk, location_of(request))
    if form.is_valid():
        try:
            write(visit, form)
        except AlreadyDone:
            return go(request, "records:record", pk)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            return go(request, "records:record", pk)
    return _page(request, visit, None, {name: form})


def _page(
    request: HttpRequest,
    visit: Appointment,
    form: RecordForm | None = None,
    others: Mapping[str, KeyForm] = MappingProxyType({}),
) -> HttpResponse:
    page = form.page if form else selectors.page_of(visit)
    row, sent = page.record, [form, *others.values()]
    context = {
        "visit": visit,
        "patient": visit.patient,
        "page": page,
        "record": row,
        "title": page.revision.title if page.revision else _("Consultation"),
        "events": selectors.events_of(row) if row else [],
        "event_form": EventForm(initial={"key": uuid.uuid4()}),
        "here": "diary:today",
    }
    if row and row.is_signed:
        context |= {
            "lines": lines_of(row),
            "is_intact": selectors.is_intact(row),
            "is_mine": row.signed_by == request.user,
            "addendum_form": AddendumForm(initial={"key": uuid.uuid4()}),
            "form": form,
        }
    else:
        context["form"] = form or RecordForm(page=page)
        context["map"] = {"width": WIDTH, "height": HEIGHT, "outline": OUTLINE}
        reactions = row.reactions.all() if row else []
        context["reactions"] = [(one, harm_words(one)) for one in reactions]
    status = 422 if any(one is not None for one in sent) else 200
    template = "records/signed.html" if row and row.is_signed else "records/record.html"
    return render(
        request, template, context | dict(others) | _follow_ups(context, others), status=status
    )


def _follow_ups(context: dict[str, Any], others: Mapping[str, KeyForm]) -> dict[str, Any]:
    """Each event with its words and the form that follows it up; none for one that is over."""
    sent = others.get("follow_form")
    rows = []
    for one, words in context["events"]:
        fresh = FollowUpForm(prefix=f"event-{one.pk}", initial={"key": uuid.uuid4()})
        form = sent if sent is not None and sent.prefix == fresh.prefix else fresh
        rows.append((one, words, None if selectors.is_over(one) else form))
    return {"events": rows}
