"""The programming interface, version 1: docs/api.md. Who may call what stands in urls.py."""

import uuid
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET
from ninja import NinjaAPI, Status

from clinic.kit import clock
from clinic.kit.guard import requires
from clinic.kit.pages import go, location_of, problem
from clinic.kit.refusals import Refusal
from clinic.patients.models import Patient
from clinic.places.models import Location
from clinic.places.selectors import resources_at
from clinic.staff.models import User
from clinic.staff.selectors import signed_in
from plans.api import selectors, services, tags
from plans.api.forms import (
    ASKED,
    BOOKED,
    MOVED,
    OF_A_DAY,
    SEARCHED,
    STATUS_SET,
    BookedOut,
    DayOut,
    MovePreview,
    ProblemOut,
    ProcedureDetail,
    ProcedureList,
    ResourceList,
    ScreeningOut,
    SeriesOut,
    VisitOut,
)
from plans.api.selectors import asked, procedure_detail, procedure_list, screening_of
from plans.api.services import note_screening
from plans.api.tags import guide
from plans.catalogue.models import Revision
from plans.core.act_reading import read_day, read_key, read_move, read_status
from plans.core.vignettes import BadVignette, Slip
from plans.courses.models import Course
from plans.courses.selectors import names
from plans.diary.models import Appointment, TimeTaken
from plans.diary.models import Status as VisitStatus
from plans.diary.selectors import visit_at, visits_on
from plans.vignettes.forms import document_of
from plans.vignettes.tags import slip_words

api = NinjaAPI(
    title="Cadence",
    version="1",
    description="Screening, the catalogue and the diary. See docs/api.md for every field.",
    urls_namespace="api",
    docs_url=None,
    openapi_url="",
)


@api.post(
    "/screenings",
    url_name="screenings",
    response={200: ScreeningOut, (401, 403, 404, 422): ProblemOut},
    openapi_extra=ASKED,
    summary="May this procedure be done to this patient on this date?",
)
def screen(request: HttpRequest) -> Any:
    """The patient is described in the request, or is one of the caller's location."""
    question = asked(document_of(request.body), getattr(request, "location", None))
    answer = screening_of(question)
    if question.patient is not None:
        vignette, by = question.vignette, signed_in(request)
        note_screening(question.patient, vignette.procedure, vignette.session_date, by=by)
    return answer


@api.get(
    "/procedures",
    url_name="procedures",
    response=ProcedureList,
    summary="Every procedure with its revision in force",
)
def procedures(request: HttpRequest) -> Any:
    return {"procedures": procedure_list()}


@api.get(
    "/procedures/{code}",
    url_name="procedure",
    response={200: ProcedureDetail, 404: ProblemOut},
    summary="All that the revision in force says, with the source of every number",
)
def procedure(request: HttpRequest, code: str) -> Any:
    return procedure_detail(code)


# The history says why.
_WITH_REASON = (VisitStatus.CANCELLED, VisitStatus.NO_SHOW)


@api.post(
    "/series/search",
    url_name="series-search",
    response={200: SeriesOut, (401, 403, 404, 422): ProblemOut},
    openapi_extra=SEARCHED,
    summary="Which dates fit a series in the common free time of practitioner, room and device?",
)
def search_series(request: HttpRequest) -> Any:
    """The patient is described in the request, which books nothing, or is one of the caller's location."""
    wanted = selectors.wanted(document_of(request.body), signed_in(request))
    answer = _offers(wanted, signed_in(request))
    if wanted.described is None:
        procedure = wanted.ask.revision.procedure.code
        services.note_search(wanted.ask.patient, procedure, by=signed_in(request))
    return answer


