"""django-appointment, the Django package nearest to a diary of ours, on the same visits.

It is no dependency of Cadence. `python -m bench.peers` puts it into a folder of its own, which only a
bench looks at; without it the comparison is left out, and says so.
"""

import importlib
import importlib.util
import subprocess
import sys
from pathlib import Path

PACKAGE = "django-appointment==3.12.0"
FOLDER = Path(__file__).parent.parent / "data" / "bench-peers"
ABSENT = (
    "django-appointment is not installed: `python -m bench.peers` fetches it for the benches only"
)


def is_there() -> bool:
    if FOLDER.is_dir() and str(FOLDER) not in sys.path:
        # Behind ours: nothing of it may stand in for a package of the product.
        sys.path.append(str(FOLDER))
    return importlib.util.find_spec("appointment") is not None


def apps() -> list[str]:
    """What it adds to INSTALLED_APPS."""
    return ["appointment"] if is_there() else []


def make_tables() -> None:
    """Its package brings no migrations: its tables are made from its models."""
    from django.apps import apps as registry
    from django.db import connection

    for app in apps():
        with connection.schema_editor() as editor:
            for model in registry.get_app_config(app).get_models():
                editor.create_model(model)


def install() -> int:
    """Fetch the package alone: what else it imports, Cadence has too."""
    uv = Path(sys.executable).parent / "uv"
    how = [str(uv), "pip"] if uv.exists() else [sys.executable, "-m", "pip"]
    command = [*how, "install", "--quiet", "--no-deps", "--target", str(FOLDER)]
    return subprocess.run([*command, PACKAGE, "colorama"], check=False).returncode


if __name__ == "__main__":
    sys.exit(install())
