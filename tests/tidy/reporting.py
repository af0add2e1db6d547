"""How a rule's findings fail a test: all of them, one a line, without a traceback."""

from collections.abc import Sequence

import pytest


def report(found: Sequence[str]) -> None:
    """Fails with every finding."""
    if found:
        pytest.fail("\n" + "\n".join(found), pytrace=False)
