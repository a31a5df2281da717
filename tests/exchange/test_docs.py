"""The description of the file names every field that the file may hold."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel

from plans.data.catalogue_layout import CatalogueFile

PAGE = Path(__file__).parents[2] / "docs" / "catalogue-file.md"


def fields(kind: Any, seen: set[type]) -> Iterator[str]:
    """The names of all fields below the type `kind`, as the file spells them."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        if kind in seen:
            return
        seen.add(kind)
        for name, field in kind.model_fields.items():
            yield field.alias or name
            yield from fields(field.annotation, seen)
    for part in get_args(kind):
        yield from fields(part, seen)


def test_every_field_of_the_file_is_described():
    named = set(re.findall(r"[a-z_]+", PAGE.read_text(encoding="utf-8")))
    layout = set(fields(CatalogueFile, set()))
    assert len(layout) > 80
    assert not layout - named
