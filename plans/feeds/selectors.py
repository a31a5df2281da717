"""Reading feeds: whose a link is, and which appointments a calendar shows."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet

from clinic.kit.calendars import Line
from clinic.patients.models import Patient
from clinic.places.models import Location, Resource, ResourceKind
from clinic.staff.models import User
from clinic.staff.selectors import digest_of
from plans.diary.models import HOLDING, Appointment, Occupancy, Status, StatusChange
from plans.feeds.models import Feed

Owner = Resource | Patient

# How far back a calendar reaches, and how long it tells of what was cancelled.
PAST = dt.timedelta(days=30)


def feed_of(token: str) -> Feed | None:
    """The feed that the link opens; None for one unknown or revoked, or of somebody who has left. Two queries."""
    found = (
        Feed.objects.filter(digest=digest_of(token), revoked_at=None)
        .select_related("patient__location", "resource__location", "resource__user")
        .first()
    )
    return found if found and (found.patient or _works_here(found.resource)) else None


def _works_here(resource: Resource | None) -> bool:
    user = resource.user if resource and resource.is_active else None
    return user is not None and user.is_active and user.has_perm("clinic.own_feed")


def own_resource(user: User, location: Location) -> Resource | None:
    """Who of the diary's practitioners `user` is; None for nobody. One query."""
    return Resource.objects.filter(
        user=user, location=location, kind=ResourceKind.PRACTITIONER, is_active=True
    ).first()


def live_feed(owner: Owner) -> Feed | None:
    """The link that opens the calendar of `owner` now; one query."""
    return feeds_of(owner).filter(revoked_at=None).select_related("created_by").first()


def feeds_of(owner: Owner) -> QuerySet[Feed]:
    """Every link that there ever was to the calendar of `owner`."""
    whose: dict[str, Any] = (
        {"patient": owner} if isinstance(owner, Patient) else {"resource": owner}
    )
    return Feed.objects.filter(**whose)


def lines_of(feed: Feed, now: dt.datetime) -> list[Line]:
    """The appointments from 30 days ago on, and those cancelled in the last 30 days, by their start.

    One query for a patient, five for a practitioner, however many there are.
    """
    since = now - PAST
    rows = Appointment.objects.filter(starts_at__gte=since).annotate(
        steps=Count("changes"), changed_at=Max("changes__at")
    )
    if feed.patient:
        cancelled = Exists(_cancellations(since).filter(appointment=OuterRef("pk")))
        stands = Q(status__in=HOLDING) | Q(cancelled, status=Status.CANCELLED)
        return _lines(rows.filter(stands, patient=feed.patient))
    held = Exists(Occupancy.objects.filter(resource=feed.resource, appointment=OuterRef("pk")))
    standing = rows.filter(held, status__in=HOLDING).prefetch_related("occupancy__resource")
    gone = rows.filter(pk__in=_given_back(feed, since), status=Status.CANCELLED)
    return _lines([*standing, *gone], names_room=True)


def _given_back(feed: Feed, since: dt.datetime) -> set[int]:
    """The visits of the practitioner that were cancelled: they hold nobody any more, so the step itself says whose they were."""
    steps = _cancellations(since).filter(appointment__location__resources=feed.resource)
    return {
        key
        for key, before in steps.values_list("appointment", "before")
        if feed.resource_id in ((before or {}).get("resources") or {}).values()
    }


def _cancellations(since: dt.datetime) -> QuerySet[StatusChange]:
    return StatusChange.objects.filter(became=Status.CANCELLED, at__gte=since)


def _lines(rows: Iterable[Any], *, names_room: bool = False) -> list[Line]:
    """`rows`: appointments with their `steps` and the time of the last one."""
    found = [
        Line(
            row.pk,
            row.starts_at,
            row.ends_at,
            row.status == Status.CANCELLED,
            max(row.steps - 1, 0),
            row.changed_at or row.created_at,
            _room(row) if names_room else "",
        )
        for row in rows
    ]
    return sorted(found, key=lambda line: (line.starts_at, line.key))


def _room(visit: Appointment) -> str:
    if visit.status == Status.CANCELLED:
        return ""
    rooms = {
        row.resource.name for row in visit.occupancy.all() if row.resource.kind == ResourceKind.ROOM
    }
    return ", ".join(sorted(rooms))
