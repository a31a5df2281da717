"""Views to compare with: the same bytes through a loop of a template without a query, and the peer's list of slots."""

import importlib
import re

from django.http import HttpRequest, HttpResponse
from django.template import engines

from clinic.kit.guard import requires

# What a page last answered, by the page's name, cut before each element: filled by the bench.
answered: dict[str, list[str]] = {}
_LOOP = "{% for piece in pieces %}{{ piece|safe }}{% endfor %}"


def keep(name: str, page: bytes) -> None:
    answered[name] = re.split("(?=<)", page.decode())


def size_of(name: str) -> int:
    return sum(len(piece.encode()) for piece in answered[name])


@requires("view_day")
def page(request: HttpRequest, name: str) -> HttpResponse:
    """The page's bytes through the same middleware, each of its elements one variable in a loop."""
    template = engines["django"].from_string(_LOOP)
    return HttpResponse(template.render({"pieces": answered[name]}, request))


@requires("view_day")
def peer_slots(request: HttpRequest) -> HttpResponse:
    """django-appointment's own view behind our middleware, so that both sides carry the same frame."""
    views = importlib.import_module("appointment.views")
    answer: HttpResponse = views.get_available_slots_ajax(request)
    return answer
