"""How every test runs: the profiles of hypothesis, and no way out of this machine.

It never holds fixtures; those stand in `tests/conftest.py`.
"""

import functools
import gc
import importlib
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

# No deadline: a busy machine is not a defect. In CI the examples are the same each time, so that a red run is the
# change's doing; at a desk and in `make soak` they are new each time.
settings.register_profile("desk", deadline=None, print_blob=True)
settings.register_profile("ci", deadline=None, print_blob=True, derandomize=True, database=None)
settings.register_profile("soak", deadline=None, print_blob=True, max_examples=2_000)
settings.load_profile("ci" if os.environ.get("CI") else "desk")

# What fifteen thousand tests hold while they are collected is walked through again and again by the collector, for a
# fifth of all processor time: it is set aside, and the collector comes seldom.
gc.set_threshold(100_000, 20, 20)


def pytest_collection_finish() -> None:
    """Set aside what stays until the end."""
    gc.freeze()


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

SHARED = {"tests/integration": "hamlet", "tests": "sources", "tests/tidy": "sources"}
"""Folder -> a fixture of the session that takes long to make. The modules of the folder that ask for it are given to
one worker, so that it is made once and not by each.
"""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Module by module, as `--dist loadscope` says, but the modules that share such a fixture as if they were one."""
    if config.getoption("dist") != "loadscope":
        return None
    made = importlib.import_module("xdist.scheduler").LoadScopeScheduling(config, log)
    alone = made._split_scope  # noqa: SLF001 - the method that xdist documents for being overridden
    made._split_scope = lambda node: shared_scope(config.rootpath, node.partition("::")[0]) or alone(node)  # noqa: SLF001 - as above
    return made


@functools.cache
def shared_scope(root: Path, module: str) -> str | None:
    """The scope of a module that asks for a shared fixture; None for one that does not."""
    folder = module.rpartition("/")[0]
    fixture = SHARED.get(folder)
    if fixture is None or not re.search(rf"\b{fixture}: ", (root / module).read_text(encoding="utf-8")):
        return None
    return fixture
