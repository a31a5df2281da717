"""Sixteen processes at once: whatever they do, nothing overlaps, nothing is lost, and every no is explained."""

import pytest

from bench.scene import make_scene
from bench.storm import one_slot, storm

ACTS, ROUNDS = 10, 4
LIMIT_SECONDS = 120


@pytest.mark.django_db(transaction=True)
def test_a_storm_of_bookings_moves_and_cancellations_leaves_the_diary_whole():
    scene = make_scene(patients=24, days=6)
    weathered = storm(scene, ACTS, limit_seconds=LIMIT_SECONDS)
    assert not weathered.faults, "\n".join(weathered.faults)
    assert len(weathered.told) == 16 * ACTS
    # Enough came through, and enough was refused, for the ledger to mean something.
    done = {what: n for what, n in weathered.outcomes.items() if what.endswith(" done")}
    assert done["book done"] > ACTS
    # Which other acts get through hangs on who is faster; not one of them would be a fault of the test.
    assert sum(done.values()) > done["book done"]
    assert sum(weathered.refusals.values()) > ACTS


@pytest.mark.django_db(transaction=True)
def test_of_many_who_want_one_slot_again_and_again_one_has_it_each_time():
    weathered = one_slot(make_scene(patients=16, days=1), ROUNDS, limit_seconds=LIMIT_SECONDS)
    assert not weathered.faults, "\n".join(weathered.faults)
    assert weathered.outcomes["book done"] == ROUNDS
    assert weathered.outcomes["book refused"] == 15 * ROUNDS
