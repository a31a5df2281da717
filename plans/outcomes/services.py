"""Writing scores: a row is added, none is ever changed."""

import uuid

from django.db import IntegrityError
from django.utils.translation import gettext as _

from clinic.audit.services import claim, record, settle
from clinic.kit import clock
from clinic.kit.contention import one_transaction
from clinic.kit.refusals import Refusal
from clinic.patients.models import Patient
from clinic.staff.models import User
from plans.core.scores import Scored
from plans.diary.models import Appointment
from plans.outcomes.models import Score
from plans.outcomes.selectors import may_be_scored, score_of


class Stale(Refusal):
    """Somebody scored the visit since the page was loaded."""


def _refused_words(error: IntegrityError) -> Exception:
    said = str(error)
    if "outcomes_score.visit_id" in said or "score_first_once" in said or "replaces_id" in said:
        return Stale(_stale_words())
    return error


def _stale_words() -> str:
    return _(
        "Somebody else has scored this visit meanwhile. Look at what stands now, then save again."
    )


@one_transaction(_refused_words)
def score_visit(
    visit: Appointment, scored: Scored, *, note: str = "", seen: int, by: User, key: uuid.UUID
) -> Score:
    """Scores of the visit's session, in place of those before, which stay readable. `seen`: the key of the last; 0 for none.

    Raises Stale if there is another by now, Refusal for a visit that nobody came to or for nothing new, AlreadyDone.
    """
    submission = claim(key, by=by)
    Patient.objects.select_for_update().get(pk=visit.patient_id)
    row = Appointment.objects.select_for_update(of=("self",)).get(pk=visit.pk)
    if not may_be_scored(row):
        raise Refusal(
            _("A session is scored once the patient has arrived. Record the arrival first.")
        )
    if scored.wrong():
        raise Refusal(_("A score lies outside its scale. Choose one of those that are shown."))
    last = score_of(row)
    if (last.pk if last else 0) != seen:
        raise Stale(_stale_words())
    if last is None and scored.is_empty:
        raise Refusal(_("Give at least one score."))
    if last is not None and (last.scored, last.note) == (scored, note):
        raise Refusal(_("Nothing is different from what stands already. Nothing was saved."))
    made = Score.objects.create(
        visit=row,
        replaces=last,
        pain=scored.pain,
        satisfaction=scored.satisfaction,
        scar_scale=scored.scar_scale or "",
        scar_grade=scored.scar,
        pigmentation=scored.pigmentation,
        note=note,
        at=clock.now(),
        by=by,
    )
    # Which scales, never which values: those are of the patient's health.
    scales = sorted(scored.values())
    record("scored", made, by=by, patient_number=visit.patient.number, scales=scales)
    settle(submission, str(made.pk))
    return made
