"""What patients of the demo clinic use at home: begun through the service, so that only what the rules allow is there."""

import datetime as dt
import itertools
import uuid

from clinic.kit.operations import Role
from clinic.kit.refusals import Refusal
from clinic.patients.models import Answer, FactStatus, Patient
from clinic.patients.services import record_answers
from plans.catalogue.models import Revision
from plans.core.regimen import Stretch
from plans.data.demo_clinic import House
from plans.diary.models import Appointment
from plans.diary.selectors import visits_on
from plans.homecare.selectors import Reading, offered_products, planned_last
from plans.homecare.services import start

# So many patients are asked, those with the latest treatments first; a third of them uses something.
_ASKED, _MOST = 60, 20
# How many days ago a use began, in turn.
_BEGAN = (2, 9, 0, 5)


def care_at_home(house: House, today: dt.date) -> int:
    """Begin home care of the patients treated last; how many uses."""
    products = sorted(offered_products(), key=lambda revision: revision.procedure.code)
    turns = zip(itertools.cycle(products), itertools.cycle(_BEGAN), strict=False)
    begun = 0
    for patient, (revision, days) in zip(_latest(house, today), turns, strict=False):
        begun += _begin(house, patient, revision, today - dt.timedelta(days=days), today)
        if begun == _MOST:
            break
    return begun


def _latest(house: House, today: dt.date) -> list[Patient]:
    """Who was treated last; whoever comes today is asked at arrival, and not here."""
    of_today = {visit.patient_id for visit in visits_on(house.location, today)}
    treated = Appointment.objects.filter(
        location=house.location, session__performed_on__lt=today
    ).exclude(patient__in=of_today)
    latest = treated.order_by("-session__performed_on", "-pk").values_list("patient", flat=True)
    numbers = list(dict.fromkeys(latest))[:_ASKED]
    found = Patient.objects.select_related("location").in_bulk(numbers)
    return [found[pk] for pk in numbers]


def _begin(
    house: House, patient: Patient, revision: Revision, first: dt.date, today: dt.date
) -> bool:
    """Use it from `first` as long as it may be used; False where the rules, or an open question, stand against it."""
    code = revision.procedure.code
    against = Reading(patient, today).against(Stretch(code, first, planned_last(revision, first)))
    last = against.best_last
    if last is not None and last < today:
        return False
    if against.is_asked and not against.has_to_wait:
        asked = {finding.subject for finding in against.screening.findings if finding.kind == "ask"}
        none = [Answer(fact, FactStatus.DENIED) for fact in sorted(asked)]
        record_answers(patient, none, by=house.staff[Role.PRACTITIONER])
    try:
        start(
            patient, revision, first, last, by=house.staff[Role.PHYSICIAN], key=uuid.uuid4(),
            reason="Seen and talked over",
        )  # fmt: skip
    except Refusal:
        return False
    return True
