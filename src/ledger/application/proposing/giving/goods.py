"""The book of goods (受赠物资台账): lots that came in, what left them, and counts of the store.

A lot is one kind of goods under a lot number. Rows of goods that left name the number alone, so they are wrong when it
holds several kinds; where the lot is not in the book yet they wait with it. A row without a day is dated the last day
of the month that the user named, or today, and that is told. What a row names as its paper (价值依据, 签收人) is kept
with the file.
"""

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date
from functools import cached_property
from typing import Any, Final

from ledger.application.importing.report import ParsedFile
from ledger.application.importing.rows import CleanRow, Note, Place
from ledger.application.proposing.cells import spoilt_names, text, whole
from ledger.application.proposing.chains import coded
from ledger.application.proposing.context import Context
from ledger.application.proposing.giving.donors import donor, donors_once
from ledger.application.proposing.giving.goods_before import GoodsBefore
from ledger.application.proposing.own_numbers import own_reference
from ledger.application.proposing.proposal import Proposal, RowRefusedError, Sameness, attempt
from ledger.application.proposing.words import is_organisation
from ledger.flows.knowledge import Need

_SCALE: Final = 3
"""Quantities are thousandths, as the reader gives them."""
_MILLI: Final = 1000
_BASES: Final = {
    "发票": "invoice",
    "市场": "market",
    "指导价": "guide_price",
    "网": "online_price",
    "评估": "appraisal",
    "名义": "nominal",
}
_DECIDED: Final = re.compile(r"批准|批复|批文|同意|决定|决议|纪要|审批[单表]|[〔\[【(（]\d{4}[〕\]】)）]\D{0,2}\d+号")
_UNDECIDED: Final = re.compile(r"待|未|拟|报请|不同意|没有|尚")
"""What a difference's 处理 says when somebody decided it, and when nobody did so far."""


def propose(parsed: ParsedFile, context: Context) -> Proposal:
    """`in_kind.received`, `.delivered` and `.counted`, in this order, whatever the order of the sheets."""
    store = _Store(parsed, context)
    for shape, one in (("received", store.received), ("delivered", store.delivered), ("counted", store.counted)):
        for row in parsed.rows:
            if row.shape == shape and not store.rests_on_a_wrong_lot(row):
                attempt(row, store.proposal, one)
    store.tell_days()
    return store.proposal


