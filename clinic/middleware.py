"""What each request knows before its view runs, and what each answer leaves behind."""

from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.utils import timezone
from django.utils.cache import patch_cache_control

from clinic.audit.services import record
from clinic.places.selectors import location_of


class LocationMiddleware:
    """Works in the signed-in person's location: `request.location`, and its zone for dates and times."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        location = location_of(request.user) if request.user.is_authenticated else None
        request.location = location  # type: ignore[attr-defined]  # read through kit.pages.location_of
        if location is None:
            return self.get_response(request)
        with timezone.override(location.zone):
            return self.get_response(request)


class DoorMiddleware:
    """Under htmx, reloads the page instead of putting the sign-in page into a corner of it.

    A session that has ended answers with a redirect, which htmx would follow by itself.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self.get_response(request)
        to_the_door = answer.get("Location", "").startswith(resolve_url(settings.LOGIN_URL))
        if to_the_door and request.headers.get("HX-Request") == "true":
            return HttpResponse(headers={"HX-Refresh": "true"})
        return answer


class PrivacyMiddleware:
    """Lets no browser keep what a signed-in person saw, and writes down what was refused to them."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self.get_response(request)
        if request.user.is_authenticated:
            # The computers are shared: the next person presses "back".
            patch_cache_control(answer, no_store=True, private=True)
            if answer.status_code == HTTPStatus.FORBIDDEN and request.resolver_match:
                page = request.resolver_match.view_name[:60]
                record("denied", page, by=request.user, method=request.method, path=request.path)
        return answer
