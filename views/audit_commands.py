"""The audit log at the terminal: verify it, take it away, sign its end, make keys for that."""

from __future__ import annotations

import os
from pathlib import Path

import click
from flask.cli import AppGroup
from sqlalchemy import select
from sqlalchemy.orm import Session

from config.clock import real_now
from models import auditing, erasing, migrating, sealing
from models.audit_export import exported
from models.checkpoints import latest, make_due, places_of
from models.erasing import CannotErase
from models.queries_people import reader_of
from models.signed_notes import Signer, UnusableKey, Verifier, new_seed
from models.tables import Account
from views import checkpoint_words, desk, formats
from views.command_output import checkpoint_of, fail, say
from workflow.vocabulary import Post

audit = AppGroup("audit", help="Nhật ký.")
MIGRATIONS_MISSING = 'chạy "flask --app wsgi prepare" trước'


@audit.command("checkpoint")
def checkpoint() -> None:
    """In mốc niêm phong hiện nay; ghi vào biên bản hoặc giữ ở nơi khác để đối chiếu về sau."""
    need_schema()
    with desk.reading() as db:
        now = sealing.checkpoint(db)
    say(f"{now.size}:{now.hash}")


@audit.command("verify")
@click.option("--checkpoint", "outside", metavar="SIZE:HASH", help="Mốc giữ ở nơi khác.")
def verify(outside: str | None) -> None:
    """Kiểm chuỗi băm của toàn bộ nhật ký, và các mốc đã ký."""
    need_schema()
    with desk.reading() as db:
        faults = auditing.verify(db, checkpoint_of(outside) if outside else None)
    if faults:
        fail([fault.text for fault in faults])
    say("Nhật ký nguyên vẹn.")


@audit.command("export")
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
def export(out: Path) -> None:
    """Ghi toàn bộ nhật ký ra tệp JSONL, để kiểm bằng verify_log.py ở máy khác."""
    need_schema()
    count = 0
    with (
        desk.desk().database.reading(at_length=True, as_one=True) as db,
        out.open("w", encoding="utf-8") as into,
    ):
        for line in exported(db):
            into.write(f"{line}\n")
            count += 1
    say(f"Đã ghi {formats.number(count)} dòng vào {out}.")


@audit.command("new-key")
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
def new_key(out: Path) -> None:
    """Tạo khóa ký mốc, ghi vào tệp chỉ chủ tệp đọc được; in khóa công khai."""
    seed = new_seed()
    try:
        handle = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
    except FileExistsError:
        fail([f"{out}: đã có tệp này, không ghi đè."])
    with os.fdopen(handle, "w", encoding="ascii") as into:
        into.write(f"{seed}\n")
    name = desk.settings().checkpoints.name
    say(f"Đã tạo khóa; đặt CHECKPOINT_KEY_FILE={out}")
    say(f"Khóa công khai, giữ ở nơi khác: {Signer.read(name, seed).verifier.text}")


@audit.command("keys")
def keys() -> None:
    """In các khóa công khai: khóa đang dùng, rồi các khóa trước."""
    for text in public_keys():
        say(text)


@audit.command("sign")
def sign() -> None:
    """Niêm phong dòng mới và ký mốc ngay khi đến hạn; bộ lập lịch gửi mốc ra ngoài."""
    need_schema()
    wanted = desk.settings().checkpoints
    if not wanted.key:
        fail(["Chưa có khóa ký: đặt CHECKPOINT_KEY_FILE, tạo bằng audit new-key."])
    with desk.writing() as db:
        while sealing.seal_new_lines(db, desk.now()):
            pass
        made = make_due(db, Signer.read(wanted.name, wanted.key), wanted.places, real_now())
        last = latest(db)
    say(last.note if made and last else "Không có gì mới phải ký.")


@audit.command("erase")
@click.argument("code")
@click.option("--reason", required=True, help="Lý do.")
@click.option("--legal-basis", required=True, help="Điều, khoản, văn bản cho phép.")
@click.option("--by", required=True, help="Tên đăng nhập của quản trị đề nghị.")
def erase(code: str, reason: str, legal_basis: str, by: str) -> None:
    """Đề nghị xóa dữ liệu cá nhân của người mang mã CODE; quản trị thứ hai trả lời."""
    need_schema()
    try:
        with desk.writing() as db:
            asker = _administrator(db, by)
            number = erasing.ask(db, code, reason, legal_basis, asker, desk.now())
    except CannotErase as refused:
        fail([str(refused)])
    say(f"Đã ghi đề nghị số {number}; quản trị thứ hai chạy audit erase-answer {number}.")


@audit.command("erase-answer")
@click.argument("number", type=int)
@click.option("--by", required=True, help="Tên đăng nhập của quản trị thứ hai.")
@click.option("--yes/--no", "granted", required=True, default=None, help="Đồng ý hay không.")
def erase_answer(number: int, by: str, *, granted: bool) -> None:
    """Trả lời một đề nghị xóa; đồng ý là xóa hẳn giá trị và muối."""
    need_schema()
    try:
        with desk.writing() as db:
            erased = erasing.answer(db, number, _administrator(db, by), desk.now(), granted=granted)
    except CannotErase as refused:
        fail([str(refused)])
    say(f"Đã xóa {erased} giá trị giữ trong nhật ký." if granted else "Đã từ chối, không xóa gì.")


def _administrator(db: Session, login: str) -> int:
    """The administrator of this login; ends with a word when there is none."""
    person = db.scalar(select(Account.person_id).where(Account.login == login.lower()))
    reader = reader_of(db, person, desk.today()) if person else None
    if reader is None or not reader.holds(Post.ADMINISTRATOR):
        fail([f"{login}: không phải quản trị hệ thống."])
    return reader.person_id


@audit.command("places")
def places() -> None:
    """Nơi nào bên ngoài đã có mốc nào; thoát với mã 1 khi một nơi chậm."""
    need_schema()
    with desk.reading() as db:
        found = places_of(db, desk.settings().checkpoints.places)
    for one in found:
        say(checkpoint_words.place(one))
    late = [checkpoint_words.place(one) for one in found if one.is_late(real_now())]
    if late:
        fail(late)


def public_keys() -> list[str]:
    """The public key in use, and those of before, as they are written down."""
    wanted = desk.settings().checkpoints
    found = [Signer.read(wanted.name, wanted.key).verifier.text] if wanted.key else []
    return [*found, *(Verifier.read(text).text for text in wanted.old_keys)]


def faults() -> list[str]:
    """What is wrong with the keys and places of checkpoints, for `doctor`."""
    try:
        public_keys()
    except UnusableKey:
        return ["checkpoints: CHECKPOINT_KEY hoặc CHECKPOINT_OLD_KEYS không phải khóa Ed25519."]
    return []


def need_schema() -> None:
    """Refuse to look at a database of another release."""
    database = desk.desk().database
    if migrating.revision_of(database) != migrating.current_head():
        fail([f"Cơ sở dữ liệu chưa ở bản mới; {MIGRATIONS_MISSING}."])
