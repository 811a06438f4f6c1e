"""Words for the signatures in a PDF: what was found, and that a person decides."""

from __future__ import annotations

from typing import Any, Final

from models.file_seals import Seal, Seals, SealVerdict, TrustList
from views import formats

_WORDS: Final = {
    SealVerdict.GOOD: ("ok", "ok", "Hợp lệ", "Tệp không đổi từ khi ký; nhận ra người ký."),
    SealVerdict.ALTERED: ("bad", "x", "Tệp đã đổi", "Nội dung bị thay đổi sau khi ký."),
    SealVerdict.PARTIAL: (
        "warn",
        "i",
        "Chưa bao trùm cả tệp",
        "Chữ ký đúng với phần đã ký, nhưng sau đó tệp còn được ghi thêm dữ liệu.",
    ),
    SealVerdict.UNTRUSTED: (
        "warn",
        "i",
        "Chưa nhận ra nơi cấp",
        "Nơi cấp chứng thư không có trong danh sách tin cậy của cơ quan.",
    ),
    SealVerdict.EXPIRED: (
        "warn",
        "i",
        "Chứng thư hết hạn",
        "Chứng thư đã hết hạn và tệp không có dấu thời gian tin cậy.",
    ),
    SealVerdict.REVOKED: ("bad", "x", "Chứng thư bị thu hồi", "Nơi cấp đã thu hồi chứng thư này."),
    SealVerdict.UNREADABLE: (
        "",
        "i",
        "Không kiểm tra được",
        "Chữ ký hỏng hoặc ghi theo cách máy không đọc được.",
    ),
}


def seal_words(seals: Seals, trust: TrustList) -> dict[str, Any]:
    """What the page shows: `rows`, and a sentence for a file without any."""
    if not seals.checked:
        note = "Chưa kiểm tra được chữ ký số trong tệp này."
    elif not seals.found:
        note = "Tệp không có chữ ký số."
    else:
        note = ""
    return {
        "note": note,
        "rows": [_row(seal) for seal in seals.found],
        "trust": f"Đối chiếu với {trust.authorities} nơi cấp chứng thư cơ quan tin cậy."
        if trust.authorities
        else "Cơ quan chưa khai nơi cấp chứng thư nào là tin cậy, nên chưa nhận ra người ký.",
    }


def _row(seal: Seal) -> dict[str, Any]:
    tone, icon, short, text = _WORDS[seal.verdict]
    facts = [
        ("Người ký", seal.signer),
        ("Nơi cấp chứng thư", seal.issuer),
        ("Chứng thư dùng đến", formats.day(seal.valid_to) if seal.valid_to else ""),
        ("Dấu thời gian", formats.moment(seal.stamped_at) if seal.stamped_at else ""),
        ("Ký lúc, theo máy người ký", _claimed(seal)),
        ("Bao trùm", "cả tệp" if seal.whole else "phần tệp có lúc ký"),
    ]
    if seal.verdict is SealVerdict.UNREADABLE:
        facts = facts[:2]
    return {
        "tag": (tone, icon, short),
        "text": text,
        "facts": [(label, value) for label, value in facts if value],
    }


def _claimed(seal: Seal) -> str:
    return formats.moment(seal.signed_at) if seal.signed_at and not seal.stamped_at else ""
