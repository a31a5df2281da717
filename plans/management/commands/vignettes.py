"""manage.py vignettes FILE: judge every case of a file by the rules in force, or by a draft."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from clinic.patients.selectors import codes_now
from plans.catalogue.models import Revision
from plans.catalogue.selectors import rulebook
from plans.core.screening import Rulebook
from plans.core.vignettes import BadVignette, Expected, Slip, rows_of
from plans.vignettes.forms import document_of
from plans.vignettes.selectors import Result, book_with_draft, judged
from plans.vignettes.tags import slip_words


class Command(BaseCommand):
    help = "Judge the cases of FILE (as plans/data/vignettes.json) and say each difference. Fails if there is one."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--draft",
            metavar="CODE",
            help="put the draft of this procedure in place of its rules in force, or that of the gaps (gaps)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        results = judge_all(options["file"], book_of(options["draft"]))
        wrong = [result for result in results if not result.agrees]
        for result in wrong:
            for line in difference(result):
                self.stdout.write(line)
        said = f"{len(results)} cases, {len(wrong)} differ"
        if wrong:
            raise CommandError(said)
        self.stdout.write(said)


def book_of(draft: str | None) -> Rulebook:
    try:
        return book_with_draft(draft) if draft else rulebook()
    except Revision.DoesNotExist:
        raise CommandError(f"There is no draft of {draft}.") from None


def judge_all(path: Path, book: Rulebook) -> list[Result]:
    """Raises CommandError for a file that cannot be read or holds no cases."""
    try:
        rows = rows_of(document_of(path.read_bytes()))
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}") from error
    except BadVignette as error:
        raise CommandError(f"{path}: {_words(error.slips[0])}") from None
    former = codes_now()
    return [judged(_named(row, n), book, former) for n, row in enumerate(rows, start=1)]


def _named(row: Any, n: int) -> Any:
    """A case without a name goes by its place in the file."""
    return {"id": f"case {n}"} | dict(row) if isinstance(row, Mapping) else row


def difference(result: Result) -> list[str]:
    """What is expected and what the rules say, or what is wrong with the case itself."""
    title = f"{result.code} {result.note}".strip() or "a case that is no object"
    if result.expected is None or result.answer is None:
        return [title, *(f"  {_words(slip)}" for slip in result.slips)]
    return [
        title,
        f"  expected  {_line(result.expected)}",
        f"  found     {_line(result.answer)}",
    ]


def _words(slip: Slip) -> str:
    return f"{slip.field}: {slip_words(slip)}".removeprefix(": ")


def _line(answer: Expected) -> str:
    reasons = ", ".join(sorted(answer.reasons)) or "no reasons"
    return f"{answer.verdict.word}; {reasons}; earliest {answer.earliest_ok or 'none'}"