def _offers(wanted: selectors.Wanted, by: User) -> dict[str, Any]:
    answer, words = wanted.answer(), names()
    sees, ask = by.has_perm("clinic.see_screening"), wanted.ask
    resources = {resource.pk: resource for resource in wanted.resources}
    offers = [
        tags.plain_offer(series, resources, words, ask.location.zone, sees_screening=sees)
        | {"token": wanted.token(series)}
        for series in answer.series
        if series.offer.kind in tags.KINDS
    ]
    return {
        "procedure": ask.revision.procedure.code,
        "patient": ask.patient.number if wanted.described is None else None,
        "location": tags.plain_place(ask.location),
        "starts_from": answer.starts_from if sees else None,
        "waits": tags.plain_waits(answer, words) if sees else [],
        "keeps_wishes": answer.keeps_wishes,
        "offers": offers,
        "impossible": tags.plain_impossible(answer, words, sees_screening=sees),
        "not_bookable": "" if wanted.described is None else tags.not_bookable_words(),
        "ignored": list(wanted.ignored),
    }


@api.post(
    "/series/book",
    url_name="series-book",
    response={(200, 201): BookedOut, (401, 403, 404, 409, 422): ProblemOut},
    openapi_extra=BOOKED,
    summary="Book every session of an offer, or none",
)
def book_series(request: HttpRequest) -> Any:
    """201 when it is booked, 200 when the same key booked it before; 409 with fresh offers when a time is taken."""
    by = signed_in(request)
    chosen, is_stale = selectors.read_token(document_of(request.body))
    key = read_key(request.headers.get("Idempotency-Key"), by.pk)
    if chosen.location not in {location.pk for location in selectors.places_of(by)}:
        raise Location.DoesNotExist
    if is_stale:
        # An answer that was lost on the way may be asked for again, however late.
        course = services.replay(chosen, by=by, key=key)
        if course is None:
            raise BadVignette([Slip("token", "stale")])
        return _booked(course, by)
    try:
        course, is_new = services.book(chosen, by=by, key=key)
    except TimeTaken as refusal:
        more = _offers(selectors.fresh(chosen, by), by)
        return _conflict(refusal, offers=more["offers"])
    status = HTTPStatus.CREATED if is_new else HTTPStatus.OK
    return Status(status, _booked(course, by))


def _booked(course: Course, by: User) -> dict[str, Any]:
    return {
        "course": course.pk,
        "visits": _visits(selectors.judged(selectors.visits_of(course), by)),
    }


@api.get(
    "/resources", url_name="resources", response=ResourceList, summary="Who and what can be booked"
)
def resources(request: HttpRequest) -> Any:
    location = location_of(request)
    found = [tags.plain_resource(resource) for resource in resources_at(location)]
    return {"location": tags.plain_place(location), "resources": found}


@api.get(
    "/appointments",
    url_name="appointments",
    response={200: DayOut, (401, 403, 404, 422): ProblemOut},
    openapi_extra=OF_A_DAY,
    summary="The visits of a day at the caller's location",
)
def appointments(request: HttpRequest) -> Any:
    """Of today, where no day is named."""
    location, by, named = location_of(request), signed_in(request), request.GET.get("day")
    day = read_day(named) if named else clock.today(location.zone)
    visits = _visits(selectors.judged(visits_on(location, day), by))
    return {"location": tags.plain_place(location), "day": day, "appointments": visits}


def _visits(judged: Iterable[selectors.Judged]) -> list[dict[str, Any]]:
    words = names()
    return [tags.plain_visit(one.visit, one.version, one.screening, words) for one in judged]


@api.post(
    "/appointments/{int:pk}/status",
    url_name="appointment-status",
    response={200: VisitOut, (401, 403, 404, 409, 422): ProblemOut},
    openapi_extra=STATUS_SET,
    summary="Confirm, cancel, check in, begin, finish",
)
def set_status(request: HttpRequest, pk: int) -> Any:
    visit, by = visit_at(location_of(request), pk), signed_in(request)
    wish = read_status(document_of(request.body), VisitStatus.values, _WITH_REASON)
    services.set_status(visit, wish, by=by, key=_key(request))
    return _visit(visit, by)


