"""The Python client: it signs what it sends and believes no server. Start at `SignedRequests`."""

from ledger_api.client.imports import import_file
from ledger_api.client.signed_requests import SignedRequests

__all__ = ["SignedRequests", "import_file"]
