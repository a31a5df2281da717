"""`manage.py check_files [--delete-strays]`: whether signed documents and photos are what was kept, and nothing beside them."""

import datetime as dt
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from clinic.audit.services import record
from clinic.kit import clock
from plans.consents.selectors import damaged_documents, stray_documents
from plans.photos.selectors import damaged_photos, stray_photos

# What is younger may belong to an upload that is going on.
_SETTLED = dt.timedelta(days=1)


class Command(BaseCommand):
    help = "Compare every signed document and photo with its digest, and find files that belong to none. Fails if one is damaged."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--delete-strays", action="store_true", help="delete the files that belong to none"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        before = clock.now() - _SETTLED
        strays = [*stray_documents(before), *stray_photos(before)]
        if options["delete_strays"]:
            # Written down first: nothing of a patient goes without a line.
            record("strays_deleted", "media", by=None, files=len(strays))
            for path in strays:
                path.unlink(missing_ok=True)
        found = "deleted" if options["delete_strays"] else "found"
        self.stdout.write(f"Files that belong to nothing, {found}: {len(strays)}")
        damaged = [
            *(f"consent {pk}" for pk in damaged_documents()),
            *(f"photo {pk}" for pk in damaged_photos()),
        ]
        if damaged:
            words = "Gone or not what was kept; restore from a backup"
            raise CommandError(f"{words}: {', '.join(damaged)}")
        self.stdout.write("Every document and photo is what was kept")
