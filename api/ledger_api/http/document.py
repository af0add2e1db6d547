"""Writes the OpenAPI document: `python -m ledger_api.http.document FILE`. CI compares it with the one that is kept."""

import json
import sys
from pathlib import Path

from ledger_api.http.app import create_app


def document_text() -> str:
    """The document as it is kept: sorted, so that a change of one route is a change of a few lines."""
    return json.dumps(create_app(None).openapi(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(document_text(), encoding="utf-8")
