"""A demonstration as large as wanted, at the terminal: for measuring and for trying growth."""

from __future__ import annotations

import time

import click
from flask.cli import AppGroup

from config.settings import ROOT
from models.demonstration.season import read_season
from models.stamping import Names, NotADemonstration, Wanted, make_season, read_scale
from views import desk, file_desk
from views.audit_commands import need_schema
from views.command_output import fail, say

FOLDER = ROOT / "config" / "demonstration"
season = AppGroup("season", help="Mùa minh hoạ cỡ lớn, để đo và thử.")


@season.command("make")
@click.option("--dossiers", type=click.IntRange(1, 10_000_000), required=True, help="Bao nhiêu.")
@click.option("--seed", type=int, default=20231205, show_default=True, help="Số gieo.")
@click.option("--files/--no-files", default=True, help="Ghi cả tệp của tài liệu vào kho tệp.")
def make(dossiers: int, seed: int, *, files: bool) -> None:
    """Nhân rộng dữ liệu minh hoạ thành nhiều hồ sơ; dừng dịch vụ trước khi chạy.

    Mỗi hồ sơ có đủ tài liệu, kết quả kiểm, nhật ký và niêm phong như hồ sơ thật. Chỉ chạy trên
    bản minh hoạ (DEMONSTRATION=1, đã "prepare"); cùng số gieo thì được cùng hồ sơ.
    """
    if not desk.settings().demonstration:
        fail(["Chỉ nhân rộng dữ liệu minh hoạ: cần DEMONSTRATION=1. Chưa ghi gì."])
    need_schema()
    scale = read_scale((FOLDER / "scale.yaml").read_text("utf-8"))
    filled = read_season((FOLDER / "season.yaml").read_text("utf-8")).fill
    names = Names(filled.family, filled.middle, filled.given)
    begun = time.perf_counter()

    def progress(what: str, done: int, total: int) -> None:
        each = (time.perf_counter() - begun) / done
        left = each * (total - done)
        say(f"  {what}: {done}/{total}, {1 / each:.0f} hồ sơ mỗi giây, còn {left:.0f} giây")

    try:
        made = make_season(
            desk.desk().database,
            file_desk.store(),
            scale,
            Wanted(dossiers, seed, names, files),
            desk.now(),
            progress,
        )
    except NotADemonstration:
        fail(
            [
                "Cơ sở dữ liệu này không phải bản minh hoạ, hoặc còn trống; chưa ghi gì.",
                "Lập bản minh hoạ: flask --app wsgi prepare",
            ]
        )
    took = time.perf_counter() - begun
    say(f"Đã thêm {made.dossiers} hồ sơ ở {made.offices} đơn vị mới, {took:.0f} giây.")
