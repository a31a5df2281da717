"""The pages of the vocabulary: all facts, one of them, and what changes it."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from clinic.kit.guard import requires
from clinic.kit.pages import go
from clinic.kit.refusals import AlreadyDone, Refusal
from clinic.patients.models import FactKind, FactType
from plans.impact.selectors import impact_between, worlds
from plans.impact.tags import panel, viewer_of
from plans.vignettes.selectors import differences_under
from plans.vocabulary import selectors, services, tags
from plans.vocabulary.forms import FactForm, ListForm, MergeForm, NewForm, ReasonForm, RenameForm

# Touched sessions that a page lists; the count above them is of all.
MOST_LINES = 20


@require_GET
@requires("view_catalogue")
def list_facts(request: HttpRequest) -> HttpResponse:
    form = ListForm(request.GET or None)
    form = form if form.is_bound else ListForm({})
    query, category = form.wanted()
    rows = selectors.overview(query, category)
    context = {
        "form": form,
        "rows": [tags.listed(row) for row in rows],
        "is_filtered": bool(query or category),
    }
    part = (
        "vocabulary/list.html#found" if getattr(request, "htmx", False) else "vocabulary/list.html"
    )
    return render(request, part, context)


@require_GET
@requires("view_catalogue")
def fact(request: HttpRequest, code: str) -> HttpResponse:
    found = _fact(code)
    if found.code != code:
        return go(request, "vocabulary:fact", found.code)
    merged = list(selectors.merged_into(found))
    context = {
        "fact": found,
        "title": selectors.title_of(found),
        "category": tags.category_words(selectors.category_of(found)),
        "recheck": tags.recheck_line(found),
        "texts": tags.texts_of(found),
        "missing": selectors.missing_texts(found),
        "former": list(found.former_codes.values_list("code", flat=True)),
        "merged": [(one.code, selectors.title_of(one)) for one in merged],
        "into_title": selectors.title_of(found.stands_for),
        "uses": tags.shown_uses(selectors.uses([found, *merged])),
        "on_record": selectors.on_record([found, *merged]),
        "can_merge": found.kind != FactKind.DERIVED and found.merged_into is None and not merged,
    }
    return render(request, "vocabulary/fact.html", context)


def _fact(code: str) -> FactType:
    found = selectors.fact_by_code(code)
    if found is None:
        raise Http404
    return found


@require_http_methods(["GET", "POST"])
@requires("edit_catalogue")
def new(request: HttpRequest) -> HttpResponse:
    form = NewForm(request.POST or None, sources=selectors.source_codes())
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            added = services.add_fact(
                said["code"], form.values(), reason=said["reason"], by=request.user, key=said["key"]
            )
        except AlreadyDone as done:
            return go(request, done.outcome)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Added. Procedures can name it in their drafts now."))
            return go(request, "vocabulary:fact", added.code)
    context = {"form": form, "is_new": True}
    return render(request, "vocabulary/edit.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@requires("edit_catalogue")
def edit(request: HttpRequest, code: str) -> HttpResponse:
    found = _fact(code)
    form = FactForm(request.POST or None, fact=found, sources=selectors.source_codes())
    if request.method == "GET":
        return _editor(request, found, form)
    if not form.is_valid():
        return _editor(request, found, form, status=422)
    if not form.is_agreed:
        return _impact_first(request, found, form)
    said = form.cleaned_data
    try:
        services.change_fact(
            found, form.values(), seen=said["seen"], reason=said["reason"], by=request.user
        )
    except services.FactMoved as moved:
        form.look_again(now=moved.stamp)
        return _editor(request, found, form, status=409, moved=str(moved), now=tags.texts_of(found))
    except Refusal as refusal:
        form.add_error(None, str(refusal))
        return _editor(request, found, form, status=422)
    messages.success(request, _("Saved. It holds from now on."))
    return go(request, "vocabulary:fact", found.code)


def _editor(
    request: HttpRequest, found: FactType, form: FactForm, status: int = 200, **more: Any
) -> HttpResponse:
    context = {
        "fact": found,
        "title": selectors.title_of(found),
        "form": form,
        "recheck": tags.recheck_line(found),
    }
    return render(request, "vocabulary/edit.html", context | more, status=status)


def _impact_first(request: HttpRequest, found: FactType, form: FactForm) -> HttpResponse:
    """Show whom another recheck touches, and which cases; the same form sent again saves it."""
    recheck = selectors.recheck_of(form.as_edited())
    before, after = worlds(rechecks={found.code: recheck})
    impact = impact_between(before, after, location=None)
    new_words = tags.recheck_words(recheck)
    form.look_again(agreed=new_words)
    shown = panel(impact, viewer_of(request), MOST_LINES)
    shown["cases"] = differences_under(before.book, after.book)
    return _editor(request, found, form, status=422, new_recheck=new_words, **shown)


@require_http_methods(["GET", "POST"])
@requires("edit_catalogue")
def rename(request: HttpRequest, code: str) -> HttpResponse:
    found = _fact(code)
    form = RenameForm(request.POST or None, initial={"code": found.code})
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            renamed = services.rename_fact(
                found, said["code"], reason=said["reason"], by=request.user
            )
        except Refusal as refusal:
            form.add_error("code", str(refusal))
        else:
            messages.success(request, _("Renamed. The former code goes on working."))
            return go(request, "vocabulary:fact", renamed.code)
    context = {"fact": found, "title": selectors.title_of(found), "form": form}
    return render(request, "vocabulary/rename.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@requires("edit_catalogue")
def merge(request: HttpRequest, code: str) -> HttpResponse:
    found = _fact(code)
    partners = list(selectors.partners(found))
    chosen = request.POST.get("into", "") or request.GET.get("into", "")
    into = next((one for one in partners if one.code == chosen), None)
    form = MergeForm(request.POST or None, partners=partners, into=chosen)
    if request.method == "POST" and form.is_valid() and into is not None:
        try:
            services.merge_facts(found, into, reason=form.cleaned_data["reason"], by=request.user)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Merged. It can be undone on its page."))
            return go(request, "vocabulary:fact", found.code)
    preview = selectors.merge_preview(found, into) if into else None
    context = {
        "fact": found,
        "title": selectors.title_of(found),
        "into": into,
        "into_title": selectors.title_of(into) if into else "",
        "into_recheck": tags.recheck_line(into) if into else "",
        "recheck": tags.recheck_line(found),
        "form": form,
        "preview": preview,
        "lines": tags.merged_lines(preview.lines) if preview else (),
    }
    return render(request, "vocabulary/merge.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@requires("edit_catalogue")
def unmerge(request: HttpRequest, code: str) -> HttpResponse:
    found = _fact(code)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.unmerge_fact(found, reason=form.cleaned_data["reason"], by=request.user)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("It stands for itself again."))
            return go(request, "vocabulary:fact", found.code)
    context = {"fact": found, "title": selectors.title_of(found), "form": form}
    return render(request, "vocabulary/unmerge.html", context, status=422 if form.errors else 200)
