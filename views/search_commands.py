"""What is found by name, at the terminal: names that came past the service are kept as well."""

from __future__ import annotations

from flask.cli import AppGroup

from models.phrases import keep_missing
from views import desk
from views.command_output import say

search = AppGroup("search", help="Tìm kiếm.")


@search.command("fill")
def fill() -> None:
    """Ghi cách tìm cho người và đơn vị chưa có (nạp thẳng vào cơ sở dữ liệu, tạo hàng loạt)."""
    with desk.writing() as db:
        done = keep_missing(db)
    say(f"Đã ghi cách tìm cho {done} người và đơn vị.")
