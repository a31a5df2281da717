"""Pages of consents: what a patient signed, signing on the screen or on paper, and the document itself."""

import uuid
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from clinic.audit.services import record
from clinic.kit import clock
from clinic.kit.guard import requires
from clinic.kit.pages import go, location_of
from clinic.kit.refusals import AlreadyDone, Refusal
from clinic.patients.models import Patient
from clinic.patients.selectors import get_patient
from clinic.staff.selectors import signed_in
from plans.catalogue.models import Revision
from plans.consents import selectors, services
from plans.consents.forms import PaperForm, ScreenForm, TextForm, WithdrawForm, typed_of
from plans.consents.models import Consent, ConsentText, Way
from plans.consents.selectors import Damaged, Subject
from plans.consents.tags import best_language, languages_of, shown, title_of

# A PDF from somewhere else may hold anything: it opens nothing of ours.
_SEALED = "sandbox; default-src 'none'"


@require_GET
@requires("keep_consent")
def patient(request: HttpRequest, number: int) -> HttpResponse:
    """What the patient signed and what is still to be signed."""
    found = _patient(request, number)
    record("opened", found, by=signed_in(request), patient_number=number, page="consents")
    on = clock.today(found.location.zone)
    rows = selectors.of_patient(found, on)
    photo = next(
        (row for row in rows if row.consent.revision is None and row.state == "valid"), None
    )
    context = {
        "here": "patients:list",
        "patient": found,
        "rows": rows,
        "wanted": selectors.wanted(found, rows, on),
        "photo": photo,
    }
    return render(request, "consents/patient.html", context)


@require_http_methods(["GET", "POST"])
@requires("keep_consent")
def sign(
    request: HttpRequest, number: int, code: str | None = None, revision: int = 0
) -> HttpResponse:
    """The text in the patient's language, to be signed on this screen."""
    found, subject = _patient(request, number), _subject(code, revision)
    language = best_language(subject.text, request.GET.get("lang", ""), found.language)
    form = ScreenForm(request.POST) if request.method == "POST" else None
    if form and form.is_valid():
        try:
            services.sign(
                found, subject, form.signature, seen=form.cleaned_data["text"],
                language=language, by=signed_in(request), key=form.form_key,
            )  # fmt: skip
        except AlreadyDone:
            return go(request, _back(request, number))
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The consent is signed and kept."))
            return go(request, _back(request, number))
    start = {"key": uuid.uuid4(), "text": subject.text and subject.text.pk, "name": found.full_name}
    # The patient reads this page: all of it is in the patient's language.
    with translation.override(language):
        context = _context(request, found, subject, form or ScreenForm(initial=start))
        context |= {"language": language, "said": shown(subject, language)}
        return render(request, "consents/sign.html", context, status=_status(form))


@require_http_methods(["GET", "POST"])
@requires("keep_consent")
def paper(
    request: HttpRequest, number: int, code: str | None = None, revision: int = 0
) -> HttpResponse:
    """A form to print, and the scan of what was signed."""
    found, subject = _patient(request, number), _subject(code, revision)
    texts = selectors.texts_of(subject.procedure)
    form = None
    if request.method == "POST":
        form = PaperForm(texts, request.POST, request.FILES)
    if form and form.is_valid():
        values = form.cleaned_data
        printed = next((text for text in texts if str(text.pk) == values["text"]), None)
        try:
            services.keep_paper(
                found, Subject(subject.revision, printed), values["scan"], name=values["name"].strip(),
                signed_on=form.day, language=values["language"], by=signed_in(request),
                key=form.form_key,
            )  # fmt: skip
        except AlreadyDone:
            return go(request, _back(request, number))
        except services.NotKept as refusal:
            form.add_error("scan", str(refusal))
        except Refusal as refusal:
            form.add_error("signed_on", str(refusal))
        else:
            messages.success(request, _("The signed paper is kept."))
            return go(request, _back(request, number))
    start = {"key": uuid.uuid4(), "name": found.full_name, "language": found.language}
    start |= {"signed_on": clock.today(found.location.zone), "text": texts[0].pk if texts else ""}
    context = _context(request, found, subject, form or PaperForm(texts, initial=start))
    return render(request, "consents/paper.html", context, status=_status(form))


