"""What is declared is what is locked and shipped: dependencies, reasons, digests, source roots, programs."""

import importlib
import re
import sys
import tomllib
from importlib.metadata import packages_distributions

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.tidy.shape import imports
from tests.tidy.sources import BESIDE, ROOMS, ROOT, Module

TEXT = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
DECLARED = tomllib.loads(TEXT)
PROJECT = DECLARED["project"]
REQUIREMENTS = [Requirement(r) for r in (*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["dev"])]

# A pin with its digests: "name==1.2.3 ; marker \" and the lines that follow it.
PINS = re.compile(r"^([\w.-]+)==(\S+)[^\n]*((?:\n +--hash=sha256:[0-9a-f]{64}(?: \\)?)*)", re.MULTILINE)
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")


def test_the_lock_holds_pins_with_digests_and_nothing_else() -> None:
    pins = list(PINS.finditer(LOCK))
    assert pins
    assert [pin[1] for pin in pins if not pin[3]] == []
    assert PINS.sub("", LOCK).strip() == ""


@pytest.mark.parametrize("requirement", REQUIREMENTS, ids=lambda requirement: requirement.name)
def test_what_is_declared_is_locked_within_its_range(requirement: Requirement) -> None:
    locked = {canonicalize_name(pin[1]): pin[2] for pin in PINS.finditer(LOCK)}
    assert requirement.specifier.contains(locked[canonicalize_name(requirement.name)])


def test_every_dependency_has_its_reason_and_an_upper_bound() -> None:
    lines = [line for line in TEXT.splitlines() if re.match(r'  "[a-z].*[<>=]=?[0-9]', line)]
    assert len(lines) == len(REQUIREMENTS)
    assert [line for line in lines if not re.search(r',<[0-9.]+", +# \S', line)] == []


def test_the_wheel_ships_the_four_rooms() -> None:
    shipped = DECLARED["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    assert shipped == [f"{root}/{package}" for root, package in ROOMS.items()]


def imported_distributions(sources: list[Module], *, shipped: bool) -> set[str]:
    """Names of the distributions that shipped modules, or the tests and benchmarks, import."""
    owners = packages_distributions()
    chosen = [m for m in sources if m.in_rooms == shipped]
    own = {*ROOMS.values(), *BESIDE}
    names = {name for m in chosen for name, _ in imports(m)} - own - sys.stdlib_module_names
    return {canonicalize_name(owners.get(name, [name])[0]) for name in names}


def test_what_is_imported_is_declared_and_what_is_declared_is_imported(sources: list[Module]) -> None:
    declared = {canonicalize_name(Requirement(r).name) for r in PROJECT["dependencies"]}
    assert imported_distributions(sources, shipped=True) == declared


def test_what_tests_import_is_declared(sources: list[Module]) -> None:
    assert imported_distributions(sources, shipped=False) <= {canonicalize_name(r.name) for r in REQUIREMENTS}


@pytest.mark.parametrize("target", PROJECT["scripts"].values())
def test_programs_exist(target: str) -> None:
    module, _, function = target.partition(":")
    assert callable(getattr(importlib.import_module(module), function))
