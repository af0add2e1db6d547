"""The book of goods (受赠物资台账): lots that came in, what left them, and counts of the store.

A lot is one kind of goods under a lot number. Rows of goods that left name the number alone, so they are wrong when it
holds several kinds. A sheet without a day is dated the last day of the month that the user named, or today.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from ledger.application.importing.keys import row_key
from ledger.application.importing.report import ParsedFile
from ledger.application.importing.rows import CleanRow
from ledger.application.proposing.cells import whole
from ledger.application.proposing.chains import coded
from ledger.application.proposing.context import Context
from ledger.application.proposing.giving.donors import donor
from ledger.application.proposing.own_numbers import own_reference
from ledger.application.proposing.proposal import Proposal, RowRefusedError, attempt
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


def propose(parsed: ParsedFile, context: Context) -> Proposal:
    """`in_kind.received`, `.delivered` and `.counted`, in this order, whatever the order of the sheets."""
    store = _Store(parsed, context)
    for shape, one in (("received", store.received), ("delivered", store.delivered), ("counted", store.counted)):
        for row in parsed.rows:
            if row.shape == shape:
                attempt(row, store.proposal, one)
    return store.proposal


class _Store:
    """The rows of one file."""

    def __init__(self, parsed: ParsedFile, context: Context) -> None:
        self._parsed, self._context = parsed, context
        self._entity = context.entity("charity")
        self._here: dict[str, list[Any]] = {}
        self._officers = {one.name: one.officer for one in context.facts("officer.named")}
        self.proposal = Proposal(columns={"E_LOT_UNKNOWN": "批次号"})

    def received(self, row: CleanRow) -> None:
        """A lot that came in."""
        values, context = row.values, self._context
        gift = self._gift_of(values["lot_no"])
        natural = (values["lot_no"], values["goods"], values.get("specification") or "")
        lot = own_reference(context, self._entity, "lot", "lot", *natural)
        organisation = is_organisation(str(values["donor_name"]))
        who, subjects = donor(context, {**values, "donor_type": "企业" if organisation else None})
        self.proposal.subjects.extend((self._entity, subject) for subject in subjects)
        day = self._day(values.get("received_on"), Need(f"lot:{lot}", ("in_kind.received",)))
        event = context.event(
            "in_kind.received",
            fund=context.fund(self._entity, None, "unrestricted"),
            lot=lot,
            donation=gift,
            **who,
            item=" ".join(str(values[name]) for name in ("goods", "specification") if values.get(name)),
            unit=values.get("unit_name") or "件",
            scale=_SCALE,
            quantity=values["quantity_milli"],
            **self._worth(values),
            made_on=_stated(values.get("made_on")),
            expires_on=_stated(values.get("expires_on")),
            accepted_by=self._people(values),
            store=values.get("warehouse") or "未填",
            occurred_on=str(day),
            place=context.place(self._parsed, row),
        )
        self._here.setdefault(gift, []).append(event)
        self.proposal.add(row, Need(f"lot:{lot}", ("in_kind.received",)), self._entity, day, event)

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

    def _people(self, values: Mapping[str, Any]) -> list[str]:
        """The officers who took the goods in; somebody who is no officer of this book stands under a reference."""
        names = [str(values[name]) for name in ("acceptor_1", "acceptor_2") if values.get(name)]
        return [self._officers.get(name) or self._context.reference("acceptor", name) for name in names]

    def delivered(self, row: CleanRow) -> None:
        """Goods that left a lot."""
        values, context = row.values, self._context
        lot = self._lot(values["lot_no"], None)
        receiver = str(values["receiver_name"])
        name, reference, subjects = context.party(receiver)
        self.proposal.subjects.extend((self._entity, subject) for subject in subjects)
        key = row_key(self._parsed.kind, row, row.ordinal)
        movement = own_reference(context, self._entity, "movement", "movement", "goods", key)
        day = values["delivered_on"]
        if not isinstance(day, date):
            raise RowRefusedError("出库日期", "E_CELL_MISSING")
        event = context.event(
            "in_kind.delivered",
            fund=lot.fund,
            lot=lot.lot,
            movement=movement,
            quantity=_scaled(lot, values["quantity_milli"], "数量"),
            purpose=values.get("usage") or "未填",
            payee=reference,
            payee_label=name,
            persons=0 if reference is None else 1,
            occurred_on=str(day),
            place=context.place(self._parsed, row),
        )
        self.proposal.add(row, Need(f"movement:{movement}", ("in_kind.delivered",)), self._entity, day, event)

    def counted(self, row: CleanRow) -> None:
        """A lot that was counted."""
        values, context = row.values, self._context
        if not values.get("lot_no"):
            raise RowRefusedError("批次号", "E_CELL_MISSING")
        lot = self._lot(values["lot_no"], values.get("goods"))
        quantities = [values["book_quantity_milli"], values["counted_quantity_milli"]]
        stated = values.get("counted_on")
        movement = context.reference("movement", "count", lot.lot, stated or context.options.month or "", *quantities)
        day = self._day(stated, Need(f"movement:{movement}", ("in_kind.counted",)))
        event = context.event(
            "in_kind.counted",
            fund=lot.fund,
            lot=lot.lot,
            movement=movement,
            book_quantity=_scaled(lot, quantities[0], "账面数"),
            counted_quantity=_scaled(lot, quantities[1], "实盘数"),
            reason=values.get("reason"),
            counted_by=[],
            on=str(day),
            place=context.place(self._parsed, row),
        )
        known = Need(f"movement:{movement}", ("in_kind.counted",))
        self.proposal.add(row, known, self._entity, day, event, sameness="exists")

    def _gift_of(self, lot_no: Any) -> str:
        return own_reference(self._context, self._entity, "donation", "donation", "goods", lot_no)

    def _lot(self, lot_no: Any, goods: Any) -> Any:
        """The one lot of a number (and of goods, where the row names them). E_LOT_CHOICE."""
        gift = self._gift_of(lot_no)
        known = self._context.events(Need(f"donation:{gift}", ("in_kind.received",)))
        taken_over = Need(f"lot:{lot_no}", ("in_kind.opened",))
        items = self._context.find([taken_over])[taken_over] if str(lot_no).isascii() else []
        opened = [item.event for item in items if item.entity == self._entity]
        lots = {one.lot: one for one in (*known, *self._here.get(gift, ()), *opened)}
        found = [one for one in lots.values() if goods is None or f"{one.item} ".startswith(f"{goods} ")]
        if len(found) != 1:
            raise RowRefusedError("批次号", "E_LOT_CHOICE", value=lot_no, found=len(found))
        return found[0]

    def _day(self, stated: Any, known: Need) -> date:
        """The stated day; else the one under which it was recorded before; else the month's last day or today."""
        if isinstance(stated, date):
            return stated
        before = self._context.events(known)
        if before:
            found = getattr(before[0], "occurred_on", None) or before[0].on
            return found if isinstance(found, date) else self._context.options.today
        return self._context.month_end()


def _stated(value: Any) -> str | None:
    return str(value) if isinstance(value, date) else None


def _scaled(lot: Any, milli: Any, column: str) -> int:
    """A quantity at the scale of its lot; E_LOT_SCALE when the lot is counted in larger parts."""
    parts, rest = divmod(int(milli or 0) * 10 ** int(lot.scale), _MILLI)
    if rest:
        raise RowRefusedError(column, "E_LOT_SCALE", value=milli, lot=lot.item)
    return int(parts)
