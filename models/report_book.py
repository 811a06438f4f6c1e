"""Taking a step on a report: open it, judge it, write it down with history and letters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from models.evaluations import to_json
from models.files import StoredFile
from models.history import Happening, append_to_stream, report_stream
from models.ledger import capacity
from models.letters import concerning
from models.outbox import Letter, remember
from models.people import Places, actor_towards, people_with
from models.report_dates import report_as_set
from models.report_figures import figures_of, written_down
from models.report_queries import number_of, places_of_report, report_visible_to
from models.report_refusals import Seen, keep_refusal
from models.rulebooks import rulebook_of
from models.tables import HistoryLine, Report, ReportFile, Unit
from models.words import Channel
from workflow import news
from workflow.facts import Actor
from workflow.ports import NotFound, Repeated, Stale
from workflow.programme import Programme
from workflow.reports_due import (
    ReportCommand,
    ReportFacts,
    ReportRefused,
    ReportStep,
    ReportText,
    decide_report,
    takers,
)
from workflow.vocabulary import ReportAction
from workflow.working_days import office_day

PAGE = "/bao-cao-dinh-ky/"


@dataclass(frozen=True, slots=True)
class OpenedReport:
    """A report opened for one person: its row, its facts, who asks, under which programme."""

    report: Report
    facts: ReportFacts
    actor: Actor
    places: Places
    programme: Programme


def look_at_report(session: Session, code: str, person_id: int, now: datetime) -> OpenedReport:
    """Open a report only to look at it. Raises `NotFound`."""
    report = session.scalar(
        select(Report).where(
            Report.id == number_of(code), report_visible_to(person_id, office_day(now))
        )
    )
    return _opened(session, report, code, person_id, now)


def take_report_step(
    session: Session, command: ReportCommand, file: StoredFile | None, now: datetime
) -> ReportStep | ReportRefused:
    """Take a step with everything that follows, in the caller's transaction.

    A refused attempt is kept with its reasons.
    Raises `NotFound`, `Repeated` for a key used before, `Stale` when somebody was faster.
    """
    held = session.scalar(
        select(Report)
        .where(
            Report.id == number_of(command.code),
            report_visible_to(command.person_id, office_day(now)),
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    opened = _opened(session, held, command.code, command.person_id, now, hold=True)
    _refuse_repetition(session, command)
    if opened.report.version != command.expected_version:
        raise _stale(session, opened.report, command)
    verdict = decide_report(command, opened.facts, opened.actor, now)
    if isinstance(verdict, ReportStep):
        _record(session, opened, command, verdict, file, now)
    else:
        seen = Seen(opened.facts, opened.actor, opened.report.programme_hash)
        keep_refusal(session, verdict, command, seen, now)
    return verdict


def _opened(
    session: Session,
    report: Report | None,
    code: str,
    person_id: int,
    now: datetime,
    *,
    hold: bool = False,
) -> OpenedReport:
    if report is None or report.code != code:
        raise NotFound(code)
    programme = rulebook_of(session, report.programme_hash).programme
    places = places_of_report(session, report.unit_id)
    has_file = session.scalar(
        select(ReportFile.id).where(ReportFile.report_id == report.id, ReportFile.current)
    )
    facts = ReportFacts(
        code=code,
        table=report_as_set(session, programme, report.report_id),
        unit_id=report.unit_id,
        unit=session.get_one(Unit, report.unit_id).name,
        state=report.state,
        version=report.version,
        due_at=report.due_at,
        rounds=report.rounds,
        text=ReportText(
            report.results, report.shortcomings, report.proposals, report.number, report.dated
        ),
        has_file=has_file is not None,
    )
    actor = actor_towards(session, person_id, places, office_day(now), hold=hold)
    return OpenedReport(report, facts, actor, places, programme)


def _refuse_repetition(session: Session, command: ReportCommand) -> None:
    done = command.key and session.scalar(
        select(HistoryLine.id).where(
            HistoryLine.actor_id == command.person_id, HistoryLine.command_key == command.key
        )
    )
    if done:
        raise Repeated(command.code)


def _stale(session: Session, report: Report, command: ReportCommand) -> Stale:
    last = session.scalar(
        select(HistoryLine)
        .where(HistoryLine.stream == report_stream(report.id))
        .order_by(HistoryLine.seq.desc())
        .limit(1)
    )
    return Stale(
        code=report.code,
        expected_version=command.expected_version,
        current_version=report.version,
        by=last.actor_name if last else "",
        role=last.role if last else "",
        action=None,
        at=last.at if last else None,
    )


def _record(
    session: Session,
    opened: OpenedReport,
    command: ReportCommand,
    step: ReportStep,
    file: StoredFile | None,
    now: datetime,
) -> None:
    report = opened.report
    columns = _columns(session, opened, command, step, now)
    changed = session.execute(
        update(Report)
        .where(Report.id == report.id, Report.version == command.expected_version)
        .values(version=Report.version + 1, updated_at=now, **columns)
        .returning(Report.version)
        .execution_options(synchronize_session=False)
    ).first()
    if changed is None:
        raise _stale(session, report, command)
    told = _told(command, step)
    if file is not None:
        told["file"] = _keep_file(session, report.id, file, command.person_id, now)
    _write_down(session, opened, command, step, told, now)
    _tell(session, opened, command, step, now)


def _columns(
    session: Session,
    opened: OpenedReport,
    command: ReportCommand,
    step: ReportStep,
    now: datetime,
) -> dict[str, Any]:
    """What a step changes in the row; the state and what must be known in it go together."""
    columns: dict[str, Any] = {"state": step.target, "rounds": step.rounds}
    answered = {"answered_by": opened.actor.person_id, "answered_at": now}
    if step.action is ReportAction.ACCEPT:
        return columns | answered
    if step.action is ReportAction.RETURN:
        return columns | answered | {"reason": command.comment.strip()}
    columns |= asdict(step.text)
    if step.action is ReportAction.FILE:
        facts = opened.facts
        known = figures_of(session, facts.table, opened.programme.id, [facts.unit_id])
        columns |= {
            "filed_by": opened.actor.person_id,
            "filed_at": now,
            "figures": written_down(known[facts.unit_id]),
        }
    return columns


def _told(command: ReportCommand, step: ReportStep) -> dict[str, object]:
    told: dict[str, object] = {"rounds": step.rounds}
    if step.action in {ReportAction.SAVE, ReportAction.FILE}:
        told["text"] = to_json(step.text)
        told["late"] = step.late
    if command.comment.strip():
        told["comment"] = command.comment.strip()
    return told


def _keep_file(
    session: Session, report_id: int, file: StoredFile, by: int, now: datetime
) -> dict[str, object]:
    versions = session.scalars(
        select(ReportFile.version).where(ReportFile.report_id == report_id)
    ).all()
    number = max(versions, default=0) + 1
    session.execute(
        update(ReportFile)
        .where(ReportFile.report_id == report_id, ReportFile.current)
        .values(current=False)
    )
    session.execute(
        insert(ReportFile).values(
            report_id=report_id,
            version=number,
            uploaded_by=by,
            uploaded_at=now,
            **asdict(file),
        )
    )
    return {"version": number, "name": file.file_name, "sha256": file.sha256, "size": file.size}


def _write_down(
    session: Session,
    opened: OpenedReport,
    command: ReportCommand,
    step: ReportStep,
    told: Mapping[str, object],
    now: datetime,
) -> None:
    roles = takers(step.action, opened.facts.table)
    actor = opened.actor.taking(roles)
    role = next((role for role in roles if role in actor.roles), None)
    append_to_stream(
        session,
        Happening(
            stream=report_stream(opened.report.id),
            at=now,
            actor_id=actor.person_id,
            actor_name=actor.name,
            on_behalf=actor.principal.name if actor.principal else "",
            action=f"report_{step.action.value}",
            role=role.value if role else "",
            from_state=step.source.value,
            to_state=step.target.value,
            payload={**told, **capacity(actor)},
            command_key=command.key or None,
        ),
    )


def _tell(
    session: Session,
    opened: OpenedReport,
    command: ReportCommand,
    step: ReportStep,
    now: datetime,
) -> None:
    """Queue the letters of a step; whoever took it knows of it."""
    facts = opened.facts
    values: dict[str, Any] = {
        "code": facts.code,
        "page": f"{PAGE}{facts.code}",
        "title": facts.table.title,
        "report": facts.table.title[:1].lower() + facts.table.title[1:],
        "subject": facts.unit,
        "unit": facts.unit,
        "clause": facts.table.clause,
        "state": step.target.value,
        "actor_id": opened.actor.person_id,
        "actor": opened.actor.taking(takers(step.action, facts.table)).signature,
        "actor_title": opened.actor.title,
        "comment": command.comment.strip(),
        "late": step.late,
        "due": to_json(facts.due_at),
        "at": to_json(now),
    }
    for notice in step.notices:
        for person in people_with(session, notice.to, opened.places, office_day(now)):
            if not person.email or person.id == opened.actor.person_id:
                continue
            key = f"{notice.letter}:{facts.code}:{facts.version + 1}:{person.id}"
            letter = Letter(
                dedupe_key=f"{key}:{Channel.EMAIL.value}",
                letter=notice.letter,
                due_at=now,
                address=person.email,
                recipient_id=person.id,
                values={
                    **values,
                    **concerning(notice.to, opened.places),
                    "recipient": person.full_name,
                },
                alone=notice.letter not in news.TITLES,
            )
            remember(session, letter, now)
