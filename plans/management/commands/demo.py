"""manage.py demo: a clinic full of life to try Cadence out."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from clinic.kit.refusals import Refusal
from clinic.patients.models import Patient
from plans.data.demo import make_demo, was_made
from plans.data.demo_clinic import LOG_INS, SIGN_IN_WORD


class Command(BaseCommand):
    help = "Make a demo clinic: staff, hours, patients, and their courses over the past and the next year."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--if-empty", action="store_true", help="do nothing where there is a patient already"
        )
        parser.add_argument(
            "--show",
            action="store_true",
            help="only print the demo's accounts, where there is a demo",
        )
        parser.add_argument("--patients", type=int, default=200, help="how many (default 200)")
        parser.add_argument(
            "--seed", type=int, default=1, help="another seed makes other people (default 1)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["show"]:
            if was_made():
                self._show()
            return
        if options["patients"] < 1:
            raise CommandError("--patients takes a number from 1 on.")
        if options["if_empty"] and Patient.objects.exists():
            return
        try:
            demo = make_demo(options["patients"], options["seed"])
        except Refusal as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(f"Made {demo.patients} patients with {demo.visits} visits.")
        self._show()

    def _show(self) -> None:
        width = max(len(log_in.role) for log_in in LOG_INS)
        self.stdout.write(f"Sign in with one of these names; the password of all is {SIGN_IN_WORD}")
        for log_in in LOG_INS:
            self.stdout.write(f"  {log_in.role:{width}}  {log_in.name}")
        self.stdout.write(
            self.style.WARNING(
                "These accounts are for trying out. Do not keep them where real patients are."
            )
        )
