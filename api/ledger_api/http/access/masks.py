"""What is shown of a person without a stated purpose: enough to tell two people apart, too little to find one."""

from typing import Final

_SHOWN_AT_END: Final = 4
_NUMBERS: Final = ("number", "phone", "account", "card")
HIDDEN: Final = "***"


def masked(name: str, value: str) -> str:
    """A field of the vault as it may be shown: a name's first character, a long number's last four, nothing else."""
    if not value:
        return ""
    if name == "name" or name.endswith("_name"):
        return value[0] + HIDDEN
    number = any(word in name for word in _NUMBERS) and len(value) >= 3 * _SHOWN_AT_END - 1
    return HIDDEN + (value[-_SHOWN_AT_END:] if number else "")
