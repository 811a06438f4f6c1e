"""Dossiers at the terminal: listing them, and writing the evidence bundle of one."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import AppGroup
from sqlalchemy import select

from models.evidence.bundling import LostFiles, bundle_of, write_down_taking
from models.evidence.packing import save
from models.tables import Dossier
from views import desk, file_desk, labels
from views.command_output import fail, say
from workflow.vocabulary import State

STATES = [one.value for one in State]
dossiers = AppGroup("dossiers", help="Hồ sơ.")


@dossiers.command("list")
@click.option("--state", type=click.Choice(STATES), help="Chỉ trạng thái này.")
def list_them(state: str | None) -> None:
    """Liệt kê hồ sơ: mã, trạng thái, hình thức, đối tượng; cách nhau bằng tab."""
    query = select(Dossier).order_by(Dossier.code)
    if state is not None:
        query = query.where(Dossier.state == State(state))
    with desk.reading() as db:
        for one in db.scalars(query):
            award = one.award_form or "chưa chọn"
            words = (one.code, one.state.value, labels.STATE[one.state], award, one.subject_name)
            say("\t".join(words))


@dossiers.command("bundle")
@click.argument("code")
@click.option(
    "--out",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="Tệp ZIP sẽ ghi; có rồi thì thay.",
)
def bundle(code: str, out: Path) -> None:
    """Lập gói chứng cứ của một hồ sơ: mọi thứ đã ghi, kèm chương trình tự kiểm."""
    store = file_desk.store()
    with desk.desk().database.reading(at_length=True, as_one=True) as db:
        dossier = db.scalar(select(Dossier).where(Dossier.code == code))
        if dossier is None:
            fail([f"Không có hồ sơ {code}; xem: flask --app wsgi dossiers list"])
        try:
            made = bundle_of(db, dossier, store, desk.now())
        except LostFiles as lost:
            fail([f"{name}: tệp trong kho bị mất hoặc bị sửa." for name in lost.names])
    try:
        save(made, out)
    except OSError as error:
        made.close()
        fail([f"{out}: không ghi được ({error.strerror})."])
    with desk.writing() as db:
        write_down_taking(db, made, None, desk.now())
    say(f"Đã lập gói chứng cứ {out} ({len(made.parts) + 1} tệp, {labels.STATE[dossier.state]}).")
    say(f"Dấu vân tay: {made.fingerprint}")
    say(f"Kiểm ở máy bất kỳ: python verify.py {out.name}")
