"""The programming interface, version 1: docs/api.md. Who may call what stands in urls.py."""

from http import HTTPStatus
from typing import Any, cast

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET
from ninja import NinjaAPI

from clinic.kit.guard import requires
from clinic.kit.pages import go, problem
from clinic.patients.models import Patient
from clinic.staff.models import User
from plans.api.forms import ASKED, ProblemOut, ProcedureDetail, ProcedureList, ScreeningOut
from plans.api.selectors import asked, procedure_detail, procedure_list, screening_of
from plans.api.services import note_screening
from plans.api.tags import guide
from plans.catalogue.models import Revision
from plans.core.vignettes import BadVignette
from plans.vignettes.forms import document_of
from plans.vignettes.tags import slip_words

api = NinjaAPI(
    title="Cadence",
    version="1",
    description="Screening and the catalogue. See docs/api.md for every field.",
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
        vignette, by = question.vignette, cast("User", request.user)
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


@api.exception_handler(Patient.DoesNotExist)
def no_patient(request: HttpRequest, error: Patient.DoesNotExist) -> HttpResponse:
    words = _("There is no such patient at your location.")
    return problem(HTTPStatus.NOT_FOUND, words, field="patient", reason=words)


@api.exception_handler(Revision.DoesNotExist)
def no_procedure(request: HttpRequest, error: Revision.DoesNotExist) -> HttpResponse:
    words = _("The catalogue has no such procedure in force.")
    return problem(HTTPStatus.NOT_FOUND, words, field="code", reason=words)


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
