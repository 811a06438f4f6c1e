"""Copies at the terminal: making, verifying, bringing back, and sending again after that."""

from __future__ import annotations

import secrets
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup, with_appcontext
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from config.clock import real_now
from config.version import version
from models import clock, restorations
from models.backup import collection, restoring, rounds
from models.backup.collection import Busy, NoCopy, Verified
from models.backup.manifest import BrokenManifest, read_manifest
from models.backup.reading import BrokenCopy
from models.backup.verifying import faults_of
from models.restorations import Answer, InDoubt
from models.sealing import Checkpoint
from views import desk, formats, uploads
from views.command_output import checkpoint_of, fail, say

FAULTS_SHOWN = 40
a_folder = click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))


class _Copies(AppGroup):
    """`backup DIR` makes a copy; the other words are commands."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Take what is no command for the folder, or an option before it, of `make`."""
        known = bool(args) and self.get_command(ctx, args[0]) is not None
        return super().resolve_command(ctx, args if known else ["make", *args])


backup = _Copies(
    "backup",
    help="Sao lưu: “backup DIR” làm một bản mới trong DIR, trong lúc mọi người vẫn làm việc.",
    context_settings={"ignore_unknown_options": True},
)
sending = AppGroup("sending", help="Gửi thư sau khi khôi phục từ bản sao lưu.")


@backup.command("make")
@a_folder
@click.option("--keep", type=click.IntRange(1), help="Giữ chừng này bản mới nhất, bỏ bản cũ hơn.")
@click.option("--no-verify", is_flag=True, help="Không thử khôi phục bản vừa làm; không nên dùng.")
def make(folder: Path, keep: int | None, *, no_verify: bool) -> None:
    """Làm một bản sao lưu mới trong DIR và thử khôi phục nó."""
    wanted = rounds.Wanted(folder, version(), keep or 0, verify=not no_verify)
    database, slot = desk.desk().database, f"manual-{secrets.token_hex(8)}"
    try:
        done = rounds.run(database, uploads.store(), wanted, slot, real_now, progress)
    except (Busy, OSError, SQLAlchemyError) as error:
        fail([f"Không sao lưu được: {_first_line(error)}"])
    if done is None:
        fail(["Không sao lưu được: lượt này đã có người làm."])
    told = done.made.manifest
    say(
        f"Đã sao lưu vào {done.made.folder}: {told.rows} dòng của {len(told.tables)} bảng, "
        f"{told.files.count} tệp ({done.made.fresh_files} tệp mới), mốc {told.checkpoint}."
    )
    for name in done.gone:
        say(f"Đã bỏ bản cũ {name}.")
    if done.faults:
        fail([*done.faults[:FAULTS_SHOWN], "Bản sao lưu được giữ lại nhưng có lỗi ở trên."])
    say("Chưa soát bản này." if no_verify else "Đã soát và khôi phục thử: không có lỗi.")


@backup.command("verify")
@a_folder
@click.option("--checkpoint", metavar="SIZE:HASH", help="Mốc giữ ở nơi khác, cũ hơn bản sao lưu.")
@click.option("--quick", is_flag=True, help="Chỉ so từng byte, không khôi phục thử.")
def verify(folder: Path, checkpoint: str | None, *, quick: bool) -> None:
    """Soát bản sao lưu ở DIR, hoặc bản mới nhất trong DIR; mọi lỗi, mỗi lỗi một dòng."""
    copy = _the_copy(folder)
    outside: Checkpoint | None = checkpoint_of(checkpoint) if checkpoint else None
    faults = faults_of(copy, progress, outside=outside, trial=not quick)
    if faults or not quick:
        _note(copy, faults)
    if faults:
        more = [f"và {len(faults) - FAULTS_SHOWN} lỗi khác."] if faults[FAULTS_SHOWN:] else []
        fail([*faults[:FAULTS_SHOWN], *more, f"{copy.name}: hỏng, không dùng để khôi phục."])
    told = read_manifest(copy)
    say(
        f"{copy.name}: nguyên vẹn. {told.rows} dòng, {told.files.count} tệp, "
        f"lược đồ {told.revision}, mốc {told.checkpoint}."
    )


def _note(copy: Path, faults: list[str]) -> None:
    try:
        collection.note_verified(copy, Verified(real_now(), tuple(faults)))
    except OSError:
        say("Không ghi được kết quả vào thư mục sao lưu (chỉ đọc).")


@backup.command("list")
@a_folder
def list_copies(folder: Path) -> None:
    """Liệt kê các bản sao lưu trong DIR, cũ trước."""
    found = collection.copies_in(folder)
    if not found:
        fail([f"{folder}: không có bản sao lưu đủ nào."])
    for copy in found:
        say(f"{copy.name}  {_described(copy)}")


def _described(copy: Path) -> str:
    try:
        told = read_manifest(copy)
    except (BrokenManifest, OSError) as error:
        return f"hỏng: {error}"
    seen = collection.verified(copy)
    if seen is None:
        word = "chưa soát"
    elif seen.faults:
        word = f"hỏng, {len(seen.faults)} lỗi"
    else:
        word = f"tốt, soát {formats.stamp(seen.at)}"
    return f"{formats.stamp(told.made_at)}, {told.rows} dòng, {told.files.count} tệp, {word}"


