"""What the database itself refuses, on both databases, whatever the program does: tried with plain SQL."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction

from clinic.audit.services import record
from clinic.staff.models import User
from plans.assessments.models import Assessment
from plans.catalogue.models import (
    CareStep,
    Confirmation,
    Contraindication,
    Need,
    Revision,
    ValueSource,
)
from plans.consents.models import Consent, ConsentText
from plans.core.gaps import GapRule
from plans.core.spacing import Period
from plans.courses.models import Override, PatchTest
from plans.data.factories import (
    CapabilityFactory,
    FactTypeFactory,
    ResourceFactory,
    WorkingHoursFactory,
)
from plans.diary.models import Block, Occupancy, StatusChange
from plans.drafts.services import put_in_force
from plans.gaps.models import Gap, GapTable
from plans.gaps.selectors import current_table
from plans.gaps.services import new_table, save_table, start_table
from plans.lots.models import Lot
from plans.outcomes.models import Score
from plans.protocols.models import Protocol, ProtocolRevision
from plans.records.models import Addendum, EventEntry, LotUse, Reaction, TreatmentRecord
from plans.sheets.models import HandedOut
from plans.visits.models import CallTry, FollowUp
from tests.house import world
from tests.house.broken_rows import BROKEN, TWICE

pytestmark = pytest.mark.django_db

NINE = dt.datetime(2026, 11, 23, 9, tzinfo=dt.UTC)
LINES = (
    "catalogue_need",
    "catalogue_contraindication",
    "catalogue_carestep",
    "catalogue_valuesource",
)
APPEND_ONLY = (
    "audit_entry", "patients_fact", "diary_statuschange", "courses_override", "courses_patchtest",
    "records_addendum", "records_adverseevent", "records_evententry",
    "catalogue_confirmation", "assessments_assessment", "consents_consenttext", "visits_followup", "visits_calltry",
    "sheets_handedout", "outcomes_score",
)  # fmt: skip
# Lines of a treatment record: open while it is a draft, closed by its signature.
OF_RECORDS = ("records_lotuse", "records_reaction")
# What is published under a number: the beginning of its guards' names.
NUMBERED = ("revision", "gaptable", "protocolrevision")
HOW = ("frozen", "kept", "never_draft_again")

# A migration that lets SQLite rebuild a table drops its triggers silently: this list notices.
SQLITE_TRIGGERS = frozenset(
    [
        *(f"{table}_append_only_{number}" for table in APPEND_ONLY for number in (0, 1)),
        *(f"{table}_frozen_{number}" for table in LINES for number in (0, 1)),
        *(f"{table}_closed_{number}" for table in LINES for number in (0, 1)),
        *(f"{name}_{verb}" for name in ("hours_no_overlap", "occupancy_no_overlap",
          "occupancy_a_day_at_most") for verb in ("insert", "update")),
        *(f"{name}_{how}_0" for name in NUMBERED for how in HOW),
        *(f"{table}_{how}_{n}" for table in OF_RECORDS for how in ("frozen", "closed") for n in (0, 1)),
        "record_signed_stays_0", "record_signed_stays_1", "addendum_by_signer_0",
        "gap_frozen_0", "gap_frozen_1", "gap_closed_0", "gap_closed_1",
        "consent_frozen_0", "consent_kept_0", "consent_withdrawn_once_0",
        "lots_lot_stays_0", "lots_lot_used_stays_0", "score_replaces_its_own_visits_0",
        "photo_frozen_0", "photo_kept_0", "photo_deleted_for_good_0",
    ]
)  # fmt: skip
POSTGRES_TRIGGERS = frozenset(
    [
        *(f"{table}_append_only" for table in APPEND_ONLY),
        *(f"{table}_{how}" for table in LINES for how in ("frozen", "closed")),
        *(f"{name}_{how}" for name in NUMBERED for how in HOW),
        *(f"{table}_{how}" for table in OF_RECORDS for how in ("frozen", "closed")),
        "record_signed_stays", "addendum_by_signer",
        "gap_frozen", "gap_closed", "consent_frozen", "consent_kept", "consent_withdrawn_once",
        "lots_lot_stays", "lots_lot_used_stays", "score_replaces_its_own_visits",
        "photo_frozen", "photo_kept", "photo_deleted_for_good",
    ]
)  # fmt: skip
POSTGRES_EXCLUSIONS = {"hours_no_overlap", "occupancy_no_overlap"}


def run(sql: str, *params: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, params or None)


@contextmanager
def refused(by: str) -> Iterator[None]:
    with pytest.raises(IntegrityError, match=by), transaction.atomic():
        yield


@pytest.fixture
def keys() -> dict[str, Any]:
    """The world, with one row of every kind that it does not have; keys by name."""
    built = world.build()
    own = built.own
    draft = Revision.objects.get(state="draft")
    room = own.location.resources.get(kind="room")
    block = Block.objects.create(
        resource=room, starts_at=NINE, ends_at=NINE + dt.timedelta(hours=1), reason="x"
    )
    Contraindication.objects.create(
        revision=draft, fact_type=FactTypeFactory.create(), severity="relative", source="clinic"
    )
    group, code = built.procedure.group.code, built.procedure.code
    gaps = [
        GapRule(group, group, Period(1, "days"), {}, "x"),
        GapRule(group, code, Period(1, "days"), {}, "x", before_is_procedure=True),
        GapRule(code, group, Period(1, "days"), {}, "x", after_is_procedure=True),
        GapRule(code, code, Period(1, "days"), {}, "x", True, True),
    ]
    if (in_force := current_table()) is None:
        in_force = new_table(gaps, by=None)
        put_in_force(in_force, "x", by=None)
    drafted = start_table(by=None)
    drafted = save_table(drafted, gaps, drafted.version, by=None)
    protocol = Protocol.objects.create(code="x")
    old, new = (
        ProtocolRevision(protocol=protocol, number=n, name={}, source="x", created_at=NINE)
        for n in (1, 2)
    )
    old.save()
    put_in_force(old, "x", by=None)
    new.save()
    ValueSource.objects.create(revision=draft, path="interval.min", source="clinic")
    fields = [field.attname for field in Revision._meta.concrete_fields if field.name != "id"]
    return {
        "patient": own.patient.pk,
        "type": own.fact.fact_type_id,
        "fact": own.fact.pk,
        "capability": draft.needs.all()[0].capability_id,
        "room": room.pk,
        "user": built.staff["reception"].pk,
        "hours": room.hours.all()[0].pk,
        "location": own.location.pk,
        "draft": draft.pk,
        "current": own.course.revision_id,
        "gaps": drafted.pk,
        "gaps_in_force": in_force.pk,
        "protocol": new.pk,
        "protocol_in_force": old.pk,
        "need": draft.needs.all()[0].pk,
        "rule": draft.contraindications.all()[0].pk,
        "step": CareStep.objects.create(revision=draft, kind="do", text={"en": "x"}).pk,
        "session": own.course.sessions.get(ordinal=3).pk,
        "visit": own.visit.pk,
        "consent": own.patient.consents.all()[0].pk,
        "consents_consenttext": ConsentText.objects.all()[0].pk,
        "call": FollowUp.objects.create(
            visit=own.course.sessions.get(ordinal=1).appointments.get(),
            due_on=NINE,
            created_at=NINE,
            created_by=built.staff["reception"],
        ).pk,
        "block": block.pk,
        "record": world.event_of(own.visit).record_id,
        "draft_record": _draft_record(own, built.staff["physician"]),
        "event": world.event_of(own.visit).pk,
        "a_lot": _lot(own, built.staff["physician"]),
        "occupancy": own.visit.occupancy.all()[0].pk,
        "columns": ", ".join(fields),
        "third": ", ".join("3" if column == "number" else column for column in fields),
    }


def _draft_record(own: world.Clinic, by: User) -> int:
    done = own.course.sessions.get(ordinal=1).appointments.get()
    return TreatmentRecord.objects.create(visit=done, saved_at=NINE, saved_by=by).pk


def _lot(own: world.Clinic, by: User) -> int:
    return Lot.objects.create(
        location=own.location, product="TCA", number="1", folded="tca 1", expires_on=NINE.date(),
        received_on=NINE.date(), entered_at=NINE, entered_by=by,
    ).pk  # fmt: skip


# --- what has to be there


def our_constraints(kind: type[models.BaseConstraint]) -> dict[str, str]:
    """The table of each constraint that our models name."""
    return {
        rule.name: model._meta.db_table
        for app in ("clinic", "plans")
        for model in apps.get_app_config(app).get_models()
        for rule in model._meta.constraints
        if isinstance(rule, kind)
    }


def triggers() -> set[str]:
    ours = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'O'",
    }
    with connection.cursor() as cursor:
        cursor.execute(ours[connection.vendor])
        return {name for (name,) in cursor.fetchall()}


def test_no_trigger_is_missing():
    expected = {"sqlite": SQLITE_TRIGGERS, "postgresql": POSTGRES_TRIGGERS}[connection.vendor]
    assert triggers() == expected


@pytest.mark.postgres
def test_no_exclusion_is_missing():
    with connection.cursor() as cursor:
        cursor.execute("SELECT conname FROM pg_constraint WHERE contype = 'x' AND convalidated")
        assert {name for (name,) in cursor.fetchall()} == POSTGRES_EXCLUSIONS


@pytest.mark.parametrize("kind", [models.CheckConstraint, models.UniqueConstraint])
def test_every_constraint_of_a_model_is_in_the_database(kind: type[models.BaseConstraint]):
    for name, table in our_constraints(kind).items():
        with connection.cursor() as cursor:
            assert name in connection.introspection.get_constraints(cursor, table), table


def test_every_constraint_is_tried_here():
    assert {name for name, _ in BROKEN} == set(our_constraints(models.CheckConstraint))
    assert set(TWICE) == set(our_constraints(models.UniqueConstraint))


# --- what it does


@pytest.mark.parametrize(("name", "sql"), BROKEN, ids=[name for name, _ in BROKEN])
def test_a_row_that_cannot_be_true_is_refused(name: str, sql: str, keys: dict[str, Any]):
    with refused(name):
        run(sql.format(**keys))


def test_an_interval_without_its_unit_is_refused(keys: dict[str, Any]):
    with refused("revision_interval"):
        run("UPDATE catalogue_revision SET interval_min_unit = '' WHERE id = %s", keys["draft"])


@pytest.mark.parametrize("name", TWICE)
def test_a_second_row_is_refused(name: str, keys: dict[str, Any]):
    # SQLite names the columns, not the index.
    with refused("UNIQUE" if connection.vendor == "sqlite" else name):
        run(TWICE[name].format(**keys))


def test_a_cancelled_visit_leaves_its_session_to_another(keys: dict[str, Any]):
    sql = "UPDATE diary_appointment SET session_id = {session}, status = 'cancelled' WHERE patient_id = {patient}"
    run(sql.format(**keys))


def record_row(table: str, keys: dict[str, Any]) -> int:
    if table == "records_addendum":
        row = TreatmentRecord.objects.get(pk=keys["record"])
        assert row.signed_by
        return Addendum.objects.create(record=row, text="x", at=NINE, by=row.signed_by).pk
    if table == "records_evententry":
        return EventEntry.objects.create(
            event_id=keys["event"], note="x", at=NINE, by_id=keys["user"]
        ).pk
    return int(keys["event"])


def day_row(table: str, keys: dict[str, Any]) -> int:
    if table == "outcomes_score":
        return Score.objects.create(visit_id=keys["visit"], pain=1, at=NINE, by_id=keys["user"]).pk
    if table == "sheets_handedout":
        return HandedOut.objects.create(
            patient_id=keys["patient"], kind="card", way="print", at=NINE, by_id=keys["user"]
        ).pk
    call = FollowUp.objects.create(
        visit_id=keys["visit"], due_on=NINE, created_at=NINE, created_by_id=keys["user"]
    )
    tried = CallTry.objects.create(follow_up=call, outcome="called", at=NINE, by_id=keys["user"])
    return call.pk if table == "visits_followup" else tried.pk


def append_only_row(table: str, keys: dict[str, Any]) -> int:
    if table == "audit_entry":
        return record("tried", "x", by=None).pk
    if table == "diary_statuschange":
        return StatusChange.objects.create(
            appointment_id=keys["visit"], became="booked", at=NINE
        ).pk
    if table == "courses_override":
        return Override.objects.create(
            session_id=keys["session"], session_date=NINE.date(), rule="x", reason="y", at=NINE,
            revision_id=keys["current"], by_id=keys["user"],
        ).pk  # fmt: skip
    if table == "courses_patchtest":
        return PatchTest.objects.create(
            patient_id=keys["patient"], code="PT", done_on=NINE, recorded_on=NINE, recorded_at=NINE,
            recorded_by_id=keys["user"],
        ).pk  # fmt: skip
    if table == "catalogue_confirmation":
        return Confirmation.objects.create(address="x", value="1", on=NINE, at=NINE).pk
    if table == "assessments_assessment":
        return Assessment.objects.create(
            patient_id=keys["patient"], done_on=NINE, created_at=NINE, created_by_id=keys["user"]
        ).pk
    return int(keys.get(table, keys["fact"]))


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_history_can_neither_be_changed_nor_deleted(table: str, keys: dict[str, Any]):
    makers = {"records": record_row, "outcomes": day_row, "sheets": day_row, "visits": day_row}
    make = makers.get(table.partition("_")[0], append_only_row)
    key = make(table, keys)
    with refused(f"{table}_append_only"):
        run(f"UPDATE {table} SET id = id WHERE id = %s", key)
    with refused(f"{table}_append_only"):
        run(f"DELETE FROM {table} WHERE id = %s", key)
    with refused(f"{table}_append_only"):
        run(f"DELETE FROM {table}")


# --- a consent


def test_a_consent_is_never_deleted_and_withdrawn_once(keys: dict[str, Any]):
    withdrawal = (
        "UPDATE consents_consent SET withdrawn_at = %s, withdrawn_by_id = %s, withdrawn_reason = 'x' "
        "WHERE id = %s"
    )
    row = Consent.objects.get(pk=keys["consent"])
    frozen = {str(field.column) for field in Consent._meta.concrete_fields} - {"id"}
    for column in sorted(column for column in frozen if not column.startswith("withdrawn")):
        with refused("consent_frozen"):
            run(f"UPDATE consents_consent SET {column} = {column} WHERE id = %s", row.pk)
    with refused("consent_kept"):
        run("DELETE FROM consents_consent WHERE id = %s", row.pk)
    run(withdrawal, NINE, keys["user"], row.pk)
    with refused("consent_withdrawn_once"):
        run(withdrawal, NINE, keys["user"], row.pk)
    with refused("consent_withdrawn_once"):
        run("UPDATE consents_consent SET withdrawn_at = NULL WHERE id = %s", row.pk)


# --- treatment records


def test_a_signed_record_can_neither_be_changed_nor_deleted(keys: dict[str, Any]):
    for field in TreatmentRecord._meta.concrete_fields:
        with refused("record_signed_stays"):
            run(
                f"UPDATE records_treatmentrecord SET {field.column} = {field.column} WHERE id = %s"
                if field.column != "values"
                else 'UPDATE records_treatmentrecord SET "values" = "values" WHERE id = %s',
                keys["record"],
            )
    with refused("record_signed_stays"):
        run("UPDATE records_treatmentrecord SET state = 'draft' WHERE id = %s", keys["record"])
    with refused("record_signed_stays"):
        run("DELETE FROM records_treatmentrecord WHERE id = %s", keys["record"])


def test_the_lines_of_a_record_close_with_its_signature(keys: dict[str, Any]):
    row = TreatmentRecord.objects.get(pk=keys["draft_record"])
    use = LotUse.objects.create(record=row, lot_id=keys["a_lot"])
    reaction = Reaction.objects.create(record=row, kind="pain", severity=1, at=NINE)
    use.delete()
    use = LotUse.objects.create(record=row, lot_id=keys["a_lot"])
    row.state, row.signed_at, row.signed_by_id, row.digest = "signed", NINE, keys["user"], "x"
    row.save()
    for table, key in (("records_lotuse", use.pk), ("records_reaction", reaction.pk)):
        with refused(f"{table}_frozen"):
            run(f"UPDATE {table} SET id = id WHERE id = %s", key)
        with refused(f"{table}_frozen"):
            run(f"DELETE FROM {table} WHERE id = %s", key)
    with refused("records_lotuse_closed"):
        LotUse.objects.create(record_id=keys["record"], lot_id=keys["a_lot"])
    with refused("records_reaction_closed"):
        Reaction.objects.create(record_id=keys["record"], kind="pain", severity=1, at=NINE)


def test_nobody_but_the_signer_adds_to_a_record(keys: dict[str, Any]):
    signer = TreatmentRecord.objects.get(pk=keys["record"]).signed_by
    assert signer
    other = User.objects.exclude(username=signer.username)[0]
    with refused("addendum_by_signer"):
        Addendum.objects.create(record_id=keys["record"], text="x", at=NINE, by=other)
    with refused("addendum_by_signer"):
        Addendum.objects.create(record_id=keys["draft_record"], text="x", at=NINE, by=other)


# --- two bookings of one resource


@pytest.fixture
def block(db: None) -> Block:
    """Nine to ten in a room, held."""
    end = NINE + dt.timedelta(hours=1)
    block = Block.objects.create(
        resource=ResourceFactory.create(), starts_at=NINE, ends_at=end, reason="x"
    )
    hold(block, 0, 60)
    return block


def hold(block: Block, start: float, end: float, resource: Any = None) -> Occupancy:
    """Hold the block's resource from one minute to another, counted from nine."""
    return Occupancy.objects.create(
        resource=resource or block.resource,
        block=block,
        starts_at=NINE + dt.timedelta(minutes=start),
        ends_at=NINE + dt.timedelta(minutes=end),
    )


