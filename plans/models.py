"""The list of this app's models; each is written in its own room."""

from plans.catalogue.models import (
    CareStep,
    Contraindication,
    Gap,
    Group,
    Need,
    Procedure,
    Protocol,
    Revision,
    Sign,
    Source,
    ValueSource,
)
from plans.courses.models import Course, Override, PatchTest, Plan, Session
from plans.diary.models import Appointment, Block, Occupancy, StatusChange

__all__ = [
    "Appointment",
    "Block",
    "CareStep",
    "Contraindication",
    "Course",
    "Gap",
    "Group",
    "Need",
    "Occupancy",
    "Override",
    "PatchTest",
    "Plan",
    "Procedure",
    "Protocol",
    "Revision",
    "Session",
    "Sign",
    "Source",
    "StatusChange",
    "ValueSource",
]
