"""The pages of sources: what they are, what rests on them, and what the physician has confirmed."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.kit.guard import requires
from clinic.kit.pages import go
from clinic.kit.refusals import AlreadyDone, Refusal
from plans.catalogue.selectors import names_in
from plans.sources import selectors, services
from plans.sources.forms import ConfirmForm, SourceForm, sent_value
from plans.sources.tags import Document, documents
from plans.terms.models import Source


@require_GET
@requires("view_catalogue")
def list_sources(request: HttpRequest) -> HttpResponse:
    resting: dict[str, int] = {}
    for one in selectors.shelf().stated():
        resting[one.source] = resting.get(one.source, 0) + 1
    rows = [(source, resting.get(source.code, 0)) for source in selectors.sources()]
    context = {"here": "catalogue:list", "rows": rows, "without": resting.get("", 0)}
    return render(request, "sources/list.html", context)


@require_GET
@requires("view_catalogue")
def source(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Source, pk=pk)
    rows = [
        (document, values)
        for document in _documents()
        if (values := [one for one in document.values if one.stated.source == found.code])  # type: ignore[union-attr]  # values are stated ones
    ]
    context = {
        "here": "catalogue:list",
        "source": found,
        "rows": rows,
        "count": sum(len(values) for _document, values in rows),
    }
    return render(request, "sources/source.html", context)


@require_http_methods(["GET", "POST"])
@requires("edit_catalogue")
def add(request: HttpRequest) -> HttpResponse:
    form = SourceForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            made = services.add_source(**form.cleaned_data, by=request.user)
        except AlreadyDone as done:
            return go(request, done.outcome)
        except Refusal as refusal:
            form.add_error("code", str(refusal))
        else:
            messages.success(request, _("The source is added."))
            return go(request, "sources:source", made.pk)
    return _form_page(request, form, None)


@require_http_methods(["GET", "POST"])
@requires("edit_catalogue")
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Source, pk=pk)
    form = SourceForm(request.POST if request.method == "POST" else None, source=found)
    if form.is_valid():
        said = form.cleaned_data
        services.edit_source(
            found, said["title"], said["url"], said["is_background"], by=request.user
        )
        messages.success(request, _("The source is saved."))
        return go(request, "sources:source", pk)
    return _form_page(request, form, found)


def _form_page(request: HttpRequest, form: SourceForm, found: Source | None) -> HttpResponse:
    context = {"here": "catalogue:list", "form": form, "source": found}
    return render(request, "sources/edit.html", context, status=422 if form.errors else 200)


# What is confirmed


@require_GET
@requires("view_catalogue")
def unconfirmed(request: HttpRequest) -> HttpResponse:
    found = _documents()
    context = {
        "here": "catalogue:list",
        "documents": [one for one in found if one.waiting],
        "waiting": sum(len(one.waiting) for one in found),
        "urgent": sum(one.urgent for one in found),
        "total": sum(len(one.values) for one in found),
    }
    return render(request, "sources/unconfirmed.html", context)


@require_GET
@requires("view_catalogue")
def document(request: HttpRequest, code: str) -> HttpResponse:
    return _document_page(request, code)


@require_POST
@requires("confirm_value")
def confirm(request: HttpRequest, code: str) -> HttpResponse:
    return _settle(request, code, services.confirm, _confirmed_words)


@require_POST
@requires("confirm_value")
def withdraw(request: HttpRequest, code: str) -> HttpResponse:
    return _settle(request, code, services.withdraw, _withdrawn_words)


def _settle(
    request: HttpRequest, code: str, write: Callable[..., int], words: Callable[[int], str]
) -> HttpResponse:
    """Write what was pressed on the page of a document, and go back to where it stood there."""
    form = ConfirmForm(request.POST)
    if form.is_valid():
        seen = [services.Seen(*parts) for parts in form.cleaned_data["seen"]]
        try:
            n = write(seen, by=request.user)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, words(n))
            anchor = request.POST.get("section", "")[:100]
            return go(request, f"{reverse('sources:document', args=[code])}#{anchor}")
    return _document_page(request, code, form)


def _confirmed_words(n: int) -> str:
    return ngettext("%(n)d value is confirmed.", "%(n)d values are confirmed.", n) % {"n": n}


def _withdrawn_words(n: int) -> str:
    return ngettext("%(n)d confirmation is withdrawn.", "%(n)d confirmations are withdrawn.", n) % {
        "n": n
    }


def _document_page(
    request: HttpRequest, code: str, form: ConfirmForm | None = None
) -> HttpResponse:
    found = next(iter(_documents({code})), None)
    if found is None:
        raise Http404
    context: dict[str, Any] = {
        "here": "catalogue:list",
        "document": found,
        "is_procedure": code not in (selectors.GAPS, selectors.FACTS, selectors.PROTOCOLS),
        "sections": [
            {
                "section": section,
                "rows": [
                    (value, sent_value(value), found.is_urgent(value))
                    for value in section.values
                    if value.stated
                ],
                "waiting": sum(value.is_open for value in section.values),
            }
            for section in found.sections
        ],
        "form": form,
    }
    return render(request, "sources/document.html", context, status=422 if form else 200)


def _documents(codes: set[str] | None = None) -> list[Document]:
    """What is in force in words, all of it or only these documents; eighteen queries at most."""
    backing = selectors.backing_of(f"{next(iter(codes))}/" if codes else "")
    return documents(selectors.shelf(codes), backing, names_in(), selectors.booked())