@pytest.mark.parametrize(
    ("start", "end"),
    [(0, 60), (-30, 30), (30, 90), (10, 20), (-30, 90), (-1440 + 1, 1), (59, 60 + 59), (59.99, 61)],
)
def test_two_bookings_of_a_resource_never_overlap(block: Block, start: float, end: float):
    with refused("occupancy_no_overlap"):
        hold(block, start, end)
    away = hold(block, 3000, 3010)
    with refused("occupancy_no_overlap"):
        run(
            "UPDATE diary_occupancy SET starts_at = %s, ends_at = %s WHERE id = %s",
            *_stored(NINE + dt.timedelta(minutes=start), NINE + dt.timedelta(minutes=end)),
            away.pk,
        )


def _stored(*instants: dt.datetime) -> list[Any]:
    return [connection.ops.adapt_datetimefield_value(instant) for instant in instants]


@pytest.mark.parametrize(("start", "end"), [(60, 90), (-30, 0), (-1440, 0), (60, 1500)])
def test_bookings_may_touch(block: Block, start: int, end: int):
    hold(block, start, end)


def test_another_resource_is_another_booking(block: Block):
    other = hold(block, 0, 60, ResourceFactory.create())
    with refused("occupancy_no_overlap"):
        run(
            "UPDATE diary_occupancy SET resource_id = %s WHERE id = %s", block.resource_id, other.pk
        )


