"""Two versions of a programme side by side: what differs, field by field and clause by clause."""

from __future__ import annotations

from itertools import groupby
from typing import Any, Final

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from models.form_queries import VersionLine, version_by_hash, versions
from models.rulebooks import rulebook_in_force, rulebook_of
from views import desk, form_pages, formats, labels, speaking
from views.formats import Words, _
from workflow.comparing import HEAD, TEXT, Difference, differences
from workflow.ports import NotFound
from workflow.words import phrase

pages = Blueprint("programme_versions", __name__)

TITLE = phrase("So sánh hai bản")
SHORTEST_HASH: Final = 8
LONGEST: Final = 600
"""Signs of a value that are shown; the file itself holds the rest."""
SECTION: Final = Words(
    {
        HEAD: "Phần đầu",
        "cycles": "Đợt",
        "awards": "Hình thức khen thưởng",
        "documents": "Tài liệu",
        "rules": "Điều kiện",
        "steps": "Bước",
        "reminders": "Nhắc việc",
        "registration_reminders": "Nhắc đăng ký",
        "reports": "Báo cáo định kỳ",
        "readings": "Diễn giải",
        "council": "Hội đồng",
        "registration": "Đăng ký",
        "ranking": "Xếp hạng",
        "consolidation": "Báo cáo tổng hợp",
        "silent_clauses": "Mục không thành quy tắc máy",
        TEXT: "Nguyên văn",
    }
)


@pages.get("/van-ban/so-sanh")
def show() -> ResponseReturnValue:
    """Compare `?tu=` with `?den=`; without them the version before with the one in force."""
    me, day = desk.me().person_id, desk.today()
    with desk.reading() as db:
        den = _hash("den")
        newer = version_by_hash(db, den) if den else None
        book = rulebook_of(db, newer.content_hash) if newer else rulebook_in_force(db)
        known = versions(db, book.programme.id, me, day)
        new, old = _pair(known, newer.content_hash if newer else "", _hash("tu"))
        after = rulebook_of(db, new.version.content_hash).programme
        before = rulebook_of(db, old.version.content_hash).programme
        found = differences(before, after, old.version.source, new.version.source)
    speaking.speak_of(after)
    page = form_pages.FormPage(
        title=TITLE,
        sub=after.title,
        crumbs=[
            {"label": _("Văn bản chương trình"), "url": url_for("programme.show")},
            {"label": TITLE, "url": ""},
        ],
        typed={"tu": old.version.content_hash[:12], "den": new.version.content_hash[:12]},
    )
    return form_pages.show(
        "programme/compare.html",
        page,
        choices=[_choice(one) for one in known],
        sections=[
            {"title": SECTION[name], "rows": [_row(one) for one in rows]}
            for name, rows in groupby(found, key=lambda one: one.section)
        ],
        total=len(found),
        single=len(known) == 1,
        before=_side(old),
        after=_side(new),
    )


def _hash(name: str) -> str:
    wanted = request.args.get(name, "")
    if wanted and len(wanted) < SHORTEST_HASH:
        raise NotFound(wanted)
    return wanted


def _pair(known: list[VersionLine], den: str, tu: str) -> tuple[VersionLine, VersionLine]:
    """The newer and the older one; `known` comes newest first. Raises `NotFound`."""
    place = next(
        (
            number
            for number, one in enumerate(known)
            if (one.version.content_hash == den if den else one.version.in_force)
        ),
        0,
    )
    if not tu:
        return known[place], known[min(place + 1, len(known) - 1)]
    fit = [one for one in known if one.version.content_hash.startswith(tu)]
    if len(fit) != 1:
        raise NotFound(tu)
    return known[place], fit[0]


def _choice(line: VersionLine) -> dict[str, str]:
    version = line.version
    return {
        "value": version.content_hash[:12],
        "label": _(
            "{version} · {hash} · nạp {at}",
            version=version.version,
            hash=version.content_hash[:12],
            at=formats.stamp(version.loaded_at),
        ),
    }


def _side(line: VersionLine) -> dict[str, Any]:
    return {
        "label": line.version.version,
        "hash": line.version.content_hash[:12],
        "url": url_for("programme.show", ban=line.version.content_hash[:12]),
        "dossiers": formats.number(line.dossiers),
    }


def _row(one: Difference) -> dict[str, Any]:
    """One difference as a row: what of what, before and after."""
    return {
        "name": labels.clause_text(one.name) if one.section == TEXT else one.name,
        "title": one.title,
        "field": one.field,
        "was": _value(one.was, whole=one.whole and one.section != TEXT),
        "now": _value(one.now, whole=one.whole and one.section != TEXT),
        "clause_ref": labels.clause_text(one.clause) if one.clause else "",
        "clause_href": labels.clause_url(one.clause) if one.clause else "",
    }


def _value(value: Any, *, whole: bool) -> str:  # noqa: ANN401 - whatever a file may hold
    if value is None:
        return _("không có")
    if whole:
        return _("có")
    text = _written(value)
    return f"{text[:LONGEST]}…" if len(text) > LONGEST else text


def _written(value: Any) -> str:  # noqa: ANN401
    if isinstance(value, bool):
        return _("có") if value else _("không")
    if isinstance(value, list):
        return ", ".join(_written(one) for one in value) or _("không có")
    if isinstance(value, dict):
        return "; ".join(f"{name}: {_written(one)}" for name, one in value.items())
    return str(value) or _("để trống")
