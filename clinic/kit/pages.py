"""Answers that are the same with and without htmx."""

from http import HTTPStatus
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import resolve_url


def go(request: HttpRequest, to: Any, *args: Any, **kwargs: Any) -> HttpResponse:
    """Send the browser to `to` (a URL, a URL's name or an object): 302, or HX-Redirect under htmx.

    htmx would follow a 302 by itself and swap the next page into a corner of this one.
    """
    if getattr(request, "htmx", False):
        return HttpResponse(headers={"HX-Redirect": resolve_url(to, *args, **kwargs)})
    return HttpResponseRedirect(resolve_url(to, *args, **kwargs))


def location_of(request: HttpRequest) -> Any:
    """The location that the signed-in person works at.  Raises Http404 for somebody without one.

    The middleware of the project reads it once for each request.
    """
    location = getattr(request, "location", None)
    if location is None:
        raise Http404
    return location


def problem(status: int, detail: str = "", **more: Any) -> HttpResponse:
    """What is wrong, for a program: a problem document (RFC 9457). `more`: such as field and reason."""
    said = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status}
    if detail:
        said["detail"] = detail
    return JsonResponse(said | more, status=status, content_type="application/problem+json")
