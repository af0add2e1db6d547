"""The Python client: it signs what it sends and believes no server. Start at `Client`.

`Reader` is the half that only reads, for whoever has no key of the log; `wire` sends and tries again.
"""

from ledger_api.client.client import Client
from ledger_api.client.imports import import_file
from ledger_api.client.reader import Reader
from ledger_api.client.signed_requests import ReadKey, SignedRequests
from ledger_api.client.wire import Manners

__all__ = ["Client", "Manners", "ReadKey", "Reader", "SignedRequests", "import_file"]
