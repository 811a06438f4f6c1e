"""Words for the signatures in a PDF: what was found, and that a person decides."""

from __future__ import annotations

from typing import Any, Final

from models.file_seals import Seal, Seals, SealVerdict, TrustList
from views import formats
from views.formats import _
from workflow.words import phrase

_WORDS: Final = {
    SealVerdict.GOOD: (
        "ok",
        "ok",
        phrase("Hợp lệ"),
        phrase("Tệp không đổi từ khi ký; nhận ra người ký."),
    ),
    SealVerdict.ALTERED: (
        "bad",
        "x",
        phrase("Tệp đã đổi"),
        phrase("Nội dung bị thay đổi sau khi ký."),
    ),
    SealVerdict.PARTIAL: (
        "warn",
        "i",
        phrase("Chưa bao trùm cả tệp"),
        phrase("Chữ ký đúng với phần đã ký, nhưng sau đó tệp còn được ghi thêm dữ liệu."),
    ),
    SealVerdict.UNTRUSTED: (
        "warn",
        "i",
        phrase("Chưa nhận ra nơi cấp"),
        phrase("Nơi cấp chứng thư không có trong danh sách tin cậy của cơ quan."),
    ),
    SealVerdict.EXPIRED: (
        "warn",
        "i",
        phrase("Chứng thư hết hạn"),
        phrase("Chứng thư đã hết hạn và tệp không có dấu thời gian tin cậy."),
    ),
    SealVerdict.REVOKED: (
        "bad",
        "x",
        phrase("Chứng thư bị thu hồi"),
        phrase("Nơi cấp đã thu hồi chứng thư này."),
    ),
    SealVerdict.UNREADABLE: (
        "",
        "i",
        phrase("Không kiểm tra được"),
        phrase("Chữ ký hỏng hoặc ghi theo cách máy không đọc được."),
    ),
}


def seal_words(seals: Seals, trust: TrustList) -> dict[str, Any]:
    """What the page shows: `rows`, and a sentence for a file without any."""
    if not seals.checked:
        note = _("Chưa kiểm tra được chữ ký số trong tệp này.")
    elif not seals.found:
        note = _("Tệp không có chữ ký số.")
    else:
        note = ""
    return {
        "note": note,
        "rows": [_row(seal) for seal in seals.found],
        "trust": _(
            "Đối chiếu với {authorities} nơi cấp chứng thư cơ quan tin cậy.",
            authorities=trust.authorities,
        )
        if trust.authorities
        else _("Cơ quan chưa khai nơi cấp chứng thư nào là tin cậy, nên chưa nhận ra người ký."),
    }


def _row(seal: Seal) -> dict[str, Any]:
    tone, icon, short, text = _WORDS[seal.verdict]
    facts = [
        (_("Người ký"), seal.signer),
        (_("Nơi cấp chứng thư"), seal.issuer),
        (_("Chứng thư dùng đến"), formats.day(seal.valid_to) if seal.valid_to else ""),
        (_("Dấu thời gian"), formats.moment(seal.stamped_at) if seal.stamped_at else ""),
        (_("Ký lúc, theo máy người ký"), _claimed(seal)),
        (_("Bao trùm"), _("cả tệp") if seal.whole else _("phần tệp có lúc ký")),
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
