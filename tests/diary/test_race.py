"""Sixteen processes want the same three hours: one gets all of them, fifteen are told why not."""

import datetime as dt
import multiprocessing
from collections import Counter

import pytest
from django.db import connection

from clinic.kit import clock
from plans.core.spacing import add_months
from plans.data.factories import PatientFactory, WorkingHoursFactory
from plans.diary.models import Appointment, Occupancy
from tests.diary.clinic import make_clinic
from tests.diary.racer import race

RACERS = 16
PATIENCE_SECONDS = 120


def database_url() -> str:
    settings = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{settings['NAME']}"
    door = (
        f"{settings['USER']}:{settings['PASSWORD']}" if settings["PASSWORD"] else settings["USER"]
    )
    return f"postgres://{door}@{settings['HOST']}:{settings['PORT']}/{settings['NAME']}"


@pytest.mark.django_db(transaction=True)
def test_of_many_who_book_the_same_time_one_wins_and_the_others_are_told(tmp_path):
    clinic = make_clinic(clock.today())
    for resource in (clinic.weiss, clinic.room):
        for weekday in (6, 7):
            WorkingHoursFactory(resource=resource, weekday=weekday)
    first = clock.today() + dt.timedelta(days=14)
    days = (first, add_months(first, 3), add_months(add_months(first, 3), 3))
    outcomes = run(clinic, days, {"DATABASE_URL": database_url(), "DATA_DIR": str(tmp_path)})
    assert Counter(kind for kind, _ in outcomes) == {"booked": 1, "TimeTaken": RACERS - 1}
    assert all("choose again" in words for kind, words in outcomes if kind == "TimeTaken")
    assert Appointment.objects.count() == 3
    assert Occupancy.objects.count() == 6


def run(clinic, days, environment):
    context = multiprocessing.get_context("spawn")
    start, said = context.Barrier(RACERS), context.Queue()
    racers = []
    for _ in range(RACERS):
        patient = PatientFactory(location=clinic.location)
        offer = clinic.series(*days, patient=patient).packed()
        racers.append(
            context.Process(
                target=race, args=(environment, offer, clinic.reception.pk, start, said)
            )
        )
    for racer in racers:
        racer.start()
    try:
        return [said.get(timeout=PATIENCE_SECONDS) for _ in racers]
    finally:
        for racer in racers:
            racer.join(10)
            racer.kill()