@api.post(
    "/appointments/{int:pk}/move",
    url_name="appointment-move",
    response={200: MovePreview, (401, 403, 404, 409, 422): ProblemOut},
    openapi_extra=MOVED,
    summary="Move a visit, with what follows from it; ?preview=true tells and changes nothing",
)
def move(request: HttpRequest, pk: int) -> Any:
    visit, by = visit_at(location_of(request), pk), signed_in(request)
    wish = read_move(document_of(request.body), visit.location.zone)
    planned = selectors.planned(visit, wish)
    sees = by.has_perm("clinic.see_screening")
    told = tags.plain_plan(planned.known, planned.plan, names(), sees_screening=sees)
    if request.GET.get("preview", "false") not in ("", "0", "false"):
        services.require_current(planned, wish)
        return told | {"batch": None, "moved": 0}
    batch, moved = services.carry_out(planned, wish, by=by, key=_key(request))
    [now] = selectors.judged([visit], by)
    return told | {"batch": batch, "moved": moved, "version": now.version}


def _visit(visit: Appointment, by: User) -> dict[str, Any]:
    [told] = _visits(selectors.judged([visit_at(visit.location, visit.pk)], by))
    return told


def _key(request: HttpRequest) -> uuid.UUID:
    """The caller's key where there is one: a call without one is done as often as it is sent."""
    chosen = request.headers.get("Idempotency-Key")
    return read_key(chosen, signed_in(request).pk) if chosen else uuid.uuid4()


def _conflict(refusal: Refusal, **more: Any) -> HttpResponse:
    return problem(HTTPStatus.CONFLICT, str(refusal), reason=str(refusal), **more)


@api.exception_handler(BadVignette)
def bad_question(request: HttpRequest, error: BadVignette) -> HttpResponse:
    errors = [
        {"field": slip.field, "code": slip.kind, "reason": slip_words(slip)} for slip in error.slips
    ]
    first = errors[0]
    return problem(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        _("The request cannot be answered as it stands; errors names each field."),
        field=first["field"],
        reason=first["reason"],
        errors=errors,
    )


def _missing(field: str, words: str) -> HttpResponse:
    return problem(HTTPStatus.NOT_FOUND, words, field=field, reason=words)


@api.exception_handler(Patient.DoesNotExist)
def no_patient(request: HttpRequest, error: Patient.DoesNotExist) -> HttpResponse:
    return _missing("patient", _("There is no such patient at your location."))


@api.exception_handler(Revision.DoesNotExist)
def no_procedure(request: HttpRequest, error: Revision.DoesNotExist) -> HttpResponse:
    return _missing("code", _("The catalogue has no such procedure in force."))


@api.exception_handler(Appointment.DoesNotExist)
def no_visit(request: HttpRequest, error: Appointment.DoesNotExist) -> HttpResponse:
    return _missing("id", _("There is no such visit at your location."))


@api.exception_handler(Location.DoesNotExist)
def no_place(request: HttpRequest, error: Location.DoesNotExist) -> HttpResponse:
    return _missing("location", _("You do not work at this location."))


@api.exception_handler(Refusal)
def refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    return _conflict(refusal)


@api.exception_handler(services.OtherRequest)
def other_request(request: HttpRequest, error: services.OtherRequest) -> HttpResponse:
    words = _("This key was sent before with another request. Choose a new one.")
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, words, field="Idempotency-Key", reason=words)


@require_GET
@requires("own_account")
def start(request: HttpRequest) -> HttpResponse:
    return go(request, "api:docs")


@require_GET
@requires("own_account")
def description(request: HttpRequest) -> HttpResponse:
    """The same for programs: OpenAPI."""
    return JsonResponse(api.get_openapi_schema())


@require_GET
@requires("own_account")
def docs(request: HttpRequest) -> HttpResponse:
    """docs/api.md, for those who write the programs."""
    return render(request, "api/docs.html", {"guide": guide()})
