"""One of many processes that book the same time: a whole Django of its own, on the test's database."""

import os
import uuid
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from typing import Any

Outcome = tuple[str, str]


def race(
    environment: dict[str, str],
    packed: dict[str, Any],
    user: int,
    start: Barrier,
    said: "Queue[Outcome]",
) -> None:
    """Wait for everybody, book `packed`, and tell what came of it: ("booked" | the error's name, its words)."""
    os.environ.update(environment, DJANGO_SETTINGS_MODULE="clinic.settings")
    import django

    django.setup()
    from clinic.kit.refusals import Refusal
    from clinic.staff.models import User
    from plans.core.chosen import unpacked
    from plans.series.services import book_series

    by = User.objects.get(pk=user)
    start.wait(60)
    try:
        course = book_series(unpacked(packed), by=by, key=uuid.uuid4())
    except Refusal as refusal:
        said.put((type(refusal).__name__, str(refusal)))
    except Exception as error:
        said.put((f"{type(error).__module__}.{type(error).__name__}", str(error)))
    else:
        said.put(("booked", str(course.pk)))
