"""Writes golden_tags_charity.json: for every (kind, version), one event, its tags and its legs, frozen for ever.

Only what is missing is added; what stands is never written again, for a log may hold it. Run from the repository root:
`python -m tests.assets.make_golden_charity`.
"""

import json
from pathlib import Path

from ledger.flows.event import Event
from ledger.flows.registry import write_event
from tests.flows.charity_world import VALID, world
from tests.flows.event_samples import make_full

PATH = Path(__file__).with_name("golden_tags_charity.json")


def _sample(kind: str) -> Event:
    """The valid event of a kind with a value in every field that may be null or empty, so that every tag shows."""
    valid = VALID[kind]()
    full = make_full(type(valid))
    gaps = [name for name in type(valid).model_fields if getattr(valid, name) in (None, ())]
    return VALID[kind](**{name: getattr(full, name) for name in gaps})


def main() -> None:
    """Add what is missing."""
    golden = json.loads(PATH.read_text(encoding="utf-8")) if PATH.exists() else {}
    for kind in sorted(VALID):
        event = _sample(kind)
        legs = [[leg.fund, leg.role, leg.amount_fen, leg.party, leg.book, leg.code] for leg in event.postings(world())]
        found = {"event": json.loads(write_event(event)), "tags": list(event.tags()), "legs": legs}
        golden.setdefault(f"{event.kind}/{event.version}", found)
    PATH.write_text(json.dumps(golden, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
