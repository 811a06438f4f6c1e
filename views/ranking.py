"""Xếp hạng: who competes for the places, in which order and why, and where the line falls."""

from __future__ import annotations

from typing import Any, Final

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from models import rankings
from models.caps import PoolLine, pools_seen
from models.rankings import BREAKERS, RANKERS, Contest, Snapshot
from views import (
    desk,
    exporting,
    form_pages,
    formats,
    quota_card,
    ranking_words,
    sheets_of_season,
    side_by_side,
    speaking,
    steps,
)
from views.formats import _
from views.forms import Answers, Fault, read_id
from views.once import writing_once
from views.places import chosen_cycle, cycle_choices
from workflow.programme import Programme
from workflow.ranking import Inside, ties
from workflow.verdicts import Refusal
from workflow.vocabulary import Post
from workflow.words import phrase

pages = Blueprint("ranking", __name__)

TITLE: Final = phrase("Xếp hạng")
SEES: Final = (*RANKERS, Post.CLERK, Post.COUNCIL_CHAIR, Post.COUNCIL_MEMBER)
BY_HAND = phrase("Ghi thứ tự 1, 2, 3… cho đủ các hồ sơ ngang nhau, không lặp.")


@pages.get("/xep-hang")
def index() -> ResponseReturnValue:
    """Contests of one cycle the reader's units decide."""
    with desk.reading() as db:
        programme, programmes = side_by_side.one_programme(db)
        cycle = chosen_cycle(programme)
        lines = [one for one in pools_seen(db, programme, cycle, desk.me()) if _sees(one)]
    if exporting.asked():
        sheet = sheets_of_season.pools(lines)
        return exporting.hand_out(_("Xếp hạng"), sheet, filters={_("Đợt"): cycle.label})
    return form_pages.show(
        "ranking/index.html",
        form_pages.FormPage(title=TITLE),
        programmes=programmes,
        cycles=cycle_choices(programme, cycle),
        cycle=cycle,
        groups=[
            {
                "card": quota_card.card(one.quota, one.table, one.award.short),
                "unit": one.unit_name,
                "url": address_of(programme, cycle.id, one.award.id, one.unit_code),
            }
            for one in lines
        ],
    )


@pages.get("/xep-hang/<cycle_id>/<award_id>/<unit>")
def show(cycle_id: str, award_id: str, unit: str) -> ResponseReturnValue:
    """The newest snapshot, or the one asked for by its number."""
    contest = _contest(cycle_id, award_id, unit)
    return _show(contest, {}, ())


@pages.post("/xep-hang/<cycle_id>/<award_id>/<unit>")
def take(cycle_id: str, award_id: str, unit: str) -> ResponseReturnValue:
    """Freeze the ranking as the facts stand now."""
    contest = _contest(cycle_id, award_id, unit)
    steps.key_from_form()
    if not _may(contest, RANKERS):
        abort(403)
    with writing_once() as form:
        taken = rankings.take(form.session, contest, desk.me().person_id, desk.now())
        form.leads_to = _address(contest)
    flash(
        _(
            "Đã chốt bảng xếp hạng số {number} lúc {now}.",
            number=taken.number,
            now=formats.moment(desk.now()),
        ),
        "ok",
    )
    return redirect(form.leads_to, 303)


@pages.post("/xep-hang/<cycle_id>/<award_id>/<unit>/phan-dinh")
def break_tie(cycle_id: str, award_id: str, unit: str) -> ResponseReturnValue:
    """Put equals in order, by name and with a reason."""
    contest = _contest(cycle_id, award_id, unit)
    steps.key_from_form()
    answers = Answers(request.form, desk.today())
    given = {
        name.removeprefix("thu-"): read_id(value.strip())
        for name, value in request.form.items()
        if name.startswith("thu-")
    }
    field = f"thu-{next(iter(sorted(given)), '')}"
    if sorted(number or 0 for number in given.values()) != list(range(1, len(given) + 1)):
        answers.blame(field, BY_HAND)
    reason = answers.text("reason", _("Ghi lý do phân định bằng một câu."), most=1000)
    if answers.faults:
        return _show(contest, request.form.to_dict(), answers.faults)
    codes = sorted(given, key=lambda code: given[code] or 0)
    me, now = desk.me().person_id, desk.now()
    with writing_once() as form:
        done = rankings.break_tie(form.session, contest, codes, reason, me, now)
        if not isinstance(done, Refusal):
            form.leads_to = _address(contest)
    if isinstance(done, Refusal):
        told = form_pages.told(done)
        fault = Fault("", _("{text} {remedy}", text=told["text"], remedy=told["remedy"]).strip())
        return _show(contest, request.form.to_dict(), [fault])
    flash(
        _(
            "Đã phân định và chốt bảng số {number} lúc {now}.",
            number=done.number,
            now=formats.moment(now),
        ),
        "ok",
    )
    return redirect(form.leads_to, 303)


def address_of(
    programme: Programme,
    cycle_id: str,
    award_id: str,
    unit_code: str,
    endpoint: str = "ranking.show",
    **more: Any,  # noqa: ANN401 - values of an address
) -> str:
    """The page of one contest."""
    where: dict[str, Any] = {"cycle_id": cycle_id, "award_id": award_id, "unit": unit_code}
    return url_for(endpoint, **where, **side_by_side.address(programme), **more)


