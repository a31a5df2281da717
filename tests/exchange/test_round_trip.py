"""Out of the file, into the database, and out again: nothing gets lost on the way."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from clinic.audit.models import Entry
from clinic.patients.models import FactType
from clinic.staff.models import User
from plans.catalogue.models import Procedure
from plans.catalogue.selectors import current_revision, ruleset
from plans.catalogue.services import publish, retire, save_draft, start_draft
from plans.core.ruleset import NeedRule, Origin
from plans.core.spacing import Period
from plans.data.catalogue_described import in_file_form, procedure_of
from plans.data.catalogue_file import read_catalogue
from plans.data.catalogue_layout import CatalogueFile, Named
from plans.data.catalogue_rules import ruleset_of
from plans.data.catalogue_writer import HEADER, WIDTH, write_catalogue
from plans.exchange.selectors import export_file, export_text
from plans.exchange.services import load_catalogue
from tests.catalogue.conftest import PRODUCT
from tests.catalogue.small_file import FULL, PLAIN
from tests.exchange.rich_file import RICH

TEXT = PRODUCT.read_text(encoding="utf-8")
FILES = pytest.mark.parametrize(
    "text", [TEXT, RICH, FULL, PLAIN], ids=["product", "rich", "full", "plain"]
)


def parts(value: Any) -> Iterator[BaseModel]:
    """Every part of the file below `value`."""
    if isinstance(value, BaseModel):
        yield value
        for name in type(value).model_fields:
            yield from parts(getattr(value, name))
    elif isinstance(value, list):
        for item in value:
            yield from parts(item)


@FILES
def test_what_is_written_is_read_back_equal(text: str):
    file = read_catalogue(text)
    written = write_catalogue(file)
    assert read_catalogue(written) == file
    assert write_catalogue(read_catalogue(written)) == written


def test_the_written_product_catalogue_reads_as_the_shipped_one():
    lines = write_catalogue(read_catalogue(TEXT)).splitlines()
    assert "\n".join(lines).startswith(HEADER)
    assert lines[lines.index("facts:") + 1 : lines.index("facts:") + 3] == [
        "  - code: pregnancy",
        "    category: state",
    ]
    long = [line for line in lines if len(line) > WIDTH + 2]
    # A text is never broken: only what stands alone on its line may be longer.
    assert all(line.count(", ru: ") == 0 for line in long)
    assert len(long) < len(lines) / 10


def test_the_rich_file_uses_every_field_of_the_layout():
    file, unused = read_catalogue(RICH), set()
    used: dict[type, set[str]] = {}
    for part in parts(file):
        used.setdefault(type(part), set()).update(
            name
            for name, field in type(part).model_fields.items()
            if getattr(part, name) != field.get_default(call_default_factory=True)
        )
    for kind, names in used.items():
        fields = set(vars(kind)["__pydantic_fields__"])
        unused |= {f"{kind.__name__}.{name}" for name in fields - names}
    # Of these there is one value only, and it is the default; a gap's source stands beside its length.
    assert unused == {
        "Gap.rule", "Gap.severity", "Contraindication.rule", "Suits.pit_types", "Suits.pit_ages",
    } & unused | {"Gap.rule", "Gap.severity", "Contraindication.rule"}  # fmt: skip


@pytest.mark.django_db
def test_every_field_of_the_rich_file_comes_back():
    load_catalogue(RICH)
    file, stored = with_rules(read_catalogue(RICH)), export_file()
    for name in CatalogueFile.model_fields:
        assert getattr(stored, name) == getattr(file, name), name


def with_rules(file: CatalogueFile) -> CatalogueFile:
    """`file` with the names of its rules written out, which a file may leave to the reader."""
    procedures = [
        procedure.model_copy(
            update={
                "contraindications": [
                    line.model_copy(update={"rule": f"ci:{procedure.code}:{line.fact}"})
                    for line in procedure.contraindications
                ]
            }
        )
        for procedure in file.procedures
    ]
    gaps = [gap.model_copy(update={"rule": f"gap:{'>'.join(gap.sides)}"}) for gap in file.gaps]
    return file.model_copy(update={"procedures": procedures, "gaps": gaps})


@pytest.mark.django_db
def test_the_product_catalogue_comes_back_from_the_database():
    load_catalogue(TEXT)
    assert export_file() == read_catalogue(TEXT)


@pytest.mark.django_db
@FILES
def test_loading_an_export_changes_nothing(text: str):
    load_catalogue(text)
    written, entries = export_text(), Entry.objects.count()
    report = load_catalogue(written)
    assert (report.created, report.changed, report.notes) == (0, 0, ())
    assert Entry.objects.count() == entries
    assert export_text() == written


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("text", [RICH, PLAIN], ids=["rich", "plain"])
def test_an_export_loaded_elsewhere_gives_the_same_export(text: str, flush: Any):
    load_catalogue(text)
    written = export_text()
    flush()
    assert not FactType.objects.exists()
    load_catalogue(written)
    assert export_text() == written


@pytest.fixture
def flush(django_db_blocker: Any) -> Any:
    """Empty the database, as another clinic's is."""
    from django.core.management import call_command

    return lambda: call_command("flush", interactive=False, verbosity=0)


