"""How every test runs: the profiles of hypothesis, and no way out of this machine.

It never holds fixtures; those stand in `tests/conftest.py`.
"""

import os
import sys
from collections.abc import Sequence
from typing import Any

from hypothesis import settings

# No deadline: a busy machine is not a defect. In CI the examples are the same each time, so that a red run is the
# change's doing; at a desk and in `make soak` they are new each time.
settings.register_profile("desk", deadline=None, print_blob=True)
settings.register_profile("ci", deadline=None, print_blob=True, derandomize=True, database=None)
settings.register_profile("soak", deadline=None, print_blob=True, max_examples=2_000)
settings.load_profile("ci" if os.environ.get("CI") else "desk")

_LOCAL_HOSTS = ("localhost", "::1", "", None)


def _refuse_outside(event: str, arguments: Sequence[Any]) -> None:
    """An audit hook: a test may speak to this machine only, by a Unix socket or the loopback range."""
    if event == "socket.getaddrinfo":
        host = arguments[0]
    elif event == "socket.connect" and isinstance(arguments[1], tuple):
        host = arguments[1][0]
    else:
        return
    if host not in _LOCAL_HOSTS and not str(host).startswith("127."):
        message = f"a test tried to reach {host}"
        raise PermissionError(message)


sys.addaudithook(_refuse_outside)
