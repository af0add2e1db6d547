"""Which encoding a text file is written in: UTF-8 with or without BOM, UTF-16, GB18030; nothing else is guessed."""

import codecs

from ledger.errors import InputError

_SAMPLE_BYTES = 4096
_NUL_SHARE_MIN = 0.2


def decode(name: str, data: bytes) -> tuple[str, str]:
    """The text and the name of its encoding; `E_FILE_ENCODING` when none of the four holds from end to end."""
    for encoding in _candidates(data):
        try:
            return data.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    raise InputError("E_FILE_ENCODING", file=name)


def _candidates(data: bytes) -> tuple[str, ...]:
    if data.startswith(codecs.BOM_UTF8):
        return ("utf-8-sig",)
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return ("utf-16",)
    sample = data[:_SAMPLE_BYTES]
    odd, even = sample[1::2].count(0), sample[0::2].count(0)
    # Digits, commas and line ends have a zero byte in UTF-16 and none in the other encodings.
    if max(odd, even) > len(sample) // 2 * _NUL_SHARE_MIN:
        return ("utf-16-le",) if odd > even else ("utf-16-be",)
    return ("utf-8", "gb18030")
