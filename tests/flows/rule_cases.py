"""How a rule is shown: an event on which it fires, one on which it does not, after what was recorded before both."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import pytest

from ledger.flows.event import Event, Stage
from ledger.flows.rules import rules_of
from tests.flows.fake_knowledge import FakeKnowledge

World = Callable[[], FakeKnowledge]


@dataclass(frozen=True)
class Case:
    """A rule `code` (without prefix) of the class of `bad`: it fires on `bad` and is silent on `good`."""

    code: str
    bad: Event
    good: Event
    before: tuple[Event, ...] = ()
    model: dict[str, Any] = field(default_factory=dict)
    """Attributes of the model while it judges (`today`, `entity`)."""

    @property
    def name(self) -> str:
        """How the test run names the case."""
        return f"{self.code} on {self.bad.kind}"

    def check(self, world: World) -> None:
        """Judge both events, with the prefix that the stage of each demands."""
        model = world()
        model.record(*self.before)
        for name, value in self.model.items():
            setattr(model, name, value)
        assert self.spelling() in model.codes(self.bad), f"{self.name} is silent where it must speak"
        codes = [code.removeprefix("E_").removeprefix("W_") for code in model.codes(self.good)]
        assert self.code not in codes, f"{self.name} speaks where it must be silent"

    def spelling(self) -> str:
        """The code with the prefix that the rule must give for `bad`."""
        rule = next(rule for rule in rules_of(type(self.bad)) if rule.code == self.code)
        gate = self.bad.stage_now() is Stage.GATE
        return ("E_" if rule.form or (gate and not rule.warns) else "W_") + self.code


def each(cases: list[Case]) -> pytest.MarkDecorator:
    """A test runs once for each case, under its name."""
    return pytest.mark.parametrize("case", cases, ids=[f"{n} {case.name}" for n, case in enumerate(cases, 1)])


def missing(cases: Iterable[Case], classes: Iterable[type[Event]]) -> set[str]:
    """Rules of some classes that no case shows."""
    shown = {(type(case.bad), case.code) for case in cases}
    return {
        f"{rule.code} on {cls.model_fields['kind'].default}"
        for cls in classes
        for rule in rules_of(cls)
        if (cls, rule.code) not in shown
    }
