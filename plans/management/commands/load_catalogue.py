"""`manage.py load_catalogue FILE`: bring the catalogue up to a file."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from clinic.kit.refusals import Refusal
from plans.data.catalogue_file import BadFile, decoded, read_bytes
from plans.data.catalogue_report import Report
from plans.exchange import selectors, tags
from plans.exchange.services import ALL, load_catalogue


class Command(BaseCommand):
    help = "Load the catalogue file. All of it is checked first; a second load changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--dry-run", action="store_true", help="only say what the file would change"
        )
        parser.add_argument(
            "--accept",
            nargs="+",
            default=[],
            metavar="KEY",
            help="let these change, which screen at once (facts.pregnancy, as --dry-run names them), or "
            f"'{ALL}' of them",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            text = read(options["file"])
            if options["dry_run"]:
                self.compare(text)
            else:
                self.say(load_catalogue(text, accept=options["accept"]))
        except BadFile as error:
            for problem in error.problems:
                self.stderr.write(str(problem))
            faults = tags.fault_count(len(error.problems))
            raise CommandError(f"{faults} in {options['file']}; nothing was changed") from None
        except Refusal as refusal:
            raise CommandError(str(refusal)) from None

    def compare(self, text: str) -> None:
        checked = selectors.check(text)
        for line in tags.printed(checked.found, tags.names_of(checked.stored, checked.file)):
            self.stdout.write(line)

    def say(self, report: Report) -> None:
        for name, count in report.counts.items():
            left = f", {count.left} left alone" if count.left else ""
            self.stdout.write(
                f"{name}: {count.created} created, {count.changed} changed, {count.unchanged} unchanged{left}"
            )
        for note in report.notes:
            self.stdout.write(note)


def read(path: Path) -> str:
    """The file's text.  Raises CommandError for one that is missing, BadFile for one that is no text."""
    try:
        with path.open("rb") as file:
            return decoded(read_bytes(file))
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}") from error
