"""The page of one dossier, gathered: where it stands, what is missing, who does what."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for
from sqlalchemy.orm import Session

from models import emergencies
from models.concealing import conceal, is_inside, lines_told
from models.gathering import places_of
from models.ledger import look
from models.move_letters import told_of_moves
from models.queries_history import (
    Line,
    Paper,
    Said,
    decisions_of,
    entries,
    lines_of,
    notes_of,
    papers_of,
    told_of,
)
from models.queries_holders import Holder, holders_around
from models.queries_people import Reader
from models.queries_turns import forward_step
from models.tables import Decision, Dossier, EmergencyAccess
from models.who_could import Answer, who_could
from views import (
    administration,
    desk,
    flags,
    formats,
    labels,
    labels_time,
    presenting,
    speaking,
    timeline,
)
from views.dossier_actions import Actions, actions_of
from views.dossier_papers import paper_rows
from views.flags import Standing
from views.formats import _, joined
from views.presenting import Surroundings
from workflow.deadlines import next_state
from workflow.decisions import Judgement, choices
from workflow.facts import DossierFacts
from workflow.guards.indices import scoring_units
from workflow.vocabulary import ENDS, PROGRESS, Role, ScoreKind, State, SubjectKind
from workflow.working_days import office_day

READERS = (
    Role.CLERK,
    Role.UNIT_HEAD,
    Role.COUNCIL_SECRETARY,
    Role.COUNCIL_MEMBER,
    Role.APPRAISER,
    Role.DECIDER,
)


@dataclass(frozen=True, slots=True)
class Gathered:
    """Everything the page is made of, read in one transaction."""

    dossier: Dossier
    facts: DossierFacts
    around: Surroundings
    where: Standing
    verdicts: tuple[Judgement, ...]
    lines: list[Line]
    notes: list[Said]
    papers: list[Paper]
    decisions: dict[int, Decision]
    reader: Reader
    informed: dict[int, tuple[str, ...]]
    told: dict[datetime, tuple[str, ...]]
    nobody: Answer | None
    """Set when nobody could take the next step now."""
    emergencies: list[emergencies.Shown]
    inside: bool
    """Does the reader see everything of it, and may take the evidence along?"""


def gather(db: Session, code: str) -> Gathered:
    """Read a dossier for the reader of this request. Raises `NotFound`."""
    reader, now = desk.me(), desk.now()
    opened = look(db, code, reader.person_id, now)
    speaking.speak_of(opened.rulebook.programme)
    dossier = db.get_one(Dossier, opened.facts.id)
    conceal(db, [dossier], reader.person_id, desk.today())
    places = places_of(db, dossier)
    programme = opened.rulebook.programme
    holders = holders_around(db, [places], desk.today())
    return Gathered(
        dossier=dossier,
        facts=opened.facts,
        around=Surroundings(programme, opened.actor, places, holders, code),
        where=flags.standing(programme, dossier, opened.facts.terms),
        verdicts=choices(opened.rulebook, opened.facts, opened.actor, now),
        lines=lines_told(db, dossier, lines_of(db, dossier.id), reader.person_id, desk.today()),
        notes=notes_of(db, dossier.id),
        papers=papers_of(db, dossier.id),
        decisions=decisions_of(db, dossier.decision_id, dossier.revocation_id),
        reader=reader,
        informed=told_of(db, dossier.id),
        told=told_of_moves(db, dossier.code),
        nobody=next((one for one in who_could(db, now, [dossier.id]) if one.alarm), None),
        emergencies=emergencies.shown(
            db, emergencies.is_open(now), EmergencyAccess.dossier_id == dossier.id
        ),
        inside=is_inside(db, dossier, reader.person_id, desk.today()),
    )


def page_words(found: Gathered, refused: Judgement | None = None) -> dict[str, Any]:
    """What `dossiers/show.html` reads; after a refusal, the conditions of the refused step."""
    dossier, programme = found.dossier, found.around.programme
    award = programme.award_by_id.get(dossier.award_form)
    shown = refused or forward_judgement(found)
    results = presenting.for_reader(shown, found.around) if shown else []
    acts = actions_of(found.where, found.verdicts, found.around, only_looks=found.reader.only_looks)
    entered = entries(found.lines)
    return {
        "dossier": dossier,
        "kind": labels.SUBJECT[dossier.subject_kind],
        "award": award,
        "award_clause": labels.clause_text(award.clause) if award else "",
        "award_href": labels.clause_url(award.clause) if award else "",
        "flags": flags.flags(found.where, desk.now()),
        "steps": flags.stepper(found.where, entered, found.lines),
        "next": next_box(found, acts),
        "conditions": results,
        "conditions_title": presenting.heading(shown.action, shown.step.title)
        if shown and shown.step
        else "",
        "checked_at": formats.recently(desk.now(), desk.today()),
        "papers": paper_rows(found.papers, results, found.where, acts.can_edit),
        "has_files": bool(found.papers),
        "inside": found.inside,
        "older": [paper for paper in found.papers if not paper.document.current],
        "entries": timeline.entries(found.lines, found.notes, programme, found.informed),
        "readers_text": readers_text(found),
        "actions": acts,
        "people": people(found),
        "nobody": administration.row(found.nobody) if found.nobody else None,
        "emergencies": [
            _(
                "{person} được {answered_by} mở vai trò {role}. Lý do: {reason}",
                person=one.person,
                answered_by=one.answered_by,
                role=formats.lower_first(labels.ROLE[one.access.role]),
                reason=one.access.reason,
            )
            for one in found.emergencies
        ],
        "facts": fact_pairs(found, entered),
        "hold": found.facts.hold,
        "supplement": found.facts.supplement,
        "only_looks": found.reader.only_looks,
        "cycle": programme.cycle_by_id[dossier.cycle_id],
    }


def forward_judgement(found: Gathered) -> Judgement | None:
    """The verdict on the step to the next state, whoever takes it."""
    step = forward_step(found.around.programme, found.dossier.state)
    return next((one for one in found.verdicts if step and one.step is step), None)


def next_box(found: Gathered, acts: Actions) -> dict[str, Any] | None:
    """Whose turn it is, until when, and what follows."""
    step, dossier = found.where.step, found.dossier
    if step is None or dossier.state in ENDS:
        return None
    what, go_on = formats.lower_first(step.title), acts.next_button
    if found.facts.supplement is not None and found.facts.hold is None:
        count = len(found.facts.supplement.items)
        what, go_on = (
            _("bổ sung {count} mục", count=count),
            {"label": _("Xem {count} mục", count=count), "url": "#bo-sung"},
        )
    takes_it = found.around.actor.may_take(step.by, step.action)
    mine = takes_it and not found.reader.only_looks
    capacity = found.around.actor.taking(step.by, step.action)
    who = _("bạn ({signature})", signature=capacity.signature) if mine else holding(found, step.by)
    return {
        "title": _("Đến lượt {who}: {what}", who=who, what=what),
        "follows": follows(found),
        "when": when(found),
        "button": go_on if mine else None,
    }


def holding(found: Gathered, roles: tuple[Role, ...]) -> str:
    """The people whose turn it is, or their role while nobody is appointed."""
    people_here = found.around.holders.of(roles, found.around.places)
    return presenting.naming(people_here) or presenting.roles_words(roles)


def when(found: Gathered) -> dict[str, str] | None:
    """The date of the next box."""
    due = found.where.due
    if due is None:
        return None
    left = formats.relative(due, desk.today())
    if due < desk.now() and office_day(due) == desk.today():
        left = _("vừa quá hạn")
    return {
        "day": formats.short_day(due),
        "text": _("{due}, {left}", due=formats.clock(due), left=left),
        "iso": formats.local(due).isoformat(timespec="minutes"),
        **moved(found),
    }


def moved(found: Gathered) -> dict[str, str]:
    """The day the deadline had before, and who changed it; nothing while it was never moved."""
    target = next_state(found.dossier.state)
    deadline = found.where.deadline(target) if target and found.facts.supplement is None else None
    if deadline is None or not deadline.moves:
        return {"was": "", "moved": ""}
    last = deadline.moves[-1]
    told = labels_time.told_words(found.told.get(last.at, ())) if last.at else ""
    moved = _("{move_words} {told}", move_words=labels_time.move_words(last), told=told).strip()
    return {"was": formats.day(last.was), "moved": moved}


def follows(found: Gathered) -> str:
    """Who goes on after this step, and what a late step means."""
    programme, state = found.around.programme, found.dossier.state
    turned_back = found.facts.supplement is not None or found.facts.hold is not None
    after = state if turned_back else next_state(state)
    step = forward_step(programme, after) if after else None
    if step is None:
        return _("Sau đó hồ sơ hoàn tất và kết quả được công bố.")
    people_then = found.around.holders.of(step.by[:1], found.around.places)
    names = presenting.names(people_then) or presenting.roles_words(step.by[:1])
    return _("Sau đó {names} {title}.", names=names, title=formats.lower_first(step.title))


def people(found: Gathered) -> list[dict[str, Any]]:
    """Who holds which step, the present one marked."""
    listed: dict[int, dict[str, Any]] = {}
    now_by = found.where.step.by if found.where.step else ()
    for number, state in enumerate(PROGRESS, start=1):
        step = forward_step(found.around.programme, state)
        for role in step.by if step else ():
            for holder in found.around.holders.of((role,), found.around.places)[:3]:
                words = _(
                    "{post_here}, bước {number}", post_here=post_here(holder), number=number + 1
                )
                if role in now_by and holder.person_id not in listed:
                    words = _("{post_here}, đang giữ bước này", post_here=post_here(holder))
                listed.setdefault(holder.person_id, person_line(holder, words, found.reader))
    return list(listed.values())


def post_here(holder: Holder) -> str:
    """What somebody is, shortly; a delegate is there for somebody else."""
    if holder.on_behalf:
        return _("thay mặt {on_behalf}", on_behalf=holder.on_behalf)
    return holder.position or labels.POST[holder.post]


def person_line(holder: Holder, words: str, reader: Reader) -> dict[str, Any]:
    """One line of “Ai giữ bước nào”."""
    return {
        "initials": formats.initials(holder.name),
        "name": holder.name,
        "role": words,
        "is_you": holder.person_id == reader.person_id,
    }


def readers_text(found: Gathered) -> str:
    """Who will read a note, and how many they are."""
    everybody = found.around.holders.of(READERS, found.around.places)
    names = joined(holder.name for holder in everybody[:3])
    more = _(" và những người khác") if len(everybody) > 3 else ""  # noqa: PLR2004 - three are shown
    return _("{names}{more} ({count} người)", names=names, more=more, count=len(everybody))


def fact_pairs(found: Gathered, entered: dict[State, Any]) -> list[tuple[str, ...]]:
    """Thông tin hồ sơ."""
    dossier, facts, programme = found.dossier, found.facts, found.around.programme
    pairs: list[tuple[str, ...]] = [
        (_("Đợt"), programme.cycle_by_id[dossier.cycle_id].label),
        (_("Loại"), labels.SUBJECT[dossier.subject_kind]),
    ]
    if dossier.subject_kind is SubjectKind.INDIVIDUAL:
        pairs += [(_("Chức vụ"), facts.subject.position), (_("Đơn vị"), facts.subject.unit.name)]
    pairs.append((_("Đơn vị đề nghị"), facts.proposing_unit.name))
    if facts.deciding_unit is not None:
        pairs.append((_("Cấp quyết định"), facts.deciding_unit.name))
    pairs.append((_("Cấp trên nhận đăng ký"), facts.registration.superior))
    pairs += score_pairs(found)
    if State.SUBMITTED in entered:
        pairs.append((_("Nộp lúc"), formats.stamp(entered[State.SUBMITTED])))
    pairs += decision_pairs(found)
    if facts.documents:
        pairs.append((_("Mã kiểm tra"), check_code(facts)))
    return [(label, formats.shortened(words)) for label, words, *_ in pairs if words]


def score_pairs(found: Gathered) -> list[tuple[str, ...]]:
    """The scores of the unit published by today, the latest year of each index.

    A commune stands for itself, as the guards read it (reading Q7): nobody lends it a score.
    """
    latest: dict[str, tuple[int, str]] = {}
    today = desk.today()
    for unit in scoring_units(found.facts.subject.lineage):
        for score in found.facts.scores:
            out = score.published_on is not None and score.published_on <= today
            if score.unit_id == unit.id and score.kind is ScoreKind.PUBLISHED and out:
                label = labels.INDEX[score.index]
                text = f"{formats.decimal(score.value)}{labels.INDEX_UNIT[score.index]}"
                if score.year > latest.get(label, (0, ""))[0]:
                    latest[label] = (score.year, text)
        if latest:
            break
    return [
        (_("{label} {year}", label=label, year=year), text)
        for label, (year, text) in latest.items()
    ]


def decision_pairs(found: Gathered) -> list[tuple[str, ...]]:
    """The decision, and the one that revoked it."""
    named = (
        (found.dossier.decision_id, _("Quyết định")),
        (found.dossier.revocation_id, _("Hủy bỏ")),
    )
    rows = [(label, found.decisions[each]) for each, label in named if each in found.decisions]
    return [
        (
            label,
            _(
                "{number} ngày {dated}, {signer}",
                number=row.number,
                dated=formats.day(row.dated),
                signer=row.signer,
            ),
        )
        for label, row in rows
    ]


def check_code(facts: DossierFacts) -> str:
    """A short code of the whole set of files: the same files, the same code."""
    papers = sorted((paper.kind.value, paper.sha256) for paper in facts.documents)
    digest = hashlib.sha256(repr(papers).encode()).hexdigest().upper()
    return f"{digest[:4]}-{digest[4:8]}"


def crumbs(found: Gathered) -> list[dict[str, str]]:
    """Where the page stands."""
    cycle = found.around.programme.cycle_by_id[found.dossier.cycle_id]
    return [
        {"label": _("Hồ sơ"), "url": url_for("dossiers.index")},
        {"label": cycle.label, "url": url_for("dossiers.index", dot=cycle.id)},
        {"label": found.dossier.code, "url": ""},
    ]
