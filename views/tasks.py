"""Rows of the inbox: the date first, then what is to be done, by whom, and how far it is."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from flask import current_app, url_for
from sqlalchemy.orm import Session

from models.gathering import facts_of
from models.lending import loans
from models.people import roles_of
from models.queries_check import came_back
from models.queries_dossiers import Row
from models.queries_holders import Holders
from models.queries_inbox import Arrival
from models.queries_people import Reader
from models.rulebooks import rulebook_of
from views import flags, formats, labels
from views.flags import Standing
from views.formats import _, joined
from views.labels import Flag
from views.milestone_words import SetAnew, registration_deadline
from views.presenting import names, progress
from views.steps_pages import page_of
from workflow.decisions import Judgement, judge
from workflow.facts import Actor
from workflow.programme import Programme
from workflow.vocabulary import Action, SubjectKind
from workflow.working_days import office_day

JUDGED = 25
"""How many rows are judged on one page; the rest show their dates without a count."""


@dataclass(frozen=True, slots=True)
class Task:
    """One row as `macros/inbox.html` reads it; `due` puts it in order and in its group."""

    title: str
    url: str
    who: str
    due: datetime | None
    due_day: str = ""
    due_month: str = ""
    due_iso: str = ""
    due_text: str = ""
    due_tone: str = "none"
    flags: list[Flag] = field(default_factory=list)
    step_number: int | None = None
    state_label: str = ""
    progress_text: str = ""
    button_label: str = ""
    button_url: str = ""
    ready: bool = False
    useful: bool = False
    primary: bool = False


def actor_of(reader: Reader, row: Row) -> Actor:
    """The reader as the law sees them before this dossier."""
    units = frozenset({held.unit_id for held in reader.posts} | {reader.employer_id})
    roles = roles_of(reader.pairs, row.places)
    lent = loans(reader.borrowed, lambda pairs: roles_of(pairs, row.places))
    return Actor(
        reader.person_id, reader.name, roles, units, reader.employer_id, reader.position, lent
    )


def judged(
    session: Session, row: Row, where: Standing, actor: Actor, now: datetime
) -> Judgement | None:
    """What the law says about the step this dossier waits for."""
    if where.step is None:
        return None
    rulebook = rulebook_of(session, row.dossier.programme_hash)
    facts = facts_of(session, row.dossier)
    return judge(rulebook, where.step.action, facts, actor, now)


def mine(
    session: Session,
    rows: tuple[Row, ...],
    known: dict[str, Programme],
    reader: Reader,
    now: datetime,
) -> list[Task]:
    """Tasks of the reader, soonest first; exactly one may be the button to press."""
    standings = [(row, flags.standing_of(row, known)) for row in rows]
    standings.sort(key=lambda pair: _order(pair[1].due, pair[0].dossier.code))
    back = came_back(session, [row.dossier.id for row, where in standings if _to_check(where)])
    found = []
    for number, (row, where) in enumerate(standings):
        actor = actor_of(reader, row)
        verdict = judged(session, row, where, actor, now) if number < JUDGED else None
        made = on_behalf(task(row, where, verdict, now), where, actor)
        if row.dossier.id in back:
            items = back[row.dossier.id].items
            made = replace(made, title=again_title(row.dossier.subject_name, items))
        found.append(made)
    return found


def on_behalf(made: Task, where: Standing, actor: Actor) -> Task:
    """Mark a task the reader has for somebody else."""
    step = where.step
    principal = actor.taking(step.by, step.action).principal if step else None
    if principal is None:
        return made
    return replace(made, who=_("Thay mặt {name} · {who}", name=principal.name, who=made.who))


def _to_check(where: Standing) -> bool:
    return where.step is not None and where.step.action is Action.CONFIRM_CHECK


def again_title(subject: str, items: int) -> str:
    """Kiểm tra lại: đã bổ sung 2 mục, UBND huyện Quản Bạ."""
    return _("Kiểm tra lại: đã bổ sung {count} mục, {subject}", count=items, subject=subject)


def task(row: Row, where: Standing, verdict: Judgement | None, now: datetime) -> Task:
    """One thing to do."""
    dossier, step = row.dossier, where.step
    allowed = verdict is not None and verdict.allowed
    label, url = button(row, where, ready=allowed)
    return Task(
        title=title(row, where),
        url=url_for("dossiers.show", code=dossier.code),
        who=who(row, where),
        due=where.due,
        **flags.due_words(where.due, now),
        flags=flags.flags(where, now)[:2],
        step_number=labels.step_number(dossier.state),
        state_label=labels.STATE[dossier.state],
        progress_text=progress(verdict.results) if verdict else "",
        button_label=label if step else "",
        button_url=url,
        ready=can_go_on(verdict),
        useful=can_mend_some(verdict),
    )


def can_go_on(verdict: Judgement | None) -> bool:
    """Is everything that is missing the reader's own to mend? Then it is ready to be worked on."""
    if verdict is None or verdict.refusals or verdict.action is Action.RELEASE_HOLD:
        return False
    return all(result.finding.who in verdict.actor.roles for result in verdict.blocking)


