"""Every download is the very bytes, under the name it came with, and nothing a browser opens."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path
from random import Random
from urllib.parse import unquote

import pytest
from flask import Flask

from models.file_checks import PDF, display_name
from tests.tiers import SEED, count
from views.attachments import hand_out

VIEWS = Path(__file__).resolve().parents[2] / "views"
SIGNS = (
    "ăâđêôơưĂÂĐÊÔƠƯạảấầẩẫậắằẳẵặẹẻẽềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ"
    "\"\\;,=%*'()[] .-_aZ09\r\n\0\u202e\u0301"
)
SENDERS = {"attachments.py", "quick_looks.py"}
"""The modules that send files; all other views hand out through the first."""


@pytest.mark.promise("P24")
def test_any_name_is_told_as_the_standard_wants_it(
    app: Flask, tally: Callable[[str, int], None]
) -> None:
    """RFC 6266: a plain name nobody can break out of, and the whole name in RFC 5987 beside it."""
    chance, times = Random(SEED), count(100, 1_000, 10_000)
    for _ in range(times):
        name = display_name("".join(chance.choices(SIGNS, k=chance.randrange(1, 200))) + ".pdf")
        with app.test_request_context():
            answer = hand_out(io.BytesIO(b"%PDF"), PDF, name)
        told = answer.headers["Content-Disposition"]
        assert told.startswith("attachment; filename=")
        assert not re.search(r"[\x00-\x1f\x7f-\uffff]", told)
        assert _name_in(told) == name
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    tally("file names", times)


def _name_in(told: str) -> str:
    """The name as a browser reads it: the extended one where there is one."""
    extended = re.search(r"filename\*=UTF-8''([^;]+)", told)
    if extended:
        return unquote(extended[1])
    plain = re.fullmatch(r'attachment; filename=(?:"((?:[^"\\]|\\.)*)"|([^\s";]+))', told)
    assert plain, told
    return re.sub(r"\\(.)", r"\1", plain[1]) if plain[1] is not None else plain[2]


def test_files_leave_by_one_door() -> None:
    found = {
        path.name
        for path in VIEWS.rglob("*.py")
        if re.search(r"\bsend_file\(|send_from_directory\(", path.read_text("utf-8"))
    }
    assert found == SENDERS