def test_a_booking_may_be_moved_over_its_own_old_time(block: Block):
    row = block.occupancy.get()
    Occupancy.objects.filter(pk=row.pk).update(starts_at=NINE + dt.timedelta(minutes=30))


def test_a_booking_holds_a_day_at_most(block: Block):
    hold(block, 60, 60 + 24 * 60)
    with refused("occupancy_a_day_at_most"):
        hold(block, 3000, 3000 + 24 * 60 + 1)
    row = block.occupancy.earliest("starts_at")
    with refused("occupancy_a_day_at_most"):
        run(
            "UPDATE diary_occupancy SET starts_at = %s WHERE id = %s",
            *_stored(NINE - dt.timedelta(days=1)),
            row.pk,
        )


def test_hours_of_a_weekday_never_overlap(db: None):
    row = WorkingHoursFactory.create(
        valid_from=dt.date(2026, 1, 1), valid_until=dt.date(2026, 6, 30)
    )
    same = {"resource": row.resource, "opens": dt.time(16), "closes": dt.time(18)}
    with refused("hours_no_overlap"):
        WorkingHoursFactory.create(**same, valid_from=dt.date(2026, 6, 30))
    WorkingHoursFactory.create(**same, weekday=2, valid_from=dt.date(2026, 6, 30))
    later = WorkingHoursFactory.create(**same, valid_from=dt.date(2026, 7, 1))
    evening = same | {"opens": dt.time(17), "closes": dt.time(19)}
    WorkingHoursFactory.create(
        **evening, valid_until=dt.date(2026, 6, 30), valid_from=dt.date(2026, 1, 1)
    )
    with refused("hours_no_overlap"):
        run("UPDATE places_workinghours SET valid_from = '2026-06-30' WHERE id = %s", later.pk)