@require_GET
@requires("keep_consent")
def form_pdf(
    request: HttpRequest, number: int, code: str | None = None, revision: int = 0
) -> HttpResponse:
    """The form to be signed on paper, in the patient's language or the one asked for; 404 where no text is published."""
    found, subject = _patient(request, number), _subject(code, revision)
    if subject.text is None:
        raise Http404
    language = best_language(subject.text, request.GET.get("lang", ""), found.language)
    content = services.print_form(found, subject, language, by=signed_in(request))
    return _pdf(content, f"consent-{number}.pdf", "inline")


@require_GET
@requires("keep_consent")
def document(request: HttpRequest, pk: int) -> HttpResponse:
    """What was signed, byte for byte."""
    row = get_object_or_404(selectors.consents_at(location_of(request)), pk=pk)
    told: dict[str, Any] = {"by": signed_in(request), "patient_number": row.patient.number}
    try:
        content = selectors.document(row)
    except Damaged as refusal:
        record("consent_damaged", row, **told)
        context = {"here": "patients:list", "consent": row, "words": str(refusal)}
        return render(request, "consents/damaged.html", context, status=HTTPStatus.CONFLICT)
    record("consent_opened", row, **told)
    how = "attachment" if row.way == Way.PAPER else "inline"
    return _pdf(content, f"consent-{row.patient.number}-{row.pk}.pdf", how)


@require_http_methods(["GET", "POST"])
@requires("keep_consent")
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a consent back, with a reason."""
    row: Consent = get_object_or_404(selectors.consents_at(location_of(request)), pk=pk)
    form = WithdrawForm(request.POST or None, initial={"key": uuid.uuid4()})
    if request.method == "POST" and form.is_valid():
        to = reverse("consents:patient", args=[row.patient.number])
        try:
            services.withdraw(
                row, form.cleaned_data["reason"], by=signed_in(request), key=form.form_key
            )
        except AlreadyDone:
            return go(request, to)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The consent is taken back. It counts no more."))
            return go(request, to)
    subject = Subject(row.revision, None)
    context = {"here": "patients:list", "consent": row, "patient": row.patient, "form": form}
    context["title"] = title_of(subject)
    return render(request, "consents/withdraw.html", context, status=_status(form))


# The texts themselves, which the catalogue's people keep


@require_GET
@requires("view_catalogue")
def texts(request: HttpRequest) -> HttpResponse:
    """What is in force, and what has no text though it must be signed."""
    rows = [(row, languages_of(row.text)) for row in selectors.offered_subjects()]
    lacking = sum(row.is_without_text for row, _languages in rows)
    context = {"here": "catalogue:list", "rows": rows, "lacking": lacking}
    return render(request, "consents/texts.html", context)


@require_GET
@requires("view_catalogue")
def text(request: HttpRequest, code: str | None = None) -> HttpResponse:
    """A text in every language; `?number=` shows an earlier one."""
    subject = _offered(code)
    versions = selectors.versions(subject.procedure)
    number = request.GET.get("number", "")
    found = next((row for row in versions if str(row.number) == number), None)
    if number and found is None:
        raise Http404
    found = found or next(iter(versions), None)
    context = _text_context(subject, found) | {"versions": versions}
    context["is_in_force"] = found is not None and found == versions[0]
    return render(request, "consents/text.html", context)


@require_http_methods(["GET", "POST"])
@requires("publish_catalogue")
def edit_text(request: HttpRequest, code: str | None = None) -> HttpResponse:
    """Write the next text from the one in force, look at it as patients will, bring it into force."""
    subject = _offered(code)
    start = {"key": uuid.uuid4(), "seen": subject.text and subject.text.pk}
    sent = request.POST if request.method == "POST" else None
    form = TextForm(
        sent, names_risks=subject.revision is not None, initial=start | typed_of(subject.text)
    )
    seen_first = None
    if form.is_valid():
        values, back = form.cleaned_data, _text_address(subject, "text")
        told = form.told
        if request.POST.get("act") == "look":
            seen_first = ConsentText(
                texts=told.texts, risks=told.risks, declarations=told.declarations
            )
        else:
            try:
                services.publish_edited(
                    subject.procedure, told, seen=values["seen"], by=signed_in(request),
                    key=form.form_key,
                )  # fmt: skip
            except AlreadyDone:
                return go(request, back)
            except Refusal as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, _("The text is in force. What was signed stays as it was signed."))  # fmt: skip
                return go(request, back)
    context = _text_context(subject, seen_first) | {"form": form}
    return render(request, "consents/edit_text.html", context, status=_status(form))


def _offered(code: str | None) -> Subject:
    try:
        return selectors.offered(code)
    except Revision.DoesNotExist:
        raise Http404 from None


def _text_address(subject: Subject, page: str) -> str:
    """Where the subject's text is read, or written anew; `page`: text or edit."""
    if subject.procedure is None:
        return reverse(f"consents:photo_{page}")
    return reverse(f"consents:{page}", args=[subject.procedure.code])


