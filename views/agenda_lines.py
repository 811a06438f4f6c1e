"""Lines of the agenda: when, what, whose, and where the date comes from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby
from typing import Any

from flask import url_for

from models.agenda import CycleLine, DossierLine
from models.queries_holders import Holders
from models.report_queries import ReportLine
from views import citing, flags, formats, labels, labels_time, presenting
from views.formats import _, joined
from views.milestone_words import ALL_TIERS, EVERY_UNIT
from views.side_by_side import Choice
from workflow.deadlines import Deadline
from workflow.programme import Programme, ReportTable
from workflow.vocabulary import State
from workflow.working_days import closing_instant, office_day

TOGETHER = 5
"""More dossiers with one deadline than this are one line, with their number."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line as the page shows it; `instant` is UTC and puts it in order."""

    instant: datetime
    what: str
    whose: str
    tag: str
    url: str = ""
    from_text: bool = False
    was: str = ""
    who: str = ""
    clause: str = ""
    personal: bool = False
    of: Programme | None = None
    """Whose clause it is."""

    def named(self, programme: str) -> Line:
        """The line with the programme it comes from, where there are several."""
        return replace(
            self,
            whose=_("{whose} · {programme}", whose=self.whose, programme=programme)
            if self.whose
            else programme,
        )

    def shown(self, today: date, now: datetime) -> dict[str, Any]:
        """The line with words for its day."""
        day = office_day(self.instant)
        left = formats.relative(day, today)
        return {
            "iso": formats.local(self.instant).isoformat(timespec="minutes"),
            "day": formats.day(day),
            "weekday": formats.weekday(day).partition(",")[0],
            "clock": formats.clock(self.instant),
            "left": _("quá hạn {left}", left=left) if self.instant < now and day == today else left,
            "what": self.what,
            "whose": self.whose,
            "tag": self.tag,
            "tone": "info" if self.from_text else "",
            "url": self.url,
            "was": self.was,
            "who": self.who,
            "clause": labels.clause_text(self.clause) if self.clause else "",
            "clause_href": labels.clause_url(self.clause, self.of) if self.clause else "",
        }


def of_dossiers(lines: Iterable[DossierLine], holders: Holders) -> Iterator[Line]:
    """Dossiers by themselves; many with one deadline together."""

    def same(line: DossierLine) -> tuple[datetime, str, str, bool]:
        dossier = line.row.dossier
        return line.instant, dossier.cycle_id, line.state.value, line.deadline is None

    for _key, group in groupby(sorted(lines, key=same), key=same):
        several = list(group)
        if len(several) > TOGETHER:
            yield _together(several)
        else:
            yield from (_dossier(line, holders) for line in several)


def of_report(line: ReportLine, programme: Programme) -> Line:
    """A report the reader's unit owes."""
    report = line.report
    table = programme.report_by_id[report.report_id]
    setter = programme.milestones_set_by
    return Line(
        report.due_at,
        _("Gửi {title}: {code}", title=formats.lower_first(table.title), code=report.code),
        line.unit,
        _("{setter} đặt", setter=setter) if setter else labels_time.TEXT_TAG,
        url_for("reports_due.show", code=report.code),
        from_text=not setter,
        clause=table.clause,
        personal=True,
        of=programme,
    )


def of_cycles(
    lines: Iterable[CycleLine], told: Mapping[datetime, Sequence[str]] | None = None
) -> Iterator[Line]:
    """Milestones of the cycles; cycles with the same day share a line.

    `told` names who was told of a move at an instant.
    """

    def same(line: CycleLine) -> tuple[datetime, str, str]:
        award = line.award.id if line.award else ""
        return line.deadline.instant, line.deadline.state.value, award

    for _key, group in groupby(sorted(lines, key=same), key=same):
        several = list(group)
        line = several[0]
        tier = line.award.short if line.award else ALL_TIERS
        if line.deadline.state is State.REGISTERED:
            tier = EVERY_UNIT
        cycle = joined((formats.lower_first(one.cycle.label) for one in several), _(" và "))
        yield _dated(
            line.programme,
            line.deadline,
            what=_(
                "{milestone}: {cycle}", milestone=labels.MILESTONE[line.deadline.state], cycle=cycle
            ),
            whose=tier,
            clause=line.deadline.source,
            told=told,
        )


