"""The list of dossiers: its filters, its rows, its pages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from flask import url_for

from models.dossier_pages import PAGE, Asked, Order, Page
from models.queries_dossiers import BOUND, Row, Wanted
from models.queries_holders import Holders
from views import flags, formats, labels, progress_filters
from views.formats import Words, _
from workflow.programme import Programme
from workflow.vocabulary import ENDS, State, SubjectKind
from workflow.words import phrase

FLAGS: Final = Words(
    {
        "qua-han": "Quá hạn",
        "bo-sung": "Yêu cầu bổ sung",
        "gia-han": "Đã gia hạn",
        "tam-dung": "Đang tạm dừng",
    }
)
TURNS: Final = Words({"toi": "Đang chờ tôi"})
ORDERS: Final = Words(
    {
        Order.NEWEST.value: "Mã mới nhất trước",
        Order.OLDEST.value: "Mã cũ nhất trước",
        Order.NAME.value: "Tên từ A đến Z",
    }
)
NAMES: Final = Words(
    {
        "q": "từ khóa",
        "viec": "Giữ việc",
        "chuong-trinh": "Chương trình",
        "dot": "Đợt",
        "trang-thai": "Trạng thái",
        "co": "Cờ",
        "don-vi": "Đơn vị",
        "doi-tuong": "Đối tượng",
        "hinh-thuc": "Hình thức",
    }
)
KEPT: Final[tuple[str, ...]] = (*NAMES, *progress_filters.NAMES)
"""Every filter an address may carry."""
LONGEST = 100
PLACES = ("xep", "xem")
"""Words of an address that narrow nothing and are kept from page to page."""


def wanted(given: Mapping[str, str]) -> Wanted:
    """Read the filters; what nobody knows narrows nothing."""
    state, unit = given.get("trang-thai", ""), given.get("don-vi", "")
    subject, flag = given.get("doi-tuong", ""), given.get("co", "")
    return Wanted(
        words=" ".join(given.get("q", "")[:LONGEST].split()),
        programme=given.get("chuong-trinh", "")[:LONGEST],
        cycle=given.get("dot", "")[:LONGEST],
        state=State(state) if state in set(State) else None,
        flag=flag if flag in FLAGS else "",
        unit_id=int(unit) if unit.isdecimal() and len(unit) < 10 else None,  # noqa: PLR2004
        subject=SubjectKind(subject) if subject in set(SubjectKind) else None,
        award=given.get("hinh-thuc", "")[:LONGEST],
        counted=progress_filters.counted(given),
    )


def asked(given: Mapping[str, str]) -> Asked:
    """Which page, and in which order; the first when the address says nothing of it."""
    order, place = given.get("xep", ""), given.get("thu", "")
    return Asked(
        order=Order(order) if order in set(Order) else Order.NEWEST,
        after=given.get("sau", "")[:LONGEST],
        before=given.get("truoc", "")[:LONGEST],
        place=max(1, int(place)) if place.isdecimal() and len(place) < 8 else 1,  # noqa: PLR2004
    )


def page_number(given: Mapping[str, str]) -> int:
    """Which page is asked for; the first when that is not a number."""
    text = given.get("trang", "")
    return int(text) if text.isdecimal() and len(text) < 6 else 1  # noqa: PLR2004


def filters(
    chosen: Wanted, known: dict[str, Programme], units: list[tuple[int, str]]
) -> list[dict[str, Any]]:
    """The fields of the filter with their choices; of one programme, only its own.

    The programme is asked for only where there are several.
    """
    titles = {one.id: one.title for one in known.values()}
    own = [one for one in known.values() if chosen.programme in {"", one.id}]
    cycles = {cycle.id: cycle.label for one in own for cycle in one.cycles}
    awards = {award.id: award.short for one in own for award in one.awards}
    programmes = [("chuong-trinh", titles, chosen.programme)] if len(titles) > 1 else []
    fields: list[tuple[str, Mapping[Any, str], object]] = [
        *programmes,
        ("dot", cycles, chosen.cycle),
        ("trang-thai", labels.STATE, chosen.state or ""),
        ("co", FLAGS, chosen.flag),
        ("viec", TURNS, "" if chosen.turn is None else "toi"),
        *([("don-vi", dict(units), chosen.unit_id or "")] if units else []),
        ("doi-tuong", labels.SUBJECT, chosen.subject or ""),
        ("hinh-thuc", awards, chosen.award),
    ]
    return [
        {
            "name": name,
            "label": NAMES[name],
            "value": str(value),
            "options": [{"value": str(key), "label": label} for key, label in choices.items()],
        }
        for name, choices, value in fields
    ]


def narrowed(words: str, fields: list[dict[str, Any]]) -> dict[str, str]:
    """The filters in use as they read on the page, for the head of a workbook."""
    chosen = {
        field["label"]: option["label"]
        for field in fields
        for option in field["options"]
        if option["value"] == field["value"]
    }
    return {_("Từ khóa"): words, **chosen}


def line(row: Row, known: dict[str, Programme], holders: Holders, now: datetime) -> dict[str, Any]:
    """One row of the list."""
    dossier = row.dossier
    programme = known[dossier.programme_hash]
    where = flags.standing(programme, dossier, row.terms)
    award = programme.award_by_id.get(dossier.award_form)
    return {
        "code": dossier.code,
        "url": url_for("dossiers.show", code=dossier.code),
        "name": dossier.subject_name,
        "award": award.short if award else _("Chưa chọn hình thức"),
        "kind": labels.SUBJECT[dossier.subject_kind],
        "unit": row.unit if dossier.person_id else row.proposing_unit,
        "flags": [] if dossier.state in ENDS else flags.flags(where, now)[:2],
        "step_number": labels.step_number(dossier.state),
        "state": labels.STATE[dossier.state],
        "holder": holder_words(row, where, holders),
        "due": formats.day(where.due) if where.due else "",
        "due_left": formats.relative(where.due, formats.local(now).date()) if where.due else "",
        "late": where.is_late(now),
    }


def holder_words(row: Row, where: flags.Standing, holders: Holders) -> str:
    """Who holds it: the first by name, the others counted."""
    if where.step is None or row.dossier.state in ENDS:
        return ""
    people = holders.of(where.step.by, row.places, where.step.action)
    if not people:
        return _("chưa phân công")
    more = _(" và {count} người", count=len(people) - 1) if len(people) > 1 else ""
    return f"{people[0].shown}{more}"


def total_words(found: Page) -> str:
    """How many there are: counted, or more than were counted."""
    return (
        _("trên {bound}", bound=formats.number(BOUND))
        if found.is_more
        else formats.number(found.total)
    )


def page_links(found: Page, given: Mapping[str, str]) -> dict[str, Any] | None:
    """To the page before and the one after; none when everything stands on this one."""
    if not (found.earlier or found.later):
        return None
    first, last = found.place, found.place + len(found.rows) - 1
    ends = found.rows[0].dossier.code, found.rows[-1].dossier.code
    before = {"truoc": ends[0], "thu": max(1, first - PAGE)}
    return {
        "links": [],
        "summary": _(
            "Hồ sơ {first}–{end} trong {total}",
            first=formats.number(first),
            end=formats.number(last),
            total=total_words(found),
        ),
        "first": turned(given) if found.earlier else None,
        "previous": turned(given, **before) if found.earlier else None,
        "next": turned(given, sau=ends[1], thu=last + 1) if found.later else None,
    }


def kept(given: Mapping[str, str]) -> dict[str, Any]:
    """The filters and the order of an address, without the page."""
    return {name: given[name] for name in (*KEPT, *PLACES) if given.get(name)}


def turned(given: Mapping[str, str], **page: Any) -> str:  # noqa: ANN401 - values of an address
    """The same list, another page."""
    return url_for("dossiers.index", **kept(given), **page)


def empty(narrow: str | None, given: Mapping[str, str]) -> dict[str, Any]:
    """Name the narrowest filter and the way out."""
    used: dict[str, Any] = {name: given[name] for name in KEPT if given.get(name)}
    if not used:
        return {"title": _("Chưa có hồ sơ nào."), "text": EMPTY_TEXT, "actions": []}
    actions = []
    if narrow is not None and len(used) > 1:
        rest = {name: value for name, value in used.items() if name != narrow}
        called = NAMES.get(narrow) or progress_filters.NAMES[narrow]
        label = _("Bỏ lọc “{names}”", names=called)
        actions.append({"label": label, "url": url_for("dossiers.index", **rest)})
    actions.append({"label": _("Bỏ mọi lọc"), "url": url_for("dossiers.index", xem="tat-ca")})
    return {
        "title": _("Không có hồ sơ khớp bộ lọc."),
        "text": _("Bỏ bớt một điều kiện lọc, hoặc gõ mã hồ sơ, tên đơn vị, tên người."),
        "actions": actions,
    }


EMPTY_TEXT = phrase("Hồ sơ hiện ở đây khi đăng ký thi đua được cấp trên tiếp nhận.")
