"""What pays for a batch: the quota of the fund's documents, also of those that an opening took over (期初建账).

What the lottery's fund was allotted for a project (福彩公益金项目) is that project's: no list is paid of it.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import Any, Final, NamedTuple

from ledger.accounts.roles import Role
from ledger.application.proposing.context import Context
from ledger.application.proposing.proposal import Refusals
from ledger.flows.community.lottery import allocation_need
from ledger.flows.knowledge import Need
from ledger.flows.public_money.entitlement.programmes import issuing_level
from ledger.flows.public_money.payment.promises import kept_by_document, orders_need

_OF_MONEY: Final = frozenset({"E_FUND_INSUFFICIENT", "E_QUOTA_SHORT", "E_QUOTA_PROMISED", "E_FUND_SOURCE_SUM"})
"""What a batch is told for which the money is short, in one way or another."""

Promises = dict[tuple[str, str], int]
"""(fund, document) -> fen that the batches of one import ask of it."""


class _Paper(NamedTuple):
    """A funding document that has quota: as it was received, or as the opening took it over."""

    on: date
    document: str
    level: str
    budget_code: str

    @property
    def age(self) -> tuple[date, str, str]:
        """What sorts the oldest first: of one day, and an opening is of one day, by the year in the number."""
        return self.on, self.document.partition("〔")[2], self.document

    def part(self, fen: int) -> dict[str, Any]:
        """A part of a batch that it pays."""
        return {"document": self.document, "level": self.level, "budget_code": self.budget_code, "fen": fen}


class Quotas(NamedTuple):
    """Whatever has quota of a fund: `free` is what may pay a list, document by document, with what is left of it; and
    the project of each allotment that may not.
    """

    free: Mapping[str, int]
    projects: Mapping[str, str]


class Sources:
    """Where the money of a programme's batches comes from; `asked` is kept by all batches of one import."""

    def __init__(self, context: Context, entity: str, opened: Any, asked: Promises) -> None:
        self._context, self._entity, self._programme, self._asked = context, entity, opened, asked

    def quotas(self) -> Quotas:
        """What there is to pay of, asked for once a batch."""
        held = self._context.balances(self._entity, self._programme.fund, Role.QUOTA)
        held = {name: fen for name, fen in held.items() if fen > 0}
        projects = self._of_projects(held)
        return Quotas({document: fen for document, fen in held.items() if document not in projects}, projects)

    def of(self, total: int, quotas: Mapping[str, int], batch: str) -> list[dict[str, Any]]:
        """The quotas that are `free` by document, the oldest first, up to the total, less what other batches than this
        were promised of each; what lacks is put on the last.
        """
        fund, promised = self._programme.fund, self._promised(batch)
        papers = sorted(self._papers(quotas), key=lambda one: one.age)
        free = {document: max(0, fen - promised.get(document, 0)) for document, fen in quotas.items()}
        sources: list[dict[str, Any]] = []
        left = total
        for paper in papers:
            fen = min(left, free[paper.document])
            if fen > 0:
                sources.append(paper.part(fen))
                free[paper.document] -= fen  # one document may have several budget codes
                left -= fen
        if left and sources:
            sources[-1]["fen"] += left
        elif left and papers:
            sources = [papers[-1].part(left)]
        for one in sources:
            key = fund, one["document"]
            self._asked[key] = self._asked.get(key, 0) + one["fen"]
        return sources

    def short_of(self, total: int, quotas: Quotas) -> Callable[[Refusals], Refusals]:
        """Says once that the fund's documents do not pay for the batch: what they have left together and what it asks
        of them; where they do and it is promised elsewhere, the fund.
        """
        left = sum(quotas.free.values())
        quota = {"document": "、".join(quotas.free) or "-", "amount_fen": total, "left_fen": left}
        projects = {} if quotas.free else quotas.projects

        def restate(refusals: Refusals) -> Refusals:
            others = [one for one in refusals if one[0] not in _OF_MONEY]
            money = [one for one in refusals if one[0] in _OF_MONEY]
            if money and projects:
                named = "、".join(dict.fromkeys(projects.values()))
                params = {"programme": self._programme.name, "projects": named, "amount_fen": total}
                return [("E_QUOTA_OF_PROJECTS", params), *others]
            if money and left < total:
                return [("E_QUOTA_SHORT", quota), *others]
            return [*money[:1], *others]

        return restate

    def lying(self, payments: Iterable[str]) -> Iterator[dict[str, Any]]:
        """Batches whose money came back and lies in transit still, of payments that are made good by new quota: what is
        paid again of each, and what lies there.
        """
        again: Counter[str] = Counter()
        needs = [Need(f"payment:{one}", ("subsidy.returned", "subsidy.returned_late")) for one in payments]
        for items in self._context.find(needs).values():
            back: Any = items[-1].event if items else None
            if back is not None:
                again[back.batch] += back.amount_fen
        transit = self._context.balances(self._entity, self._programme.fund, Role.TRANSIT) if again else {}
        for batch, fen in sorted(again.items()):
            if (left := transit.get(batch, 0)) > 0:
                yield {"batch": batch, "amount_fen": fen, "left_fen": left}

    def _of_projects(self, held: Iterable[str]) -> dict[str, str]:
        """Allocation -> the project that it was allotted for, of those that have quota: their use is recorded project
        by project, and a batch that took it would be missing there.
        """
        needs = {name: allocation_need(name) for name in held if name}
        found = self._context.find(needs.values())
        projects: dict[str, str] = {}
        for name, need in needs.items():
            events: list[Any] = [item.event for item in found[need]]
            if events:
                projects[name] = events[-1].project_label
        return projects

    def _papers(self, quotas: Iterable[str]) -> Iterator[_Paper]:
        """The documents that have quota. Of one that was taken over nobody recorded level and budget code: its number
        says who issued it, and the money is for what the programme spends on.
        """
        needs = {document: Need(f"document:{document}", ("appropriation.received",)) for document in quotas}
        found = self._context.find(needs.values())
        began = self._context.began.get(self._entity, date.min)
        for document, need in needs.items():
            events: list[Any] = [item.event for item in found[need]]
            received = [one for one in events if one.fund == self._programme.fund]
            for one in received:
                yield _Paper(one.occurred_on, document, one.level, one.budget_code)
            if document and not received:
                yield _Paper(began, document, issuing_level(document), self._programme.function_code)

    def _promised(self, batch: str) -> dict[str, int]:
        """Document -> what other batches whose payment order has not come were promised of it, in the book and in this
        import.
        """
        fund = self._programme.fund
        promised = {document: fen for (of, document), fen in self._asked.items() if of == fund}
        open_ones = self._context.balances(self._entity, fund, Role.COMMITTED)
        needs = {name: orders_need(name) for name, fen in open_ones.items() if fen and name != batch}
        known = self._context.find(needs.values())
        for name, need in needs.items():
            kept = kept_by_document((item.event for item in known[need]), name, open_ones[name])
            for document, fen in kept.items():
                promised[document] = promised.get(document, 0) + fen
        return promised
