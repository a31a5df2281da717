"""What each request knows before its view runs, and what each answer leaves behind."""

from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.utils import timezone, translation
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _

from clinic.audit.services import record
from clinic.kit.logs import masked
from clinic.kit.pages import problem
from clinic.places.selectors import location_of
from clinic.staff.selectors import user_of

# What programs call; the page about it is for people.
API, API_PAGES = "/api/", frozenset({"/api/v1/", "/api/v1/docs"})


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
                path = masked(request.path)
                record("denied", page, by=request.user, method=request.method, path=path)
        return answer


class ApiMiddleware:
    """Programs call below API, with a session or a token, and get a problem document wherever people get a page.

    A token that opens nothing is not made up for by a session: 401.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(API):
            return self.get_response(request)
        kind, _space, token = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() == "bearer":
            request.user = user_of(token.strip()) or AnonymousUser()
            # No browser adds this header by itself, so no other site can send it.
            request._dont_enforce_csrf_checks = True  # type: ignore[attr-defined]  # CsrfViewMiddleware reads it
        if request.path_info in API_PAGES:
            return self.get_response(request)
        if not request.user.is_authenticated:
            return _stranger()
        with translation.override(_language_of(request)):
            answer = self.get_response(request)
            return _refused(answer) if _is_page_of_refusal(answer) else answer


def _language_of(request: HttpRequest) -> str:
    """The language that the caller asks for, else the person's own."""
    if request.headers.get("Accept-Language"):
        return translation.get_language() or settings.LANGUAGE_CODE
    language: str = getattr(request.user, "language", settings.LANGUAGE_CODE)
    return language


def _stranger() -> HttpResponse:
    words = _("Sign in, or send a token: Authorization: Bearer <token>.")
    answer = problem(HTTPStatus.UNAUTHORIZED, words, reason=words)
    answer["WWW-Authenticate"] = "Bearer"
    return answer


def _is_page_of_refusal(answer: HttpResponse) -> bool:
    is_json = "json" in answer.get("Content-Type", "")
    return answer.status_code >= HTTPStatus.BAD_REQUEST and not is_json


def _refused(answer: HttpResponse) -> HttpResponse:
    """The same answer, its headers kept, with a problem document in place of the page."""
    words = _words_of(answer.status_code)
    said = (
        problem(answer.status_code, words, reason=words) if words else problem(answer.status_code)
    )
    answer.content = said.content
    answer["Content-Type"] = said["Content-Type"]
    return answer


def _words_of(status: int) -> str:
    """Why a call is refused before its view could say so."""
    said = {
        HTTPStatus.FORBIDDEN: _("Your role does not allow this, or the form's token is missing."),
        HTTPStatus.NOT_FOUND: _("There is nothing of this kind at your location."),
        HTTPStatus.METHOD_NOT_ALLOWED: _("This address takes other methods: see the header Allow."),
    }
    return said.get(HTTPStatus(status), "")
