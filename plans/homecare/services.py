"""Writing home care: begun, paused, ended; and the link to its reminders."""

import datetime as dt
import uuid

from django.db import transaction
from django.utils.translation import gettext as _

from clinic.audit.services import claim, record, settle
from clinic.kit import clock
from clinic.kit.refusals import Refusal
from clinic.kit.tags import day_in_words
from clinic.patients.models import Patient
from clinic.staff.models import User
from plans.catalogue.models import Revision
from plans.catalogue.selectors import current_revision
from plans.core.regimen import ONE_DAY, Stretch
from plans.core.signatures import LEAST_REASON
from plans.courses.models import HomeCare, Plan
from plans.courses.services import start_home_care, stop_home_care
from plans.homecare.selectors import Against, Reading
from plans.homecare.tags import lines_of
from plans.links.services import issue, revoke_all

# A use that began longer ago, or begins later than that, is a slip of the pen.
NEAR = dt.timedelta(days=366)
CALENDAR = "home_calendar"


class StandsAgainst(Refusal):
    """A rule, a fact or a treatment forbids the use."""


@transaction.atomic
def start(
    patient: Patient,
    revision: Revision,
    first: dt.date,
    last: dt.date | None,
    *,
    by: User,
    key: uuid.UUID,
    reason: str = "",
) -> HomeCare:
    """Use at home from `first` to `last`, both included; None: until it is stopped. `reason`: why in spite of cautions.

    Raises AlreadyDone if the form was sent before, StandsAgainst for what the checks find, Refusal for impossible days.
    """
    submission = claim(key, by=by)
    patient = _locked(patient)
    today = clock.today(patient.location.zone)
    _require_days(first, last, today)
    against = _checked(patient, Stretch(revision.procedure.code, first, last), today)
    _require_signed(against, reason)
    plan = Plan.objects.create(patient=patient, created_at=clock.now(), created_by=by)
    care = start_home_care(plan, revision, first, last, by=by)
    _note_cautions(care, against, reason, by)
    settle(submission, str(patient.number))
    return care


@transaction.atomic
def change_end(care: HomeCare, last: dt.date | None, *, by: User, key: uuid.UUID) -> HomeCare:
    """Let it end on `last`, included; None: until it is stopped. Longer use is checked as a new one is.

    Raises AlreadyDone, StandsAgainst, or Refusal for one that was stopped or a day before its first.
    """
    submission = claim(key, by=by)
    stored = _going_on(care)
    today = clock.today(stored.patient.location.zone)
    if last is not None and last < stored.starts_on:
        raise Refusal(
            _("The last day cannot be before the first. To take it back, stop it instead.")
        )
    is_longer = stored.ends_on is not None and (last is None or last > stored.ends_on)
    if is_longer:
        _require_days(stored.starts_on, last, today, is_new=False)
        _checked(stored.patient, Stretch(_code(stored), stored.starts_on, last), today, stored)
    _end(stored, last, by)
    settle(submission, str(stored.patient.number))
    return stored


@transaction.atomic
def pause(
    care: HomeCare, last: dt.date, again_on: dt.date, reason: str, *, by: User, key: uuid.UUID
) -> HomeCare:
    """Use it until `last`, and again from `again_on` to the end set before, by the rules now in force; gives the second use.

    Two uses with a pause between them, so that gaps count from the end of each. Raises AlreadyDone, StandsAgainst for
    what the checks find after the pause, Refusal for impossible days or a product no longer offered.
    """
    submission = claim(key, by=by)
    stored = _going_on(care)
    today = clock.today(stored.patient.location.zone)
    if not stored.starts_on <= last < again_on - ONE_DAY:
        raise Refusal(_("A pause lasts a day at least, and begins after the first day of use."))
    if stored.ends_on is not None and again_on > stored.ends_on:
        raise Refusal(_("It would end before the pause is over. Set an earlier last day instead."))
    ends_on = stored.ends_on
    stop_home_care(stored, last, reason, by=by)
    revision = current_revision(_code(stored))
    _checked(stored.patient, Stretch(_code(stored), again_on, ends_on), today)
    second = start_home_care(
        stored.plan, revision, again_on, ends_on, by=by, step=stored.protocol_step
    )
    settle(submission, str(stored.patient.number))
    return second


