"""Word documents for tests, made of a body's markup."""

import io
import zipfile

_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_MC = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'


def document(body: str, name: str = "word/document.xml", prolog: str = "") -> bytes:
    """A Word document with this body."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(name, f"{prolog}<w:document {_W} {_MC}><w:body>{body}</w:body></w:document>")
    return stream.getvalue()


def run(text: str) -> str:
    return f"<w:r><w:t>{text}</w:t></w:r>"


def paragraph(*inside: str) -> str:
    return f"<w:p>{''.join(inside)}</w:p>"
