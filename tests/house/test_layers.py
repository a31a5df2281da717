"""What each layer may do, read from the code itself."""

import ast
import sys
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

from tests.house.source import (
    ROOT,
    calls,
    dotted,
    imported,
    place,
    python_files,
    room_files,
    tree,
)

PAGES = ("django.http", "django.shortcuts", "django.contrib.messages")
WRITES = {
    "save", "create", "delete", "update", "bulk_create", "bulk_update",
    "get_or_create", "update_or_create", "asave", "acreate", "adelete", "aupdate",
}  # fmt: skip
CLOCKS = {"now", "today", "utcnow", "localdate", "localtime", "time", "time_ns"}
SIGNALS = ("django.dispatch", "django.db.models.signals", "django.core.signals")
# Ceilings that fail; 300 and 40 is where we want to live.
LONGEST_FILE = 400
LONGEST_FUNCTION = 50
CORE = sorted((ROOT / "plans" / "core").glob("*.py"))


def test_no_room_imports_one_above_it(capsys: pytest.CaptureFixture[str]):
    assert lint_imports(no_cache=True) == 0, capsys.readouterr().out


@pytest.mark.parametrize("path", room_files("models", "selectors", "services"), ids=dotted)
def test_what_reads_and_writes_knows_no_pages(path: Path):
    assert not [name for name in imported(path) if name.startswith(PAGES)]


@pytest.mark.parametrize("path", room_files("views", "forms", "selectors", "tags"), ids=dotted)
def test_only_services_write(path: Path):
    found = [f"{place(path, line)} {name}()" for name, line in calls(path) if name in WRITES]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("path", CORE, ids=dotted)
def test_the_core_is_told_the_time(path: Path):
    found = [f"{place(path, line)} {name}()" for name, line in calls(path) if name in CLOCKS]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("path", CORE, ids=dotted)
def test_the_core_imports_only_the_language_and_itself(path: Path):
    strangers = {
        name
        for name in imported(path)
        if name.partition(".")[0] not in sys.stdlib_module_names
        and not name.startswith("plans.core")
    }
    assert not strangers


@pytest.mark.parametrize("path", CORE, ids=dotted)
def test_values_of_the_core_cannot_change(path: Path):
    """What a function works with inside (its name begins with _) may: nobody else holds it."""
    melting = [
        place(path, node.lineno)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
        for decorator in node.decorator_list
        if "dataclass" in ast.unparse(decorator) and "frozen=True" not in ast.unparse(decorator)
    ]
    assert not melting


@pytest.mark.parametrize("path", python_files(), ids=dotted)
def test_nothing_happens_behind_a_caller_s_back(path: Path):
    """No signals: whoever reads a service must see all that it does."""
    assert not [name for name in imported(path) if name.startswith(SIGNALS)]


@pytest.mark.parametrize("path", room_files("models"), ids=dotted)
def test_no_model_hides_work_in_save_or_delete(path: Path):
    hidden = [
        place(path, method.lineno)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ClassDef)
        for method in node.body
        if isinstance(method, ast.FunctionDef) and method.name in {"save", "delete"}
    ]
    assert not hidden


@pytest.mark.parametrize("path", python_files(), ids=dotted)
def test_a_file_is_read_in_one_sitting(path: Path):
    """Medians are alike everywhere: the tail is where newcomers get lost."""
    code = tree(path)
    long = [
        f"{place(path, node.lineno)} {node.name} has {length} lines"
        for node in ast.walk(code)
        if isinstance(node, ast.FunctionDef)
        if (length := (node.end_lineno or 0) - node.lineno + 1) > LONGEST_FUNCTION
    ]
    lines = len(path.read_text().splitlines())
    assert lines <= LONGEST_FILE, f"{dotted(path)} has {lines} lines"
    assert not long, "\n".join(long)