@pytest.mark.parametrize(
    ("rhythm", "weeks_later", "is_free"),
    [
        (1, 1, False),  # every week meets every other week
        (2, 1, True),
        (2, 2, False),
        (3, 1, False),  # two and three weeks have a week in common, whenever they begin
        (4, 1, True),
        (4, 2, False),
        (4, 3, True),
        (6, 5, True),
        (8, 6, False),
    ],
)
def test_hours_of_every_nth_week_clash_only_where_they_meet(
    db: None, rhythm: int, weeks_later: int, is_free: bool
):
    monday = dt.date(2026, 1, 5)
    hours = WorkingHoursFactory.create(weekday=1, valid_from=monday, every_weeks=2)
    later = {"valid_from": monday + dt.timedelta(days=7 * weeks_later + 3), "every_weeks": rhythm}
    if is_free:
        WorkingHoursFactory.create(resource=hours.resource, weekday=1, **later)
        return
    with refused("hours_no_overlap"):
        WorkingHoursFactory.create(resource=hours.resource, weekday=1, **later)


# --- published rules


@pytest.mark.parametrize(
    ("model", "key"), [(GapTable, "gaps_in_force"), (ProtocolRevision, "protocol_in_force")]
)
@pytest.mark.parametrize("state", ["current", "superseded"])
def test_published_gaps_and_protocols_are_frozen(
    model: Any, key: str, state: str, keys: dict[str, Any]
):
    table, pk = model._meta.db_table, keys[key]
    run(f"UPDATE {table} SET state = %s WHERE id = %s", state, pk)
    columns = {field.attname for field in model._meta.concrete_fields} - {"id", "state"}
    for column in columns:
        with refused("_frozen"):
            run(f"UPDATE {table} SET {column} = {column} WHERE id = %s", pk)
    with refused("_kept"):
        run(f"DELETE FROM {table} WHERE id = %s", pk)
    with refused("_never_draft_again"):
        run(f"UPDATE {table} SET state = 'draft' WHERE id = %s", pk)


