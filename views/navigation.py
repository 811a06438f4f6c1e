"""The shell of every page: who reads, where they can go, what the service is just now."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Flask, current_app, g, request, url_for

from models.queries_check import appraises
from models.queries_inbox import COUNTED
from models.queries_people import Reader
from views import desk, formats, labels
from views.formats import _
from workflow.vocabulary import Post
from workflow.words import phrase

ITEMS = (
    ("inbox.show", phrase("Việc của tôi")),
    ("dossiers.index", phrase("Hồ sơ")),
    ("council_sessions.index", phrase("Hội đồng")),
    ("registrations.index", phrase("Đăng ký")),
    ("calendar.show", phrase("Lịch và hạn")),
    ("progress.index", phrase("Báo cáo")),
    ("programme.show", phrase("Văn bản chương trình")),
)
FOR_APPRAISERS = (("check.queue", phrase("Kiểm tra")),)
FOR_DECIDERS = (("deciding.index", phrase("Quyết định")),)
FOR_ADMINISTRATORS = (("administration.index", phrase("Quản trị")),)
ROOM_OF = {
    "milestones": "calendar",
    "report_dates": "calendar",
    "reports_due": "progress",
    "working_calendar": "calendar",
    "council_ballot": "council_sessions",
    "council_tally": "council_sessions",
    "council_paper": "council_sessions",
    "decision_page": "deciding",
    "places": "deciding",
    "ranking": "deciding",
    "importing": "administration",
    "people": "administration",
    "people_accounts": "administration",
    "units": "administration",
    "audit_log": "administration",
    "backups": "administration",
    "office": "administration",
    "paper_templates": "administration",
    "papers": "dossiers",
    "search": "dossiers",
    "batch": "dossiers",
    "trying": "programme",
    "programme_versions": "programme",
    "whole_dossier": "dossiers",
    "evidence": "dossiers",
}
"""Pages that stand under another page of the navigation."""


def put_up(app: Flask) -> None:
    """Give every template what `base.html` reads, and a one-time key for forms."""
    app.context_processor(shell)
    app.jinja_env.globals["one_time_key"] = one_time_key


def one_time_key() -> str:
    """A key that makes pressing twice the same as pressing once."""
    return secrets.token_urlsafe(16)


def shell() -> dict[str, Any]:
    """What the shell shows; little of it when nobody is signed in."""
    visitor = None if g.get("in_trouble") else desk.visitor()
    reader = visitor.reader if visitor else None
    return {
        "site": {**site(), "period_over_text": over(reader)},
        "me": card(reader) if reader else None,
        "nav": items(reader) if reader else [],
    }


def site() -> dict[str, Any]:
    """The service itself: whether it is a demonstration, and on which day it stands."""
    return {
        "demonstration": desk.settings().demonstration,
        "today_text": formats.weekday(desk.today()),
        "clock_url": address("office.clock"),
        "mail_url": address("office.mail"),
        "sign_out_url": address("account.sign_out"),
        "sign_in_url": address("account.sign_in"),
        "footer_links": footer(),
    }


def over(reader: Reader | None) -> str | None:
    """The notice on every page once the programme has ended."""
    ended = desk.surroundings().programme_ended_on if reader else None
    if ended is None:
        return None
    return _(
        "Chương trình đã hết thời gian phát động ({ended}). Hồ sơ cũ vẫn tra cứu "
        "được. Để mở đợt mới, quản trị cần nạp văn bản kế thừa hoặc gia hạn.",
        ended=formats.day(ended),
    )


def footer() -> list[dict[str, str]]:
    """Links at the foot: only pages there are."""
    wanted = (
        ("help.index", _("Trợ giúp")),
        ("programme.show", _("Văn bản chương trình")),
        ("look_up.show", _("Tra cứu công khai")),
    )
    found = ((address(endpoint), label) for endpoint, label in wanted)
    return [{"url": url, "label": label} for url, label in found if url]


def card(reader: Reader) -> dict[str, Any]:
    """Who reads."""
    return {
        "name": reader.name,
        "initials": formats.initials(reader.name),
        "role_line": role_line(reader),
        "menu": menu(reader),
    }


def menu(reader: Reader) -> list[dict[str, str]]:
    """The reader's own menu: only pages there are."""
    wanted = [
        ("inbox.show", _("Việc của tôi")),
        ("delegations.own", _("Ủy quyền khi vắng")),
        ("reminders.settings", _("Cài đặt nhắc việc")),
        ("own_account.show", _("Tài khoản của tôi")),
        ("help.index", _("Trợ giúp")),
    ]
    if reader.holds(Post.ADMINISTRATOR, Post.AUDITOR):
        wanted.insert(3, ("reminders.reconciliation", _("Đối chiếu thư nhắc")))
        wanted.insert(4, ("audit_log.index", _("Nhật ký")))
    if reader.only_looks:
        wanted = wanted[2:]
    found = ((address(endpoint), label) for endpoint, label in wanted)
    return [{"url": url, "label": label} for url, label in found if url]


def role_line(reader: Reader) -> str:
    """The first post and where; more posts are counted."""
    if not reader.posts:
        return _(
            "{position}, {employer}", position=reader.position, employer=reader.employer
        ).strip(", ")
    first = reader.posts[0]
    title = reader.position or labels.POST[first.post]
    more = len(reader.posts) - 1
    return _("{title}, {unit_name}", title=title, unit_name=formats.shortened(first.unit_name)) + (
        _(" và {count} vai trò khác", count=more) if more else ""
    )


def items(reader: Reader) -> list[dict[str, Any]]:
    """The navigation of this reader: only pages there are."""
    wanted = ITEMS[1:] if reader.only_looks else ITEMS
    if appraises(reader):
        wanted = (*wanted, *FOR_APPRAISERS)
    if reader.holds(Post.HEAD, Post.DEPUTY_HEAD, Post.APPRAISER):
        wanted = (*wanted, *FOR_DECIDERS)
    if reader.holds(Post.ADMINISTRATOR):
        wanted = (*wanted, *FOR_ADMINISTRATORS)
    room = (request.endpoint or "").partition(".")[0]
    return [
        {
            "url": url,
            "label": label,
            "current": ROOM_OF.get(room, room) == endpoint.partition(".")[0],
            "count": _tasks() if endpoint == "inbox.show" else "",
        }
        for endpoint, label in wanted
        if (url := address(endpoint))
    ]


def _tasks() -> str:
    """How much waits for the reader, as far as it is counted; empty for nothing."""
    tasks = desk.surroundings().tasks
    return formats.bounded(tasks, COUNTED) if tasks else ""


def address(endpoint: str) -> str | None:
    """The address of a page, or None while nobody has built it (or it is not registered)."""
    return url_for(endpoint) if endpoint in current_app.view_functions else None