def can_mend_some(verdict: Judgement | None) -> bool:
    """Is at least something that is missing the reader's own to mend?"""
    if verdict is None or verdict.refusals or verdict.action is Action.RELEASE_HOLD:
        return False
    return any(result.finding.who in verdict.actor.roles for result in verdict.blocking)


def title(row: Row, where: Standing) -> str:
    """The verb first: Nộp hồ sơ cá nhân Sùng Mí Pó."""
    dossier, step = row.dossier, where.step
    subject = dossier.subject_name
    if dossier.subject_kind is SubjectKind.INDIVIDUAL:
        subject = _("cá nhân {subject}", subject=subject)
    if dossier.supplement is not None and step and step.action is Action.SEND_SUPPLEMENT:
        count = len(dossier.supplement["items"])
        return _("Bổ sung {count} mục theo yêu cầu: {subject}", count=count, subject=subject)
    if step is None:
        return subject
    if step.action is Action.RELEASE_HOLD:
        return _("Gỡ tạm dừng khi có kết luận: {subject}", subject=subject)
    joined = "" if step.action in _OPEN_ENDED else ":"
    return _("{title}{joined} {subject}", title=step.title, joined=joined, subject=subject)


_OPEN_ENDED = {Action.SUBMIT}


def who(row: Row, where: Standing) -> str:
    """Code, unit and form of award."""
    dossier = row.dossier
    award = where.programme.award_by_id.get(dossier.award_form)
    collective = dossier.subject_kind is SubjectKind.COLLECTIVE
    place = _("Tập thể") if collective else row.unit
    return joined(
        filter(
            None,
            (
                dossier.code,
                place,
                formats.shortened(award.title) if award else _("Chưa chọn hình thức"),
            ),
        ),
        " · ",
    )


def button(row: Row, where: Standing, *, ready: bool) -> tuple[str, str]:
    """The verb and the page where it is done."""
    dossier, step = row.dossier, where.step
    here = url_for("dossiers.show", code=dossier.code)
    if step is None:
        return "", here
    if step.action is Action.SEND_SUPPLEMENT:
        return _("Bổ sung"), here
    if step.action is Action.SUBMIT and not ready:
        return _("Hoàn thiện"), page_of(Action.EDIT, dossier.code) or here
    if step.action is Action.CONFIRM_CHECK and not ready:
        return _("Kiểm tra"), page_of(step.action, dossier.code) or here
    short = labels.ACTION[step.action]
    return short, page_of(step.action, dossier.code) or here


