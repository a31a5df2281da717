from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path

from clinic.kit.guard import View, requires
from plans.api import views

app_name = "api"

# What each call asks of its caller, by the address's name.
OPERATIONS = {
    "screenings": "see_screening",
    "procedures": "view_catalogue",
    "procedure": "view_catalogue",
    "series-search": "book_session",
    "series-book": "book_session",
    "resources": "view_day",
    "appointments": "view_day",
    "appointment-status": "view_day",
    "appointment-move": "book_session",
}


def _declared(view: Callable[..., HttpResponse], operation: str) -> View:
    """django-ninja's view, stating its permission and asking for the form's token as every other does."""

    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return view(request, *args, **kwargs)

    return requires(operation)(answer)


urlpatterns = [
    path("v1/", views.start, name="api-root"),
    path("v1/docs", views.docs, name="docs"),
    path("v1/openapi.json", views.description, name="openapi-json"),
    *(
        path(f"v1/{call.pattern}", _declared(call.callback, OPERATIONS[call.name]), name=call.name)
        for call in views.api.urls[0]
        if isinstance(call, URLPattern) and call.name in OPERATIONS
    ),
]