@pytest.mark.django_db
def test_what_an_editor_changed_stands_in_the_export(tca: Procedure, editor: User):
    draft = start_draft(tca, by=editor)
    rules = ruleset(draft)
    values = {
        **rules.values,
        "interval.min": Period(5, "weeks"),
        "effect_lasts": Period(9, "months"),
    }
    needs = tuple(
        NeedRule(need.kind, need.capability, 5, 25) if need.capability == "fan" else need
        for need in rules.needs
    )
    changed = type(rules)(values, needs, rules.lines[:2], rules.steps[:2], rules.origins)
    publish(save_draft(draft, changed, draft.version, by=editor), reason="newer label", by=editor)
    retire(tca, reason="no device", by=editor)
    described = export_file().procedures[0]
    assert described.interval is not None
    assert described.interval.min.period == Period(5, "weeks")
    assert described.interval.min.source == "clinic default"
    assert described.needs is not None
    held = {ref.code: (ref.from_minute, ref.to_minute) for ref in described.needs.refs()}
    assert held["fan"] == (5, 25)
    assert held["physician"] == (None, None)
    assert described.retired_on is not None
    assert len(described.contraindications) == 2
    assert ruleset_of(described) == in_file_form(ruleset(current_revision("tca")))


def test_a_source_without_a_place_of_its_own_is_kept_beside():
    rules = ruleset_of(read_catalogue(RICH).procedures[0])
    odd = (
        Origin("parameters.percent", "article", "a note"),
        Origin("contraindications.keloid", "leaflet", ""),
        Origin("course.max", "", "only a note"),
    )
    paths = {origin.path for origin in odd}
    kept = tuple(origin for origin in rules.origins if origin.path not in paths)
    origins = tuple(sorted((*kept, *odd), key=lambda origin: origin.path))
    more = type(rules)(rules.values, rules.needs, rules.lines, rules.steps, origins)
    back = ruleset_of(procedure_of("tca", "peel", more, is_home=False))
    assert set(odd) <= set(back.origins)


texts = st.text(min_size=1, max_size=60).filter(str.strip)


@given(st.lists(st.dictionaries(st.sampled_from(["en", "de"]), texts, min_size=1), max_size=3))
def test_any_text_survives(names: list[dict[str, str]]):
    """Quotes, colons, line ends, spaces at the ends, words that YAML takes for something else."""
    signs = [Named.model_validate({"code": f"s{n}", "name": name}) for n, name in enumerate(names)]
    allowed = [sign for sign in signs if all(map(is_allowed, sign.name.values()))]
    file = read_catalogue(FULL).model_copy(
        update={"signs": [*read_catalogue(FULL).signs, *allowed]}
    )
    assert read_catalogue(write_catalogue(file)) == file


def is_allowed(text: str) -> bool:
    return all(
        letter in "\n\t"
        or not (letter < " " or "\x7f" <= letter <= "\x9f" or "\ud800" <= letter <= "\udfff")
        for letter in text
    )


@pytest.mark.parametrize(
    "word", ["no", "null", "1", "2026-01-01", "~", "- a", "# x", "'", "é: ü", " x "]
)
def test_a_word_that_yaml_takes_for_something_else_stays_a_word(word: str):
    file = read_catalogue(FULL).model_copy(update={"status": word})
    assert read_catalogue(write_catalogue(file)).status == word


@pytest.mark.django_db
def test_the_day_of_retirement_is_that_of_the_file():
    load_catalogue(RICH)
    retired_at = Procedure.objects.get(code="tca").retired_at
    assert retired_at is not None
    assert retired_at.date() == dt.date(2026, 5, 1)


@pytest.mark.django_db
def test_an_export_costs_the_same_for_many_rows_as_for_few(django_assert_num_queries: Any):
    for text in (PLAIN, TEXT):
        load_catalogue(text)
        with django_assert_num_queries(17):
            export_text()
