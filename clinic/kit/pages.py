"""Answers that are the same with and without htmx."""

import re
from http import HTTPStatus
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import resolve_url
from django.utils.cache import patch_cache_control

_TIME = {
    "day": re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII),
    "minute": re.compile(r"[0-9]{1,4}", re.ASCII),
    "with": re.compile(r"[0-9]{1,18}", re.ASCII),
}


def go(request: HttpRequest, to: Any, *args: Any, **kwargs: Any) -> HttpResponse:
    """Send the browser to `to` (a URL, a URL's name or an object): 302, or HX-Redirect under htmx.

    htmx would follow a 302 by itself and swap the next page into a corner of this one.
    """
    if getattr(request, "htmx", False):
        return HttpResponse(headers={"HX-Redirect": resolve_url(to, *args, **kwargs)})
    return HttpResponseRedirect(resolve_url(to, *args, **kwargs))


def chosen_time(request: HttpRequest) -> dict[str, str]:
    """A free time that was pressed in the diary, as this address carries it: day, minute, and with whom or where."""
    asked = {name: request.GET.get(name, "") for name in _TIME}
    return {name: asked[name] for name, form in _TIME.items() if form.fullmatch(asked[name])}


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


def nothing(*, retry_after: int = 0) -> HttpResponse:
    """The same for every secret address that opens nothing. `retry_after` in seconds: it was tried too often."""
    status = HTTPStatus.TOO_MANY_REQUESTS if retry_after else HTTPStatus.NOT_FOUND
    answer = HttpResponse(f"{status.phrase}\n", status=status, content_type="text/plain")
    if retry_after:
        answer["Retry-After"] = str(retry_after)
    return unseen(answer)


def unseen(answer: HttpResponse) -> HttpResponse:
    """Neither the next page nor a cache on the way learns the secret address or what it opened."""
    answer["Referrer-Policy"] = "no-referrer"
    patch_cache_control(answer, private=True, no_cache=True)
    return answer