def _sees(line: PoolLine) -> bool:
    return _belongs(line.pool.deciding_unit_id)


def _belongs(unit_id: int) -> bool:
    me = desk.me()
    return me.holds(Post.ADMINISTRATOR, Post.AUDITOR) or any(
        held.unit_id == unit_id and held.post in SEES for held in me.posts
    )


def _may(contest: Contest, posts: tuple[Post, ...]) -> bool:
    return any(held.unit_id == contest.unit.id and held.post in posts for held in desk.me().posts)


def _contest(cycle_id: str, award_id: str, unit: str) -> Contest:
    """The contest at this address, if the reader belongs to who decides it; else 404."""
    with desk.reading() as db:
        found = rankings.contest_at(db, cycle_id, award_id, unit, side_by_side.asked_for())
    if found is None or not _belongs(found.unit.id):
        abort(404)
    speaking.speak_of(found.programme)
    return found


def _address(contest: Contest) -> str:
    return _at(contest, "ranking.show")


def _at(contest: Contest, endpoint: str, **more: Any) -> str:  # noqa: ANN401 - of an address
    where = (contest.cycle.id, contest.award.id, contest.unit.code)
    return address_of(contest.programme, *where, endpoint, **more)


def _show(contest: Contest, typed: dict[str, str], problems: Any) -> ResponseReturnValue:  # noqa: ANN401
    asked = read_id(request.args.get("ban", ""))
    with desk.reading() as db:
        newest = rankings.latest(db, contest)
        seen = rankings.read(db, contest, asked) if asked else newest
        if asked and seen is None:
            abort(404)
        before = rankings.read(db, contest, seen.number - 1) if seen and seen.number > 1 else None
        moved = rankings.moved_since(db, seen) if seen else []
    if seen is not None and exporting.asked():
        return exporting.hand_out(_("Xếp hạng"), *sheets_of_season.ranking(contest, seen))
    page = form_pages.FormPage(
        title=_("{title} {short}", title=TITLE, short=contest.award.short),
        crumbs=[
            {
                "label": TITLE,
                "url": url_for(
                    "ranking.index", dot=contest.cycle.id, **side_by_side.address(contest.programme)
                ),
            },
            {"label": contest.award.short, "url": ""},
        ],
        eyebrow=contest.unit.name,
        sub=contest.cycle.label,
        url=_address(contest),
        typed=typed,
        errors=list(problems),
    )
    current = seen is not None and newest is not None and seen.number == newest.number
    return form_pages.show(
        "ranking/show.html",
        page,
        may_take=_may(contest, RANKERS),
        may_break=current and _may(contest, BREAKERS),
        current=current,
        moved=moved,
        take_url=_address(contest),
        break_url=_at(contest, "ranking.break_tie"),
        versions=_versions(contest, newest),
        **(_told(contest, seen, before) if seen else {"seen": None}),
    )


def _versions(contest: Contest, newest: Snapshot | None) -> list[dict[str, Any]]:
    last = newest.number if newest else 0
    return [
        {"number": each, "url": _at(contest, "ranking.show", ban=each)}
        for each in range(last, 0, -1)
    ]


def _told(contest: Contest, seen: Snapshot, before: Snapshot | None) -> dict[str, Any]:
    """Everything a snapshot says, for the page and for the print."""
    rows = seen.standing.rows
    first_out = next((row.code for row in rows if row.inside is Inside.OUT), "")
    names = {line.row.code: line.name for line in seen.content.lines}
    table = contest.award.quota
    assert table is not None  # noqa: S101 - a contest has a quota
    return {
        "seen": seen,
        "card": quota_card.card(seen.content.quota, table, contest.award.short),
        "criteria": seen.ranking.criteria,
        "policy": seen.ranking.note,
        "readings": seen.ranking.readings,
        "lines": [ranking_words.line(line, seen, first_out) for line in seen.content.lines],
        "places": seen.content.places,
        "line_after": sum(row.inside is Inside.IN for row in rows),
        "margin": ranking_words.margin(seen),
        "at_line": [names[code] for code in seen.standing.tie_at_line],
        "ties": [
            [{"code": row.code, "name": names[row.code]} for row in group] for group in ties(rows)
        ],
        "breaks": [
            {
                "names": [names.get(code, code) for code in one.codes],
                "by": one.by,
                "reason": one.reason,
            }
            for one in seen.content.breaks
        ],
        "left_out": [ranking_words.left_out(one) for one in seen.content.left_out],
        "taken_text": _(
            "{taken_at}, {taken_by}", taken_at=formats.stamp(seen.taken_at), taken_by=seen.taken_by
        ),
        "changes": _changes(before, seen, names) if before else [],
    }


def _changes(before: Snapshot, seen: Snapshot, names: dict[str, str]) -> list[str]:
    told = []
    known = {line.row.code: line.name for line in before.content.lines} | names
    for code, then, now in rankings.differences(before, seen):
        if then is None:
            told.append(
                _("{known} ({code}): mới vào, thứ {now}", known=known[code], code=code, now=now)
            )
        elif now is None:
            told.append(
                _(
                    "{known} ({code}): thứ {then}, nay không còn trong bảng",
                    known=known[code],
                    code=code,
                    then=then,
                )
            )
        else:
            told.append(
                _(
                    "{known} ({code}): thứ {then} → {now}",
                    known=known[code],
                    code=code,
                    then=then,
                    now=now,
                )
            )
    return told
