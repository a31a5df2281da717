"""manage.py create_user NAME --role ROLE --password-stdin: the first account, and any later one."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from clinic.kit.operations import Role
from clinic.places.models import Location
from clinic.staff.models import User
from clinic.staff.services import create_user


class Command(BaseCommand):
    help = "Make an account for a staff member; the password is read from standard input."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="user name to sign in with")
        parser.add_argument(
            "--role",
            action="append",
            default=[],
            dest="roles",
            metavar="ROLE",
            help=f"one of {_role_names()}; repeatable",
        )
        parser.add_argument(
            "--password-stdin",
            action="store_true",
            help="read the password from the first line of standard input",
        )
        parser.add_argument(
            "--location", help="name of the place of work; not needed when there is only one"
        )
        parser.add_argument("--title", default="", help="such as Dr")
        parser.add_argument("--first-name", default="")
        parser.add_argument("--last-name", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        roles = _roles(options["roles"])
        location = _location(options["location"])
        if not options["password_stdin"]:
            raise CommandError(
                "Add --password-stdin and send the password on standard input, so that no history keeps it."
            )
        if User.objects.filter(username=options["name"]).exists():
            raise CommandError(f"The user name {options['name']} is taken. Choose another one.")
        password = sys.stdin.readline().rstrip("\r\n")
        try:
            with transaction.atomic():
                user = create_user(
                    options["name"],
                    password,
                    roles,
                    first_name=options["first_name"],
                    last_name=options["last_name"],
                    title=options["title"],
                )
                if location:
                    location.staff.add(user)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        self.stdout.write(f"{user.username} can sign in.")


def _roles(names: list[str]) -> frozenset[Role]:
    unknown = sorted(set(names) - {role.value for role in Role})
    if unknown:
        raise CommandError(f"No such role: {', '.join(unknown)}. There are {_role_names()}.")
    if not names:
        raise CommandError(f"Give at least one --role: {_role_names()}.")
    return frozenset(Role(name) for name in names)


def _location(name: str | None) -> Location | None:
    """The location of that name; without a name the only one, or none where there is none yet."""
    locations = list(Location.objects.all())
    if name is None:
        if len(locations) > 1:
            raise CommandError(f"Say where with --location: {', '.join(map(str, locations))}.")
        return locations[0] if locations else None
    for location in locations:
        if location.name == name:
            return location
    raise CommandError(
        f"No location is called {name}. There are: {', '.join(map(str, locations)) or 'none'}."
    )


def _role_names() -> str:
    return ", ".join(role.value for role in Role)
