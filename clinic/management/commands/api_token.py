"""manage.py api_token USER: a token for a program that calls in somebody's name; --revoke takes all back."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from clinic.staff.models import User
from clinic.staff.services import issue_token, revoke_tokens


class Command(BaseCommand):
    help = "Print a new token for the programming interface, once; only its digest is kept."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("user", help="user name in whose name, and with whose role, it calls")
        parser.add_argument("--name", default="", help="what calls with it, for the record")
        parser.add_argument(
            "--revoke", action="store_true", help="make no new one; take back all of this person's"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["user"], is_active=True).first()
        if user is None:
            raise CommandError(f"Nobody signs in as {options['user']}.")
        if options["revoke"]:
            self.stdout.write(f"{revoke_tokens(user, by=None)} taken back.")
        else:
            self.stdout.write(issue_token(user, options["name"][:80], by=None))
