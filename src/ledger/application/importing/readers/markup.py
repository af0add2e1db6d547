"""XML that came from outside, read with expat, which builds no tree.

A document type declaration, which no office document has and every entity bomb needs, is refused; so no entity is ever
declared, and none is fetched from elsewhere.
"""

from collections.abc import Callable
from xml.parsers import expat


def markup_parser(
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
) -> expat.XMLParserType:
    """A parser whose names are `namespace name`; a document type declaration raises ValueError."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartDoctypeDeclHandler = _refuse
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    parser.buffer_text = True
    return parser


def _refuse(*_declaration: object) -> None:
    raise ValueError("an office document has no document type declaration")
