"""Người dùng: who holds which post, appointing, handing work over, closing accounts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from models.accounts import enable
from models.queries_staff import (
    PAGE,
    Listed,
    colleagues,
    everybody_like,
    listed_person,
    people_like,
    person_named,
    posts_asked,
    posts_by_person,
    unit_coded,
)
from models.staff_changes import (
    PostHeld,
    Work,
    answer_post,
    close_account,
    give_post,
    hand_over,
    work_of,
)
from views import desk, exporting, form_pages, formats, labels, people_accounts, sheets_of_office
from views.formats import _, joined
from views.forms import Answers, Fault, day_text
from views.sheets_of_office import PostsHeld
from views.workbooks import Sheet
from workflow.vocabulary import Post
from workflow.words import phrase

pages = Blueprint("people", __name__)

TITLE = phrase("Người dùng")
NOBODY = "-"
WAITS = phrase("Vai trò này chờ quản trị thứ hai xác nhận; trước đó chưa có hiệu lực.")


@pages.get("/quan-tri/nguoi-dung")
def index() -> ResponseReturnValue:
    """People by name, login or unit, with their posts; posts that wait for a second one."""
    words = request.args.get("q", "").strip()
    number = max(request.args.get("trang", 1, int), 1)
    with desk.reading(at_length=exporting.asked()) as db:
        if exporting.asked():
            return exporting.hand_out(
                _("Người dùng"), *_sheets(db, words), filters={_("Tìm"): words}
            )
        found, total = people_like(db, words, number)
        posts = posts_by_person(db, [one.person.id for one in found], desk.today())
        asked = posts_asked(db)
        rows = [_row(one, posts.get(one.person.id, [])) for one in found]
        waiting = [
            {
                "id": one.request.id,
                "words": _(
                    "{person}: {lower}, {unit}",
                    person=one.person,
                    lower=labels.POST[one.request.post].lower(),
                    unit=one.unit,
                ),
                "asked_by": one.asked_by,
                "since": formats.day(one.request.valid_from),
                "mine": desk.me().person_id in {one.request.asked_by, one.request.person_id},
            }
            for one in asked
        ]
    return render_template(
        "people/index.html", rows=rows, total=total, q=words, number=number,
        pages_count=-(-total // PAGE), waiting=waiting,
    )  # fmt: skip


def _sheets(db: Session, words: str) -> list[Sheet]:
    def rows() -> Iterator[tuple[list[Listed], PostsHeld]]:
        for found in everybody_like(db, words):
            yield found, posts_by_person(db, [one.person.id for one in found], desk.today())

    return [sheets_of_office.people(rows())]


def _row(one: Listed, posts: list[tuple[Post, str]]) -> dict[str, Any]:
    status = {None: _("Chưa có tài khoản"), True: _("Tài khoản khóa"), False: _("Đang mở")}[
        one.disabled
    ]
    return {
        "name": one.person.full_name,
        "url": url_for("people.show", code=one.person.code),
        "sub": joined(filter(None, (one.person.position, one.employer))),
        "posts": [
            _("{post}, {unit}", post=labels.POST[post], unit=formats.shortened(unit))
            for post, unit in posts
        ],
        "login": one.login,
        "status": status if one.person.active else _("Đã nghỉ"),
        "tone": "ok" if one.disabled is False and one.person.active else "",
        "seen": formats.stamp(one.last_seen) if one.last_seen else _("chưa vào"),
    }


@pages.get("/quan-tri/nguoi-dung/<code>")
def show(code: str) -> ResponseReturnValue:
    """One person: posts with the work that waits, the account, and a form for another post."""
    return _show(code, {"since": day_text(desk.today())}, [])


def _person(found: Listed | None) -> Listed:
    if found is None:
        abort(404)
    return found


def _show(code: str, typed: dict[str, str], faults: list[Fault]) -> ResponseReturnValue:
    with desk.reading() as db:
        one = _person(listed_person(db, code))
        work = work_of(db, one.person.id, desk.now())
        account = people_accounts.card(db, one.person)
    page = form_pages.FormPage(
        title=one.person.full_name,
        sub=joined(filter(None, (one.person.position, one.employer))),
        crumbs=_crumbs(one.person.full_name),
        typed=typed,
        errors=faults,
    )
    return form_pages.show(
        "people/show.html",
        page,
        code=code,
        login=one.login,
        disabled=one.disabled,
        account=account,
        seen=formats.stamp(one.last_seen) if one.last_seen else _("chưa vào"),
        work=_work(work),
        post_options=[{"value": post.value, "label": labels.POST[post]} for post in Post],
    )


def _crumbs(name: str) -> list[dict[str, str]]:
    return [
        {"label": _("Quản trị"), "url": url_for("administration.index")},
        {"label": TITLE, "url": url_for("people.index")},
        {"label": name, "url": ""},
    ]


def _work(work: Work) -> dict[str, Any]:
    return {"posts": [_post(held) for held in work.posts], "given": work.given,
            "taken": work.taken, "alone": work.alone}  # fmt: skip


def _post(held: PostHeld) -> dict[str, Any]:
    one = held.appointment
    until = _(" đến hết {valid_to}", valid_to=formats.day(one.valid_to)) if one.valid_to else ""
    return {
        "id": one.id,
        "words": _("{post}, {unit}", post=labels.POST[one.post], unit=held.unit),
        "days": _("từ {valid_from}{until}", valid_from=formats.day(one.valid_from), until=until),
        "tasks": len(held.waiting),
        "waiting": _links(held.waiting),
        "others": held.others,
        "alone": _links(held.alone[:20]),
        "alone_count": len(held.alone),
    }


def _links(codes: Iterable[str]) -> list[dict[str, str]]:
    return [{"code": code, "url": url_for("dossiers.show", code=code)} for code in codes]


@pages.post("/quan-tri/nguoi-dung/<code>/bo-nhiem")
def appoint(code: str) -> ResponseReturnValue:
    """Give the person a post; one's own, and a watching one, waits for a second administrator."""
    answers = Answers(request.form, desk.today())
    post = answers.choice("post", Post, _("Chọn vai trò."))
    since = answers.day("since", _("Ghi ngày bắt đầu giữ vai trò."))
    unit_text = answers.text("unit", _("Gõ mã đơn vị, ví dụ H029."))
    if since is not None and since < desk.today():
        answers.blame("since", _("Ngày bắt đầu không thể trước hôm nay."))
    done = True
    with desk.writing() as db:
        one = _person(listed_person(db, code))
        unit = unit_coded(db, unit_text)
        if unit is None:
            answers.blame("unit", _("Không có đơn vị mã này; xem mã ở danh sách đơn vị."))
        if not answers.faults and post and since and unit:
            done = give_post(
                db, one.person.id, (post, unit), since, desk.me().person_id, desk.now()
            )
    if answers.faults:
        return _show(code, request.form.to_dict(), answers.faults)
    flash(_("Đã bổ nhiệm.") if done else WAITS, "ok" if done else "warn")
    return redirect(url_for("people.show", code=code), 303)


