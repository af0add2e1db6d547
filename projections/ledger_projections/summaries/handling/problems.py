"""Problems (问题) with the cases (个案) that they take in: one matter each, however many findings speak of it.

A problem of the rectification ledger (14人死亡后仍领取) and the findings about those persons are the same matter: its
persons and amount are the problem's own, its money is the cases'. A case that nobody grouped is a matter by itself.
"""

import itertools
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from ledger.flows.public_money.redress.rectification import RectificationReported
from ledger_projections.public_money.recoveries import Matter, Recovery, RecoveryReport
from ledger_projections.summaries.table import Said

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Problem:
    """One matter: the finding that stands for it, the cases under it, and every recovery of both."""

    matter: Matter
    cases: tuple[Matter, ...]
    recoveries: tuple[Recovery, ...]

    @property
    def findings(self) -> tuple[str, ...]:
        """The findings that speak of it, its own first."""
        return self.matter.finding, *(one.finding for one in self.cases)

    @property
    def is_referred(self) -> bool:
        """Whether it, or a case of it, was handed to another authority."""
        return self.matter.referred or any(one.referred for one in self.cases)

    def told(
        self, by_finding: Mapping[str, Sequence[T]], kept: Callable[[Sequence[T]], Sequence[T]] = lambda found: found
    ) -> list[T]:
        """What was told of it, finding by finding, as far as it is `kept`: by the problem itself, else by its cases.
        Both speak of the same persons and the same money, so that the two are never added.
        """
        own, *cases = (kept(by_finding.get(name, ())) for name in self.findings)
        return list(own or itertools.chain(*cases))

    def is_among(self, names: Collection[str]) -> bool:
        """Whether it, or a case of it, is one of these findings."""
        return any(name in names for name in self.findings)


_ENDS: Final = "制度|办法|规定|细则|方案|机制|规程|清单|流程|通知|措施|意见"
_APART: Final = re.compile(rf"[;；\n]|(?<=》)[、,，]|(?<={_ENDS})[、,，]")
"""What stands between two rules: a semicolon, or a comma after a word or mark with which the name of a rule ends, for a
name has commas of its own (公示、抽查办法)."""

Reports = Mapping[str, Sequence[RectificationReported]]
"""Finding -> what was reported of its rectification."""


def disciplined(problem: Problem, reports: Reports) -> int:
    """How many persons were dealt with over a matter, as its reports say."""
    return sum(one.disciplined for one in problem.told(reports, _disciplining))


def _disciplining(reports: Sequence[RectificationReported]) -> Sequence[RectificationReported]:
    return [one for one in reports if one.disciplined]


def rules_of(reports: Iterable[RectificationReported]) -> set[str]:
    """The rules that reports say were made (完善制度), each name once; a cell of the register may name several."""
    return {name for one in reports for cell in one.systems for part in _APART.split(cell) if (name := part.strip())}


def problems(found: RecoveryReport) -> list[Problem]:
    """The matters of a report, each once, in the order of their findings."""
    over = {one.finding: one.problem for one in found.matters if one.problem is not None}
    cases: defaultdict[str, list[Matter]] = defaultdict(list)
    money: defaultdict[str, list[Recovery]] = defaultdict(list)
    for one in found.matters:
        if (problem := over.get(one.finding)) is not None:
            cases[problem].append(one)
    for recovery in found.recoveries:
        money[over.get(recovery.finding, recovery.finding)].append(recovery)
    return [
        Problem(one, tuple(cases[one.finding]), tuple(money[one.finding]))
        for one in found.matters
        if one.finding not in over
    ]


def taken_over(found: RecoveryReport) -> list[Recovery]:
    """Recoveries of no finding: they were ordered before the book began."""
    known = {one.finding for one in found.matters}
    return [one for one in found.recoveries if one.finding not in known]


def ungrouped(shown: Sequence[Problem]) -> Iterable[Said]:
    """How many cases stand for themselves beside problems, which may speak of the same."""
    alone = sum(one.matter.is_case for one in shown)
    if alone and alone < len(shown):
        yield Said("table.note.ungrouped", {"cases": alone})
