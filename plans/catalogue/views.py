"""The catalogue's pages: the list, one procedure, the editor of its draft, and publishing."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.kit.guard import requires
from clinic.kit.pages import go
from clinic.kit.refusals import AlreadyDone, Refusal
from plans.catalogue import selectors, services, tags
from plans.catalogue.forms import Editor, PublishForm, blank_publication
from plans.catalogue.models import Procedure, Revision, RevisionState
from plans.core.ruleset import differences


@require_GET
@requires("view_catalogue")
def list_procedures(request: HttpRequest) -> HttpResponse:
    query, kind = request.GET.get("q", "")[:80], request.GET.get("kind", "")
    rows = [_listed(row) for row in selectors.overview(query)]
    panels = [
        ("clinic", _("In the clinic"), [one for one in rows if not one["row"].procedure.is_home]),
        ("home", _("At home"), [one for one in rows if one["row"].procedure.is_home]),
    ]
    context = {
        "panels": [panel for panel in panels if panel[2] and kind in ("", panel[0])],
        "query": query,
        "kind": kind,
    }
    part = "catalogue/list.html#found" if getattr(request, "htmx", False) else "catalogue/list.html"
    return render(request, part, context)


def _listed(row: selectors.Row) -> dict[str, Any]:
    revision = row.revision
    return {
        "row": row,
        "interval": tags.interval_words(revision.interval),
        "sessions": tags.sessions_words(
            revision.sessions_min, revision.sessions_recommended, revision.sessions_max
        ),
    }


@require_GET
@requires("view_catalogue")
def procedure(request: HttpRequest, code: str) -> HttpResponse:
    found = get_object_or_404(Procedure.objects.select_related("group"), code=code)
    revision = selectors.with_content().filter(procedure=found, state=RevisionState.CURRENT).first()
    if revision is None:
        raise Http404
    return _sheet(request, found, revision)


@require_GET
@requires("view_catalogue")
def revision(request: HttpRequest, code: str, number: int) -> HttpResponse:
    stored = get_object_or_404(selectors.with_content(), procedure__code=code, number=number)
    return _sheet(request, stored.procedure, stored)


def _sheet(request: HttpRequest, procedure: Procedure, revision: Revision) -> HttpResponse:
    rules = selectors.ruleset(revision)
    names = selectors.names_in()
    history = list(selectors.history(procedure))
    context = {
        "procedure": procedure,
        "revision": revision,
        "history": history,
        "draft": next((one for one in history if one.state == RevisionState.DRAFT), None),
        "in_use": selectors.courses_in_use(procedure),
        "interval": tags.interval_words(revision.interval),
        "values": tags.sheet(rules),
        "held": tags.held(rules, names),
        "strengths": tags.strengths(rules, names),
        "precare": tags.care(rules, is_precare=True),
        "aftercare": tags.care(rules, is_precare=False),
        "sources": tags.sources_used(rules, selectors.source_titles()),
        "parameters": tags.parameters(rules),
    }
    return render(request, "catalogue/procedure.html", context)


@require_POST
@requires("edit_catalogue")
def start(request: HttpRequest, code: str) -> HttpResponse:
    found = get_object_or_404(Procedure, code=code)
    try:
        services.start_draft(found, by=request.user)
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return go(request, "catalogue:list")
    return go(request, "catalogue:draft", code)


@require_POST
@requires("edit_catalogue")
def discard(request: HttpRequest, code: str) -> HttpResponse:
    if not _has_draft(code):
        return _gone(request, code)
    try:
        services.discard(_draft(code), by=request.user)
    except services.NotADraft as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The draft is discarded. Nothing changed for anybody."))
    return go(request, "catalogue:procedure", code)


@require_http_methods(["GET", "POST"])
@requires("edit_catalogue")
def draft(request: HttpRequest, code: str) -> HttpResponse:
    if request.method == "POST" and not _has_draft(code):
        return _gone(request, code)
    stored = _draft(code)
    rules = selectors.ruleset(stored)
    editor = Editor(rules, stored.version, selectors.fact_names(), request.POST or None)
    if request.method == "GET":
        return _editor(request, stored, editor)
    if not editor.is_valid():
        return _editor(request, stored, editor, status=422)
    try:
        version = editor.form.cleaned_data["version"]
        services.save_draft(stored, editor.rules(), version, by=request.user)
    except services.DraftMoved as moved:
        # What was typed stays; sent again, it goes over theirs.
        editor.see_version(moved.version)
        theirs = tags.change_words(moved.changes, selectors.names_in())
        return _editor(request, stored, editor, status=409, moved=str(moved), theirs=theirs)
    except Refusal as refusal:
        editor.form.add_error(None, str(refusal))
        return _editor(request, stored, editor, status=422)
    if request.POST.get("then") == "review" and request.user.has_perm("clinic.publish_catalogue"):
        return go(request, "catalogue:publish", code)
    messages.success(request, _("Draft saved. Nothing changes for anybody until you publish."))
    return go(request, "catalogue:draft", code)


def _editor(
    request: HttpRequest, draft: Revision, editor: Editor, status: int = 200, **more: Any
) -> HttpResponse:
    current = _current(draft)
    now = selectors.ruleset(current).values if current else {}
    origins = {origin.path: origin for origin in editor.base.origins}
    groups = []
    for label, paths in tags.SHEET:
        rows = [
            {
                "field": field,
                "current": tags.value_words(path, now.get(path)),
                "is_changed": bool(current) and now.get(path) != editor.base.values[path],
                "unit": tags.unit_words(path),
                "source": tags.short_source(origins.get(path)),
            }
            for path in paths
            if (field := editor.field(path)) is not None
        ]
        groups += [(label, rows)] if rows else []
    context = {
        "draft": draft,
        "current": current,
        "editor": editor,
        "groups": groups,
        "in_use": selectors.courses_in_use(draft.procedure),
    }
    return render(request, "catalogue/draft.html", context | more, status=status)


@require_http_methods(["GET", "POST"])
@requires("publish_catalogue")
def publish(request: HttpRequest, code: str) -> HttpResponse:
    if request.method == "GET":
        return _review(request, _draft(code))
    form = PublishForm(request.POST)
    if not form.is_valid():
        return _review(request, _draft(code), form, status=422)
    data = form.cleaned_data
    # Whatever its state: sent a second time, the form finds what it has published itself.
    stored = get_object_or_404(Revision, procedure__code=code, number=data["number"])
    try:
        services.publish(
            stored, reason=data["reason"], by=request.user, key=data["key"], version=data["version"]
        )
    except AlreadyDone as done:
        return go(request, done.outcome)
    except services.NotADraft as refusal:
        messages.error(request, str(refusal))
        return go(request, "catalogue:procedure", code)
    except Refusal as refusal:
        if not _has_draft(code):
            return _gone(request, code)
        form.add_error(None, str(refusal))
        return _review(request, _draft(code), form, status=422)
    text = _("Revision %(number)d is in force. Courses planned before keep their revision.")
    messages.success(request, text % {"number": stored.number})
    return go(request, "catalogue:procedure", code)


def _review(
    request: HttpRequest, draft: Revision, form: PublishForm | None = None, status: int = 200
) -> HttpResponse:
    rules, current = selectors.ruleset(draft), _current(draft)
    changes = differences(selectors.ruleset(current), rules) if current else ()
    words = tags.change_words(changes, selectors.names_in())
    reason = "; ".join(
        f"{change.what}: {change.old or '–'} → {change.new or '–'}" for change in words
    )
    location = getattr(request, "location", None)
    spacing_changed = any(change.path.startswith("interval.") for change in changes)
    touched = selectors.touched(
        draft.procedure, location, draft.interval if spacing_changed else None
    )
    context = {
        "draft": draft,
        "current": current,
        "changes": words,
        "touched": touched,
        "early": sum(len(one.early) for one in touched),
        "in_use": selectors.courses_in_use(draft.procedure),
        "form": form or blank_publication(draft.number, draft.version, reason),
    }
    return render(request, "catalogue/publish.html", context, status=status)


def _has_draft(code: str) -> bool:
    return Revision.objects.filter(procedure__code=code, state=RevisionState.DRAFT).exists()


def _gone(request: HttpRequest, code: str) -> HttpResponse:
    """Somebody published or discarded the draft meanwhile: say so where its revisions stand."""
    get_object_or_404(Procedure, code=code)
    text = _(
        "This draft is published or discarded already. Open the procedure to see its revisions."
    )
    messages.error(request, text)
    return go(request, "catalogue:procedure", code)


def _draft(code: str) -> Revision:
    return get_object_or_404(
        selectors.with_content(), procedure__code=code, state=RevisionState.DRAFT
    )


def _current(draft: Revision) -> Revision | None:
    return (
        selectors.with_content()
        .filter(procedure=draft.procedure, state=RevisionState.CURRENT)
        .first()
    )
