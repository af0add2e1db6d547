"""Writes golden_tags_books.json: for every (kind, version), one event, its tags and its legs, frozen for ever.

Only what is missing is added; what stands is never written again, for a log may hold it. Run from the repository root:
`python -m tests.assets.make_golden_books`.
"""

import json
from pathlib import Path

from ledger.flows.books.reversal import EventReversed
from ledger.flows.event import Event
from ledger.flows.registry import write_event
from tests.flows.books_world import world
from tests.flows.event_samples import make_full, of_rooms

PATH = Path(__file__).with_name("golden_tags_books.json")

_GIVEN = {"fund": "school", "account": "icbc", "from_account": "icbc", "entity": "charity"}


def _sample(cls: type[Event]) -> Event:
    if cls is EventReversed:
        target = world().legs_of(12)
        assert target
        return make_full(cls, target_position=12)
    return make_full(cls, **{name: value for name, value in _GIVEN.items() if name in cls.model_fields})


def main() -> None:
    """Add what is missing."""
    golden = json.loads(PATH.read_text(encoding="utf-8")) if PATH.exists() else {}
    for cls in of_rooms("authority", "books", "running"):
        event = _sample(cls)
        legs = [[leg.fund, leg.role, leg.amount_fen, leg.party, leg.book, leg.code] for leg in event.postings(world())]
        found = {"event": json.loads(write_event(event)), "tags": list(event.tags()), "legs": legs}
        golden.setdefault(f"{event.kind}/{event.version}", found)
    PATH.write_text(json.dumps(golden, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
