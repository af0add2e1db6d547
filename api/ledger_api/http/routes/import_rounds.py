"""`/v1/imports/{id}/proposals` and `/vouchers`: what an import asks to be signed, round by round, and its way back.

Neither needs an idempotency key. The open round is handed out again until it is answered, and a voucher's own id makes
its posting happen once. People whom a round names are kept in the vault when it is handed out; those of an import that
is given up stay there sealed, named by no event, and are taken for the same people when they come again.
"""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Response

from ledger.signing.dsse import Envelope
from ledger_api.http.answers import HEADERS, snapshot
from ledger_api.http.callers import Permission
from ledger_api.http.doors import DoorFirst, ServiceHere, opened_by
from ledger_api.http.imports import models
from ledger_api.http.imports.answers import result_model, round_model
from ledger_api.http.imports.posting import hand_in, settle
from ledger_api.http.languages import Language
from ledger_api.http.models import EnvelopeModel
from ledger_api.http.problems import RESPONSES
from ledger_api.http.routes.imports import ImportId, Importing, officer_of

router: Final = APIRouter(tags=["imports"], responses=RESPONSES, route_class=DoorFirst)

Rehearsed = Annotated[
    bool,
    Query(
        description=(
            "先试算再交签;否则整组交签,被拒的分拣后下一轮再来。 Judge before handing out; otherwise whole groups come "
            "unjudged, and what is refused of them comes sorted in the next round."
        )
    ),
]


@router.post(
    "/imports/{import_id}/proposals",
    operation_id="propose_import",
    responses={200: {"headers": HEADERS}},
    openapi_extra=opened_by(Permission.IMPORT),
)
def propose_import(
    import_id: ImportId,
    caller: Importing,
    service: ServiceHere,
    response: Response,
    language: Language,
    rehearsed: Rehearsed = True,
) -> models.RoundModel:
    """The vouchers to sign now; the same again until they were handed in. `done` when nothing is left.

    A later round may rest on an earlier one, so it is made only when that was answered.
    """
    with service.imports.held(officer_of(caller), import_id) as found:
        settle(service, found)
        service.imports.next_round(found, service.authority(), rehearsed=rehearsed)
        with snapshot(service, response):
            return round_model(found, language)


@router.post(
    "/imports/{import_id}/vouchers",
    operation_id="post_import_vouchers",
    responses={200: {"headers": HEADERS}},
    openapi_extra=opened_by(Permission.IMPORT),
)
def post_import_vouchers(
    import_id: ImportId,
    given: models.SignedIn,
    caller: Importing,
    service: ServiceHere,
    response: Response,
    language: Language,
) -> models.ResultsModel:
    """Hand in signed vouchers of the open round, in its order. Each is posted, waits, or is refused by itself; with
    mode `atomic` all of them are posted or none.
    """
    signed = [
        (
            _envelope(one.envelope, f"vouchers[{at}].envelope"),
            tuple(_envelope(each, f"vouchers[{at}].approvals[{n}]") for n, each in enumerate(one.approvals)),
        )
        for at, one in enumerate(given.vouchers)
    ]
    with service.imports.held(officer_of(caller), import_id) as found:
        answered = hand_in(service, found, signed)
        left = len(found.open)
    with snapshot(service, response):
        return models.ResultsModel(results=[result_model(one, language) for one in answered], left=left)


def _envelope(given: EnvelopeModel, where: str) -> Envelope:
    return Envelope.from_json_value(given.model_dump(), where)
