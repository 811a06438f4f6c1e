"""Papers at the terminal: read the text of the files that wait, or all of them again."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from config.clock import real_now
from models.paper_readings import ask_again, read_waiting
from views import desk, uploads
from views.command_output import say

papers = AppGroup("papers", help="Giấy tờ của hồ sơ.")


@papers.command("read")
@click.option("--again", is_flag=True, help="Đọc lại cả những tệp đã đọc theo cách cũ.")
def read(*, again: bool) -> None:
    """Đọc chữ trong các tệp đang chờ, việc bộ lập lịch vẫn tự làm."""
    database, store = desk.desk().database, uploads.store()
    if again:
        with database.writing() as session:
            say(f"Đọc lại {ask_again(session)} tệp.")
    settled = 0
    while done := read_waiting(database, store, real_now):
        settled += done
    say(f"Đã xong {settled} tệp.")
