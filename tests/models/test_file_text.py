"""What a paper says is read as Word and readers of PDF show it; the unreadable is an answer."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pikepdf
import pytest
import typst
from docx import Document

from models.file_text import Block, FileText, text_of

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def read(tmp_path: Path, content: bytes) -> FileText:
    path = tmp_path / "paper"
    path.write_bytes(content)
    return text_of(path)


def word(body: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        document = f'<?xml version="1.0"?><w:document {W}><w:body>{body}</w:body></w:document>'
        archive.writestr("word/document.xml", document)
    return out.getvalue()


def run(text: str) -> str:
    return f"<w:r><w:t>{text}</w:t></w:r>"


def test_a_docx_in_the_order_it_is_read(tmp_path: Path) -> None:
    paper, out = Document(), io.BytesIO()
    paper.add_paragraph("TỜ TRÌNH")
    table = paper.add_table(2, 2)
    for row, words in enumerate((("Đơn vị", "Điểm"), ("Huyện Vị Xuyên", "88,10"))):
        for column, text in enumerate(words):
            table.cell(row, column).text = text
    paper.add_paragraph("Kính gửi: Ban Thi đua - Khen thưởng tỉnh")
    paper.save(out)
    found = read(tmp_path, out.getvalue())
    assert found.blocks == (
        Block("TỜ TRÌNH"),
        Block(table=(("Đơn vị", "Điểm"), ("Huyện Vị Xuyên", "88,10"))),
        Block("Kính gửi: Ban Thi đua - Khen thưởng tỉnh"),
    )
    assert found.not_read == ""
    assert "Huyện Vị Xuyên\t88,10" in found.plain


def test_changes_followed_in_word_are_read_as_it_shows_them(tmp_path: Path) -> None:
    given, taken = run("Bằng khen"), run("Giấy khen")
    body = (
        f"<w:p>{run('Tặng ')}<w:del>{taken}</w:del><w:ins>{given}</w:ins></w:p>"
        f"<w:sdt><w:sdtContent><w:p>{run('Trong ô nhập')}</w:p></w:sdtContent></w:sdt>"
        f"<w:p><w:r><w:t>năm</w:t><w:tab/><w:t>2023</w:t></w:r></w:p>"
    )
    assert read(tmp_path, word(body)).plain == "Tặng Bằng khen\nTrong ô nhập\nnăm 2023"


def test_letters_are_composed(tmp_path: Path) -> None:
    decomposed = run("Ha\u0300 Giang")
    assert read(tmp_path, word(f"<w:p>{decomposed}</w:p>")).plain == "H\u00e0 Giang"


def test_a_text_pdf_line_by_line(tmp_path: Path) -> None:
    source = tmp_path / "paper.typ"
    source.write_text(
        "= Biên bản\nHội đồng họp ngày 05/12/2023\n#pagebreak()\nTỷ lệ 90,5 %", "utf-8"
    )
    found = read(tmp_path, typst.compile(source))
    assert found.pages == 2
    assert [(one.paragraph, one.page) for one in found.blocks] == [
        ("Biên bản", 1),
        ("Hội đồng họp ngày 05/12/2023", 1),
        ("Tỷ lệ 90,5 %", 2),
    ]


def a_scan(encryption: pikepdf.Encryption | None = None) -> bytes:
    out = io.BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.save(out, encryption=encryption or False)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (a_scan(), "ảnh quét"),
        (a_scan(pikepdf.Encryption(owner="a", user="b")), "mật khẩu"),
        (b"%PDF-1.7\n%%EOF\n", "hỏng"),
        (b"PK\x03\x04 and no more", "hỏng"),
        (word("")[:-30], "hỏng"),
        (word("<w:p>"), "hỏng"),
        (word('</w:body></w:document><!DOCTYPE x [<!ENTITY a "b">]><x>'), "hỏng"),
        (b"\xff\xd8\xff\xe0", "không phải"),
        (b"", "không phải"),
    ],
)
def test_what_cannot_be_read_says_why(tmp_path: Path, content: bytes, why: str) -> None:
    found = read(tmp_path, content)
    assert found.blocks == ()
    assert why in found.not_read
