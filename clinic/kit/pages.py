"""Answers that are the same with and without htmx."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url


def go(request: HttpRequest, to: Any, *args: Any, **kwargs: Any) -> HttpResponse:
    """Send the browser to `to` (a URL, a URL's name or an object): 302, or HX-Redirect under htmx.

    htmx would follow a 302 by itself and swap the next page into a corner of this one.
    """
    if getattr(request, "htmx", False):
        return HttpResponse(headers={"HX-Redirect": resolve_url(to, *args, **kwargs)})
    return HttpResponseRedirect(resolve_url(to, *args, **kwargs))