@pages.get("/quan-tri/nguoi-dung/<code>/ban-giao")
def replace(code: str) -> ResponseReturnValue:
    """The work a person holds, and who receives it; `khoa` closes the account as well."""
    return _show_replace(code, {"last_day": day_text(desk.today())}, [])


@pages.post("/quan-tri/nguoi-dung/<code>/ban-giao")
def carry_over(code: str) -> ResponseReturnValue:
    """End the posts chosen, in one transaction with the receivers' appointments and letters."""
    closing = bool(request.form.get("close"))
    answers = Answers(request.form, desk.today())
    last = desk.today() if closing else answers.day("last_day", _("Ghi ngày cuối giữ vai trò."))
    if last is not None and not closing and last < desk.today() - timedelta(days=1):
        answers.blame("last_day", _("Ngày cuối không thể trước hôm qua."))
    done = True
    by, now = desk.me().person_id, desk.now()
    with desk.writing() as db:
        one = _person(listed_person(db, code))
        work = work_of(db, one.person.id, now)
        receivers: dict[int, int | None] = {}
        for held in work.posts:
            name = f"receiver-{held.appointment.id}"
            typed = answers.raw(name) or answers.raw(f"{name}-other").strip()
            if not typed and not closing:
                continue
            receiver = None if typed in {"", NOBODY} else person_named(db, typed)
            _check(answers, held, name, typed, receiver, one.person.id)
            receivers[held.appointment.id] = receiver
        if not receivers and not closing:
            answers.blame("last_day", _("Chọn người nhận cho ít nhất một vai trò."))
        if closing and one.person.id == by:
            answers.blame("close", _("Quản trị không tự khóa tài khoản của mình."))
        if not answers.faults and last is not None:
            done = (
                close_account(db, one.person.id, receivers, by, now)
                if closing
                else hand_over(db, one.person.id, receivers, last, by, now)
            )
    if answers.faults:
        return _show_replace(code, request.form.to_dict(), answers.faults)
    flash(_("Đã bàn giao; hai bên được báo bằng thư.") if done else WAITS, "ok" if done else "warn")
    return redirect(url_for("people.show", code=code), 303)


