"""The store of files at the terminal: does every record have its file, and what may go."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from config.clock import real_now
from models import storage
from views import desk, uploads
from views.command_output import fail, say

files = AppGroup("storage", help="Kho tệp.")


@files.command("check")
def check() -> None:
    """Soát kho tệp: bản ghi mất tệp, tệp bị sửa, tệp không bản ghi nào nhắc tới."""
    store = uploads.store()
    with desk.reading(at_length=True) as db:
        lost = storage.lost_files(db, store)
        left = storage.leftovers(db, store) if storage.can_sweep(store) else []
    old = sum(one.is_old(real_now()) for one in left)
    if left:
        say(
            f"{len(left)} tệp không bản ghi nào nhắc tới, {old} tệp quá 24 giờ; "
            "dọn bằng: flask --app wsgi storage sweep"
        )
    if lost:
        fail(lost)
    say("Mọi bản ghi đều có tệp, đúng từng byte.")


@files.command("sweep")
@click.option("--dry-run", is_flag=True, help="Chỉ cho biết sẽ làm gì, không ghi.")
def sweep(*, dry_run: bool) -> None:
    """Dọn tệp không bản ghi nào nhắc tới đã quá 24 giờ."""
    store = uploads.store()
    if not storage.can_sweep(store):
        fail(["Kho tệp không nằm trong thư mục của máy này; dọn bằng công cụ của kho đó."])
    if dry_run:
        with desk.reading(at_length=True) as db:
            left = storage.leftovers(db, store)
        for one in left:
            if one.is_old(real_now()):
                say(f"Sẽ xóa {one.path.name}, có từ {one.since:%Y-%m-%d %H:%M} UTC.")
        return
    done = storage.sweep(desk.desk().database, store, real_now())
    say(f"Đã xóa {done.gone} tệp, trả lại {done.back} tệp.")
