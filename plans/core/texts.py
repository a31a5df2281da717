"""The texts of a rule set, each in the languages in which it was written."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from plans.core.ruleset import RuleSet


@dataclass(frozen=True, slots=True)
class Wording:
    """One text; `path` is its place: "name", "indications.2", "aftercare.7"."""

    path: str
    texts: Mapping[str, str]

    def missing(self, languages: Iterable[str]) -> tuple[str, ...]:
        """Those of `languages` in which nobody has written it yet."""
        return tuple(language for language in languages if not self.texts.get(language))


def wordings(rules: RuleSet) -> tuple[Wording, ...]:
    """Every text that patients or staff read, in the order of the data sheet.

    What a source says of the needs is quoted, not written: it is left out.
    """
    return tuple(Wording(path, texts) for path, texts in _texts(rules) if texts)


def _texts(rules: RuleSet) -> Iterator[tuple[str, Mapping[str, str]]]:
    values = rules.values
    yield "name", values["name"] or {}
    yield from _numbered("indications", values["indications"] or ())
    yield "anaesthesia.method", values["anaesthesia.method"] or {}
    yield from _numbered("useless_for", (one.get("why") for one in values["useless_for"] or ()))
    yield from _numbered("regimen", (values["regimen"] or {}).get("instructions", ()))
    for one in values["parameters"] or ():
        yield f"parameters.{one['key']}", one["label"]
    for name, is_precare in (("precare", True), ("aftercare", False)):
        steps = (step.text for step in rules.steps if step.is_precare is is_precare)
        yield from _numbered(name, steps)


def _numbered(
    path: str, texts: Iterable[Mapping[str, str] | None]
) -> Iterator[tuple[str, Mapping[str, str]]]:
    for n, text in enumerate(texts, start=1):
        yield f"{path}.{n}", text or {}