@click.command("restore")
@a_folder
@click.option("--files-stay", is_flag=True, help="Kho tệp đã có tệp khác thì cứ để chúng lại.")
@with_appcontext
def restore(folder: Path, *, files_stay: bool) -> None:
    """Khôi phục bản sao lưu ở DIR (hoặc bản mới nhất trong DIR) vào nơi trống.

    Sau đó thư chưa gửi ngay: xem “sending letters”, rồi “sending resume”.
    """
    copy, database = _the_copy(folder), desk.desk().database
    try:
        done = restoring.restore(
            database, uploads.store(), copy, _shows, progress, files_stay=files_stay
        )
    except restoring.NotWhole as broken:
        fail([*broken.faults[:FAULTS_SHOWN], "Bản sao lưu hỏng; chưa ghi gì vào cơ sở dữ liệu."])
    except (restoring.NotEmpty, BrokenManifest, BrokenCopy) as refused:
        fail([f"Không khôi phục: {refused}."])
    except (OSError, SQLAlchemyError) as error:
        fail([f"Không khôi phục được: {_first_line(error)}", "Chưa ghi gì vào cơ sở dữ liệu."])
    told = done.manifest
    say(
        f"Đã khôi phục bản {formats.stamp(told.made_at)}: {told.rows} dòng, "
        f"{told.files.count} tệp. Mọi phiên đăng nhập đã kết thúc."
    )
    say("Thư đang dừng gửi: chạy “reminders run” hoặc máy nhắc việc, rồi xem “sending letters”.")
    if done.faults:
        fail([*done.faults[:FAULTS_SHOWN], "Đã khôi phục, nhưng bản ghi có lỗi ở trên."])
    say("Mọi kiểm tra đều đạt.")


def _shows(session: Session) -> datetime:
    """What the clock of the restored record shows."""
    return clock.shown(session, real_now()) if desk.settings().demonstration else real_now()


@sending.command("status")
def status() -> None:
    """Cho biết thư có đang dừng sau khi khôi phục không."""
    with desk.reading() as db:
        rest = restorations.resting(db)
        count = restorations.count_in_doubt(db, rest) if rest else 0
    if rest is None:
        say("Thư vẫn gửi như thường.")
        return
    say(
        f"Thư dừng gửi từ khi khôi phục ({formats.stamp(rest.restored_at)}) bản sao lưu làm "
        f"{formats.stamp(rest.copy_made_at)}; {count} thư có thể đã gửi trước đó."
    )


@sending.command("letters")
def letters() -> None:
    """Liệt kê thư đến hạn trước khi khôi phục mà bản ghi không biết đã gửi chưa."""
    with desk.reading() as db:
        rest = restorations.resting(db)
        if rest is None:
            fail(["Thư không dừng."])
        planned = restorations.is_planned(db, rest)
        found = restorations.in_doubt(db, rest)
    if not planned:
        say("Chưa xếp xong thư nhắc của quãng từ khi sao lưu; chạy “reminders run” trước.")
    for one in found:
        say(_letter(one))
    say(f"{len(found)} thư; đối chiếu Message-ID với nhật ký của máy chủ thư.")


def _letter(one: InDoubt) -> str:
    return (
        f"{one.id}  {formats.stamp(one.due_at)}  {one.letter}  {one.recipient}  "
        f"{one.address}  {one.message_id}"
    )


@sending.command("resume")
@click.option("--sent-before", "answer", flag_value="none", help="Các thư đó đều đã gửi rồi.")
@click.option("--send-all", "answer", flag_value="all", help="Chưa thư nào gửi, hãy gửi hết.")
@click.option("--send", "chosen", type=int, multiple=True, help="Gửi thư số này; thư khác đã gửi.")
def resume(answer: str | None, chosen: tuple[int, ...]) -> None:
    """Cho gửi thư trở lại, sau khi trả lời thư nào đã gửi trước khi khôi phục."""
    if bool(answer) == bool(chosen):
        fail(["Chọn đúng một trong --sent-before, --send-all, --send SỐ."])
    word = Answer(answer) if answer else Answer.CHOSEN
    try:
        with desk.writing() as db:
            done = restorations.resume(db, word, chosen, None, desk.now())
    except restorations.NotPaused:
        fail(["Thư không dừng, hoặc đã có người cho gửi trở lại."])
    except restorations.NotPlanned:
        fail(["Chưa xếp xong thư nhắc của quãng từ khi sao lưu; chạy “reminders run” trước."])
    say(f"Thư gửi trở lại: gửi {done.sent_again} thư, coi như đã gửi {done.dropped} thư.")


def _the_copy(folder: Path) -> Path:
    try:
        return collection.the_copy(folder)
    except NoCopy as none:
        fail([f"{none}."])


def progress(what: str, done: int, total: int) -> None:
    """A line that moves on a terminal; every tenth step elsewhere."""
    if sys.stdout.isatty():
        click.echo(f"\r  {what}: {done}/{total}", nl=done == total)
    elif done == total:
        say(f"  {what}: {done}/{total}")


def _first_line(error: BaseException) -> str:
    return str(error).partition("\n")[0] or type(error).__name__


GROUPS: tuple[Any, ...] = (backup, restore, sending)
