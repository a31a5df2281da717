"""What each request knows before its view runs."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from clinic.places.selectors import location_of


class LocationMiddleware:
    """Works in the signed-in person's location: `request.location`, and its zone for dates and times."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        location = location_of(request.user) if request.user.is_authenticated else None
        request.location = location  # type: ignore[attr-defined]  # read by views through kit.pages.location
        if location is None:
            return self.get_response(request)
        with timezone.override(location.zone):
            return self.get_response(request)