@transaction.atomic
def stop(care: HomeCare, last: dt.date, reason: str, *, by: User, key: uuid.UUID) -> HomeCare:
    """End it early; raises as courses.services.stop_home_care does, and AlreadyDone."""
    submission = claim(key, by=by)
    stopped = stop_home_care(_going_on(care), last, reason, by=by)
    settle(submission, str(stopped.patient.number))
    return stopped


@transaction.atomic
def issue_reminders(patient: Patient, *, by: User, key: uuid.UUID) -> str:
    """The secret of a new link to the reminders, in place of those before; told this once.  Raises AlreadyDone."""
    submission = claim(key, by=by)
    revoke_all(patient, CALENDAR, by=by)
    secret = issue(CALENDAR, patient=patient, by=by)
    settle(submission, str(patient.number))
    return secret


@transaction.atomic
def revoke_reminders(patient: Patient, *, by: User, key: uuid.UUID) -> None:
    """Let no link open the reminders any more.  Raises AlreadyDone."""
    submission = claim(key, by=by)
    revoke_all(patient, CALENDAR, by=by)
    settle(submission, str(patient.number))


def _locked(patient: Patient) -> Patient:
    """One writer for a patient at a time: two uses begun at once must know of each other."""
    rows = Patient.objects.select_for_update(of=("self",)).select_related("location")
    return rows.get(pk=patient.pk)


def _going_on(care: HomeCare) -> HomeCare:
    """The row as it stands now with its patient locked first.  Raises Refusal for one stopped before."""
    patient = _locked(care.patient)
    rows = HomeCare.objects.select_for_update(of=("self",))
    stored = rows.select_related("plan", "revision__procedure").get(pk=care.pk)
    stored.patient = patient
    if stored.stopped_on is not None:
        raise Refusal(_("This home care was stopped before. Begin it anew if it shall go on."))
    return stored


def _code(care: HomeCare) -> str:
    code: str = care.revision.procedure.code
    return code


def _require_days(
    first: dt.date, last: dt.date | None, today: dt.date, *, is_new: bool = True
) -> None:
    if last is not None and last < first:
        raise Refusal(_("The last day cannot be before the first. Choose a later one."))
    if is_new and last is not None and last < today:
        raise Refusal(_("That is over already. Begin today or later, or end it later."))
    if (is_new and not today - NEAR <= first <= today + NEAR) or (last and last > today + 3 * NEAR):
        raise Refusal(_("That is too far from today. Check the year."))


def _checked(
    patient: Patient, stretch: Stretch, today: dt.date, care: HomeCare | None = None
) -> Against:
    """What stands against `stretch`, where that does not forbid it.  Raises StandsAgainst."""
    reading = Reading(patient, today)
    same = reading.overlapping(stretch, care)
    if same is not None:
        words = _("%(title)s is in use on some of these days already. Change that use instead.")
        raise StandsAgainst(words % {"title": same.title})
    against = reading.against(stretch, care)
    if not against.is_free:
        said = [words for level, words in lines_of(against) if level != "caution"]
        raise StandsAgainst(" ".join([*said, _next(against)]))
    return against


def _next(against: Against) -> str:
    if against.has_to_wait:
        day = against.screening.earliest_ok
        if day is None:
            return _("Choose another product.")
        return _("Begin on %(day)s or later.") % {"day": day_in_words(day, "year")}
    if against.is_asked:
        return _("Ask the health questions first.")
    best = against.best_last
    if best is not None and best >= against.stretch.first:
        return _("Let it end on %(day)s or earlier.") % {"day": day_in_words(best, "year")}
    return _("Begin later.")


def _require_signed(against: Against, reason: str) -> None:
    if against.cautions and len(reason.strip()) < LEAST_REASON:
        said = " ".join(words for level, words in lines_of(against) if level == "caution")
        words = _("%(what)s Give the reason for it in at least %(n)d letters.")
        raise StandsAgainst(words % {"what": said, "n": LEAST_REASON})


def _note_cautions(care: HomeCare, against: Against, reason: str, by: User) -> None:
    number = care.patient.number
    for found in against.cautions:
        record(
            "home_care_signed",
            care,
            by=by,
            patient_number=number,
            reason=reason.strip()[:500],
            rule=found.rule,
        )


def _end(care: HomeCare, last: dt.date | None, by: User) -> None:
    was, care.ends_on = care.ends_on, last
    care.save(update_fields=["ends_on"])
    before, after = (day.isoformat() if day else None for day in (was, last))
    number = care.patient.number
    record("home_care_ended", care, by=by, patient_number=number, was=before, last_day=after)
