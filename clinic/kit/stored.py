"""Files beside the database: which of them nobody names any more."""

import datetime as dt
from collections.abc import Collection
from pathlib import Path


def strays(folder: Path, kept: Collection[Path], before: dt.datetime) -> list[Path]:
    """The files below `folder` that are not `kept` and were last written before that instant, by their path.

    What was written since may belong to a row that is not committed yet.
    """
    return sorted(
        path
        for path in folder.rglob("*")
        if path.is_file() and path not in kept and path.stat().st_mtime < before.timestamp()
    )
