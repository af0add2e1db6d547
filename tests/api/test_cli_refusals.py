"""What a program is told of a voucher that was refused."""

import pytest

from ledger.application.outcomes import VoucherRefusedError
from ledger.catalogue import say
from ledger.flows.knowledge import Finding
from ledger_api.cli.output import error_json


@pytest.mark.parametrize("language", ["zh", "en"])
def test_each_finding_of_a_refusal_comes_with_its_sentence(language: str) -> None:
    params = (("amount_fen", 500), ("fund", "general"), ("available_fen", 200))
    error = VoucherRefusedError("v", [Finding("E_FUND_INSUFFICIENT", 0, params)], 7)
    told = error_json(error, language)["error"]
    assert told["code"] == "E_REFUSED"
    (finding,) = told["params"]["findings"]
    assert finding["code"] == "E_FUND_INSUFFICIENT"
    assert finding["message"] == say("E_FUND_INSUFFICIENT", language, **dict(params))
    assert "message" not in error.params["findings"][0], "what was judged stays as it was"
