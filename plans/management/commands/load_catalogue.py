"""`manage.py load_catalogue FILE`: bring the catalogue up to a file."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from plans.catalogue.services import load_catalogue
from plans.data.catalogue_file import LARGEST_FILE, BadFile
from plans.data.catalogue_report import Report


class Command(BaseCommand):
    help = "Load the catalogue file. All of it is checked first; a second load changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            report = load_catalogue(read(options["file"]))
        except BadFile as error:
            for problem in error.problems:
                self.stderr.write(str(problem))
            raise CommandError(
                f"{len(error.problems)} faults in {options['file']}; nothing was changed"
            ) from None
        self.say(report)

    def say(self, report: Report) -> None:
        for name, count in report.counts.items():
            self.stdout.write(
                f"{name}: {count.created} created, {count.changed} changed, {count.unchanged} unchanged"
            )
        for note in report.notes:
            self.stdout.write(note)


def read(path: Path) -> str:
    """The file's text.  Raises CommandError for one that is missing, too large or not UTF-8."""
    try:
        with path.open("rb") as file:
            return file.read(LARGEST_FILE + 1).decode()
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise CommandError(f"{path} is not UTF-8 text") from error
