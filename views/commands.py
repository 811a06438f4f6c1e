"""The terminal is a view too: `flask --app wsgi …`, in Vietnamese, non-zero on any fault."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import click
from flask import Blueprint
from flask.cli import AppGroup

from config.clock import real_now
from config.deployment import accepted_risks, check_deploy, effective
from config.settings import DATA, PROGRAMMES, ROOT
from models import clock, migrating
from models.checkpoints import places_of
from models.deadlines import milestones_of
from models.demonstration import SeasonRefused, load_demonstration
from models.demonstration.loading import DemonstrationTexts, is_loaded
from models.doctor import examine
from models.files import FileStore
from models.proving import worlds
from models.queries_inbox import office_calendar
from models.rulebooks import load_programme
from models.stuck import stuck_dossiers
from views import (
    account,
    audit_commands,
    backup_commands,
    backups,
    checkpoint_words,
    desk,
    file_desk,
    formats,
)
from views.audit_commands import audit
from views.calendar_commands import calendar, warnings
from views.command_output import fail, report_flaws, say
from views.database_commands import database as database_group
from views.dossier_commands import dossiers
from views.imports import GROUPS
from views.paper_commands import papers
from views.policy_commands import policy
from views.reminder_commands import join
from views.search_commands import search
from views.season_commands import season
from views.storage_commands import files
from workflow.parsing import UnsoundProgramme, content_hash, load
from workflow.programme import Programme
from workflow.proving.page import page
from workflow.proving.proof import first_of_each_award, prove
from workflow.reminder_lint import Warned, lint
from workflow.terms import Terms

pages = Blueprint("commands", __name__, cli_group=None)

DEMONSTRATION = ROOT / "config" / "demonstration"
DEMONSTRATED = PROGRAMMES / "ha-giang-2021-2025.yaml"
UNITS = (DATA / "ha-giang-units.csv", DEMONSTRATION / "units.csv")

programmes = AppGroup("programmes", help="Tệp chương trình thi đua.")
reminders = AppGroup("reminders", help="Thư nhắc việc.")
join(reminders)
OWN = (programmes, reminders, audit)
THEIRS = (
    calendar,
    dossiers,
    files,
    search,
    papers,
    policy,
    season,
    *GROUPS,
    database_group,
    *backup_commands.GROUPS,
)
for group in (*OWN, *THEIRS):
    pages.cli.add_command(group)

dry_run = click.option("--dry-run", is_flag=True, help="Chỉ cho biết sẽ làm gì, không ghi.")
a_file = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))


@pages.cli.command("prepare")
@dry_run
def prepare(*, dry_run: bool) -> None:
    """Đưa cơ sở dữ liệu lên bản mới; bản minh hoạ thì nạp dữ liệu minh hoạ một lần."""
    settings, database = desk.settings(), desk.desk().database
    there, head = migrating.revision_of(database), migrating.current_head()
    if dry_run:
        say(f"Cơ sở dữ liệu ở bản {there or 'trống'}, sẽ lên bản {head}.")
        return
    if there != head:
        migrating.upgrade(settings.database_url)
    say(f"Cơ sở dữ liệu đã ở bản {head}.")
    if settings.demonstration:
        _prepare_demonstration()


def _prepare_demonstration() -> None:
    settings, database = desk.settings(), desk.desk().database
    with database.reading() as session:
        loaded = is_loaded(session)
    if loaded:
        with database.writing() as session:
            shows = clock.resume(session, real_now())
        say(f"Dữ liệu minh hoạ đã có, không nạp lại. Đang là {formats.stamp(shows)}.")
    else:
        # Made by the service itself, hundreds of them: no stranger's file is among these.
        files = FileStore(settings.storage_dir, file_desk.here().place, gates=())
        try:
            load_demonstration(
                database, _texts(), files, settings.system_date, real_now(), _progress
            )
        except (SeasonRefused, FileNotFoundError) as error:
            fail([f"Không nạp được dữ liệu minh hoạ: {error}"])
        say("Đã nạp dữ liệu minh hoạ.")
    _show_accounts()


def _texts() -> DemonstrationTexts:
    text, source = read_programme(DEMONSTRATED)
    season = (DEMONSTRATION / "season.yaml").read_text("utf-8")
    return DemonstrationTexts(season, text, source, tuple(path.read_bytes() for path in UNITS))


def _progress(what: str, done: int, total: int) -> None:
    say(f"  {what}: {done}/{total}")


def _show_accounts() -> None:
    known = account.demonstration_accounts()
    if not known:
        return
    say("Tài khoản minh hoạ, mật khẩu chung: " + account.demonstration_season().password)
    for one in known:
        say(f"  {one['login']:<14} {one['name']}, {one['role_line']}")


@programmes.command("prove")
@a_file
@click.option("--quick", is_flag=True, help="Chỉ thử đường đi của hồ sơ không có lỗi.")
@click.option("--thorough", is_flag=True, help="Thử mọi thứ tự, mọi người, mọi đối tượng; rất lâu.")
@click.option("--page", "out", type=click.Path(path_type=Path), help="Ghi thành trang Markdown.")
def prove_programme(file: Path, out: Path | None, *, quick: bool, thorough: bool) -> None:
    """Chứng minh chương trình: thử mọi tình huống, không hồ sơ nào kẹt, không quá chỉ tiêu."""
    text, source = _read_or_fail(file)
    try:
        book = load(text, source)
    except UnsoundProgramme as unsound:
        report_flaws(file, unsound.flaws)
    some = (lambda _: not quick) if quick or thorough else first_of_each_award()
    proof = prove(book, worlds(book, thorough=thorough), whole=some, say=lambda w: say(f"  {w}"))
    told = page(proof)
    if out is not None:
        out.write_text(told, "utf-8")
    if not proof.holds:
        fail([told, f"{file.name}: không chứng minh được."])
    say(f"{file.name}: chứng minh được.")


@programmes.command("check")
@a_file
def check(file: Path) -> None:
    """Soát tệp chương trình: in mọi lỗi, mỗi lỗi một dòng."""
    text, source = _read_or_fail(file)
    try:
        rulebook = load(text, source)
    except UnsoundProgramme as unsound:
        report_flaws(file, unsound.flaws)
    programme = rulebook.programme
    say(
        f"{file.name}: không có lỗi. {len(programme.rules)} điều kiện, "
        f"{len(programme.steps)} bước, {len(programme.readings)} diễn giải, "
        f"mã bản {rulebook.content_hash[:12]}."
    )
    _say_warned(lint(programme))


@programmes.command("load")
@a_file
@dry_run
def load_file(file: Path, *, dry_run: bool) -> None:
    """Nạp tệp chương trình và áp dụng cho đăng ký mới; hồ sơ cũ giữ bản cũ."""
    text, source = _read_or_fail(file)
    try:
        if dry_run:
            _tell_oddities(load(text, source).programme)
            say(f"{file.name}: sẽ nạp bản {content_hash(text, source)[:12]}.")
            return
        _tell_oddities(load(text, source).programme)
        with desk.writing() as db:
            rulebook = load_programme(db, text, source, None, desk.now())
    except UnsoundProgramme as unsound:
        report_flaws(file, unsound.flaws)
    say(f"Đã nạp {rulebook.programme.id}, mã bản {rulebook.content_hash[:12]}.")


def _tell_oddities(programme: Programme) -> None:
    """Say before a version is stored which of its reminder rules never fire, fire late or crowd.

    By the calendar of the table, and with the milestones the office has set.
    """
    with desk.reading() as db:
        calendar = office_calendar(db)
        set_anew = milestones_of(db, [programme.id])
    terms = {cycle: Terms(milestones=found) for (_, cycle), found in set_anew.items()}
    _say_warned(lint(programme, calendar, terms))


def _say_warned(found: Iterable[Warned]) -> None:
    for warned in found:
        say(f"Lưu ý, nhắc việc{f' {warned.rule}' if warned.rule else ''}: {warned.text}.")


def read_programme(file: Path) -> tuple[str, str]:
    """A programme file and, beside it, its source text."""
    return file.read_text("utf-8"), file.with_name(f"{file.stem}.source.txt").read_text("utf-8")


def _read_or_fail(file: Path) -> tuple[str, str]:
    try:
        return read_programme(file)
    except FileNotFoundError:
        fail([f"{file.name}: thiếu văn bản nguồn {file.stem}.source.txt đặt cạnh tệp này."])
    except UnicodeDecodeError:
        fail([f"{file.name}: không phải UTF-8."])


@reminders.command("run")
def run() -> None:
    """Xếp thư nhắc đến hạn và gửi, một lượt, trong một tiến trình riêng."""
    once = [sys.executable, "-m", "schedules", "--once"]
    done = subprocess.run(once, cwd=ROOT, check=False)  # noqa: S603 - our own program
    if done.returncode:
        fail([f"Lượt nhắc việc dừng với mã {done.returncode}; xem nhật ký ở trên."])
    say("Đã chạy một lượt nhắc việc.")


@pages.cli.command("doctor")
@click.option("--values", is_flag=True, help="In giá trị của mọi thiết lập, trừ bí mật.")
def doctor(*, values: bool) -> None:
    """Khám toàn bộ: thiết lập, lược đồ, khóa, ràng buộc, chỉ tiêu, nhật ký, tệp."""
    settings = desk.settings()
    for name, value in effective(settings).items() if values else ():
        say(f"{name} = {value}")
    faults = [f"settings: {one}" for one in check_deploy(os.environ)]
    found = examine(desk.desk().database, files=file_desk.store())
    faults += [f"{one.check}: {one.text}" for one in found]
    if settings.test_build:
        faults.append("settings: TEST_BUILD đang bật; đây là bản để thử, không vận hành.")
    faults += audit_commands.faults()
    if faults:
        fail(faults)
    with desk.reading() as db:
        stuck = stuck_dossiers(db, desk.now())
        places = places_of(db, settings.checkpoints.places)
    nobody = [f"{one.code}: không ai làm được bước “{one.step.title}”." for one in stuck]
    sound, doubtful = file_desk.doctor_lines()
    outside = checkpoint_words.warnings(settings.checkpoints, places, real_now())
    copies = backups.warnings()
    risks = [f"đã chấp nhận: {one}" for one in accepted_risks(os.environ)]
    for warning in (*risks, *warnings(), *outside, *copies, *nobody, *doubtful):
        say(f"Cảnh báo: {warning}")
    for line in sound:
        say(line)
    say("Không thấy gì bất thường.")
