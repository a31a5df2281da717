"""The product's texts of consent (consents.yaml): a text for each procedure, its risks by name, and what is signed."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).parent / "consents.yaml"
LANGUAGES = ("en", "ru", "es", "de")


@dataclass(frozen=True)
class Told:
    """What one consent says, each part by language."""

    texts: dict[str, str]
    risks: dict[str, list[str]]
    declarations: dict[str, list[str]]


@dataclass(frozen=True)
class ConsentsFile:
    """The texts by the procedures' codes, and that for photos."""

    procedures: dict[str, Told]
    photo: Told


@cache
def read_consents() -> ConsentsFile:
    """The file, read once.  Raises KeyError where a language or a risk is missing."""
    with FILE.open(encoding="utf-8") as file:
        data = yaml.safe_load(file)
    told = {
        code: _told(data, entry, data["closing"], data["declarations"])
        for code, entry in data["procedures"].items()
    }
    photo = data["photo"]
    return ConsentsFile(told, _told(data, photo, None, photo["declarations"]))


def _told(
    data: dict[str, Any], entry: dict[str, Any], closing: dict[str, str] | None, said: list[Any]
) -> Told:
    """One consent in all languages; `closing`: what every treatment's text ends with."""
    texts, risks, declarations = {}, {}, {}
    for code in LANGUAGES:
        parts = [entry["text"][code], *([closing[code]] if closing else [])]
        texts[code] = "\n\n".join(part.strip() for part in parts)
        risks[code] = [data["risks"][risk][code] for risk in entry["risks"]]
        declarations[code] = [sentence[code] for sentence in said]
    return Told(texts, risks, declarations)
