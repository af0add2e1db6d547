"""Rules: small functions that look at one event and say what is wrong, each with a code, a source and a season.

A rule names its code without the prefix. Where the event is a gate the finding is `E_<code>` and refuses; where it is a
fact the same test gives `W_<code>`: the book records what happened and shows it. `form=True` refuses everywhere (a
broken sum is not a fact); `warns=True` never refuses. `edition` is that of the rules since when it is one.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, TypeVar

from ledger.flows.event import Event, Stage
from ledger.flows.in_words import PAPERS_SINCE, WORDS_SINCE, numbers_in_words, numbers_of_papers, papers_of, words_of
from ledger.flows.knowledge import Finding, Knowledge

Verdict = Iterator[Mapping[str, Any]]
Check = Callable[[Any, Knowledge], Verdict]
C = TypeVar("C", bound=Check)

EDITION: Final = 11
"""The edition of the rules that a new voucher is judged by. It rises when rules become stricter or reckon otherwise;
what an earlier edition let in stays right: a verification that finds it wrong today judges it by the edition before.
"""


@dataclass(frozen=True, slots=True)
class Rule:
    """One test of one or more event classes. A check yields the parameters of each finding."""

    code: str
    check: Check
    source: str
    form: bool
    warns: bool
    since: date | None
    until: date | None
    edition: int = 1

    def binds(self, day: date) -> bool:
        """Whether the rule judges what bears that date."""
        return (self.since is None or day >= self.since) and (self.until is None or day <= self.until)

    def judge(self, event: Event, index: int, model: Knowledge) -> Iterator[Finding]:
        """The findings of this rule on an event; none out of its season."""
        if self.binds(model.voucher_date):
            for params in self.check(event, model):
                yield self.finding(event, index, params)

    def finding(self, event: Event, index: int, params: Mapping[str, Any]) -> Finding:
        """What the check said of an event, with the prefix that the event's stage demands."""
        refuses = self.form or (not self.warns and event.stage_now() is Stage.GATE)
        return Finding(
            ("E_" if refuses else "W_") + self.code,
            index,
            tuple(params.items()),
            demands=not refuses and not self.warns,
        )


_RULES: Final[defaultdict[type[Event], list[Rule]]] = defaultdict(list)


def rule(
    *events: type[Event],
    code: str,
    source: str,
    form: bool = False,
    warns: bool = False,
    since: date | None = None,
    until: date | None = None,
    edition: int = 1,
) -> Callable[[C], C]:
    """Register a check for event classes. `source` cites the article or the practice; `since`/`until` bound the
    business dates it binds (a statute does not judge what happened before it), `edition` the editions.
    """

    def register(check: C) -> C:
        made = Rule(code, check, source, form, warns, since, until, edition)
        for event in events:
            _RULES[event].append(made)
        return check

    return register


def _no_numbers(fields: Callable[[Event], Iterator[str]], edition: int) -> Rule:
    def told(event: Event, _model: Knowledge) -> Verdict:
        for field in fields(event):
            yield {"field": field}

    return Rule(
        "TEXT_PERSONAL",
        told,
        "个人信息保护法 art. 6: no more than the purpose needs",
        form=True,
        warns=False,
        since=None,
        until=None,
        edition=edition,
    )


_IN_WORDS: Final = _no_numbers(numbers_in_words, WORDS_SINCE)
_OF_PAPERS: Final = _no_numbers(numbers_of_papers, PAPERS_SINCE)
"""What is asked of every class that has a name in words or a paper's number, of facts too: the log can forget nobody's
number.
"""


def rules_of(kind: type[Event]) -> tuple[Rule, ...]:
    """The rules registered for an event class, in the order of the flow file."""
    return tuple(_RULES.get(kind, ()))


def asked_of(kind: type[Event]) -> tuple[Rule, ...]:
    """All rules that an event class is judged by: its own, and what is asked of the names and numbers of any that has
    some.
    """
    words, papers = (_IN_WORDS,) if words_of(kind) else (), (_OF_PAPERS,) if papers_of(kind) else ()
    return (*rules_of(kind), *words, *papers)
