"""The list of this app's models; each is written in its own room."""

from plans.assessments.models import Assessment
from plans.catalogue.models import (
    CareStep,
    Confirmation,
    Contraindication,
    Need,
    Procedure,
    Revision,
    ValueSource,
)
from plans.courses.models import Course, HomeCare, Occasion, Override, PatchTest, Plan, Session
from plans.diary.models import Appointment, Block, Occupancy, StatusChange
from plans.exchange.models import Edition
from plans.feeds.models import Feed
from plans.gaps.models import Gap, GapTable
from plans.impact.models import ReviewItem
from plans.protocols.models import Protocol, ProtocolRevision
from plans.terms.models import Group, Pit, Sign, Source
from plans.vignettes.models import Vignette

__all__ = [
    "Appointment",
    "Assessment",
    "Block",
    "CareStep",
    "Confirmation",
    "Contraindication",
    "Course",
    "Edition",
    "Feed",
    "Gap",
    "GapTable",
    "Group",
    "HomeCare",
    "Need",
    "Occasion",
    "Occupancy",
    "Override",
    "PatchTest",
    "Pit",
    "Plan",
    "Procedure",
    "Protocol",
    "ProtocolRevision",
    "ReviewItem",
    "Revision",
    "Session",
    "Sign",
    "Source",
    "StatusChange",
    "ValueSource",
    "Vignette",
]
