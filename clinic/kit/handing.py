"""A signed-in device in a patient's hands: until it is taken back, one page is open in this session and no other."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from clinic.kit.pages import go

# What the session holds meanwhile: the page to be on, and every address that answers.
KEY = "handed_over"


def hand_over(request: HttpRequest, home: str, *others: str) -> None:
    """From now on only the address `home` and `others` answer in this session."""
    request.session[KEY] = {"home": home, "open": [home, *others]}


def is_handed_over(request: HttpRequest, home: str) -> bool:
    """Whether the session stands in front of a patient on the page `home`."""
    held = request.session.get(KEY)
    return bool(held and held["home"] == home)


def take_back(request: HttpRequest) -> None:
    """Open the session again to everything that its person may do."""
    request.session.pop(KEY, None)


class HandedOverMiddleware:
    """Leads every other address back to the page in the patient's hands, before any view has run."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        held = request.session.get(KEY)
        if held and request.path not in held["open"]:
            if request.headers.get("HX-Request") == "true":
                return HttpResponse(headers={"HX-Redirect": held["home"]})
            return go(request, held["home"])
        return self.get_response(request)