def test_the_lines_of_published_gaps_are_frozen(keys: dict[str, Any]):
    with refused("gap_frozen"):
        run("UPDATE catalogue_gap SET min_n = 3 WHERE table_id = %s", keys["gaps_in_force"])
    with refused("gap_frozen"):
        run("DELETE FROM catalogue_gap WHERE table_id = %s", keys["gaps_in_force"])
    with refused("gap_closed"):
        run(
            "UPDATE catalogue_gap SET table_id = %s WHERE table_id = %s",
            keys["gaps_in_force"],
            keys["gaps"],
        )
    GapTable.objects.get(pk=keys["gaps"]).delete()
    assert Gap.objects.filter(table=keys["gaps"]).count() == 0


@pytest.mark.parametrize("state", ["current", "superseded"])
def test_published_rules_are_frozen(state: str, keys: dict[str, Any]):
    revision = keys["current"]
    run("UPDATE catalogue_revision SET state = %s WHERE id = %s", state, revision)
    for column in (field.attname for field in Revision._meta.concrete_fields):
        if column in ("id", "state"):
            continue
        with refused("revision_frozen"):
            run(f"UPDATE catalogue_revision SET {column} = {column} WHERE id = %s", revision)
    with refused("revision_kept"):
        run("DELETE FROM catalogue_revision WHERE id = %s", revision)