def arrival(one: Arrival, programme: Programme, set_anew: SetAnew, now: datetime) -> Task:
    """A registration to acknowledge."""
    registration = one.registration
    closing = registration_deadline(programme, registration.cycle_id, set_anew)
    due = closing.instant if closing else None
    url = address("registrations.show", code=registration.code)
    subject = registration.subject_name
    late = due is not None and due < now
    kind = labels.SUBJECT[registration.subject_kind]
    return Task(
        title=_("Tiếp nhận đăng ký thi đua: {subject}", subject=subject),
        url=url,
        who=_("{code} · {kind} · {unit}", code=registration.code, kind=kind, unit=one.unit),
        due=due,
        **flags.due_words(due, now),
        flags=[Flag("bad", "wait", _("Quá hạn"))]
        if late
        else [labels.REGISTRATION[registration.status]],
        progress_text=_(
            "Đăng ký ngày {registered_on}", registered_on=formats.day(registration.registered_on)
        ),
        button_label=_("Tiếp nhận"),
        button_url=url,
        ready=True,
    )


def waiting(row: Row, programme: Programme, holders: Holders, now: datetime) -> Task:
    """Something others hold: who, since when, until when."""
    where = flags.standing(programme, row.dossier, row.terms)
    people = holders.of(where.step.by, row.places) if where.step else ()
    since = formats.day(row.dossier.entered_state_at)
    held = names(people) or _("chưa phân công")
    made = task(row, where, None, now)
    awaited = formats.lower_first(where.step.title) if where.step else ""
    return replace(
        made,
        title=_(
            "{subject_name}: chờ {awaited}", subject_name=row.dossier.subject_name, awaited=awaited
        ),
        who=_(
            "{code} · Đang giữ việc: {held}, từ {since}",
            code=row.dossier.code,
            held=held,
            since=since,
        ),
        button_label="",
    )


def over(row: Row, programme: Programme, now: datetime) -> Task:
    """Something that is over: how it ended and when."""
    where = flags.standing(programme, row.dossier, row.terms)
    made = task(row, where, None, now)
    ended = row.dossier.entered_state_at
    day = office_day(ended)
    return replace(
        made,
        title=row.dossier.subject_name,
        due_day=f"{day.day:02d}",
        due_month=formats.month(day),
        due_iso=formats.local(ended).isoformat(timespec="minutes"),
        due_text=str(day.year),
        due_tone="calm",
        button_label="",
        state_label="",
    )


def with_primary(found: list[Task]) -> list[Task]:
    """Fill the button of the most urgent task that is ready, or at least to be worked on."""
    useful = (one for one in found if one.useful)
    first = next((one for one in found if one.ready), None) or next(useful, None)
    return [replace(one, primary=one is first) for one in found]


def groups(found: list[Task], now: datetime) -> list[dict[str, Any]]:
    """Quá hạn, Trong tuần này, Sau đó; empty ones are left out."""
    today = office_day(now)
    late = [one for one in found if one.due is not None and one.due < now]
    rest = [one for one in found if one not in late]
    week = [one for one in rest if one.due and flags.in_this_week(office_day(one.due), today)]
    later = [one for one in rest if one not in week]
    named = (
        (_("Quá hạn"), "late", late),
        (_("Trong tuần này"), "soon", week),
        (_("Sau đó"), "later", later),
    )
    return [
        {"label": label, "tone": tone, "tasks": tasks, "id": f"nhom-{tone}"}
        for label, tone, tasks in named
        if tasks
    ]


def in_order(found: list[Task]) -> list[Task]:
    """Soonest first; what has no date comes last."""
    return sorted(found, key=lambda one: _order(one.due, one.title))


def _order(due: datetime | None, name: str) -> tuple[bool, float, str]:
    return (due is None, due.timestamp() if due else 0.0, name)


def address(endpoint: str, **values: str) -> str:
    """The address of a page, or of the inbox while nobody has built it."""
    known = endpoint in current_app.view_functions
    return url_for(endpoint, **dict[str, Any](values)) if known else url_for("inbox.show")
