"""Roles of the database at the terminal."""

from __future__ import annotations

import click
from flask.cli import AppGroup
from sqlalchemy import text

from models.roles import Roles, powers, statements
from views import desk
from views.command_output import fail, say

NAMES = Roles()
database = AppGroup("database", help="Vai trò của cơ sở dữ liệu.")


@database.command("grants")
@click.option("--migrator", default=NAMES.migrator, show_default=True, help="Vai trò nâng cấp.")
@click.option("--app", "service", default=NAMES.app, show_default=True, help="Vai trò dịch vụ.")
@click.option("--backup", default=NAMES.backup, show_default=True, help="Vai trò sao lưu.")
@click.option("--run", is_flag=True, help="Chạy ngay; nếu không thì chỉ in ra.")
def grants(migrator: str, service: str, backup: str, *, run: bool) -> None:
    """In (hoặc chạy) lệnh SQL tạo ba vai trò: nâng cấp, dịch vụ, sao lưu; chỉ PostgreSQL.

    Chạy bằng quản trị của PostgreSQL, sau mỗi lần nâng cấp lược đồ. Dịch vụ chỉ thêm được vào
    nhật ký, không sửa, không xóa. Đặt mật khẩu trong psql.
    """
    db = desk.desk().database
    if db.engine.dialect.name != "postgresql":
        fail(["SQLite không có vai trò; khóa (trigger) chống sửa nhật ký đã có sẵn."])
    with db.reading() as session:
        wanted = statements(session, Roles(migrator, service, backup))
    if not run:
        for one in wanted:
            say(f"{one};")
        return
    with db.engine.begin() as connection:
        for one in wanted:
            connection.execute(text(one))
    say(f"Đã tạo vai trò {migrator}, {service}, {backup}.")


@database.command("rights")
def rights() -> None:
    """Vai trò đang dùng có sửa được nhật ký không; thoát với mã 1 nếu được."""
    with desk.reading() as session:
        found = powers(session)
    if found:
        fail([f"{one}." for one in found])
    say("Vai trò đang dùng không sửa được nhật ký.")
