"""Commands that bring in units, people, scores and accounts: a whole file, or nothing of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import TypeVar

import click
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from models import one_time_codes
from models.accounts import LOCKED, appoint, open_locked
from models.form_queries import account_of, login_taken, person_by_code
from models.importing import Asked, Plan
from models.importing_people import read_people
from models.importing_people_apply import apply_people
from models.importing_scores import Scoring, apply_scores, read_scores
from models.importing_successions import apply_successions, read_successions
from models.importing_units import apply_units, read_units
from models.people import posts_of
from models.scores import Statement
from models.sheets import Unreadable
from models.tables import Person
from models.who_could import who_could
from models.words_sign_in import CodePurpose
from views import account_commands, desk
from views.command_output import fail, report_rows, say
from views.formats import Words, _
from views.forms import read_day
from views.proving import door
from workflow.ports import NotFound
from workflow.vocabulary import IndexKind, Post, ScoreKind
from workflow.words import phrase

T = TypeVar("T")
Read = Callable[[Session, bytes, Asked], Plan[T]]
Apply = Callable[[Session, Plan[T], int | None, datetime], int]

units = AppGroup("units", help=phrase("Đơn vị."))
people = AppGroup("people", help=phrase("Người và vai trò."))
scores = AppGroup("scores", help=phrase("Chỉ số tự chấm hoặc đã công bố."))
accounts = AppGroup("accounts", help=phrase("Tài khoản."))
administrator = AppGroup("administrator", help=phrase("Quản trị."))
GROUPS = (units, people, scores, accounts, administrator)

WORDS = Words({"units": "đơn vị", "successions": "kế thừa", "people": "người", "scores": "chỉ số"})
DAY_HINT = phrase("--published-on: gõ theo ngày/tháng/năm, ví dụ 14/02/2023 hoặc 2023-02-14.")

try_only = click.option("--dry-run", is_flag=True, help="Chỉ cho biết sẽ làm gì, không ghi.")
a_path = click.Path(exists=True, dir_okay=False, path_type=Path)
a_person = click.option("--person", "code", required=True, help="Mã của người.")


class _Undone(Exception):
    """The end of a dry run: everything was tried, nothing stays."""


def in_one_go(work: Callable[[Session], None], *, dry_run: bool) -> None:
    """Do the work in one transaction; a dry run does it too, and takes it back."""
    try:
        with desk.writing() as db:
            work(db)
            _take_back(dry_run=dry_run)
    except _Undone:
        say("Chạy thử: chưa ghi gì.")


def _take_back(*, dry_run: bool) -> None:
    if dry_run:
        raise _Undone


@units.command("import")
@click.argument("file", type=a_path)
@click.option("--succession", type=a_path, help="Bảng kế thừa: old_code, new_code, since.")
@try_only
def import_units(file: Path, succession: Path | None, *, dry_run: bool) -> None:
    """Nhập đơn vị từ CSV hoặc XLSX, kèm bảng kế thừa nếu có sáp nhập, đổi tên."""

    def work(db: Session) -> None:
        bring(db, file, read_units, apply_units, "units")
        if succession is not None:
            bring(db, succession, read_successions, apply_successions, "successions")

    in_one_go(work, dry_run=dry_run)


@people.command("import")
@click.argument("file", type=a_path)
@try_only
def import_people(file: Path, *, dry_run: bool) -> None:
    """Nhập người, vai trò và tên đăng nhập; tài khoản mới khóa đến khi đặt mật khẩu."""

    def work(db: Session) -> None:
        before = {one.code for one in who_could(db, desk.now()) if one.alarm}
        bring(db, file, read_people, apply_people, "people")
        db.expire_all()
        for one in who_could(db, desk.now()):
            if one.alarm and one.code not in before:
                say(f"Cảnh báo: hồ sơ {one.code} không còn ai làm được bước “{one.step.title}”.")

    in_one_go(work, dry_run=dry_run)


@scores.command("import")
@click.argument("file", type=a_path)
@click.option("--year", type=int, required=True, help="Năm của chỉ số.")
@click.option("--index", type=click.Choice([one.value for one in IndexKind]), required=True)
@click.option("--kind", type=click.Choice([one.value for one in ScoreKind]), required=True)
@click.option("--published-on", default="", help="Ngày công bố, dạng 14/02/2023.")
@click.option("--source", default="", help="Văn bản công bố.")
@try_only
def import_scores(file: Path, *, dry_run: bool, **about: str) -> None:
    """Nhập bảng tổng hợp chỉ số: STT, Đơn vị, Tổng điểm, Chỉ số (%), Xếp hạng, Xếp loại."""
    sheet = _sheet(about)

    def read(db: Session, content: bytes, asked: Asked) -> Plan[Statement]:
        return read_scores(db, content, sheet, asked)

    in_one_go(lambda db: bring(db, file, read, apply_scores, "scores"), dry_run=dry_run)


@accounts.command("create")
@click.argument("login")
@a_person
@try_only
def create(login: str, code: str, *, dry_run: bool) -> None:
    """Mở tài khoản cho một người; in mã dùng một lần để đặt mật khẩu."""
    in_one_go(lambda db: _open_account(db, login, _person(db, code)), dry_run=dry_run)


account_commands.join(accounts)


@administrator.command("create")
@click.argument("login")
@a_person
@try_only
def create_administrator(login: str, code: str, *, dry_run: bool) -> None:
    """Mở tài khoản và giao vai trò quản trị tại cơ quan của người đó."""

    def work(db: Session) -> None:
        person = _person(db, code)
        _open_account(db, login, person)
        post = (Post.ADMINISTRATOR, person.employer_id)
        if post not in posts_of(db, person.id, desk.today()):
            appoint(db, person.id, post, desk.today(), None, desk.now())
        say(f"{person.full_name} là quản trị từ hôm nay.")

    in_one_go(work, dry_run=dry_run)


def bring(db: Session, file: Path, read: Read[T], apply: Apply[T], what: str) -> None:
    """Read a table and write it; every wrong line is named, and then nothing is written."""
    try:
        plan = read(db, file.read_bytes(), Asked(None, desk.now()))
    except Unreadable as error:
        fail([_("{name}: {error}", name=file.name, error=error)])
    if plan.errors:
        report_rows(file, plan.errors)
    changed = apply(db, plan, None, desk.now())
    say(f"{file.name}: {len(plan.changes)} dòng {WORDS[what]}, {changed} dòng mới hoặc thay đổi.")


def _sheet(about: dict[str, str]) -> Scoring:
    typed, kind = about["published_on"], ScoreKind(about["kind"])
    day = read_day(typed) or _iso_day(typed)
    if typed and day is None:
        fail([DAY_HINT])
    if kind is ScoreKind.PUBLISHED and day is None:
        fail([_("--published-on: kết quả công bố phải có ngày công bố.")])
    return Scoring(IndexKind(about["index"]), int(about["year"]), kind, day, about["source"])


def _iso_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _person(db: Session, code: str) -> Person:
    try:
        return person_by_code(db, code)
    except NotFound:
        fail([_("Không có người mã {code}; nhập người trước bằng: people import TỆP.", code=code)])


def _open_account(db: Session, login: str, person: Person) -> None:
    wanted, code = login.strip().casefold(), one_time_codes.make_code()
    account = account_of(db, person.id)
    if login_taken(db, wanted, person.id):
        fail([_("Tên đăng nhập “{wanted}” đã có người dùng.", wanted=wanted)])
    if account is None:
        open_locked(db, person.id, wanted, None, desk.now())
    elif account.password_hash != LOCKED or account.login != wanted:
        fail(
            [
                _(
                    "{full_name} đã có tài khoản “{login}”.",
                    full_name=person.full_name,
                    login=account.login,
                )
            ]
        )
    one_time_codes.keep(db, person.id, CodePurpose.INVITE, code, door())
    say(f"Tài khoản {wanted} của {person.full_name}. Mã dùng một lần: {code[0]}")
    minutes = desk.sign_in_policy().code_minutes
    say(f"Trong {minutes} phút, mở {desk.settings().base_url}/ma-mot-lan và đặt mật khẩu bằng mã.")
