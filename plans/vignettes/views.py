"""The cases against the rules, and the clinic's own cases."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.kit.guard import requires
from clinic.kit.pages import go
from clinic.kit.refusals import AlreadyDone, Refusal
from clinic.patients.selectors import codes_now
from clinic.staff.selectors import signed_in
from plans.catalogue.models import Revision
from plans.catalogue.selectors import rulebook
from plans.core.vignettes import Expected, Vignette, answer_of
from plans.vignettes import services
from plans.vignettes.forms import CaseSheet, PasteForm, with_answer, with_more_rows
from plans.vignettes.selectors import (
    Result,
    book_with_draft,
    case_choices,
    case_names,
    drafts,
    judged,
    kept,
    run_all,
)
from plans.vignettes.tags import rule_words, slip_words


@dataclass(frozen=True)
class Said:
    """An answer as a page shows it."""

    answer: Expected
    rules: list[str]


@dataclass(frozen=True)
class Shown:
    """A case as the page shows it. `wrong`: why it cannot be judged."""

    result: Result
    procedure: str
    expected: Said | None
    found: Said | None
    wrong: list[str]


@require_GET
@requires("view_catalogue")
def cases(request: HttpRequest) -> HttpResponse:
    """Every case, those that differ first; under ?draft= with that draft in place."""
    draft = request.GET.get("draft", "")
    try:
        book = book_with_draft(draft) if draft else rulebook()
    except Revision.DoesNotExist:
        raise Http404 from None
    names = case_names()
    results = sorted(run_all(book), key=lambda result: not result.is_own)
    shown = [_shown(result, names) for result in results]
    context = {
        "draft": draft,
        "drafts": drafts(),
        "total": len(shown),
        "own": sum(one.result.is_own for one in shown),
        "differing": [one for one in shown if not one.result.agrees],
        "agreeing": [one for one in shown if one.result.agrees],
    }
    return render(request, "vignettes/list.html", context)


@require_http_methods(["GET", "POST"])
@requires("keep_vignettes")
def new(request: HttpRequest) -> HttpResponse:
    return _edit(request, None)


@require_http_methods(["GET", "POST"])
@requires("keep_vignettes")
def edit(request: HttpRequest, code: str) -> HttpResponse:
    return _edit(request, get_object_or_404(kept(), code=code))


@require_POST
@requires("keep_vignettes")
def retire(request: HttpRequest, code: str) -> HttpResponse:
    services.retire(get_object_or_404(kept(), code=code), by=signed_in(request))
    messages.success(request, _("Case %(code)s is run no more.") % {"code": code})
    return go(request, "vignettes:list")


@require_http_methods(["GET", "POST"])
@requires("keep_vignettes")
def paste(request: HttpRequest) -> HttpResponse:
    """Many cases at once, as JSON."""
    form = PasteForm(
        request.POST or None, request.FILES or None, book=rulebook(), former=codes_now()
    )
    if request.method == "POST" and form.is_valid():
        try:
            rows = services.keep(
                form.vignettes, by=signed_in(request), key=form.cleaned_data["key"]
            )
        except AlreadyDone:
            return go(request, "vignettes:list")
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("%(n)s cases are kept.") % {"n": len(rows)})
            return go(request, "vignettes:list")
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "vignettes/paste.html", {"form": form}, status=status)


def _edit(request: HttpRequest, row: Any) -> HttpResponse:
    """The sheet of a new case, or of `row`: with more rows, with the rules' own answer, or saved."""
    book, former, choices = rulebook(), codes_now(), case_choices()
    code = row.code if row else ""
    if request.method == "GET":
        known = judged(row.case, book, former, row=row) if row else None
        start = CaseSheet(book, choices, vignette=known.vignette if known else None, code=code)
        wrong = [f"{slip.field}: {slip_words(slip)}" for slip in known.slips] if known else []
        return _sheet(request, start, row, wrong=wrong)
    do, data = request.POST.get("do"), request.POST
    if do == "more":
        return _sheet(request, CaseSheet(book, choices, with_more_rows(data), code=code), row)
    sheet = CaseSheet(book, choices, data, code=code)
    vignette = sheet.read(former)
    if vignette is None:
        return _sheet(request, sheet, row)
    if do == "answer" or vignette.expected is None:
        answer = answer_of(vignette.screen(book))
        filled = CaseSheet(book, choices, with_answer(data, answer), code=code)
        return _sheet(request, filled, row, said=_said(answer, case_names()))
    return _save(request, sheet, row, vignette)


def _save(request: HttpRequest, sheet: CaseSheet, row: Any, vignette: Vignette) -> HttpResponse:
    try:
        if row:
            services.change(row, vignette, by=signed_in(request))
        else:
            services.keep([vignette], by=signed_in(request), key=sheet.form.cleaned_data["key"])
    except AlreadyDone:
        return go(request, "vignettes:list")
    except Refusal as refusal:
        sheet.form.add_error("code", str(refusal))
        return _sheet(request, sheet, row)
    messages.success(request, _("Case %(code)s is kept.") % {"code": vignette.code})
    return go(request, "vignettes:list")


def _sheet(request: HttpRequest, sheet: CaseSheet, row: Any, **more: Any) -> HttpResponse:
    has_errors = request.method == "POST" and request.POST.get("do") != "more" and sheet.errors
    status = HTTPStatus.UNPROCESSABLE_ENTITY if has_errors else HTTPStatus.OK
    context = {"sheet": sheet, "form": sheet.form, "row": row} | more
    return render(request, "vignettes/sheet.html", context, status=status)


def _shown(result: Result, names: Mapping[str, str]) -> Shown:
    procedure = result.vignette.procedure if result.vignette else ""
    return Shown(
        result,
        names.get(f"procedures.{procedure}", procedure),
        _said(result.expected, names) if result.expected else None,
        _said(result.answer, names) if result.answer else None,
        [f"{slip.field}: {slip_words(slip)}" for slip in result.slips],
    )


def _said(answer: Expected, names: Mapping[str, str]) -> Said:
    return Said(answer, [rule_words(rule, names) for rule in sorted(answer.reasons)])
