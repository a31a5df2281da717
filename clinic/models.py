"""The list of this app's models; each is written in its own room."""

from clinic.audit.models import Entry, Submission
from clinic.patients.models import Fact, FactType, FormerCode, Patient
from clinic.places.models import Capability, HoursException, Location, Resource, WorkingHours
from clinic.staff.models import ApiToken, User

__all__ = [
    "ApiToken",
    "Capability",
    "Entry",
    "Fact",
    "FactType",
    "FormerCode",
    "HoursException",
    "Location",
    "Patient",
    "Resource",
    "Submission",
    "User",
    "WorkingHours",
]
