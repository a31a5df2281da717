"""What a log line may say: codes, numbers and places in the code, never what an exception holds."""

import logging
import re
import traceback
from collections.abc import Iterator
from types import TracebackType

_SECRET = re.compile(r"(?:(?<=/feeds/)(?!patients/)|(?<=/mine/))[^/\s?]+")

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class PlainFormatter(logging.Formatter):
    """One line for a record, its line breaks escaped; below it the way to an exception, without its words.

    Those words may be a patient's: PostgreSQL says which row it refused, a template shows its whole context.
    """

    def format(self, record: logging.LogRecord) -> str:
        # Not the base class's: it would take over the words that another handler has put into exc_text.
        record.message = record.getMessage()
        record.asctime = self.formatTime(record, self.datefmt)
        line = self.formatMessage(record).replace("\r", "\\r").replace("\n", "\\n")
        line = masked(line)
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line

    def formatException(self, ei: ExcInfo) -> str:
        return "\nwhich led to\n".join(_ways(ei[1]))


def masked(text: str) -> str:
    """`text` without the secrets of addresses: each opens something, so nothing that is kept may hold it.

    >>> masked("Not Found: /feeds/s3cr3t.ics")
    'Not Found: /feeds/***'
    >>> masked("Not Found: /sheets/mine/s3cr3t/")
    'Not Found: /sheets/mine/***/'
    """
    return _SECRET.sub("***", text)


def _ways(error: BaseException | None) -> Iterator[str]:
    """Each exception of the chain, the first cause first: where it came through, and of what kind it was."""
    if error is None:
        return
    yield from _ways(error.__cause__ or (None if error.__suppress_context__ else error.__context__))
    kind = type(error)
    way = "".join(traceback.format_tb(error.__traceback__))
    yield f"Traceback (most recent call last):\n{way}{kind.__module__}.{kind.__qualname__}"
