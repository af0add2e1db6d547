"""Writes the bill of materials: `python deploy/sbom.py FILE`, CycloneDX 1.6 in JSON.

What is named, and the digests, are those of `requirements.lock`; which of it the product itself needs follows from what
each installed distribution says that it requires. Nothing is asked of any network. On like machines an
equal lock gives equal bytes.
"""

import json
import re
import sys
import tomllib
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path
from typing import Any, Final

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT: Final = Path(__file__).parents[1]
SPECIFICATION: Final = "1.6"
_PIN: Final = re.compile(r"(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^ ;\\]+)")
_DIGEST: Final = re.compile(r"--hash=sha256:(?P<digest>[0-9a-f]{64})")
_EXTRA: Final = re.compile(r"extra\s*==\s*['\"](?P<extra>[^'\"]+)['\"]")


@dataclass(frozen=True, slots=True)
class Pin:
    """One distribution of the lock: each of its digests is that of one file which the lock accepts."""

    name: str
    version: str
    digests: tuple[str, ...]

    @property
    def purl(self) -> str:
        """Its package URL."""
        return f"pkg:pypi/{self.name}@{self.version}"


Wanted = tuple[str, frozenset[str]]
"""A distribution and the extras of it that are asked for."""


def bill(lock: str, project: Mapping[str, Any]) -> dict[str, Any]:
    """The bill of a lock and of the `[project]` table that it was made of."""
    pins = {pin.name: pin for pin in pins_of(lock)}
    needed = runtime(project["dependencies"], pins)
    name, version = project["name"], project["version"]
    own = f"pkg:pypi/{name}@{version}"
    direct = sorted({pins[one].purl for one, _ in map(wanted, project["dependencies"])})
    return {
        "bomFormat": "CycloneDX",
        "specVersion": SPECIFICATION,
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'{own} {lock}')}",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": own,
                "name": name,
                "version": version,
                "purl": own,
                "licenses": [{"license": {"id": project["license"]}}],
            }
        },
        "components": [_component(pin, required=pin.name in needed) for _, pin in sorted(pins.items())],
        "dependencies": [
            {"ref": own, "dependsOn": direct},
            *(
                {"ref": pins[one].purl, "dependsOn": sorted(pins[other].purl for other in others)}
                for one, others in sorted(needed.items())
            ),
        ],
    }


def _component(pin: Pin, *, required: bool) -> dict[str, Any]:
    """`excluded` is what the format calls that which only those need who build and test."""
    return {
        "type": "library",
        "bom-ref": pin.purl,
        "name": pin.name,
        "version": pin.version,
        "scope": "required" if required else "excluded",
        "hashes": [{"alg": "SHA-256", "content": digest} for digest in pin.digests],
        "purl": pin.purl,
    }


def pins_of(lock: str) -> Iterator[Pin]:
    """Every distribution of a lock, in its order."""
    for entry in lock.replace("\\\n", " ").splitlines():
        if (found := _PIN.match(entry)) is not None:
            yield Pin(canonicalize_name(found["name"]), found["version"], tuple(sorted(set(_DIGEST.findall(entry)))))


def runtime(dependencies: Iterable[str], pins: Mapping[str, Pin]) -> dict[str, set[str]]:
    """Each distribution of the lock that the product needs, on whichever machine, with those that it needs itself. One
    that this machine has no use for, and so has not installed, is named without its own.
    """
    found: dict[str, set[str]] = {}
    seen: set[Wanted] = set()
    open_ = [wanted(one) for one in dependencies]
    while open_:
        name, extras = one = open_.pop()
        if one in seen or name not in pins:
            continue
        seen.add(one)
        own = [other for other in _requirements(name, extras) if other[0] in pins and other[0] != name]
        found.setdefault(name, set()).update(other for other, _ in own)
        open_ += own
    return found


def _requirements(name: str, extras: frozenset[str]) -> Iterator[Wanted]:
    try:
        stated = requires(name) or ()
    except PackageNotFoundError:
        return
    for requirement in stated:
        asked = {canonicalize_name(found) for found in _EXTRA.findall(requirement.partition(";")[2])}
        if not asked or asked & extras:
            yield wanted(requirement)


def wanted(requirement: str) -> Wanted:
    """What a requirement names. Raises InvalidRequirement."""
    named = Requirement(requirement)
    return canonicalize_name(named.name), frozenset(map(canonicalize_name, named.extras))


def main(file: Path) -> None:
    """Write it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    made = bill((ROOT / "requirements.lock").read_text(encoding="utf-8"), project)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(made, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
