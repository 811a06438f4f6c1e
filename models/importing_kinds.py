"""The kinds of tables to import: who may, what is asked besides the file, what is done."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from models import (
    importing_nominees,
    importing_people,
    importing_people_apply,
    importing_registrations,
    importing_scores,
    importing_successions,
    importing_units,
)
from models.form_queries import SENDING_POSTS
from models.importing import Asked, Plan
from models.importing_columns import Column
from models.importing_scores import Scoring
from workflow.vocabulary import IndexKind, Post, ScoreKind
from workflow.words import phrase

Read = Callable[[Session, bytes, Asked], Plan[Any]]
Apply = Callable[[Session, Plan[Any], int | None, datetime], int]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of table."""

    name: str
    title: str
    does: str
    """One sentence: what becomes of the rows."""
    columns: Sequence[Column]
    posts: frozenset[Post]
    """Who may bring one; what each may change is judged row by row."""
    read: Read
    apply: Apply
    options: tuple[str, ...] = ()

    def is_for(self, posts: Iterable[Post]) -> bool:
        """May somebody with these posts bring one?"""
        return not self.posts.isdisjoint(posts)


def scoring_of(asked: Asked) -> Scoring:
    """What the options say of a sheet of scores."""
    given = asked.options
    published = given.get("published_on", "")
    return Scoring(
        IndexKind(given["index"]),
        int(given["year"]),
        ScoreKind(given["kind"]),
        date.fromisoformat(published) if published else None,
        given.get("source", ""),
    )


def _read_scores(session: Session, content: bytes, asked: Asked) -> Plan[Any]:
    return importing_scores.read_scores(session, content, scoring_of(asked), asked)


_ADMINISTRATOR: Final = frozenset({Post.ADMINISTRATOR})
KINDS: Final = {
    kind.name: kind
    for kind in (
        Kind(
            "chi-so",
            phrase("Kết quả chỉ số"),
            phrase("Ghi điểm và xếp loại của từng đơn vị; điều kiện đang chờ nguồn tự đổi theo."),
            importing_scores.COLUMNS,
            frozenset({Post.ADMINISTRATOR, Post.APPRAISER, *SENDING_POSTS}),
            _read_scores,
            importing_scores.apply_scores,
            ("index", "year", "kind", "published_on", "source"),
        ),
        Kind(
            "dang-ky",
            phrase("Danh sách đăng ký"),
            phrase(
                "Gửi đăng ký thi đua cho nhiều tập thể, cá nhân cùng lúc, tới cấp trên trực tiếp."
            ),
            importing_registrations.COLUMNS,
            frozenset(SENDING_POSTS),
            importing_registrations.read_registrations,
            importing_registrations.apply_registrations,
            ("cycle", "registered_on"),
        ),
        Kind(
            "de-nghi",
            phrase("Danh sách đề nghị"),
            phrase("Chọn hình thức cho nhiều hồ sơ đang lập cùng lúc, như danh sách kèm Tờ trình."),
            importing_nominees.COLUMNS,
            frozenset(SENDING_POSTS),
            importing_nominees.read_nominees,
            importing_nominees.apply_nominees,
            ("cycle",),
        ),
        Kind(
            "nguoi",
            phrase("Người dùng và vai trò"),
            phrase("Thêm, sửa người, vai trò theo đơn vị và tên đăng nhập."),
            importing_people.COLUMNS,
            _ADMINISTRATOR,
            importing_people.read_people,
            importing_people_apply.apply_people,
        ),
        Kind(
            "don-vi",
            phrase("Đơn vị"),
            phrase("Thêm, sửa đơn vị, cấp trên và thời gian hiệu lực; không xóa đơn vị nào."),
            importing_units.COLUMNS,
            _ADMINISTRATOR,
            importing_units.read_units,
            importing_units.apply_units,
        ),
        Kind(
            "ke-thua",
            phrase("Kế thừa đơn vị"),
            phrase("Ghi đơn vị cũ nhập vào đơn vị mới từ ngày nào."),
            importing_successions.COLUMNS,
            _ADMINISTRATOR,
            importing_successions.read_successions,
            importing_successions.apply_successions,
        ),
    )
}
