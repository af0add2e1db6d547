"""The bill of materials names what the lock pins, with its digests, in the form that CycloneDX 1.6 asks for."""

import json
import tomllib
from pathlib import Path
from typing import Any, Final

import jsonschema_rs
import pytest

from deploy.sbom import ROOT, bill, main, pins_of, runtime, wanted

LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

PURL = {"type": "string", "pattern": r"^pkg:pypi/[a-z0-9-]+@[^@/ ]+$"}
COMPONENT: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["type", "name", "version", "purl"],
    "properties": {
        "type": {"enum": ["application", "library"]},
        "bom-ref": {"type": "string", "minLength": 1},
        "name": {"type": "string"},
        "version": {"type": "string", "maxLength": 1024},
        "scope": {"enum": ["required", "optional", "excluded"]},
        "hashes": {
            "type": "array",
            "minItems": 1,
            "uniqueItems": True,
            "items": {
                "type": "object",
                "required": ["alg", "content"],
                "properties": {"alg": {"const": "SHA-256"}, "content": {"pattern": "^[0-9a-f]{64}$"}},
                "additionalProperties": False,
            },
        },
        "licenses": {"items": {"required": ["license"], "properties": {"license": {"required": ["id"]}}}},
        "purl": PURL,
    },
    "additionalProperties": False,
}
# Of bom-1.6.schema.json, what it asks of the parts that this bill has; and that a component has a purl and digests.
FORM: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["bomFormat", "specVersion", "serialNumber", "version", "metadata", "components", "dependencies"],
    "properties": {
        "bomFormat": {"const": "CycloneDX"},
        "specVersion": {"const": "1.6"},
        "serialNumber": {
            "pattern": "^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$",
        },
        "version": {"type": "integer", "minimum": 1},
        "metadata": {"properties": {"component": COMPONENT}, "additionalProperties": False},
        "components": {
            "type": "array",
            "uniqueItems": True,
            "items": {**COMPONENT, "required": [*COMPONENT["required"], "bom-ref", "scope", "hashes"]},
        },
        "dependencies": {
            "type": "array",
            "uniqueItems": True,
            "items": {
                "type": "object",
                "required": ["ref"],
                "properties": {"ref": PURL, "dependsOn": {"type": "array", "uniqueItems": True, "items": PURL}},
                "additionalProperties": False,
            },
        },
    },
    "additionalProperties": False,
}


@pytest.fixture(scope="module")
def made() -> dict[str, Any]:
    return bill(LOCK, PROJECT)


def names(made: dict[str, Any], scope: str) -> set[str]:
    return {one["name"] for one in made["components"] if one["scope"] == scope}


def test_it_has_the_form_that_the_specification_asks_for(made: dict[str, Any]) -> None:
    valid = jsonschema_rs.validator_for(FORM)
    assert [str(one) for one in valid.iter_errors(made)] == []
    assert not valid.is_valid({**made, "components": [{**made["components"][0], "hashes": []}]})
    refs = [made["metadata"]["component"]["bom-ref"], *(one["bom-ref"] for one in made["components"])]
    assert len(set(refs)) == len(refs)
    told = [one["ref"] for one in made["dependencies"]]
    assert len(set(told)) == len(told)
    assert {*told, *(other for one in made["dependencies"] for other in one["dependsOn"])} <= set(refs)


def test_it_names_every_pin_of_the_lock_with_every_digest(made: dict[str, Any]) -> None:
    """Counted in the lock's own lines, so that no pin is lost to how they are read."""
    pinned = [line.split()[0] for line in LOCK.splitlines() if line[:1] not in {" ", "#", ""}]
    assert sorted(f"{one['name']}=={one['version']}" for one in made["components"]) == sorted(pinned)
    digests = [one["content"] for each in made["components"] for one in each["hashes"]]
    assert sorted(digests) == sorted(
        line.split("sha256:")[1].split()[0] for line in LOCK.splitlines() if "sha256:" in line
    )


def test_what_the_product_needs_is_told_from_what_only_builds_and_tests_it(made: dict[str, Any]) -> None:
    required, excluded = names(made, "required"), names(made, "excluded")
    assert {wanted(one)[0] for one in PROJECT["dependencies"]} <= required
    assert {"pydantic-core", "cffi", "uvloop", "psycopg-binary", "typing-extensions"} <= required, "what those need"
    assert {"pytest", "mypy", "ruff", "hatchling", "cryptography"} <= excluded
    needed = {other for one in made["dependencies"] for other in one["dependsOn"]}
    assert not [one["name"] for one in made["components"] if one["scope"] == "excluded" and one["purl"] in needed]


def test_one_pin_more_is_one_more_and_an_extra_that_nobody_asks_for_is_none() -> None:
    digest = "0" * 64
    pins = {one.name: one for one in pins_of(f"Added_Name==1.0 ; x == 'y' \\\n    --hash=sha256:{digest}\n")}
    assert pins["added-name"].purl == "pkg:pypi/added-name@1.0"
    assert pins["added-name"].digests == (digest,)
    locked = {one.name: one for one in pins_of(LOCK)}
    assert "uvloop" not in runtime(["uvicorn"], locked)
    assert "uvloop" in runtime(["uvicorn[standard]"], locked)
    assert wanted("Typing.Extensions[A_b]>=1") == ("typing-extensions", frozenset({"a-b"}))


def test_the_file_is_what_was_made_and_the_same_again(tmp_path: Path, made: dict[str, Any]) -> None:
    for name in ("a/sbom.json", "b.json"):
        main(tmp_path / name)
    first = (tmp_path / "a" / "sbom.json").read_bytes()
    assert json.loads(first) == made
    assert (tmp_path / "b.json").read_bytes() == first
