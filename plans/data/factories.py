"""Factories that the demo clinic and the tests share."""

import datetime as dt
import hashlib
import uuid
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import factory
from factory.django import DjangoModelFactory

from clinic.kit import clock
from clinic.kit.operations import Role
from clinic.kit.pictures import Picture
from clinic.patients.models import Fact, FactType, Patient
from clinic.patients.selectors import search_text_of
from clinic.places.models import Capability, Location, Resource, WorkingHours
from clinic.staff.models import User
from clinic.staff.services import give_roles
from plans.assessments.models import Assessment
from plans.catalogue.models import Procedure, Revision
from plans.consents.models import Consent, ConsentText
from plans.consents.selectors import place_of
from plans.courses.models import Course, Plan, Session
from plans.data.drawn import drawn_photo
from plans.diary.models import Appointment, Block, Occupancy, StatusChange
from plans.photos.models import Photo
from plans.photos.services import write_files
from plans.terms.models import Group

LONG_AGO = dt.date(2020, 1, 1)
SIGNED_PAPER = b"%PDF-1.7\n% signed\n%%EOF\n"

Row = TypeVar("Row")


class RowFactory(DjangoModelFactory[Row], Generic[Row]):
    """Calling a factory makes a row; the library does that in a metaclass, which a type checker cannot follow."""

    if TYPE_CHECKING:

        def __new__(cls, **values: Any) -> Row: ...  # type: ignore[misc]  # a row is no factory, as said above


class LocationFactory(RowFactory[Location]):
    class Meta:
        model = Location

    name = factory.Sequence(lambda n: f"Skin Clinic {n}")
    address = "Lindenhofstr. 12, 10247 Berlin"
    phone = "+49 30 700 100"
    phone_after_hours = "+49 170 700 1000"


class UserFactory(RowFactory[User]):
    """A staff member; `role=` and `location=` give a role and a place of work. The password is `PASSWORD`."""

    class Meta:
        model = User
        exclude = ("PASSWORD",)
        skip_postgeneration_save = True

    PASSWORD = "quiet-harbour-42"  # noqa: S105  # every test knows it; it guards nothing

    username = factory.Sequence(lambda n: f"person{n}")
    first_name = factory.Faker("first_name")
    last_name = factory.Faker("last_name")

    @classmethod
    def _create(cls, model_class: type[User], *args: Any, **kwargs: Any) -> User:
        return model_class.objects.create_user(*args, **{"password": cls.PASSWORD, **kwargs})

    @factory.post_generation
    def role(self: User, create: bool, extracted: Role | str | None, **kwargs: Any) -> None:
        if extracted:
            give_roles(self, frozenset({Role(extracted)}), by=None)

    @factory.post_generation
    def location(self: User, create: bool, extracted: Location | None, **kwargs: Any) -> None:
        if extracted:
            extracted.staff.add(self)


class PatientFactory(RowFactory[Patient]):
    class Meta:
        model = Patient

    number = factory.Sequence(lambda n: 1000 + n)
    location = factory.SubFactory(LocationFactory)
    given_name = factory.Faker("first_name")
    family_name = factory.Faker("last_name")
    birth_date = dt.date(1992, 3, 14)
    registered_on = factory.LazyFunction(clock.today)
    search_text = factory.LazyAttribute(search_text_of)


class CapabilityFactory(RowFactory[Capability]):
    class Meta:
        model = Capability
        django_get_or_create = ("code",)

    code = factory.Sequence(lambda n: f"capability_{n}")
    kind = "practitioner"
    name = factory.LazyAttribute(lambda o: {"en": o.code})


class ResourceFactory(RowFactory[Resource]):
    """A resource; `capabilities=[...]` gives what it can do, `open_hours=(9, 17)` weekday hours Monday to Friday."""

    class Meta:
        model = Resource
        skip_postgeneration_save = True

    location = factory.SubFactory(LocationFactory)
    kind = "practitioner"
    name = factory.Sequence(lambda n: f"Resource {n}")

    @factory.post_generation
    def capabilities(self: Resource, create: bool, extracted: Any, **kwargs: Any) -> None:
        self.capabilities.add(*(extracted or []))

    @factory.post_generation
    def open_hours(
        self: Resource, create: bool, extracted: tuple[int, int] | None, **kwargs: Any
    ) -> None:
        if extracted is None:
            return
        for weekday in range(1, 6):
            WorkingHoursFactory(
                resource=self,
                weekday=weekday,
                opens=dt.time(extracted[0]),
                closes=dt.time(extracted[1]),
            )


