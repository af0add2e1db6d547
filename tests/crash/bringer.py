"""A program that is killed: it imports a file for an office, as often as it is told to."""

from pathlib import Path
from typing import Any

from ledger.application.importing.parse import parse_file
from ledger.flows.registry import event_classes
from ledger.signing.keys import SigningKey
from tests.application.importing.offices import SAMPLES
from tests.application.proposing.county import County
from tests.crash.serving import serve


def bring_in(order: dict[str, Any]) -> None:
    """Import the order's file into the county of the order's folder."""
    keys = {name: SigningKey(bytes.fromhex(seed)) for name, seed in order["keys"].items()}
    county = County(Path(order["folder"]), keys, SigningKey(bytes.fromhex(order["operator"])))
    county.take_in(Path(order["file"]))
    county.close()


if __name__ == "__main__":
    event_classes()
    parse_file(SAMPLES / "wechat_trade.csv")  # what reading imports is imported before the fork
    serve(bring_in)
