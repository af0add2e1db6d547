"""A file of vouchers as JSON: what is wrong with the file itself is told in our words, with the line and the column."""

import json
from collections import Counter
from pathlib import Path
from typing import Any, Final, NoReturn

from ledger.errors import InputError
from ledger.flows.forms import form
from ledger_api.given_files import machine_reason

_SEEN_CHARS: Final = 20


def read_voucher_file(file: Path) -> Any:
    """What the file says. InputError E_VOUCHER_FILE where it cannot be read or is no JSON, E_JSON_DUPLICATE_KEY where a
    name stands twice in one object: nobody can say which of the two was meant.
    """
    text = _text(file)
    try:
        return json.loads(text, object_pairs_hook=_once, parse_constant=_constant)
    except json.JSONDecodeError as error:
        seen = text[error.pos : error.pos + _SEEN_CHARS].split("\n")[0].strip()
        name = "json_at" if seen else "json_end"
        raise _wrong(file, form(name, line=error.lineno, column=error.colno, seen=seen)) from None
    except RecursionError:
        raise _wrong(file, form("json_deep")) from None
    except ValueError:  # a number with thousands of digits
        raise _wrong(file, form("json_number")) from None


def _text(file: Path) -> str:
    try:
        return file.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise _wrong(file, form("file_missing")) from None
    except IsADirectoryError:
        raise _wrong(file, form("file_folder")) from None
    except PermissionError:
        raise _wrong(file, form("file_closed")) from None
    except OSError as error:
        raise _wrong(file, machine_reason(error)) from None
    except UnicodeDecodeError:
        raise _wrong(file, form("file_utf8")) from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        counts = Counter(name for name, _ in pairs)
        raise InputError("E_JSON_DUPLICATE_KEY", key=next(name for name in counts if counts[name] > 1))
    return found


def _constant(_said: str) -> NoReturn:
    raise ValueError


def _wrong(file: Path, reason: str) -> InputError:
    return InputError("E_VOUCHER_FILE", file=str(file), reason=reason)
