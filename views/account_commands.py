"""Accounts on the terminal: sealing secrets anew."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from models import factors
from models.sealed import Unopenable
from views import desk
from views.command_output import fail, say


def join(accounts: AppGroup) -> None:
    """Put the commands among those about accounts."""
    accounts.add_command(reseal)


@click.command("reseal")
def reseal() -> None:
    """Mã hóa lại khóa bí mật của bước xác thực thứ hai bằng SECRET_KEY hiện tại."""
    try:
        with desk.writing() as db:
            done = factors.reseal_all(db, desk.sealer())
    except Unopenable:
        fail(["Có khóa được mã hóa bằng SECRET_KEY đã bỏ; đặt khóa đó vào SECRET_KEY_FALLBACKS."])
    say(f"Đã mã hóa lại {done} khóa. Có thể bỏ SECRET_KEY_FALLBACKS.")