class _Store:
    """The rows of one file."""

    def __init__(self, parsed: ParsedFile, context: Context) -> None:
        self._parsed, self._context = parsed, context
        self._entity = context.entity("charity")
        self._here: dict[str, list[Any]] = {}
        self._before = GoodsBefore(context, self._entity, parsed)
        self._officers = {one.name: one.officer for one in context.facts("officer.named")}
        self._named = {row.values["lot_no"] for row in parsed.rows if row.shape == "received"}
        self._named |= spoilt_names(parsed, "lot_no", "received")
        self.proposal = Proposal(columns={"E_LOT_UNKNOWN": "批次号"})
        self._undated: dict[Place, list[int]] = {}
        """Sheet -> its rows that say no day and were not recorded before."""

    def rests_on_a_wrong_lot(self, row: CleanRow) -> bool:
        """Whether a row's lot came in by this file, by a row that cannot be used: that is told there."""
        lot_no = row.values.get("lot_no")
        if row.shape == "received" or lot_no not in self._named or self._lots(lot_no):
            return False
        self.proposal.hold(str(lot_no), [row])
        return True

    def received(self, row: CleanRow) -> None:
        """A lot that came in."""
        values, context = row.values, self._context
        gift = self._gift_of(values["lot_no"])
        lot = self._lot_of(row)
        giver = {**values, "donor_type": "企业" if is_organisation(str(values["donor_name"])) else None}
        who, subjects = donor(context, giver)
        self.proposal.subjects.extend((self._entity, subject) for subject in subjects)
        day = self._day(row, "received_on", Need(f"lot:{lot}", ("in_kind.received",)))
        fields = {
            "fund": context.fund(self._entity, None, "unrestricted"),
            "donation": gift,
            "item": " ".join(str(values[name]) for name in ("goods", "specification") if values.get(name)),
            "unit": values.get("unit_name") or "件",
            "scale": _SCALE,
            "quantity": values["quantity_milli"],
            **self._worth(values),
            "evidence": self._parsed.digest if values.get("value_basis") else None,
            "made_on": _stated(values.get("made_on")),
            "expires_on": _stated(values.get("expires_on")),
            "accepted_by": self._people([text(values, name) for name in ("acceptor_1", "acceptor_2")]),
            "store": values.get("warehouse") or "未填",
            "occurred_on": str(day),
            "place": context.place(self._parsed, row),
        }
        event: Any = context.event("in_kind.received", lot=lot, **fields, **who)
        meant = self._before.lot(event, self._named_lots)
        if meant != lot:
            lot, event = meant, context.event("in_kind.received", lot=meant, **fields, **who)
        once = (context.event("in_kind.received", lot=lot, **fields, **one) for one in donors_once(context, giver))
        self._here.setdefault(gift, []).append(event)
        need = Need(f"lot:{lot}", ("in_kind.received",))
        self.proposal.add(row, need, self._entity, day, event, once=tuple(once))

    @staticmethod
    def _worth(values: Mapping[str, Any]) -> dict[str, Any]:
        """The value as stated, or price times quantity; goods without either are nominal until somebody values them."""
        price, quantity = values.get("price_fen"), whole(values, "quantity_milli")
        fen = values.get("amount_fen")
        if fen is None and price is not None:
            fen = int(price) * quantity // _MILLI
        if not fen:
            return {"value_fen": 0, "valuation": "nominal"}
        return {"value_fen": fen, "valuation": coded(_BASES, values.get("value_basis"), "market")}

    def _people(self, names: Sequence[str | None]) -> list[str]:
        """The officers of these names; somebody who is no officer of this book stands under a reference."""
        known = [name for name in names if name]
        return [self._officers.get(name) or self._context.reference("acceptor", name) for name in known]

    def delivered(self, row: CleanRow) -> None:
        """Goods that left a lot."""
        values, context = row.values, self._context
        lot = self._lot(values["lot_no"], None)
        name, receiver, people = context.party(str(values["receiver_name"]))
        _, signer, signers = context.party(text(values, "signer"))
        self.proposal.subjects.extend((self._entity, subject) for subject in (*people, *(() if receiver else signers)))
        day = values["delivered_on"]
        if not isinstance(day, date):
            raise RowRefusedError("出库日期", "E_CELL_MISSING")
        fields = {
            "fund": lot.fund,
            "lot": lot.lot,
            "movement": self._before.movement(row),
            "quantity": _scaled(lot, values["quantity_milli"], "数量"),
            "purpose": values.get("usage") or "未填",
            "payee_label": name,
            "persons": 0 if receiver is None else 1,
            "signed_list": self._parsed.digest if values.get("signer") else None,
            "occurred_on": str(day),
            "place": context.place(self._parsed, row),
        }
        event: Any = context.event("in_kind.delivered", payee=receiver or signer, **fields)
        movement = self._before.delivery(event)
        if movement != event.movement:
            event = context.event("in_kind.delivered", payee=receiver or signer, **{**fields, "movement": movement})
        before = context.event("in_kind.delivered", payee=receiver, **{**fields, "movement": movement})
        known = Need(f"movement:{movement}", ("in_kind.delivered",))
        self.proposal.add(row, known, self._entity, day, event, once=(before,), after=_after(lot))

    def counted(self, row: CleanRow) -> None:
        """A lot that was counted."""
        values, context = row.values, self._context
        if not values.get("lot_no"):
            raise RowRefusedError("批次号", "E_CELL_MISSING")
        lot = self._lot(values["lot_no"], values.get("goods"))
        own = self._count_of(row, lot)
        day = self._day(row, "counted_on", Need(f"movement:{own}", ("in_kind.counted",)))
        fields = {
            "fund": lot.fund,
            "lot": lot.lot,
            "book_quantity": _scaled(lot, values["book_quantity_milli"], "账面数"),
            "counted_quantity": _scaled(lot, values["counted_quantity_milli"], "实盘数"),
            **_decision(values),
            "counted_by": self._people([text(values, name) for name in ("counter_1", "counter_2")]),
            "on": str(day),
            "place": context.place(self._parsed, row),
        }
        event: Any = context.event("in_kind.counted", movement=own, **fields)
        rows = [one for one in self._parsed.rows if one.shape == row.shape]
        named = [self._count_of(one, lot) for one in rows if one.values.get("lot_no") == values["lot_no"]]
        movement = self._before.count(event, named, self._named_counts)
        if movement != own:
            event = context.event("in_kind.counted", movement=movement, **fields)
        known = Need(f"movement:{movement}", ("in_kind.counted",))
        same: Sameness = "exists" if movement == own else "key"
        self.proposal.add(row, known, self._entity, day, event, sameness=same, after=_after(lot))

    def _count_of(self, row: CleanRow, lot: Any) -> str:
        """The number of a count, by its day and what it found."""
        values, context = row.values, self._context
        natural = (values.get("counted_on") or context.options.month or "", values["book_quantity_milli"])
        return context.reference("movement", "count", lot.lot, *natural, values["counted_quantity_milli"])

    def _lot_of(self, row: CleanRow) -> str:
        """The number of a row's lot, by its own number and its goods."""
        values = row.values
        natural = (values["lot_no"], values["goods"], values.get("specification") or "")
        return own_reference(self._context, self._entity, "lot", "lot", *natural)

    @cached_property
    def _named_lots(self) -> frozenset[str]:
        return frozenset(self._lot_of(row) for row in self._parsed.rows if row.shape == "received")

    @cached_property
    def _named_counts(self) -> frozenset[str]:
        """The counts of the file's rows; a row whose lot cannot be told names none."""
        found = set()
        for row in (one for one in self._parsed.rows if one.shape == "counted"):
            with suppress(RowRefusedError):
                found.add(self._count_of(row, self._lot(row.values.get("lot_no"), row.values.get("goods"))))
        return frozenset(found)

    def _gift_of(self, lot_no: Any) -> str:
        return own_reference(self._context, self._entity, "donation", "donation", "goods", lot_no)

    def _lot(self, lot_no: Any, goods: Any) -> Any:
        """The one lot of a number (and of goods, where the row names them). E_LOT_CHOICE."""
        found = [one for one in self._lots(lot_no) if goods is None or f"{one.item} ".startswith(f"{goods} ")]
        if len(found) != 1:
            raise RowRefusedError("批次号", "E_LOT_CHOICE", value=lot_no, found=len(found))
        return found[0]

    def _lots(self, lot_no: Any) -> list[Any]:
        """The lots of a number, each once: of the book, of what waits, of this file."""
        gift = self._gift_of(lot_no)
        known = self._context.events(Need(f"donation:{gift}", ("in_kind.received",)))
        taken_over = Need(f"lot:{lot_no}", ("in_kind.opened",))
        items = self._context.find([taken_over])[taken_over] if str(lot_no).isascii() else []
        opened = [item.event for item in items if item.entity == self._entity]
        return [*{one.lot: one for one in (*known, *self._here.get(gift, ()), *opened)}.values()]

    def tell_days(self) -> None:
        """Which rows say no day, and which one they were given, sheet by sheet."""
        day = self._context.month_end().isoformat()
        for sheet, rows in self._undated.items():
            params = {"rows": len(rows), "row": min(rows), "on": day}
            self.proposal.notes.append(Note(sheet, "W_DAY_TAKEN", params))

    def _day(self, row: CleanRow, field: str, known: Need) -> date:
        """The stated day; else the one under which it was recorded before; else the month's last day or today."""
        if isinstance(stated := row.values.get(field), date):
            return stated
        before = self._context.events(known)
        if before:
            found = getattr(before[0], "occurred_on", None) or before[0].on
            return found if isinstance(found, date) else self._context.options.today
        self._undated.setdefault(row.place.as_a_whole(), []).append(row.place.row)
        return self._context.month_end()


def _stated(value: Any) -> str | None:
    return str(value) if isinstance(value, date) else None


def _scaled(lot: Any, milli: Any, column: str) -> int:
    """A quantity at the scale of its lot; E_LOT_SCALE when the lot is counted in larger parts."""
    parts, rest = divmod(int(milli or 0) * 10 ** int(lot.scale), _MILLI)
    if rest:
        raise RowRefusedError(column, "E_LOT_SCALE", value=milli, lot=lot.item)
    return int(parts)


def _after(lot: Any) -> Need:
    """The act by which a lot came in."""
    return Need(f"lot:{lot.lot}", (lot.kind,))


def _decision(values: Mapping[str, Any]) -> dict[str, str | None]:
    """The reason of a difference with what was done about it, and the paper by which somebody decided that: the sheet's
    own column, or what 处理 says where it names one.
    """
    reason, treatment, approval = (text(values, name) for name in ("reason", "treatment", "approval"))
    if approval is None and treatment and _DECIDED.search(treatment) and not _UNDECIDED.search(treatment):
        approval = treatment
    done = f"处理：{treatment}" if treatment and treatment != approval else None
    told = "；".join(one for one in (reason, done) if one)
    return {"reason": told or None if reason or approval is None else None, "approval": approval}
