"""Care that is paid where the list does not say, in words that are known, how far its person can look after
themselves: what is then recorded is told.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, Final

from ledger.application.importing.fields.self_care import OFFERED
from ledger.application.importing.rows import Note, Place
from ledger.application.proposing.relief.roster_rows import Entry

_ROWS_SHOWN: Final = 20
_SIGNS_SHOWN: Final = 20


def care_remarks(
    programme: str, entries: Mapping[str, Entry], standing: Mapping[str, Any]
) -> Iterator[tuple[Entry, Note]]:
    """A remark for every word that is unknown, and one for those newly enrolled of whom nothing is said; each with a
    row of the sheet that it is about.
    """
    told: defaultdict[tuple[Place, str], list[Entry]] = defaultdict(list)
    for name, entry in entries.items():
        said = entry.text("self_care") or ""
        if entry.nursed and entry.care is None and (said or name not in standing):
            told[entry.row.place.as_a_whole(), said].append(entry)
    for (place, said), rows in told.items():
        shown = "、".join(str(one.row.place.row) for one in rows[:_ROWS_SHOWN])
        params: dict[str, Any] = {"programme": programme, "count": len(rows)}
        params["rows"] = shown + ("……" if len(rows) > _ROWS_SHOWN else "")
        if said:
            params |= {"value": said[:_SIGNS_SHOWN], "choices": "、".join(OFFERED)}
        yield rows[0], Note(place, "W_SELF_CARE_UNKNOWN" if said else "W_SELF_CARE_UNSTATED", params)
