"""The house as the wall tests see it: its rooms, its files and what the code in them calls."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Packages of an app that are no rooms: Django's own, the pure core, and files that are no code.
NO_ROOMS = {"migrations", "management", "core", "data"}
LAYERS = ("models", "selectors", "services", "forms", "views", "urls", "admin", "tags")


@cache
def rooms() -> list[Path]:
    """Return the folder of every room, in the order of their addresses."""
    return sorted(
        folder
        for app in ("clinic", "plans")
        for folder in (ROOT / app).iterdir()
        if (folder / "__init__.py").exists() and folder.name not in NO_ROOMS
    )


def dotted(path: Path) -> str:
    """Return how Python would name it: plans/diary/views.py is "plans.diary.views"."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def room_files(*layers: str) -> list[Path]:
    """Return the files of those layers in every room that has them."""
    return [path for room in rooms() for name in layers if (path := room / f"{name}.py").exists()]


def python_files() -> list[Path]:
    """Return all code of the product, migrations left out."""
    return sorted(
        path
        for app in ("clinic", "plans")
        for path in (ROOT / app).rglob("*.py")
        if "migrations" not in path.parts
    )


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def imported(path: Path) -> set[str]:
    """Return the dotted names `path` imports; "from a import b" counts as "a.b".

    What stands under `if TYPE_CHECKING:` is left out: it names a type and never runs.
    """
    names: set[str] = set()
    code = tree(path)
    for_types = {
        inner
        for node in ast.walk(code)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in ast.walk(code):
        if node in for_types:
            continue
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            # Relative imports are forbidden by ruff (TID): the module is always there.
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def calls(path: Path) -> Iterator[tuple[str, int]]:
    """Yield (name, line) of every call: "save" for `thing.save()`, "print" for `print()`."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call):
            called = node.func
            if isinstance(called, ast.Attribute):
                yield called.attr, node.lineno
            elif isinstance(called, ast.Name):
                yield called.id, node.lineno


def place(path: Path, line: int) -> str:
    """Return "plans/diary/views.py:12", as an editor opens it."""
    return f"{path.relative_to(ROOT)}:{line}"