def _text_context(subject: Subject, found: ConsentText | None) -> dict[str, Any]:
    """The text `found` in each of its languages, and where it is read and edited."""
    reading = Subject(subject.revision, found)
    return {
        "here": "catalogue:list",
        "subject": subject,
        "title": subject.name(),
        "found": found,
        "said": [(code, shown(reading, code)) for code in languages_of(found)],
        "read_url": _text_address(subject, "text"),
        "edit_url": _text_address(subject, "edit"),
    }


def _context(
    request: HttpRequest, found: Patient, subject: Subject, form: ScreenForm | PaperForm
) -> dict[str, Any]:
    """What both ways of signing show, with the addresses of the other way and of the form to print."""
    names = ("photo_sign", "photo_paper", "photo_form")
    arguments: list[Any] = [found.number]
    if subject.revision:
        names = ("sign", "paper", "form")
        arguments += [subject.revision.procedure.code, subject.revision.number]
    sign_url, paper_url, form_url = (reverse(f"consents:{name}", args=arguments) for name in names)
    visit = request.GET.get("visit", "")
    return {
        "here": "patients:list",
        "patient": found,
        "subject": subject,
        "title": title_of(subject),
        "form": form,
        "languages": languages_of(subject.text),
        "sign_url": sign_url,
        "paper_url": paper_url,
        "form_url": form_url,
        "visit": visit if _is_number(visit) else "",
        "back": _back(request, found.number),
    }


def _status(form: Any) -> int:
    return HTTPStatus.UNPROCESSABLE_ENTITY if form and form.errors else HTTPStatus.OK


def _pdf(content: bytes, name: str, how: str) -> HttpResponse:
    headers = {
        "Content-Disposition": f'{how}; filename="{name}"',
        "Cache-Control": "no-store, private",
        "X-Content-Type-Options": "nosniff",
    }
    if how == "attachment":
        headers["Content-Security-Policy"] = _SEALED
    return HttpResponse(content, content_type="application/pdf", headers=headers)


def _back(request: HttpRequest, number: int) -> str:
    """The visit that `?visit=` names, where the consent was found missing; else all consents of the patient."""
    visit = request.GET.get("visit", "")
    if _is_number(visit):
        return reverse("visits:visit", args=[int(visit)])
    return reverse("consents:patient", args=[number])


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19


def _patient(request: HttpRequest, number: int) -> Patient:
    try:
        return get_patient(number, location_of(request))
    except Patient.DoesNotExist:
        raise Http404 from None


def _subject(code: str | None, revision: int) -> Subject:
    if code is None:
        return selectors.photo_subject()
    try:
        return selectors.subject(code, revision)
    except Revision.DoesNotExist:
        raise Http404 from None
