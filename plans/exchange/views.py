"""The pages on which the catalogue leaves and comes as a file."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from clinic.kit import clock
from clinic.kit.guard import requires
from clinic.kit.pages import go
from clinic.kit.refusals import AlreadyDone, Refusal
from plans.data.catalogue_file import BadFile
from plans.data.catalogue_report import Report
from plans.exchange import selectors, services, tags
from plans.exchange.forms import FileForm, LoadForm
from plans.impact.tags import panel, viewer_of

# More faults than anybody mends before sending the file again.
MOST_FAULTS = 100
# Notices that are read one by one; the drafts themselves are listed on the page.
MOST_NOTES = 5
# Touched sessions that a page lists; the count above them is of all.
MOST_LINES = 20


@require_http_methods(["GET", "POST"])
@requires("import_catalogue")
def file(request: HttpRequest) -> HttpResponse:
    form = FileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        name = services.keep_file(form.cleaned_data["file"], by=request.user)
        return go(request, "exchange:load", name)
    context = {
        "form": form,
        "problems": form.problems[:MOST_FAULTS],
        "more_problems": len(form.problems[MOST_FAULTS:]),
        "waiting": selectors.waiting(),
        "largest": tags.largest_words(),
    }
    return render(request, "exchange/start.html", context, status=422 if form.errors else 200)


@require_GET
@requires("view_catalogue")
def download(request: HttpRequest) -> HttpResponse:
    try:
        text = selectors.export_text()
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return go(request, "catalogue:list")
    name = f"catalogue-{clock.today():%Y-%m-%d}.yaml"
    return HttpResponse(
        text,
        content_type="application/yaml; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@require_http_methods(["GET", "POST"])
@requires("import_catalogue")
def load(request: HttpRequest, name: str) -> HttpResponse:
    text = selectors.kept_file(name, request.user)
    if text is None:
        messages.error(
            request, _("This file was sent too long ago, or by somebody else. Send it again.")
        )
        return go(request, "exchange:file")
    try:
        checked = selectors.check(text)
    except (BadFile, Refusal) as error:
        messages.error(request, str(error))
        return go(request, "exchange:file")
    keys = [row.key for row in checked.found.rows if row.needs_tick]
    # A tick of what no longer differs changes nothing, and must not hide that the catalogue moved.
    keys += request.POST.getlist("accept")
    form = LoadForm(request.POST or None, keys=keys, seen=checked.stamp)
    if request.method == "GET":
        return _differences(request, name, checked, form)
    if not form.is_valid():
        return _differences(request, name, checked, form, status=422)
    said = form.cleaned_data
    try:
        report = services.load_catalogue(
            text, by=request.user, accept=said["accept"], seen=said["seen"], key=said["key"]
        )
    except AlreadyDone as done:
        return go(request, done.outcome)
    except Refusal as refusal:
        # What moved is shown anew; the ticks stay.
        fresh = LoadForm(
            keys=keys,
            initial={**LoadForm(keys=keys, seen=checked.stamp).initial, "accept": said["accept"]},
        )
        return _differences(request, name, checked, fresh, status=409, refused=str(refusal))
    _tell(request, report)
    return go(request, "exchange:file")


def _differences(
    request: HttpRequest,
    name: str,
    checked: selectors.Check,
    form: LoadForm,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    names = tags.names_of(checked.stored, checked.file)
    impact = selectors.impact_of_file(checked)
    context = {
        "name": name,
        "form": form,
        "found": checked.found,
        "file": checked.file,
        "new": tags.new_words(checked.found, names),
        "drafts": tags.drafts(checked.found, names),
        "at_once": tags.at_once(checked.found, names),
        "absent": tags.absent_words(checked.found, names),
        "accepted": form["accept"].value() or [],
        **panel(impact, viewer_of(request), MOST_LINES),
    }
    return render(request, "exchange/load.html", context | more, status=status)


def _tell(request: HttpRequest, report: Report) -> None:
    said = _("Loaded: %(created)d new, %(changed)d changed. Drafts wait below.")
    messages.success(request, said % {"created": report.created, "changed": report.changed})
    for note in report.notes[:MOST_NOTES]:
        messages.info(request, note)
    if more := len(report.notes[MOST_NOTES:]):
        words = ngettext("And %(n)d more note.", "And %(n)d more notes.", more)
        messages.info(request, words % {"n": more})
