"""What one process of a storm does: random work through the product's services, and a ledger of what it was told."""

import datetime as dt
import random
import traceback
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from bench.scene import CLOSES, MINUTES, OPENS, ROLES, STEP, Scene
from clinic.kit.refusals import Refusal
from plans.core.acts import Act, Step
from plans.core.chosen import Chosen, ChosenSeries
from plans.core.hours import WishedBlock
from plans.core.offers import Booked
from plans.courses.models import Course
from plans.courses.selectors import course_at
from plans.diary.models import Appointment, Block, Status
from plans.diary.services import change_status
from plans.hours.services import add_blocks, remove_blocks
from plans.moves.services import carry_out
from plans.series.services import book_series

Place = tuple[dt.date, int, dict[str, int]]


@dataclass(frozen=True)
class Told:
    """What came of one act. `outcome`: done, refused, nothing (there was nobody to do it to) or fault, with its `words`.

    `tag` is the reason given, unlike any other; `key` the row that came of it, `count` how many visits.
    """

    act: str
    outcome: str
    tag: str
    words: str = ""
    key: int = 0
    count: int = 0


class Actor:
    """Draws acts by its number: the same storm for the same seed, as far as the others leave it."""

    def __init__(self, scene: Scene, number: int, seed: int) -> None:
        self.scene, self.number = scene, number
        self.draw = random.Random(f"{seed} {number}")
        self.ledger: list[Told] = []
        self.acts: dict[str, tuple[int, Callable[[str], tuple[int, int] | None]]] = {
            "book": (38, self.book),
            "rebook": (10, self.rebook),
            "move": (22, self.move),
            "cancel": (14, self.cancel),
            "status": (8, self.status),
            "block": (5, self.block),
            "unblock": (3, self.unblock),
        }

    def storm(self, count: int) -> list[Told]:
        names = list(self.acts)
        weights = [weight for weight, _ in self.acts.values()]
        for n, name in enumerate(self.draw.choices(names, weights, k=count)):
            self.do(name, f"{self.number}-{n}")
        return self.ledger

    def do(self, name: str, tag: str) -> Told:
        """One act; whatever it raises but a Refusal is a fault."""
        try:
            found = self.acts[name][1](tag)
        except Refusal as refusal:
            told = Told(name, "refused", tag, f"{type(refusal).__name__}: {refusal}")
            if not str(refusal).strip():
                told = Told(name, "fault", tag, "a refusal without words")
        except Exception:
            told = Told(name, "fault", tag, traceback.format_exc())
        else:
            told = Told(name, "done", tag, "", *found) if found else Told(name, "nothing", tag)
        self.ledger.append(told)
        return told

    def place(self, day: dt.date) -> Place:
        minute = self.draw.randrange(OPENS, CLOSES - MINUTES + 1, STEP)
        return day, minute, {r: self.draw.choice(self.scene.resources[r]).pk for r in ROLES}

    def book(self, tag: str) -> tuple[int, int]:
        count = self.draw.choice((1, 1, 2, 3))
        days = sorted(self.draw.sample(self.scene.days, count))
        patient = self.draw.choice(self.scene.patients)
        return self.book_at(patient.number, [self.place(day) for day in days])

    def book_at(self, patient: int, places: list[Place]) -> tuple[int, int]:
        offer = self.scene.series(patient, places)
        course = book_series(offer, by=self.scene.by, key=uuid.uuid4())
        return course.pk, len(places)

    def rebook(self, tag: str) -> tuple[int, int] | None:
        """What a cancelled visit left owed, in the diary again."""
        chosen = (
            Course.objects.filter(patient=self.draw.choice(self.scene.patients))
            .order_by("?")
            .first()
        )
        view = course_at(self.scene.location, chosen.pk) if chosen else None
        if chosen is None or view is None or not view.unbooked:
            return None
        ordinal = view.unbooked[0].ordinal
        place = Chosen(ordinal, *self.place(self.draw.choice(self.scene.days)))
        offer = ChosenSeries(
            patient=chosen.patient.number,
            location=self.scene.location.pk,
            revision=self.scene.revision.pk,
            sessions=(place,),
            course=chosen.pk,
        )
        return book_series(offer, by=self.scene.by, key=uuid.uuid4()).pk, 1

    def _visit(self) -> Appointment | None:
        """Some visit that stands, as a page would have shown it a moment ago."""
        standing = Appointment.objects.filter(
            location=self.scene.location, status__in=[Status.BOOKED, Status.CONFIRMED]
        )
        last = standing.order_by("-pk").values_list("pk", flat=True).first()
        if last is None:
            return None
        return standing.filter(pk__gte=self.draw.randrange(1, last + 1)).order_by("pk").first()

    def move(self, tag: str) -> tuple[int, int] | None:
        visit = self._visit()
        if visit is None:
            return None
        day, minute, resources = self.place(self.draw.choice(self.scene.days))
        version = _version(visit)
        to = Booked(day, minute, minute + MINUTES, resources)
        steps = (Step(visit.session_id or -visit.pk, to, version),)
        return self._carry_out(Act("move", visit.pk, version, steps=steps), tag)

    def cancel(self, tag: str) -> tuple[int, int] | None:
        visit = self._visit()
        return self._carry_out(Act("cancelled", visit.pk, _version(visit)), tag) if visit else None

    def _carry_out(self, act: Act, tag: str) -> tuple[int, int]:
        carry_out(act, by=self.scene.by, reason=tag, key=uuid.uuid4())
        return act.visit, 1

    def give_back(self, course: int, tag: str) -> tuple[int, int]:
        """The only visit of `course` cancelled."""
        return self._change(Appointment.objects.get(session__course=course), Status.CANCELLED, tag)

    def status(self, tag: str) -> tuple[int, int] | None:
        visit = self._visit()
        if visit is None:
            return None
        to = Status.CONFIRMED if visit.status == Status.BOOKED else Status.BOOKED
        return self._change(visit, to, tag)

    def _change(self, visit: Appointment, to: str, tag: str) -> tuple[int, int]:
        change_status(visit, to, by=self.scene.by, reason=tag, key=uuid.uuid4())
        return visit.pk, 1

    def block(self, tag: str) -> tuple[int, int]:
        day, minute, resources = self.place(self.draw.choice(self.scene.days))
        wish = WishedBlock((resources["device"],), day, day, (minute, minute + MINUTES), reason=tag)
        blocks = add_blocks(self.scene.location, wish, by=self.scene.by, key=uuid.uuid4())
        return blocks[0].pk, len(blocks)

    def unblock(self, tag: str) -> tuple[int, int] | None:
        here = Block.objects.filter(resource__location=self.scene.location)
        block = here.order_by("?").first()
        if block is None:
            return None
        key = block.pk
        return key, remove_blocks(block, whole=False, by=self.scene.by, key=uuid.uuid4())


def _version(visit: Appointment) -> int:
    """The last step of its history: what a page showed, and sends along."""
    return visit.changes.order_by("-pk").values_list("pk", flat=True)[0]
