"""Translations are compiled without gettext, and a broken one is named before a patient meets it."""

import gettext
import os
from pathlib import Path

import pytest

from deploy.compile_messages import compile_messages
from tests.house.source import ROOT

HEADER = """msgid ""
msgstr ""
"Language: ru\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Plural-Forms: nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);\\n"

"""
SESSIONS = """#, python-format
msgid "%(n)s session"
msgid_plural "%(n)s sessions"
msgstr[0] "%(n)s сеанс"
msgstr[1] "%(n)s сеанса"
msgstr[2] "%(n)s сеансов"

"""


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "ru" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    return folder / "django.po"


def test_a_plural_reads_in_the_form_its_number_asks_for(source: Path, tmp_path: Path):
    source.write_text(HEADER + SESSIONS, encoding="utf-8")
    assert compile_messages(tmp_path) == []
    russian = gettext.translation("django", tmp_path, ["ru"])
    words = [russian.ngettext("%(n)s session", "%(n)s sessions", n) % {"n": n} for n in (1, 3, 11)]
    assert words == ["1 сеанс", "3 сеанса", "11 сеансов"]


def test_a_lost_placeholder_is_named_and_not_compiled(source: Path, tmp_path: Path):
    source.write_text(HEADER + SESSIONS.replace("%(n)s сеансов", "%(m)s сеансов"), encoding="utf-8")
    [fault] = compile_messages(tmp_path)
    assert fault.startswith(f"{source}:")
    assert not source.with_suffix(".mo").exists()


def test_a_guessed_translation_is_not_shown(source: Path, tmp_path: Path):
    source.write_text(HEADER + '#, fuzzy\nmsgid "Allergy"\nmsgstr "Аллергия?"\n', encoding="utf-8")
    compile_messages(tmp_path)
    assert gettext.translation("django", tmp_path, ["ru"]).gettext("Allergy") == "Allergy"


def test_only_what_changed_is_compiled_again(source: Path, tmp_path: Path):
    source.write_text(HEADER, encoding="utf-8")
    compile_messages(tmp_path)
    compiled = source.with_suffix(".mo")
    os.utime(source, (1_000, 1_000))
    os.utime(compiled, (2_000, 2_000))
    compile_messages(tmp_path)
    assert compiled.stat().st_mtime == 2_000
    os.utime(source, (3_000, 3_000))
    compile_messages(tmp_path)
    assert compiled.stat().st_mtime > 3_000


def test_the_product_s_own_translations_compile(tmp_path: Path):
    for po in (ROOT / "locale").glob("*/LC_MESSAGES/*.po"):
        copy = tmp_path / po.relative_to(ROOT / "locale")
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(po.read_bytes())
    assert compile_messages(tmp_path) == []
