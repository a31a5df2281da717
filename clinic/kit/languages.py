"""Texts in several languages, kept as {"en": ..., "ru": ..., "es": ..., "de": ...}."""

from collections.abc import Mapping

from django.conf import settings
from django.utils import translation

Texts = Mapping[str, str]


def localized(texts: Texts | None, language: str | None = None) -> str:
    """The text in `language` (by default the page's), else English, else any; "" when there is none.

    >>> localized({"en": "Peel", "de": "Peeling"}, "de")
    'Peeling'
    """
    if not texts:
        return ""
    code = (language or translation.get_language() or settings.LANGUAGE_CODE).split("-")[0]
    return texts.get(code) or texts.get("en") or next((text for text in texts.values() if text), "")


def is_missing(texts: Texts | None, language: str) -> bool:
    """Whether `localized` would have to fall back on another language."""
    return not (texts or {}).get(language)
