"""The second look at an upload: parsers open it, in a guarded process, before it is stored."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import Final

from models.file_checks import PDF, FileRefused
from models.file_depths import MOST_OBJECTS, MOST_PAGES
from models.guarded import Answer, Failure, run_guarded
from workflow.words import phrase

DEEPEST: Final = 100
LIMITS: Final = {"pages": MOST_PAGES, "objects": MOST_OBJECTS, "depth": DEEPEST}

_AGAIN: Final = phrase("Mở tệp, in lại thành PDF (Microsoft Print to PDF) rồi tải lên.")
_AS_PDF: Final = phrase("Mở bằng Word, lưu lại thành PDF rồi tải lên.")
_OF_PDF: Final = {
    "FILE_BROKEN": (phrase("Tệp PDF hỏng: máy không đọc được các trang."), _AGAIN),
    "FILE_EMBEDDED": (
        phrase("Tệp PDF có tệp khác đính kèm bên trong."),
        phrase("Tải từng tệp lên riêng."),
    ),
    "FILE_ENCRYPTED": (
        phrase("Tệp PDF đặt mật khẩu hoặc mã hóa."),
        phrase("Bỏ mật khẩu rồi tải lên."),
    ),
    "FILE_FORM": (phrase("Tệp PDF là biểu mẫu XFA."), _AGAIN),
    "FILE_LAUNCH": (phrase("Tệp PDF có lệnh mở chương trình khác hoặc gửi dữ liệu đi."), _AGAIN),
    "FILE_MEDIA": (phrase("Tệp PDF có phim hoặc âm thanh."), _AGAIN),
    "FILE_SCRIPT": (phrase("Tệp PDF có mã lệnh JavaScript."), _AGAIN),
    "FILE_TOO_LONG": (
        phrase("Tệp PDF có hơn {count} trang.", count=MOST_PAGES),
        phrase("Tách phụ lục thành tệp khác."),
    ),
    "FILE_UNSOUND": (phrase("Tệp PDF có cấu trúc bất thường."), _AGAIN),
}
_OF_WORD: Final = {
    "FILE_BROKEN": (phrase("Tệp DOCX hỏng: có phần không đọc được."), _AS_PDF),
    "FILE_EMBEDDED": (phrase("Tệp DOCX có tệp khác bên trong."), _AS_PDF),
    "FILE_ENTITIES": (phrase("Tệp DOCX có khai báo thực thể XML."), _AS_PDF),
    "FILE_LAUNCH": (phrase("Tệp DOCX có trường gọi chương trình khác (DDE)."), _AS_PDF),
    "FILE_LINKED": (phrase("Tệp DOCX lấy nội dung hoặc mẫu từ nơi khác."), _AS_PDF),
    "FILE_MACROS": (
        phrase("Tệp có macro."),
        phrase("Lưu lại thành DOCX không macro, hoặc thành PDF."),
    ),
    "FILE_TYPE": (phrase("Nội dung tệp không phải văn bản Word (.docx)."), _AS_PDF),
    "FILE_UNSOUND": (phrase("Tệp DOCX có cấu trúc bất thường."), _AS_PDF),
}


def inspect(path: Path, content_type: str) -> None:
    """Open the file at `path` in a guarded process; raises `FileRefused` for what must not come in.

    A parser that breaks down, or needs more than it may have, refuses the file as well.
    """
    judge(run_guarded("inspect", path, LIMITS), content_type)


def judge(answer: Answer, content_type: str) -> None:
    """Raise `FileRefused` for an answer of the task `inspect` that is not clean."""
    if answer.failure is Failure.BUSY:
        raise FileRefused(
            "FILE_WAITS",
            phrase("Máy đang kiểm tra nhiều tệp khác."),
            phrase("Chờ một phút rồi gửi lại."),
        )
    if answer.failure is not None:
        raise FileRefused(
            "FILE_NOT_CHECKED",
            phrase("Tệp không kiểm tra xong trong giới hạn an toàn của máy."),
            _AGAIN if content_type == PDF else _AS_PDF,
        )
    code = answer.content["fault"]
    if code is None:
        return
    known = _OF_PDF if content_type == PDF else _OF_WORD
    text, remedy = known.get(code, known["FILE_BROKEN"])
    where = _harmless(answer.content["where"])
    raise FileRefused(code, f"{text.removesuffix('.')} ({where})." if where else text, remedy)


def _harmless(name: str) -> str:
    """The name of a part, which the stranger chose, fit to be shown."""
    return "".join(sign for sign in name if unicodedata.category(sign)[0] != "C").strip()
