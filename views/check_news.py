"""What has changed in a dossier since one appraiser looked at it last, in words."""

from __future__ import annotations

from datetime import date
from typing import Any

from models.last_looks import Changed, News, Replaced
from views import formats, labels, timeline
from views.formats import Words, _
from workflow.decisions import Judgement
from workflow.ports import Opened
from workflow.vocabulary import DocumentKind

PARTICULARS = Words(
    {
        "file_name": "Tệp",
        "version": "Bản",
        "number": "Số, ký hiệu",
        "dated": "Ngày ký",
        "signer": "Người ký",
        "confirmed": "Xác nhận của cấp trình",
    }
)
VALUES = Words(
    {
        "title": "Tên",
        "recognised_by": "Cơ quan công nhận",
        "recognition_number": "Số quyết định công nhận",
        "recognised_on": "Ngày công nhận",
        "applied": "Đã áp dụng",
        "used_before_in": "Đã dùng trong hồ sơ",
        "profile_text": "Báo cáo, phần I",
        "achievements_text": "Báo cáo, phần II",
        "prior_awards_text": "Báo cáo, phần III",
        "award_form": "Hình thức khen thưởng",
    }
)
LONGEST = 300


def words(news: News, seen: Opened, judgement: Judgement) -> dict[str, Any]:
    """The card: papers replaced, values changed, checks that fell, and who did what."""
    programme = seen.rulebook.programme
    rows = [row for paper in news.papers for row in _paper(paper)]
    rows += [_value(one) for one in news.values]
    fell = [
        {"title": one.title, "href": f"#dieu-kien-{one.rule}"}
        for one in judgement.results
        if one.finding.code == "LOOK_AGAIN"
    ]
    return {
        "since": formats.moment(news.since),
        "rows": rows,
        "fell": fell,
        "lines": [timeline.entry(line, programme) for line in news.lines],
    }


def _paper(paper: Replaced) -> list[dict[str, str]]:
    """What of a paper is not what it was; a new file with the same particulars is said, too."""
    title = labels.DOCUMENT[DocumentKind(paper.kind)]
    old = paper.old or {}
    rows = [
        {
            "what": _("{title}: {label}", title=title, label=label),
            "old": text_of(old.get(name)),
            "new": text_of(paper.new[name]),
        }
        for name, label in PARTICULARS.items()
        if name in paper.new and old.get(name) != paper.new[name]
    ]
    return [row | {"old": row["old"] if paper.old else _("chưa có")} for row in rows]


def _value(one: Changed) -> dict[str, str]:
    old, new = text_of(one.old), text_of(one.new)
    if one.name == "whole":
        return {
            "what": _("Sáng kiến"),
            "old": old if one.old else _("chưa có"),
            "new": new if one.new else _("đã bỏ"),
        }
    label = VALUES.get(one.name, one.name)
    what = (
        _("Sáng kiến “{title}”: {label}", title=one.title, label=formats.lower_first(label))
        if one.title
        else label
    )
    return {"what": what, "old": old, "new": new}


def text_of(value: object) -> str:
    """A value of the history as people write it; long texts are cut."""
    if value is None or value == "":
        return _("chưa ghi")
    if isinstance(value, bool):
        return _("có") if value else _("không")
    text = str(value)
    try:
        return formats.day(date.fromisoformat(text))
    except ValueError:
        return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
