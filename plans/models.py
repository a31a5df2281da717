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
from plans.consents.models import Consent, ConsentText
from plans.courses.models import Course, HomeCare, Occasion, Override, PatchTest, Plan, Session
from plans.diary.models import Appointment, Block, Occupancy, StatusChange
from plans.exchange.models import Edition
from plans.feeds.models import Feed
from plans.gaps.models import Gap, GapTable
from plans.impact.models import ReviewItem
from plans.links.models import Link
from plans.lots.models import Lot
from plans.outcomes.models import Score
from plans.photos.models import Photo
from plans.protocols.models import Protocol, ProtocolRevision
from plans.records.models import (
    Addendum,
    AdverseEvent,
    EventEntry,
    LotUse,
    Reaction,
    TreatmentRecord,
)
from plans.sheets.models import HandedOut
from plans.terms.models import Group, Pit, Sign, Source
from plans.vignettes.models import Vignette
from plans.visits.models import CallTry, FollowUp

__all__ = [
    "Addendum",
    "AdverseEvent",
    "Appointment",
    "Assessment",
    "Block",
    "CallTry",
    "CareStep",
    "Confirmation",
    "Consent",
    "ConsentText",
    "Contraindication",
    "Course",
    "Edition",
    "EventEntry",
    "Feed",
    "FollowUp",
    "Gap",
    "GapTable",
    "Group",
    "HandedOut",
    "HomeCare",
    "Link",
    "Lot",
    "LotUse",
    "Need",
    "Occasion",
    "Occupancy",
    "Override",
    "PatchTest",
    "Photo",
    "Pit",
    "Plan",
    "Procedure",
    "Protocol",
    "ProtocolRevision",
    "Reaction",
    "ReviewItem",
    "Revision",
    "Score",
    "Session",
    "Sign",
    "Source",
    "StatusChange",
    "TreatmentRecord",
    "ValueSource",
    "Vignette",
]
