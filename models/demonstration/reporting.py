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
from models.demonstration.playing import Event, SeasonRefused
from models.report_book import take_report_step
from models.report_obligations import ensure_obligations
from models.rulebooks import rulebook_in_force
from models.tables import Report, Unit
from workflow.reports_due import ReportCommand, ReportRefused, ReportText
from workflow.vocabulary import Post, ReportAction

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy.orm import Session

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
    accepts_on: date
    accepted: int
    filed: int
    returns_on: date | None = None


PLANS: Final = (
    Plan("HN-2021", date(2021, 12, 10), date(2021, 12, 14), 30, 0),
    Plan("HN-2022", date(2022, 12, 9), date(2022, 12, 14), 30, 0),
    Plan("SK-2023", date(2023, 11, 29), date(2023, 12, 1), 10, 6, date(2023, 12, 4)),
    Plan("HN-2023", date(2023, 12, 1), date(2023, 12, 4), 3, 4),
)


def report_events(cast: Cast, keep: Keep) -> Iterator[Event]:
    """One event for each day on which units file and the Board answers."""
    for number, plan in enumerate(PLANS):
        playing = _Reporting(plan, cast, keep)
        yield Event(_at(plan.files_on, 0), number, playing.file)
        yield Event(_at(plan.accepts_on, 0), number, playing.accept)
        if plan.returns_on is not None:
            yield Event(_at(plan.returns_on, 0), number, playing.send_back)


class _Reporting:
    """One report of all units."""

    def __init__(self, plan: Plan, cast: Cast, keep: Keep) -> None:
        self.plan, self.cast, self.keep = plan, cast, keep

    def file(self, session: Session, now: datetime) -> None:
        """The first units file, and the one that will be sent its report back."""
        plan = self.plan
        ensure_obligations(session, rulebook_in_force(session), now)
        owed = self._owed(session)
        for number, (report, unit) in enumerate(owed[: plan.accepted + plan.filed]):
            self._file(session, report, unit, number)
        for report, unit in owed:
            if plan.returns_on is not None and unit.code == RETURNED:
                self._file(session, report, unit, 40)

    def accept(self, session: Session, _now: datetime) -> None:
        """The Board accepts those it has looked at."""
        plan = self.plan
        for number, (report, _) in enumerate(self._owed(session)[: plan.accepted]):
            self._answer(session, report, ReportAction.ACCEPT, plan.accepts_on, number)

    def send_back(self, session: Session, _now: datetime) -> None:
        """The Board sends one back."""
        for report, unit in self._owed(session):
            if self.plan.returns_on is not None and unit.code == RETURNED:
                self._answer(session, report, ReportAction.RETURN, self.plan.returns_on, 40)

    def _owed(self, session: Session) -> list[tuple[Report, Unit]]:
        rows = session.execute(
            select(Report, Unit)
            .join(Unit, Unit.id == Report.unit_id)
            .where(Report.report_id == self.plan.report_id)
            .order_by(Unit.sort_key, Unit.id)
        ).all()
        found = [(report, unit) for report, unit in rows]
        last = [pair for pair in found if pair[1].code in WAITS | {RETURNED}]
        return [pair for pair in found if pair not in last] + last

    def _file(self, session: Session, report: Report, unit: Unit, number: int) -> None:
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
        self._take(session, report, by, _at(plan.files_on, number), (wanted, file))

    def _answer(
        self, session: Session, report: Report, action: ReportAction, day: date, number: int
    ) -> None:
        board = self.cast.people["BT-01" if number % 2 else "BT-02"]
        comment = RETURN_REASON if action is ReportAction.RETURN else ""
        wanted = ReportCommand("", 0, action, 0, comment=comment)
        self._take(session, report, board, _at(day, number), (wanted, None))

    def _take(
        self,
        session: Session,
        report: Report,
        by: int,
        now: datetime,
        wanted: tuple[ReportCommand, StoredFile | None],
    ) -> None:
        asked, file = wanted
        session.refresh(report)
        command = replace(
            asked,
            code=report.code,
            person_id=by,
            expected_version=report.version,
            key=f"season-report-{report.id}-{report.version}",
        )
        verdict = take_report_step(session, command, file, now)
        if isinstance(verdict, ReportRefused):
            reasons = [one.code for one in verdict.refusals]
            raise SeasonRefused(f"{report.code}: {command.action.value}: {reasons}")


def _at(day: date, number: int) -> datetime:
    """Working hours of a day, spread by number."""
    return datetime.combine(day, time(8, 30), UTC) - OFFICE_OFFSET + timedelta(minutes=7 * number)
