"""Reminders at the terminal: the reconciliation and the forecast."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import click
from flask.cli import AppGroup, with_appcontext

from models.forecasting import expected, mails, news_ahead, news_of_people, of_people, people_named
from models.reconciling import reconcile
from views import desk
from views.command_output import fail, say
from views.reminder_words import coming_line, day_line, news_text
from workflow.working_days import OFFICE_ZONE, closing_instant

DAYS_AHEAD = 14
a_day = click.DateTime(formats=["%Y-%m-%d", "%d/%m/%Y"])


def join(group: AppGroup) -> None:
    """Add the commands of this module to the group of reminders."""
    group.add_command(check_books)
    group.add_command(tell_forecast)


@click.command("reconcile")
@click.option("--from", "first", type=a_day, help="Ngày đầu.")
@click.option("--to", "last", type=a_day, help="Ngày cuối.")
@with_appcontext
def check_books(first: datetime | None, last: datetime | None) -> None:
    """Đối chiếu từng ngày: đến hạn = gửi + không gửi có lý do + hỏng + chờ; lệch thì mã 1."""
    with desk.reading(at_length=True) as db:
        days = reconcile(db, desk.now(), _day(first), _day(last))
    for one in days:
        say(day_line(one))
    broken = [one for one in days if not one.holds]
    if broken:
        lost = [key for one in broken for key in (*one.missing, *one.unexplained)]
        fail([*lost[:20], f"{len(broken)} ngày không khớp."])
    say(f"{len(days)} ngày, khớp." if days else "Chưa có lượt nhắc nào.")


@click.command("forecast")
@click.option("--from", "first", type=a_day, help="Ngày đầu; mặc định hôm nay.")
@click.option("--to", "last", type=a_day, help="Ngày cuối; mặc định 14 ngày sau.")
@click.option("--person", default="", help="Chỉ người có mã này.")
@click.option("--unit", default="", help="Chỉ người của đơn vị có mã này.")
@with_appcontext
def tell_forecast(first: datetime | None, last: datetime | None, person: str, unit: str) -> None:
    """Ai sẽ nhận gì, lúc nào và vì sao."""
    begin = _day(first) or desk.today()
    end = _day(last) or begin + timedelta(days=DAYS_AHEAD)
    with desk.reading(at_length=True) as db:
        span = (_midnight(begin), _midnight(end + timedelta(days=1)))
        found, news = expected(db, *span), news_ahead(db, *span)
        if person or unit:
            wanted = people_named(db, person, unit)
            found, news = of_people(found, wanted), news_of_people(news, wanted)
    for one in found:
        say(coming_line(one))
    for heard in news:
        say(news_text(heard))
    told = f" và {len(news)} tin mới" if news else ""
    say(f"{len(found)} lượt nhắc{told} trong {len(mails(found, news))} thư.")


def _day(given: datetime | None) -> date | None:
    return given.date() if given else None


def _midnight(day: date) -> datetime:
    return closing_instant(day, time(0), OFFICE_ZONE)
