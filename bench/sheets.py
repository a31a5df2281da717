"""How long the server needs for a day's fifty aftercare sheets: read, dated, linked, written down and set as one PDF.

A seeded clinic in a scratch database that is thrown away, as for the impact. Measured with five patients on the day and
with fifty: the number of queries must not grow, but for the lines of the audit.
"""

import os
import time
from statistics import median
from typing import Any

from bench.home import load_average, scratch_database

SHEETS = int(os.environ.get("BENCH_SHEETS", "50"))
ROUNDS = 5


def main() -> None:
    with scratch_database():
        from bench.seeded import SeededClinic  # models want Django set up

        clinic = SeededClinic()
        _advise(clinic)
        print(
            f"{'sheets':>8}{'queries':>9}{'audit':>7}{'median s':>10}{'of it CPU':>11}  every run"
        )
        for count in (max(SHEETS // 10, 1), SHEETS):
            clinic.grow(count * 3)
            runs, busy, queries, audit, size = _measure(clinic, count)
            told = " ".join(f"{run:.2f}" for run in runs)
            print(f"{count:8}{queries:9}{audit:7}{median(runs):10.2f}{median(busy):11.2f}  {told}")
    said = f"the PDF: {size // 1024} kB; aim: {SHEETS} sheets in under a second"
    print(f"{said}; {load_average():.1f} processes wanted the processors")


def _advise(clinic: Any) -> None:
    """As many lines of advice as the longest sheet of the catalogue has."""
    from plans.catalogue.models import CareStep
    from plans.data.factories import ProcedureFactory, RevisionFactory

    clinic.peel = RevisionFactory(procedure=ProcedureFactory(code="advised"))
    CareStep.objects.bulk_create(
        CareStep(
            revision=clinic.peel, kind=kind, from_day=n, to_day=n + 3 * n, position=n,
            text={"en": f"Keep the skin thinly covered with the ointment we gave you, {n} times."},
        )
        for n in range(8)
        for kind in ("do", "leave")
    )  # fmt: skip
    clinic.peel.state = "current"
    clinic.peel.save(update_fields=["state"])


def _measure(clinic: Any, count: int) -> tuple[list[float], list[float], int, int, int]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from plans.diary.models import Appointment

    # All on one day: the first visit of each patient.
    day = clinic.first_day
    first = Appointment.objects.filter(session__ordinal=1).order_by("pk")
    start = first[0].starts_at
    Appointment.objects.filter(pk__in=list(first.values_list("pk", flat=True)[:count])).update(
        starts_at=start, ends_at=start.replace(minute=59)
    )
    runs, busy, size = [], [], 0
    for _ in range(ROUNDS):
        begin, busy_before = time.perf_counter(), time.process_time()
        size = _print(clinic, day, count)
        runs.append(time.perf_counter() - begin)
        busy.append(time.process_time() - busy_before)
    with CaptureQueriesContext(connection) as seen:
        _print(clinic, day, count)
    audit = sum('INTO "audit_entry"' in each["sql"] for each in seen.captured_queries)
    return runs, busy, len(seen) - audit, audit, size


def _print(clinic: Any, day: Any, count: int) -> int:
    from plans.sheets import selectors, services
    from plans.sheets.tags import Look

    days = selectors.on_day(clinic.location, day)
    assert len(days) == count, (len(days), count)
    page = "https://clinic.example/sheets/mine/"
    sheets = services.hand_out(
        "aftercare", days, Look(), lambda secret: (f"{page}{secret}/", f"{page}{secret}/visits.ics"),
        by=clinic.user, way="print",
    )  # fmt: skip
    return len(services.pdf("aftercare.typ", sheets, Look()))


if __name__ == "__main__":
    main()
