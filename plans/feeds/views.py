"""Pages of feeds: a link of one's own, a patient's; and the calendar that a link opens."""

import hashlib
import uuid
from http import HTTPStatus
from typing import Any, cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from clinic.audit.services import record
from clinic.kit import clock
from clinic.kit.calendars import calendar_of
from clinic.kit.guard import by_link, requires
from clinic.kit.pages import go, location_of, nothing, unseen
from clinic.kit.refusals import AlreadyDone, Refusal
from clinic.patients.models import Patient
from clinic.patients.selectors import get_patient
from clinic.staff.selectors import signed_in
from plans.feeds import services
from plans.feeds.forms import ISSUE, FeedForm
from plans.feeds.models import Feed
from plans.feeds.selectors import Owner, feed_of, lines_of, live_feed, own_resource
from plans.links.services import PACE_SECONDS, is_too_often


@require_http_methods(["GET", "POST"])
@requires("own_feed")
def own(request: HttpRequest) -> HttpResponse:
    """The link to one's own calendar."""
    resource = own_resource(signed_in(request), location_of(request))
    return _page(request, resource, {"action": reverse("feeds:own"), "patient": None})


@require_http_methods(["GET", "POST"])
@requires("issue_link")
def patient(request: HttpRequest, number: int) -> HttpResponse:
    """The link to a patient's calendar, to be handed to the patient."""
    try:
        found = get_patient(number, location_of(request))
    except Patient.DoesNotExist:
        raise Http404 from None
    if request.method == "GET":
        record("opened", found, by=signed_in(request), patient_number=number, page="feed")
    action = reverse("feeds:patient", args=[number])
    return _page(request, found, {"action": action, "patient": found})


def _page(request: HttpRequest, owner: Owner | None, context: dict[str, Any]) -> HttpResponse:
    form = FeedForm(request.POST) if request.method == "POST" else None
    if form and owner and form.is_valid():
        try:
            if form.cleaned_data["act"] != ISSUE:
                services.revoke_feed(owner, by=signed_in(request), key=form.form_key)
                messages.success(request, _("The link is revoked. It opens nothing any more."))
                return go(request, context["action"])
            token = services.issue_feed(owner, by=signed_in(request), key=form.form_key)
        except AlreadyDone:
            return go(request, context["action"])
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            # Told in this answer and never again, so that no address and no session holds it.
            context["address"] = request.build_absolute_uri(reverse("feeds:calendar", args=[token]))
    context |= {"owner": owner, "feed": owner and live_feed(owner), "form": form}
    context["key"] = uuid.uuid4()
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form and form.errors else HTTPStatus.OK
    return render(request, "feeds/feed.html", context, status=status)


@require_safe
@by_link
def calendar(request: HttpRequest, token: str) -> HttpResponse:
    """The calendar that the secret in the address opens, for calendar programs; 404 for any other secret."""
    feed = feed_of(token)
    if feed is None:
        missed = f"miss {request.META.get('REMOTE_ADDR', '')}"
        return _closed(is_too_often=is_too_often(missed, services.MOST_MISSES))
    if is_too_often(f"feed {feed.pk}", services.MOST_READINGS):
        return _closed(is_too_often=True)
    services.note_reading(feed)
    body = _calendar(feed)
    answer = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = 'inline; filename="appointments.ics"'
    answer["ETag"] = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    answer = cast(
        "HttpResponse", get_conditional_response(request, etag=answer["ETag"], response=answer)
    )
    return unseen(answer)


def _calendar(feed: Feed) -> bytes:
    whose = feed.patient or feed.resource
    if whose is None:
        raise ValueError("a feed is somebody's")
    user = feed.resource.user if feed.resource else None
    language = feed.patient.language if feed.patient else user.language if user else "en"
    return calendar_of(lines_of(feed, clock.now()), whose.location.zone, language)


def _closed(*, is_too_often: bool) -> HttpResponse:
    return nothing(retry_after=PACE_SECONDS if is_too_often else 0)
