"""After the storm: what the processes were told against what the database holds."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from django.db.models import Count, F

from bench.acts import Told
from bench.scene import Scene
from clinic.audit.models import Entry
from plans.catalogue.selectors import phases
from plans.courses.models import Course, Session
from plans.diary.models import HOLDING, LIVE, Appointment, Block, Occupancy, StatusChange

# The audit's word for each act that carries its tag as the reason.
TAGGED = ("move", "cancel", "status")


def faults(scene: Scene, told: Sequence[Told]) -> list[str]:
    """Everything that is not as it must be; empty after a good storm."""
    done: dict[str, list[Told]] = defaultdict(list)
    for each in told:
        if each.outcome == "done":
            done[each.act].append(each)
    return [
        *(f"{each.act} {each.tag}: {each.words}" for each in told if each.outcome == "fault"),
        *_overlaps(),
        *_bookings(scene, [*done["book"], *done["rebook"]]),
        *_tags(scene, [each for act in TAGGED for each in done[act]]),
        *_visits(scene),
        *_blocks(scene, done["block"], done["unblock"]),
    ]


def _overlaps() -> Iterator[str]:
    rows = Occupancy.objects.order_by("resource", "starts_at", "ends_at")
    ends: dict[int, dt.datetime] = {}
    for resource, starts_at, ends_at in rows.values_list("resource", "starts_at", "ends_at"):
        if resource in ends and starts_at < ends[resource]:
            yield f"overlap: resource {resource} at {starts_at}"
        ends[resource] = max(ends_at, ends.get(resource, ends_at))


def _bookings(scene: Scene, done: Iterable[Told]) -> Iterator[str]:
    """Each course acknowledged stands whole, each visit was acknowledged once, and nothing else stands."""
    told: Counter[int] = Counter()
    for each in done:
        told[each.key] += each.count
    here = Course.objects.filter(patient__location=scene.location)
    for course in here.exclude(pk__in=list(told)):
        yield f"course {course.pk} stands, and nobody was told"
    written = Counter(
        Appointment.objects.filter(session__course__in=here).values_list(
            "session__course", flat=True
        )
    )
    for key, count in told.items():
        if written[key] != count:
            yield f"course {key}: {count} visits acknowledged, {written[key]} written"
    half = (
        Session.objects.filter(course__in=here)
        .annotate(visits=Count("appointments"))
        .filter(visits=0)
    )
    yield from (f"session {session.pk} was booked by halves" for session in half)


def _tags(scene: Scene, done: Iterable[Told]) -> Iterator[str]:
    """Each change acknowledged is in the audit once, and no other."""
    told = Counter(each.tag for each in done)
    written = Counter(
        Entry.objects.exclude(reason="")
        .filter(by=scene.by, action__in=["moved", "cancelled", "confirmed", "booked"])
        .values_list("reason", flat=True)
    )
    for tag, count in ((told - written) + (written - told)).items():
        yield f"act {tag}: told {told[tag]} times, written {written[tag]} times ({count})"


def _visits(scene: Scene) -> Iterator[str]:
    """Each visit is what its last step says, and holds its time exactly while it should."""
    last = dict(StatusChange.objects.order_by("pk").values_list("appointment", "became"))
    held: dict[int | None, set[tuple[object, object, str]]] = defaultdict(set)
    rows = Occupancy.objects.filter(appointment__isnull=False).annotate(kind=F("resource__kind"))
    count: Counter[int | None] = Counter()
    for row in rows:
        held[row.appointment_id].add((row.starts_at, row.ends_at, getattr(row, "kind", "")))
        count[row.appointment_id] += 1
    needs = phases(scene.revision)
    live: Counter[int | None] = Counter()
    for visit in Appointment.objects.filter(location=scene.location):
        if last.get(visit.pk) != visit.status:
            yield f"visit {visit.pk} is {visit.status}, its last step says {last.get(visit.pk)}"
        should = set()
        if visit.status in HOLDING:
            should = {(visit.starts_at, visit.ends_at, need.role) for need in needs}
        if held[visit.pk] != should or count[visit.pk] != len(should):
            yield f"visit {visit.pk} ({visit.status}) holds {held[visit.pk]} instead of {should}"
        live[visit.session_id] += visit.status in LIVE
    yield from (f"session {key} has {n} live visits" for key, n in live.items() if n > 1)


def _blocks(scene: Scene, added: Iterable[Told], removed: Iterable[Told]) -> Iterator[str]:
    told = {each.key for each in added} - {each.key for each in removed}
    here = Block.objects.filter(resource__location=scene.location)
    stored = set(here.values_list("pk", flat=True))
    if told != stored:
        yield f"blocks: lost {told - stored}, unasked {stored - told}"
    held = Counter(Occupancy.objects.filter(block__in=here).values_list("block", flat=True))
    if held != Counter(stored):
        yield "blocks hold other time than theirs"