class WorkingHoursFactory(RowFactory[WorkingHours]):
    class Meta:
        model = WorkingHours

    resource = factory.SubFactory(ResourceFactory)
    weekday = 1
    opens = dt.time(9)
    closes = dt.time(17)
    valid_from = LONG_AGO


class FactTypeFactory(RowFactory[FactType]):
    class Meta:
        model = FactType
        django_get_or_create = ("code",)

    code = factory.Sequence(lambda n: f"fact_{n}")
    category = "condition"
    kind = "episode"
    recheck_n = 12
    recheck_unit = "months"
    name = factory.LazyAttribute(lambda o: {"en": o.code.replace("_", " ").capitalize()})
    question = factory.LazyAttribute(lambda o: {"en": f"I have {o.code.replace('_', ' ')}"})


class FactFactory(RowFactory[Fact]):
    class Meta:
        model = Fact

    patient = factory.SubFactory(PatientFactory)
    fact_type = factory.SubFactory(FactTypeFactory)
    status = "denied"
    since = factory.LazyFunction(clock.today)
    recorded_at = factory.LazyFunction(clock.now)


class GroupFactory(RowFactory[Group]):
    class Meta:
        model = Group
        django_get_or_create = ("code",)

    code = "peel_medium"
    name = factory.LazyAttribute(lambda o: {"en": o.code})


class ProcedureFactory(RowFactory[Procedure]):
    class Meta:
        model = Procedure
        django_get_or_create = ("code",)

    code = factory.Sequence(lambda n: f"procedure_{n}")
    group = factory.SubFactory(GroupFactory)


class RevisionFactory(RowFactory[Revision]):
    """A draft by default: add its lines, then set its state (published revisions are frozen).

    Three sessions three months apart, at most six; 80 minutes, of which 30 are numbing.
    """

    class Meta:
        model = Revision

    procedure = factory.SubFactory(ProcedureFactory)
    number = 1
    created_at = factory.LazyFunction(clock.now)
    name = factory.LazyAttribute(lambda o: {"en": o.procedure.code.replace("_", " ").capitalize()})
    sessions_min = 3
    sessions_recommended = 3
    sessions_max = 6
    interval_min_n = 3
    interval_min_unit = "months"
    interval_recommended_n = 3
    interval_recommended_unit = "months"
    interval_max_n = 6
    interval_max_unit = "months"
    setup_minutes = 15
    treat_minutes = 20
    cleanup_minutes = 15
    numbing_minutes = 30
    age_min = 18


class PlanFactory(RowFactory[Plan]):
    class Meta:
        model = Plan

    patient = factory.SubFactory(PatientFactory)
    created_at = factory.LazyFunction(clock.now)
    created_by = factory.SubFactory(UserFactory)


class AssessmentFactory(RowFactory[Assessment]):
    """Pits seen today, of whose type, depth and age nothing is said."""

    class Meta:
        model = Assessment

    patient = factory.SubFactory(PatientFactory)
    done_on = factory.LazyFunction(clock.today)
    signs = ("pits",)
    created_at = factory.LazyFunction(clock.now)
    created_by = factory.SubFactory(UserFactory)


class CourseFactory(RowFactory[Course]):
    """A course without sessions, in a plan of the same patient."""

    class Meta:
        model = Course

    patient = factory.SubFactory(PatientFactory)
    plan = factory.SubFactory(PlanFactory, patient=factory.SelfAttribute("..patient"))
    revision = factory.SubFactory(RevisionFactory)
    created_at = factory.LazyFunction(clock.now)


class SessionFactory(RowFactory[Session]):
    class Meta:
        model = Session

    course = factory.SubFactory(CourseFactory)
    ordinal = 1


class AppointmentFactory(RowFactory[Appointment]):
    """A booked visit a week from now for its session's patient; it holds no resource by itself."""

    class Meta:
        model = Appointment

    session = factory.SubFactory(SessionFactory)
    patient = factory.SelfAttribute("session.course.patient")
    location = factory.SelfAttribute("patient.location")
    starts_at = factory.LazyFunction(lambda: clock.now() + dt.timedelta(days=7))
    ends_at = factory.LazyAttribute(lambda o: o.starts_at + dt.timedelta(minutes=80))
    created_at = factory.LazyFunction(clock.now)


