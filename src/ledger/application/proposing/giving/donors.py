"""Who gave, as the log may know it: a firm by its name, a person by a reference and the vault."""

from collections.abc import Mapping
from typing import Any, Final

from ledger.application.importing.fields.consents import CONSENTS_TOLD, Consent, consent
from ledger.application.proposing.context import Context
from ledger.application.proposing.own_numbers import own_number
from ledger.application.proposing.proposal import RowRefusedError
from ledger.application.proposing.words import is_organisation
from ledger.values.idno import is_resident_id
from ledger.vault.people import Subject

_BODIES: Final = {"企业": "organisation", "社会组织": "organisation", "集体": "collective", "其他": "organisation"}
_OTHER: Final = "其他"
"""Says who gave so little that a resident's number says more."""
_NAMED: Final = frozenset({"organisation", "collective"})
_NAMELESS: Final = frozenset({"匿名", "无名氏"})


def donor(context: Context, values: Mapping[str, Any]) -> tuple[dict[str, Any], list[Subject]]:
    """The four fields that say who gave, and what the vault must keep of a person, or of a body that is published under
    another name.

    `values` has donor_name, and where the file states them donor_number, donor_type, phone and publicity.
    """
    kind = "person" if _is_somebody(values) else _by_word(values)
    return _told(context, values, kind, _consented(values, kind))


def donors_once(context: Context, values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The four fields as older releases recorded them: by the word for the donor alone, where that named somebody, and
    silence on whether the name may be published as consent.
    """
    word = _by_word(values)
    kinds = ("person", word) if word != "person" and _is_somebody(values) else (word,)
    before = [_consented(values, kinds[0])]
    if values.get("publicity") is None:
        before.append(Consent("name"))
    made = [_told(context, values, kind, consent)[0] for kind in kinds for consent in before]
    return [one for one in made[1:] if one != made[0]]


def payer_label(who: Mapping[str, Any], values: Mapping[str, Any]) -> str | None:
    """The name that a receipt is made out to, as the log may know it: a body's own, whatever it is published as."""
    return str(values["donor_name"]) if who["donor_kind"] in _NAMED else None


def _by_word(values: Mapping[str, Any]) -> str:
    return _BODIES.get(str(values.get("donor_type") or ""), "person")


def _is_somebody(values: Mapping[str, Any]) -> bool:
    """Whether the number is a resident's: then a body needs a name that is certainly a body's, and a word for what it
    is. A shop's owner who gives in his own name is not named in the log.
    """
    body = values.get("donor_type") != _OTHER and is_organisation(str(values.get("donor_name") or ""))
    return is_resident_id(str(values.get("donor_number") or "")) and not body


def _consented(values: Mapping[str, Any], kind: str) -> Consent:
    """What the donor may be published as. Where a kind of file has no place to say it, nobody asked a person; a body's
    name is public.
    """
    if "publicity" not in values:
        return Consent("anonymous" if kind == "person" else "name")
    said, name = values["publicity"], str(values.get("donor_name") or "")
    found = consent(None if said is None else str(said), name)
    if found is None:
        raise RowRefusedError("公开姓名", "E_CELL_CHOICE", value=said, choices=CONSENTS_TOLD)
    return found


def _told(
    context: Context, values: Mapping[str, Any], kind: str, consented: Consent
) -> tuple[dict[str, Any], list[Subject]]:
    name, number, publicity = values.get("donor_name"), values.get("donor_number"), consented.publicity
    if not name or str(name) in _NAMELESS:
        return {"donor": None, "donor_kind": "anonymous", "donor_label": None, "publicity": "anonymous"}, []
    reference = context.reference("donor", number or name)
    label = consented.alias or (None if kind == "person" else name)
    who = {"donor": reference, "donor_kind": kind, "donor_label": label, "publicity": publicity}
    if label == name:
        return who, []
    fields = [("name", name), ("number", number), ("phone", values.get("phone"))]
    kept = tuple((field, str(value)) for field, value in fields if value)
    return who, [Subject("donor", reference, kept)]


def channel_donation(context: Context, provider: str, order_no: str) -> str:
    """The number of a gift through a channel: the same from the channel's bill and from the register."""
    return context.reference("donation", provider, order_no)


def pledge_id(context: Context, entity: str, number: str) -> str:
    """A pledge's id: the office's own number where it can be one, else a reference of it."""
    return own_number(context, entity, "pledge", "pledge", number)
