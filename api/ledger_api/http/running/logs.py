"""Log lines for programs: one JSON object a line on standard error, in UTC.

A line is never longer than its event: control characters are escaped, so that no name can forge another line. What
looks like a person's number or a secret is struck out wherever it came from, and of an error only its kind and the
places in the code are told, because its text may quote what was being worked on.
"""

import json
import logging
import re
import traceback
import unicodedata
from datetime import UTC, datetime
from typing import Any, Final

from ledger.values.text import has_personal_pattern

_PLAIN: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "color_message", "taskName"}
_LONGEST: Final = 2_000
_NUMBERS: Final = re.compile(r"\d{12,}[Xx]?|(?<!\d)1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?!\d)", re.ASCII)
_KEY_NAME: Final = re.compile(r"clk_[0-9a-f]{16}", re.ASCII)
"""Which read-only key it was: no secret, and whoever looks after the service must tell them apart."""
_SECRETS: Final = re.compile(
    r"clk_(?![0-9a-f]{16}(?![\w.-]))[\w.-]+|(?i:bearer|basic)\s+[\w.~+/=-]+|(?<![\w+/-])[A-Za-z0-9+/_-]{40,}={0,2}",
    re.ASCII,
)
STRUCK: Final = "***"


class JsonLines(logging.Formatter):
    """A record as one line of JSON: time, level, logger, message, and what the record was given beside them."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        told: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": struck(record.getMessage())[:_LONGEST],
        }
        for name, value in vars(record).items():
            if name not in _PLAIN and value is not None:
                plain = not isinstance(value, str) or (name == "caller" and _KEY_NAME.fullmatch(value) is not None)
                told[name] = value if plain else struck(value)[:_LONGEST]
        if record.exc_info is not None and record.exc_info[1] is not None:
            told["error"] = _kinds(record.exc_info[1])
            told["at"] = _places(record.exc_info[1])
        return json.dumps(told, ensure_ascii=True, default=lambda value: struck(str(value)))


def struck(text: str) -> str:
    """The text without what looks like a person's number or a secret."""
    text = _SECRETS.sub(STRUCK, text)
    if has_personal_pattern(text):
        text = _SECRETS.sub(STRUCK, _NUMBERS.sub(STRUCK, unicodedata.normalize("NFKC", text)))
        if has_personal_pattern(text):
            return STRUCK
    return text


def set_up(level: str) -> None:
    """Have every logger of this process write JSON lines to standard error."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for name in ("httpx2", "httpcore2"):
        logging.getLogger(name).setLevel(logging.WARNING)  # they would write down whole addresses of web hooks
    logging.captureWarnings(capture=True)


def _kinds(error: BaseException | None) -> list[str]:
    """The class of the error and of those behind it, the newest first."""
    found: list[str] = []
    while error is not None and len(found) < 10:
        found.append(f"{type(error).__module__}.{type(error).__qualname__}")
        error = error.__cause__ or error.__context__
    return found


def _places(error: BaseException) -> list[str]:
    """Where the error came through, the outermost first: files and lines, no values."""
    frames = traceback.extract_tb(error.__traceback__)[-20:]
    return [f"{'/'.join(frame.filename.split('/')[-3:])}:{frame.lineno} {frame.name}" for frame in frames]
