"""The list of this app's models; each is written in its own room."""

from clinic.audit.models import Entry, Submission
from clinic.patients.models import Fact, FactType, Patient
from clinic.places.models import Capability, HoursException, Location, Resource, WorkingHours
from clinic.staff.models import User

__all__ = [
    "Capability",
    "Entry",
    "Fact",
    "FactType",
    "HoursException",
    "Location",
    "Patient",
    "Resource",
    "Submission",
    "User",
    "WorkingHours",
]