def of_programme(
    programme: Programme, reports: Iterable[ReportTable], wanted: Choice
) -> Iterator[Line]:
    """Dates that are no cycle's: reports, and the end where nothing is asked of one cycle alone."""

    def at(day: date, what: str, clause: str, *, text: bool = False) -> Line:
        setter = programme.milestones_set_by
        tag = labels_time.TEXT_TAG if text or not setter else _("{setter} đặt", setter=setter)
        instant = closing_instant(day, programme.closing_time, programme.zone)
        return Line(
            instant,
            what,
            EVERY_UNIT,
            tag,
            from_text=tag == labels_time.TEXT_TAG,
            clause=clause,
            of=programme,
        )

    for report in reports:
        if wanted.keeps(programme.id, report.cycles):
            yield at(
                report.due,
                _("Hạn gửi: {title}", title=formats.lower_first(report.title)),
                report.clause,
            )
    if wanted.cycle_id:
        return
    period = citing.period(programme).clause
    yield at(programme.ends, _("Hết thời gian phát động"), period, text=True)


def _dossier(line: DossierLine, holders: Holders) -> Line:
    dossier, where = (
        line.row.dossier,
        flags.standing(line.programme, line.row.dossier, line.row.terms),
    )
    people = holders.of(where.step.by, line.row.places) if where.step else ()
    whose = _(
        "{subject_name}. Đang giữ việc: {names}",
        subject_name=dossier.subject_name,
        names=presenting.names(people) or _("chưa phân công"),
    )
    url = url_for("dossiers.show", code=dossier.code)
    if line.deadline is None:
        what = _("Hạn bổ sung: {code}", code=dossier.code)
        return Line(line.instant, what, whose, _("Người thẩm định đặt"), url, personal=True)
    what = _("{milestone}: {code}", milestone=labels.MILESTONE[line.state], code=dossier.code)
    return _dated(line.programme, line.deadline, what=what, whose=whose, url=url)


def _together(several: list[DossierLine]) -> Line:
    first = several[0]
    dossier = first.row.dossier
    filters: dict[str, Any] = {"dot": dossier.cycle_id, "trang-thai": dossier.state.value}
    url = url_for("dossiers.index", **filters)
    cycle = formats.lower_first(first.programme.cycle_by_id[dossier.cycle_id].label)
    whose = _("{count} hồ sơ, {cycle}", count=len(several), cycle=cycle)
    if first.deadline is None:
        what = _("Hạn bổ sung: {count} hồ sơ", count=len(several))
        return Line(first.instant, what, whose, _("Người thẩm định đặt"), url, personal=True)
    what = _(
        "{milestone}: {count} hồ sơ", milestone=labels.MILESTONE[first.state], count=len(several)
    )
    return _dated(first.programme, first.deadline, what=what, whose=whose, url=url)


def _dated(  # noqa: PLR0913 - the parts of one line
    programme: Programme,
    deadline: Deadline,
    *,
    what: str,
    whose: str,
    url: str = "",
    clause: str = "",
    told: Mapping[datetime, Sequence[str]] | None = None,
) -> Line:
    last = deadline.moves[-1] if deadline.moves else None
    tag = labels_time.source_tag(programme, deadline)
    names = (told or {}).get(last.at, ()) if last and last.at else ()
    who = (
        _(
            "{move_words} {told_words}",
            move_words=labels_time.move_words(last),
            told_words=labels_time.told_words(names),
        )
        if last
        else ""
    )
    return Line(
        instant=deadline.instant,
        what=what,
        whose=whose,
        tag=tag,
        url=url,
        from_text=tag == labels_time.TEXT_TAG,
        was=formats.day(last.was) if last else "",
        who=who.strip(),
        clause=clause,
        personal=bool(url),
        of=programme,
    )
