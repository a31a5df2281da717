"""Two clinics side by side in one run: one that has just opened and one after ten years."""

import datetime as dt
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connections
from django.test import Client

from bench import peers
from bench.clinic import Clinic, open_clinic
from bench.history import fill
from bench.home import database_of_its_own
from clinic.kit.operations import Role
from clinic.patients.models import Patient
from clinic.places.selectors import resources_at
from plans.catalogue.selectors import current_revision
from plans.core.chosen import Chosen, ChosenSeries
from plans.series.selectors import Ask, proposals
from plans.series.services import book_series

# Rounds of a case change the site that `connection` means; work() runs on it.
Work = Callable[[], object]


@dataclass
class Site:
    """A clinic in a database of its own. `treated`: a probe with a course booked; `mirror`: the peer's diary."""

    name: str
    database: Any
    clinic: Clinic
    client: Client
    treated: Patient
    mirror: Any = None

    def here(self, work: Callable[..., object], *given: Any) -> Work:
        """`work` with this site's database behind Django's connection."""

        def run() -> object:
            connections["default"] = self.database
            return work(*given)

        return run

    def there(self, work: Callable[..., Any], *given: Any) -> Any:
        """What `work` gives on this site's database."""
        return self.here(work, *given)()

    def ask(self, probe: int = 0, **changes: Any) -> Ask:
        """A series of three for a patient of whom nothing stands in the diary."""
        values: dict[str, Any] = {
            "patient": self.clinic.probes[probe],
            "location": self.clinic.location,
            "revision": current_revision(self.clinic.series.procedure.code),
            "count": 3,
            "first_from": self.clinic.today + dt.timedelta(days=1),
        }
        return Ask(**values | changes)

    def get(self, address: str, **headers: Any) -> bytes:
        answer = self.client.get(address, **headers)
        assert answer.status_code == 200, f"{address}: {answer.status_code}"
        return bytes(answer.content)


@contextmanager
def sites(home: str, scales: dict[str, float], say: Callable[[str], None]) -> Iterator[list[Site]]:
    """A site for each name in `scales`, smallest first."""
    with ExitStack() as stack:
        found: list[Site] = []
        for name, scale in sorted(scales.items(), key=lambda pair: pair[1]):
            database = stack.enter_context(database_of_its_own(home, f"site_{len(found)}"))
            found.append(_site(name, scale, database))
            counts = found[-1].clinic
            say(f"{name}: {counts.patients:,} patients, {counts.days_behind:,} days of history")
        yield found


def _site(name: str, scale: float, database: Any) -> Site:
    clinic = open_clinic(scale)
    mirror = None
    if peers.is_there():
        from bench.mirror import Mirror  # its models are there only with the package

        mirror = Mirror(clinic, clinic.series.treat_minutes)
    fill(clinic, mirror=mirror)
    client = Client()
    client.force_login(clinic.staff[Role.PHYSICIAN])
    site = Site(name, database, clinic, client, clinic.probes[-1], mirror)
    _treat(site)
    return site


def _treat(site: Site) -> None:
    """The last probe gets a course, as the product books it."""
    ask = site.ask(probe=-1)
    best = proposals(ask, resources_at(ask.location)).series[0].offer
    book_series(
        ChosenSeries(
            patient=ask.patient.number,
            location=ask.location.pk,
            revision=ask.revision.pk,
            sessions=tuple(
                Chosen(place.ordinal, place.day, place.start_minute, place.resources)
                for place in best.places
            ),
        ),
        by=site.clinic.staff[Role.RECEPTION],
        key=uuid.uuid4(),
    )
