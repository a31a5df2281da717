"""What photos show, in words: area and view. No template tags of their own."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext_lazy

from plans.courses.tags import AREAS
from plans.photos.models import View

# The face as a whole comes first: most photos are of it.
PHOTO_AREAS: Mapping[str, Any] = {"face": gettext_lazy("Whole face"), **AREAS}


def area_word(code: str) -> str:
    """The name of an area; of one that has none its code."""
    return str(PHOTO_AREAS.get(code, code.replace("_", " ")))


def shown_words(area: str, view: str) -> str:
    """`Whole face · Half left`: what a photo shows."""
    return f"{area_word(area)} · {View(view).label}"


def rank(area: str, view: str) -> tuple[int, int]:
    """The order of photos beside each other: from the head down, from the front to the sides."""
    areas, views = list(PHOTO_AREAS), View.values
    return (
        areas.index(area) if area in areas else len(areas),
        views.index(view) if view in views else len(views),
    )


def areas_planned(codes: Iterable[str]) -> list[str]:
    """The first areas to offer for a course that treats `codes`; the whole face where none is named."""
    return [code for code in codes if code in PHOTO_AREAS] or ["face"]
