"""Written reports as paragraphs: plain text in the offices' encodings, Word documents, and files that mean harm."""

import io
import zipfile
from pathlib import Path

import pytest

from ledger.application.importing.readers.opening import load
from ledger.application.importing.readers.prose import PROSE_LIMITS, read_prose
from ledger.catalogue import say
from ledger.errors import InputError
from tests.application.importing.word_documents import document, paragraph, run


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_plain_text_in_any_of_the_offices_encodings(encoding: str) -> None:
    data = "工作总结\r\n\r\n  发放农村低保３万元。\n新增5人".encode(encoding)
    assert read_prose("总结.txt", data) == ["工作总结", "发放农村低保３万元。", "新增5人"]


def test_a_documents_runs_make_up_its_paragraphs() -> None:
    body = (
        paragraph(run("发放农村低"), run("保3万"), run("元"))
        + paragraph()
        + paragraph(run("新增"), "<w:tab/>", run("5人"))
    )
    assert read_prose("总结.docx", document(body)) == ["发放农村低保3万元", "新增 5人"]


def test_what_is_deleted_or_no_text_is_left_out() -> None:
    code = "<w:r><w:delText>8万元</w:delText></w:r><w:r><w:instrText>PAGE</w:instrText></w:r>"
    deleted = f"<w:del>{run('9万元')}</w:del>{code}"
    moved = f"<w:moveFrom>{run('7万元')}</w:moveFrom><w:ins>{run('3万元')}</w:ins>"
    assert read_prose("总结.docx", document(paragraph(run("发放"), deleted, moved))) == ["发放3万元"]


@pytest.mark.parametrize(
    ("looks", "is_read"),
    [
        ("<w:vanish/>", False),
        ('<w:b/><w:vanish w:val="1"/>', False),
        ('<w:vanish w:val="true"/>', False),
        ('<w:vanish w:val="0"/>', True),
        ('<w:vanish w:val="false"/>', True),
        ("<w:rPrChange><w:rPr><w:vanish/></w:rPr></w:rPrChange>", True),
        ("<w:webHidden/>", True),
        ("", True),
    ],
)
def test_hidden_text_is_no_text_of_the_report(looks: str, *, is_read: bool) -> None:
    hidden = f"<w:r><w:rPr>{looks}</w:rPr><w:t>或9万元</w:t></w:r>"
    end_mark = "<w:pPr><w:rPr><w:vanish/></w:rPr></w:pPr>"
    found = read_prose("总结.docx", document(paragraph(end_mark, run("发放3万元"), hidden, run("。"))))
    assert found == ["发放3万元或9万元。" if is_read else "发放3万元。"]


def test_a_spoilt_document_is_to_be_saved_as_a_document() -> None:
    for language in ("zh", "en"):
        told = say("E_REPORT_SPOILT", language, file="总结.docx")
        assert ".docx" in told
        assert ".xlsx" not in told


def test_a_text_box_is_read_once_and_a_table_by_its_cells() -> None:
    box = f"<w:txbxContent>{paragraph(run('框内5人'))}</w:txbxContent>"
    both = f"<mc:AlternateContent><mc:Choice>{box}</mc:Choice><mc:Fallback>{box}</mc:Fallback></mc:AlternateContent>"
    table = f"<w:tbl><w:tr><w:tc>{paragraph(run('低保'))}</w:tc><w:tc>{paragraph(run('78人'))}</w:tc></w:tr></w:tbl>"
    found = read_prose("总结.docx", document(paragraph(run("前"), both, run("后")) + table))
    assert found == ["框内5人", "前后", "低保", "78人"]


_ENTITIES = '<!DOCTYPE d [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
_OUTSIDE = '<!DOCTYPE d [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
HARMFUL: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "E_FILE_EMPTY"),
    "blanks": (b" \r\n\t", "E_FILE_EMPTY"),
    "a document without text": (document(paragraph()), "E_FILE_EMPTY"),
    "entities in entities": (document(paragraph(run("&b;")), prolog=_ENTITIES), "E_REPORT_SPOILT"),
    "an entity from outside": (document(paragraph(run("&a;")), prolog=_OUTSIDE), "E_REPORT_SPOILT"),
    "a bomb": (document(paragraph(run("九" * 3_000_000))), "E_FILE_ZIP_BOMB"),
    "a broken archive": (document(paragraph(run("低保")))[:-40], "E_REPORT_SPOILT"),
    "broken markup": (document("<w:p>"), "E_REPORT_SPOILT"),
    "another archive": (document("", name="xl/workbook.xml"), "E_REPORT_FORM"),
    "an old document": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), "E_REPORT_FORM"),
    "a printed page": (b"%PDF-1.7 1 0 obj", "E_REPORT_FORM"),
    "ten megabytes of digits": (b"9" * 10_000_000, "E_FILE_TOO_LARGE"),
    "no known encoding": (b"\xff\x20\xfe\x81 3", "E_FILE_ENCODING"),
}


@pytest.mark.parametrize("name", HARMFUL)
def test_what_is_no_report_is_refused_by_its_code(name: str) -> None:
    data, code = HARMFUL[name]
    with pytest.raises(InputError) as caught:
        read_prose("总结.docx", data)
    assert caught.value.code == code


def test_a_directory_that_lies_about_sizes_is_found_out() -> None:
    """The sizes of the archive's directory are a claim; what is unpacked is counted."""
    data = bytearray(document(paragraph(run("九" * 3_000_000))))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        real = archive.getinfo("word/document.xml").file_size
    lied = bytes(data).replace(real.to_bytes(4, "little"), (1_000).to_bytes(4, "little"))
    with pytest.raises(InputError) as caught:
        read_prose("总结.docx", lied)
    assert caught.value.code in {"E_FILE_ZIP_BOMB", "E_REPORT_SPOILT"}


def test_a_large_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    file = tmp_path / "总结.txt"
    with file.open("wb") as stream:
        stream.truncate(PROSE_LIMITS.bytes_max + 1)
    with pytest.raises(InputError) as caught:
        load(file, PROSE_LIMITS)
    assert caught.value.code == "E_FILE_TOO_LARGE"