@pytest.mark.parametrize(
    ("was", "becomes"), [("current", "draft"), ("superseded", "draft"), ("superseded", "current")]
)
def test_rules_never_go_back(was: str, becomes: str, keys: dict[str, Any]):
    run("UPDATE catalogue_revision SET state = %s WHERE id = %s", was, keys["current"])
    with refused("revision_never_draft_again"):
        run("UPDATE catalogue_revision SET state = %s WHERE id = %s", becomes, keys["current"])


@pytest.fixture
def lines(keys: dict[str, Any]) -> dict[str, int]:
    """One line of each kind under rules in force, by its table: written while they were a draft."""
    draft = Revision.objects.get(pk=keys["draft"])
    lines: dict[str, int] = {
        "catalogue_need": keys["need"],
        "catalogue_contraindication": keys["rule"],
        "catalogue_carestep": keys["step"],
        "catalogue_valuesource": draft.value_sources.all()[0].pk,
    }
    Revision.objects.filter(pk=keys["current"]).update(state="superseded")
    Revision.objects.filter(pk=keys["draft"]).update(state="current")
    return lines


@pytest.mark.parametrize("table", LINES)
def test_lines_of_published_rules_are_frozen(table: str, lines: dict[str, int]):
    with refused(f"{table}_frozen"):
        run(f"DELETE FROM {table} WHERE id = %s", lines[table])
    column = "source" if table == "catalogue_valuesource" else "id"
    with refused(f"{table}_frozen"):
        run(f"UPDATE {table} SET {column} = {column} WHERE id = %s", lines[table])


