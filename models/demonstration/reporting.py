"""Reports of the demonstration, filed and answered through the real use cases.

Earlier years are settled; the mid-term report of 2023 is in full swing: a third accepted, some
filed, one returned, the others due in ten days.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from models.demonstration.papers import word_paper
from models.demonstration.playing import SeasonRefused
from models.report_book import take_report_step
from models.report_obligations import ensure_obligations
from models.rulebooks import rulebook_in_force
from models.tables import Report, Unit
from workflow.reports_due import ReportCommand, ReportRefused, ReportText
from workflow.vocabulary import Post, ReportAction

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy.orm import Session

    from models.database import Database
    from models.demonstration.cast import Cast
    from models.files import StoredFile

    Keep = Callable[[bytes, str], StoredFile]

OFFICE_OFFSET: Final = timedelta(hours=7)
RETURNED: Final = "H031"
WAITS: Final = frozenset({"H029", "STTTT"})
"""Units whose people a visitor plays: their reports are still to be filed."""

RETURN_REASON: Final = (
    "Báo cáo chưa có số liệu của các xã, thị trấn; đề nghị bổ sung và ký lại trước khi gửi."
)
SAID: Final = (
    "Đã phát động tới toàn thể công chức, viên chức; gắn thi đua với cải cách hành chính.",
    "Hồ sơ thủ tục hành chính giải quyết trước và đúng hạn đạt trên 98%.",
    "Duy trì kiểm tra công vụ hằng quý; nhắc nhở kịp thời các bộ phận chậm muộn.",
)


@dataclass(frozen=True, slots=True)
class Plan:
    """How far the units have come with one report, on which days."""

    report_id: str
    files_on: date
    accepts_on: date | None
    accepted: int
    filed: int


PLANS: Final = (
    Plan("HN-2021", date(2021, 12, 10), date(2021, 12, 14), 30, 0),
    Plan("HN-2022", date(2022, 12, 9), date(2022, 12, 14), 30, 0),
    Plan("SK-2023", date(2023, 11, 29), date(2023, 12, 1), 10, 6),
    Plan("HN-2023", date(2023, 12, 1), date(2023, 12, 4), 3, 4),
)


def play_reports(database: Database, cast: Cast, keep: Keep) -> int:
    """File and answer the reports of the season; answers how many were filed."""
    filed = 0
    for plan in PLANS:
        with database.writing() as session:
            ensure_obligations(session, rulebook_in_force(session), _at(plan.files_on, 0))
            filed += _Reporting(session, plan, cast, keep).play()
    return filed


class _Reporting:
    """One report of all units, in one transaction."""

    def __init__(self, session: Session, plan: Plan, cast: Cast, keep: Keep) -> None:
        self.session, self.plan, self.cast, self.keep = session, plan, cast, keep

    def play(self) -> int:
        """The first units are accepted, the next ones filed, one is sent back."""
        plan = self.plan
        wanted = plan.accepted + plan.filed
        owed = self._owed()
        for number, (report, unit) in enumerate(owed[:wanted]):
            self._file(report, unit, number)
            if number < plan.accepted and plan.accepts_on is not None:
                self._answer(report, ReportAction.ACCEPT, plan.accepts_on, number)
        returned = self._returned(owed[wanted:])
        return min(wanted, len(owed)) + returned

    def _returned(self, rest: Sequence[tuple[Report, Unit]]) -> int:
        if self.plan.report_id != "SK-2023":
            return 0
        for report, unit in rest:
            if unit.code == RETURNED:
                self._file(report, unit, 40)
                self._answer(report, ReportAction.RETURN, date(2023, 12, 4), 40)
                return 1
        return 0

    def _owed(self) -> list[tuple[Report, Unit]]:
        rows = self.session.execute(
            select(Report, Unit)
            .join(Unit, Unit.id == Report.unit_id)
            .where(Report.report_id == self.plan.report_id)
            .order_by(Unit.sort_key, Unit.id)
        ).all()
        found = [(report, unit) for report, unit in rows]
        last = [pair for pair in found if pair[1].code in WAITS | {RETURNED}]
        return [pair for pair in found if pair not in last] + last

    def _file(self, report: Report, unit: Unit, number: int) -> None:
        plan = self.plan
        head = self.cast.holder(unit.id, Post.HEAD)
        text = ReportText(
            results=f"{unit.name}: {SAID[number % len(SAID)]}",
            shortcomings="Một số bộ phận báo cáo còn chậm." if number % 2 else "",
            proposals="Đề nghị mở lớp hướng dẫn viết báo cáo thành tích." if number % 3 else "",
            number=f"{310 + number}/BC-{'UBND' if unit.code.startswith('H') else unit.code}",
            dated=plan.files_on,
        )
        words = (text.results, text.shortcomings, text.proposals)
        paper = word_paper(
            unit.name, "Báo cáo", [one for one in words if one], self.cast.name(head)
        )
        file = self.keep(paper, f"bao-cao-{plan.report_id.lower()}.docx")
        by = self.cast.holder(unit.id, Post.CLERK, or_above=True)
        wanted = ReportCommand("", 0, ReportAction.FILE, 0, text=text, new_file=True)
        self._take(report, by, _at(plan.files_on, number), wanted, file)

    def _answer(self, report: Report, action: ReportAction, day: date, number: int) -> None:
        board = self.cast.people["BT-01" if number % 2 else "BT-02"]
        comment = RETURN_REASON if action is ReportAction.RETURN else ""
        wanted = ReportCommand("", 0, action, 0, comment=comment)
        self._take(report, board, _at(day, number), wanted)

    def _take(
        self,
        report: Report,
        by: int,
        now: datetime,
        wanted: ReportCommand,
        file: StoredFile | None = None,
    ) -> None:
        self.session.refresh(report)
        command = replace(
            wanted,
            code=report.code,
            person_id=by,
            expected_version=report.version,
            key=f"season-report-{report.id}-{report.version}",
        )
        verdict = take_report_step(self.session, command, file, now)
        if isinstance(verdict, ReportRefused):
            reasons = [one.code for one in verdict.refusals]
            raise SeasonRefused(f"{report.code}: {command.action.value}: {reasons}")


def _at(day: date, number: int) -> datetime:
    """Working hours of a day, spread by number."""
    return datetime.combine(day, time(8, 30), UTC) - OFFICE_OFFSET + timedelta(minutes=7 * number)
