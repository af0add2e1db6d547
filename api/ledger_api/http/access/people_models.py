"""The forms of people: persons of the vault, who read them, officers, keys, entities and policies of the log."""

from pydantic import Field

from ledger.flows.authority.policies import PolicySet
from ledger_api.http.models import Strict


class FieldModel(Strict):
    """A field of a person. `commitment` stands in the log; with a purpose, `commitment_key` (base64) proves it."""

    name: str
    value: str
    commitment: str
    commitment_key: str | None = None


class PersonModel(Strict):
    """A person, household, donor or payee; `masked` when no purpose was stated."""

    reference: str
    masked: bool
    fields: list[FieldModel]


class AccessModel(Strict):
    """Who read or did what with a person's data."""

    id: int
    at: str
    actor: str
    action: str
    subject: str
    detail: str


class AccessPage(Strict):
    """Rows of the access log, oldest first; `next` leads on."""

    rows: list[AccessModel]
    next: str | None


class RoleModel(Strict):
    """A role in force; `entity` null means every entity, `scope` narrows it (a township)."""

    role: str
    entity: str | None
    scope: str | None


class OfficerModel(Strict):
    """Somebody who acts for an entity; names of officers are of public life."""

    officer: str
    name: str
    roles: list[RoleModel]


class OfficerList(Strict):
    """Officers with roles at entities that the caller sees."""

    officers: list[OfficerModel]


class KeyModel(Strict):
    """An enrolled key; `machine_kinds` lists what a machine's key may record, null for a person's."""

    keyid: str
    key: str = Field(description="`ed25519:` and base64")
    officer: str
    revoked: bool
    valid_from: str | None
    valid_to: str | None
    machine_kinds: list[str] | None


class KeyList(Strict):
    """Keys of officers that the caller sees."""

    keys: list[KeyModel]


class EntityModel(Strict):
    """Who keeps books here."""

    entity: str
    entity_kind: str
    book_kind: str
    chart_family: str


class EntityList(Strict):
    """Entities that the caller sees."""

    entities: list[EntityModel]


class PolicyModel(Strict):
    """The policy in force for an entity, or (null) for every one without its own, as it was signed."""

    entity: str | None
    policy: PolicySet


class PolicyList(Strict):
    """Policies in force."""

    policies: list[PolicyModel]