def test_published_rules_get_no_further_lines(keys: dict[str, Any], lines: dict[str, int]):
    revision = keys["draft"]
    with refused("catalogue_need_closed"):
        Need.objects.create(
            revision_id=revision, kind="room", capability=CapabilityFactory.create(), to_minute=5
        )
    with refused("catalogue_contraindication_closed"):
        Contraindication.objects.create(
            revision_id=revision,
            fact_type=FactTypeFactory.create(),
            severity="relative",
            source="x",
        )
    with refused("catalogue_carestep_closed"):
        CareStep.objects.create(revision_id=revision, kind="do", text={"en": "x"})
    with refused("catalogue_valuesource_closed"):
        ValueSource.objects.create(revision_id=revision, path="age.min", source="x")


def test_a_line_cannot_be_moved_under_published_rules(keys: dict[str, Any]):
    for table, key in {"catalogue_carestep": "step", "catalogue_need": "need"}.items():
        with refused(table):
            run(f"UPDATE {table} SET revision_id = %s WHERE id = %s", keys["current"], keys[key])


def test_a_draft_can_be_changed_and_thrown_away(keys: dict[str, Any]):
    run("UPDATE catalogue_revision SET treat_minutes = 25 WHERE id = %s", keys["draft"])
    run("UPDATE catalogue_carestep SET from_day = 1 WHERE id = %s", keys["step"])
    Revision.objects.get(pk=keys["draft"]).delete()
    assert not CareStep.objects.filter(pk=keys["step"]).exists()
