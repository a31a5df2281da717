"""What is intended: plans, courses, and the sessions owed."""

import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class PitDepth(models.TextChoices):
    SHALLOW = "shallow", _("shallow")
    DEEP = "deep", _("deep")


class Plan(models.Model):
    """What we intend for a patient, and what for."""

    patient = models.ForeignKey("clinic.Patient", on_delete=models.PROTECT, related_name="plans")
    sign = models.ForeignKey(
        "plans.Sign", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    pit_depth = models.CharField(max_length=8, choices=PitDepth, blank=True)
    protocol_revision = models.ForeignKey(
        "plans.ProtocolRevision",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="plans",
        help_text="the protocol that the plan was made from",
    )
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        db_table = "courses_plan"
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return f"plan {self.pk}"


class Course(models.Model):
    """n sessions of one procedure on named areas, under the revision that was current when it was planned."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="courses")
    # The same person as plan.patient: kept here so that one index finds a patient's courses.
    patient = models.ForeignKey("clinic.Patient", on_delete=models.PROTECT, related_name="courses")
    revision = models.ForeignKey("plans.Revision", on_delete=models.PROTECT, related_name="courses")
    areas = models.JSONField(default=list, blank=True, help_text="codes; none named: everywhere")
    protocol_step = models.PositiveSmallIntegerField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "courses_course"
        ordering = ("created_at", "id")

    def __str__(self) -> str:
        return f"course {self.pk}"


class Session(models.Model):
    """One treatment of a course: owed until performed or written off with a reason."""

    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="sessions")
    ordinal = models.PositiveSmallIntegerField()
    planned_on = models.DateField(
        null=True, blank=True, help_text="the day that was intended before it was booked"
    )
    performed_on = models.DateField(null=True, blank=True)
    written_off_on = models.DateField(null=True, blank=True)
    written_off_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        db_table = "courses_session"
        ordering = ("course", "ordinal")
        constraints = [
            models.UniqueConstraint(fields=["course", "ordinal"], name="session_ordinal_once"),
            models.CheckConstraint(name="session_ordinal_from_one", condition=Q(ordinal__gte=1)),
            models.CheckConstraint(
                name="session_performed_or_written_off",
                condition=Q(performed_on__isnull=True) | Q(written_off_on__isnull=True),
            ),
            models.CheckConstraint(
                name="session_written_off_with_reason",
                condition=Q(written_off_on__isnull=True) | ~Q(written_off_reason=""),
                violation_error_message=_("Say why the session is written off."),
            ),
        ]

    def __str__(self) -> str:
        return f"session {self.ordinal} of course {self.course_id}"

    @property
    def is_owed(self) -> bool:
        return self.performed_on is None and self.written_off_on is None


class HomeCare(models.Model):
    """A product used at home over a time; screening counts it from its first day to its last."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="home_care")
    # The same person as plan.patient, as in Course.
    patient = models.ForeignKey(
        "clinic.Patient", on_delete=models.PROTECT, related_name="home_care"
    )
    revision = models.ForeignKey(
        "plans.Revision", on_delete=models.PROTECT, related_name="home_care"
    )
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True, help_text="last day, included")
    stopped_on = models.DateField(null=True, blank=True, help_text="last day used, if earlier")
    stopped_reason = models.CharField(max_length=300, blank=True)
    protocol_step = models.PositiveSmallIntegerField(null=True, blank=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        db_table = "courses_homecare"
        ordering = ("starts_on", "id")
        constraints = [
            models.CheckConstraint(
                name="homecare_start_not_after_end",
                condition=Q(ends_on__isnull=True) | Q(starts_on__lte=F("ends_on")),
                violation_error_message=_("The last day cannot be before the first."),
            ),
            models.CheckConstraint(
                name="homecare_stopped_with_reason",
                condition=Q(stopped_on__isnull=True) | ~Q(stopped_reason=""),
                violation_error_message=_("Say why it is stopped."),
            ),
        ]

    def __str__(self) -> str:
        return f"home care {self.pk}"

    @property
    def last_day(self) -> dt.date | None:
        """From which gaps and pauses count: the last day used or to be used; None while no end is set."""
        return self.stopped_on or self.ends_on


class Override(models.Model):
    """A caution signed or a wait overridden: for one rule, one session, one date, by one person (screening.md §8)."""

    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="overrides")
    session_date = models.DateField()
    rule = models.CharField(max_length=150)
    revision = models.ForeignKey("plans.Revision", on_delete=models.PROTECT, related_name="+")
    basis = models.JSONField(
        default=dict, help_text="what the rule rested on; the override dies when it changes"
    )
    reason = models.CharField(max_length=500)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        db_table = "courses_override"
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.rule} on {self.session_date}"


class PatchTest(models.Model):
    """A test on the skin, done without a reaction so far (screening.md §7.6). `code`: of the test, not of a procedure.

    Never changed. A reaction is recorded as the matching allergy among the patient's facts.
    """

    patient = models.ForeignKey(
        "clinic.Patient", on_delete=models.PROTECT, related_name="patch_tests"
    )
    code = models.CharField(max_length=60)
    done_on = models.DateField()
    note = models.CharField(max_length=200, blank=True)
    recorded_on = models.DateField(help_text="the calendar date of recorded_at where it was")
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        db_table = "courses_patchtest"
        ordering = ("done_on", "id")
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "code", "done_on"], name="patchtest_once_a_day"
            ),
            models.CheckConstraint(
                name="patchtest_not_in_the_future",
                condition=Q(done_on__lte=F("recorded_on")),
                violation_error_message=_("A test is recorded once it is done, not before."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} on {self.done_on}"


class Occasion(models.Model):
    """A date that matters to the patient, such as a wedding: no session may still be healing then."""

    patient = models.ForeignKey(
        "clinic.Patient", on_delete=models.PROTECT, related_name="occasions"
    )
    day = models.DateField()
    name = models.CharField(_("what it is"), max_length=80, blank=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    removed_at = models.DateTimeField(null=True, blank=True)
    removed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        db_table = "courses_occasion"
        ordering = ("day", "id")
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "day"],
                condition=Q(removed_at__isnull=True),
                name="occasion_once_a_day",
                violation_error_message=_("This date is kept clear already."),
            ),
            models.CheckConstraint(
                name="occasion_removed_by_somebody",
                condition=Q(removed_at__isnull=True, removed_by__isnull=True)
                | Q(removed_at__isnull=False, removed_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day}"
