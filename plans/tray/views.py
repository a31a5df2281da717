"""What waits for a date, to be dragged into the diary."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from clinic.kit import clock
from clinic.kit.guard import requires
from clinic.kit.pages import location_of
from plans.core.shown import read_shown
from plans.tray.selectors import to_book
from plans.tray.tags import owed_row


@require_GET
@requires("book_session")
def owed(request: HttpRequest) -> HttpResponse:
    """What waits for a date, the most urgent first."""
    location, shown = location_of(request), read_shown(request.GET.lists())
    waiting = to_book(location, clock.today(location.zone))
    rows = [owed_row(each, hides=shown.hides_names) for each in waiting]
    return render(request, "tray/owed.html", {"owed": rows})
