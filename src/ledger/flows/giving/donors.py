"""Who gives, as far as the log may know: a reference into the vault, a kind, and the name that may be shown.

A firm's name is public and stands in the log; a private person's never does. What a person chose to be called in public
(化名) is a label too.
"""

from typing import Literal, Protocol

from ledger.flows.rules import Verdict

DonorKind = Literal["person", "organisation", "collective", "anonymous"]
Publicity = Literal["name", "alias", "anonymous"]
"""What the donor agreed to be published as. Source: Charity Law art. 80 (no names without consent)."""


class Given(Protocol):
    """An event that says who gave."""

    @property
    def donor(self) -> str | None:
        """The reference into the vault."""

    @property
    def donor_kind(self) -> str:
        """A `DonorKind`."""

    @property
    def donor_label(self) -> str | None:
        """The public name of an organisation or collective, or a person's alias."""

    @property
    def publicity(self) -> str:
        """A `Publicity`."""


def misdescribed(event: Given) -> Verdict:
    """The body of every DONOR_SHAPE rule: the four fields contradict each other, or a person stands in clear."""
    person_in_clear = event.donor_kind == "person" and event.publicity != "alias" and event.donor_label is not None
    nameless_alias = event.publicity == "alias" and event.donor_label is None
    nameless_body = event.donor_kind in {"organisation", "collective"} and event.donor_label is None
    known_unknown = event.donor_kind == "anonymous" and (event.donor is not None or event.publicity != "anonymous")
    if person_in_clear or nameless_alias or nameless_body or known_unknown:
        yield {"donor_kind": event.donor_kind, "publicity": event.publicity}