def _check(
    answers: Answers, held: PostHeld, name: str, typed: str, receiver: int | None, leaving: int
) -> None:
    if typed not in {"", NOBODY} and receiver is None:
        answers.blame(name, _("Không có người này; gõ mã hoặc tên đăng nhập."))
    elif receiver == leaving:
        answers.blame(name, _("Chọn người khác để nhận việc."))
    elif receiver is None and held.others == 0 and held.alone:
        answers.blame(
            name,
            _(
                "{count} hồ sơ sẽ không còn ai xử lý; chọn người nhận vai trò này.",
                count=len(held.alone),
            ),
        )


def _show_replace(code: str, typed: dict[str, str], faults: list[Fault]) -> ResponseReturnValue:
    with desk.reading() as db:
        one = _person(listed_person(db, code))
        work = work_of(db, one.person.id, desk.now())
        people = colleagues(db, one.person.id, desk.today())
    page = form_pages.FormPage(
        title=_("Bàn giao việc của {full_name}", full_name=one.person.full_name),
        crumbs=_crumbs(_("Bàn giao việc")),
        url=url_for("people.show", code=code),
        typed=typed,
        errors=faults,
    )
    options = [{"value": NOBODY, "label": _("Thôi vai trò, không ai nhận")}]
    options += [{"value": each, "label": words} for each, words in people]
    return form_pages.show(
        "people/replace.html", page, code=code, work=_work(work), people=options,
        closing=bool(request.values.get("khoa") or typed.get("close")),
        has_account=one.disabled is False,
    )  # fmt: skip


@pages.post("/quan-tri/nguoi-dung/<code>/mo-tai-khoan")
def open_account(code: str) -> ResponseReturnValue:
    """Open a closed account again."""
    with desk.writing() as db:
        one = _person(listed_person(db, code))
        if one.disabled is None:
            abort(404)
        enable(db, one.person.id, desk.me().person_id, desk.now())
    flash(_("Đã mở lại tài khoản."), "ok")
    return redirect(url_for("people.show", code=code), 303)


@pages.post("/quan-tri/vai-tro-cho/<int(max=2147483647):number>")
def answer(number: int) -> ResponseReturnValue:
    """Confirm a post as the second administrator, or refuse it."""
    granted = request.form.get("answer") == "yes"
    with desk.writing() as db:
        done = answer_post(db, number, desk.me().person_id, desk.now(), granted=granted)
    if not done:
        flash(_("Không trả lời được: đã có người trả lời, hoặc bạn là người đề nghị."), "warn")
    else:
        flash(_("Đã xác nhận vai trò.") if granted else _("Đã từ chối vai trò."), "ok")
    return redirect(url_for("people.index"), 303)
