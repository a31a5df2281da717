"""Compile locale/*/LC_MESSAGES/*.po to .mo with Babel, so that running Cadence needs no gettext.

Prints nothing when all goes well. A translation that lost a placeholder is named, and exits 1.
"""

import sys
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LOCALE = Path(__file__).resolve().parent.parent / "locale"


def compile_messages(locale: Path) -> list[str]:
    """Write each .mo that is missing or older than its .po; fuzzy entries are left out.

    Returns one line for each faulty translation; its .mo is not written.
    """
    faults: list[str] = []
    for source in sorted(locale.glob("*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        found = faults_in(source)
        if not found:
            compile_one(source, target)
        faults += found
    return faults


def faults_in(source: Path) -> list[str]:
    """Return "file:line: what is wrong" for each translation whose placeholders do not match."""
    language = source.parent.parent.name
    with source.open("rb") as file:
        catalog = read_po(file, locale=language, abort_invalid=True)
    return [
        f"{source}:{message.lineno}: {error}"
        for message, errors in catalog.check()
        if not message.fuzzy
        for error in errors
    ]


def compile_one(source: Path, target: Path) -> None:
    with source.open("rb") as file:
        catalog = read_po(file, locale=source.parent.parent.name)
    # Written beside and moved: a server that starts meanwhile never reads half a file.
    part = target.with_suffix(".part")
    with part.open("wb") as file:
        write_mo(file, catalog)
    part.replace(target)


if __name__ == "__main__":
    problems = compile_messages(LOCALE)
    sys.stderr.writelines(f"{line}\n" for line in problems)
    sys.exit(1 if problems else 0)
