"""`manage.py export_catalogue [FILE]`: write the catalogue in force as a file."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from clinic.kit.refusals import Refusal
from plans.exchange.selectors import export_text


class Command(BaseCommand):
    help = "Write the catalogue in force as a file that load_catalogue reads; without FILE to the screen."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, nargs="?")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            text = export_text()
        except Refusal as refusal:
            raise CommandError(str(refusal)) from None
        if options["file"] is None:
            self.stdout.write(text, ending="")
            return
        try:
            options["file"].write_text(text, encoding="utf-8")
        except OSError as error:
            raise CommandError(f"{options['file']}: {error.strerror}") from error