class BlockFactory(RowFactory[Block]):
    """Time taken from a resource; the diary looks at its row of Occupancy."""

    class Meta:
        model = Block

    resource = factory.SubFactory(ResourceFactory)
    starts_at = factory.LazyFunction(lambda: clock.now() + dt.timedelta(days=7))
    ends_at = factory.LazyAttribute(lambda o: o.starts_at + dt.timedelta(minutes=60))
    reason = "Cleaning"


class OccupancyFactory(RowFactory[Occupancy]):
    """A resource held for the whole of `appointment`. For a block: `appointment=None`, `block` and both times."""

    class Meta:
        model = Occupancy

    resource = factory.SubFactory(ResourceFactory)
    appointment = factory.SubFactory(AppointmentFactory)
    starts_at = factory.SelfAttribute("appointment.starts_at")
    ends_at = factory.SelfAttribute("appointment.ends_at")


class StatusChangeFactory(RowFactory[StatusChange]):
    class Meta:
        model = StatusChange

    appointment = factory.SubFactory(AppointmentFactory)
    became = "booked"
    at = factory.LazyFunction(clock.now)


class PhotoFactory(RowFactory[Photo]):
    """A photo of the whole face from the front, taken now, with its files; `picture=` what they hold."""

    class Meta:
        model = Photo

    patient = factory.SubFactory(PatientFactory)
    area = "face"
    view = "front"
    name = factory.LazyFunction(lambda: uuid.uuid4().hex)
    taken_at = factory.LazyFunction(clock.now)
    added_at = factory.LazyFunction(clock.now)
    added_by = factory.SubFactory(UserFactory)

    @classmethod
    def _create(cls, model_class: type[Photo], *args: Any, **kwargs: Any) -> Photo:
        picture: Picture = kwargs.pop("picture", None) or drawn_photo()
        write_files(kwargs["name"], picture)
        told = {
            "sha256": hashlib.sha256(picture.full).hexdigest(),
            "size": len(picture.full) + len(picture.view) + len(picture.thumb),
            "width": picture.width,
            "height": picture.height,
        }
        row: Photo = super()._create(model_class, *args, **told | kwargs)
        return row


class ConsentTextFactory(RowFactory[ConsentText]):
    """The text in force for a procedure; `procedure=None` for photos."""

    class Meta:
        model = ConsentText

    procedure: Any = factory.SubFactory(ProcedureFactory)
    kind = factory.LazyAttribute(lambda o: "treatment" if o.procedure else "photo")
    number = 1
    texts = factory.LazyFunction(
        lambda: {"en": "**What is done.** It is treated.", "de": "Es wird behandelt."}
    )
    risks = factory.LazyFunction(
        lambda: {"en": ["Scars", "Infection"], "de": ["Narben", "Infektion"]}
    )
    declarations = factory.LazyFunction(lambda: {"en": ["I agree."], "de": ["Ich willige ein."]})
    published_at = factory.LazyFunction(clock.now)


class ConsentFactory(RowFactory[Consent]):
    """A paper signed today for `revision`, kept on disk; `revision=None` for photos."""

    class Meta:
        model = Consent
        skip_postgeneration_save = True

    patient = factory.SubFactory(PatientFactory)
    revision: Any = factory.SubFactory(RevisionFactory)
    procedure = factory.LazyAttribute(lambda o: o.revision and o.revision.procedure)
    kind = factory.LazyAttribute(lambda o: "treatment" if o.revision else "photo")
    language = "en"
    way = "paper"
    signed_name = factory.LazyAttribute(lambda o: o.patient.full_name)
    signed_on = factory.LazyFunction(clock.today)
    recorded_at = factory.LazyFunction(clock.now)
    taken_by = factory.SubFactory(UserFactory)
    stored = factory.LazyFunction(lambda: f"{uuid.uuid4().hex}.pdf")
    size = len(SIGNED_PAPER)
    sha256 = hashlib.sha256(SIGNED_PAPER).hexdigest()

    @factory.post_generation
    def on_disk(self: Consent, create: bool, extracted: bytes | None, **kwargs: Any) -> None:
        """`on_disk=` other bytes than those that were signed."""
        if create:
            place = place_of(self.stored)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(extracted or SIGNED_PAPER)
