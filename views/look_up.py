"""Tra cứu công khai: how far a dossier has come, and which awards were decided; no sign-in.

Whoever asks is told no more than the season's public dates, the step reached and the decision.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from models.queries_published import (
    PAGE,
    Narrowing,
    Paper,
    Progress,
    Result,
    Results,
    cycles_known,
    every_result,
    full_code,
    progress_of,
    results,
)
from models.queries_turns import programmes
from models.rulebooks import rulebook_of
from views import desk, exporting, feeds, formats, labels, sheets_of_season, speaking
from views.doorman import public
from views.dossier_list import page_number
from views.formats import _
from views.languages import vietnamese
from workflow.deadlines import WholeCycle, deadline_of
from workflow.programme import Programme
from workflow.vocabulary import FALLEN, PROGRESS, State, SubjectKind
from workflow.words import phrase

pages = Blueprint("look_up", __name__)

TITLE: Final = phrase("Tra cứu công khai")
RESULTS: Final = phrase("Kết quả khen thưởng")
NOT_FOUND: Final = phrase(
    "Không thấy mã này. Mã có dạng HS-2023-0027, in ở góc phải giấy tiếp nhận."
)
OUT: Final = phrase("Hồ sơ không còn trong diện xét.")
FILTERS: Final = ("chuong-trinh", "dot", "hinh-thuc")
LONGEST: Final = 200


@dataclass(frozen=True, slots=True)
class SeasonDay:
    """A public date of the season, and whether it is over."""

    text: str
    passed: bool


@pages.get("/tra-cuu")
@public
def show() -> ResponseReturnValue:
    """The form, and the answer to a code with the name of its unit: both fit, or nothing does.

    What was typed is not given back: no two answers without a dossier differ in a byte.
    """
    code, unit = (request.args.get(name, "")[:LONGEST] for name in ("ma", "don-vi"))
    asked = bool(code.strip() or unit.strip())
    wanted = full_code(code)
    answer = None
    if wanted is not None and unit.strip():
        with desk.reading() as db:
            found = progress_of(db, wanted, unit)
            if found is not None:
                programme = rulebook_of(db, found.programme_hash).programme
                answer = _answer(found, programme)
    return render_template(
        "look_up/show.html",
        title=TITLE,
        tabs=_tabs("look_up.show"),
        answer=answer,
        missing=NOT_FOUND if asked and answer is None else "",
    )


@pages.get("/tra-cuu/ket-qua")
@public
def published() -> ResponseReturnValue:
    """The awards that were decided, by cycle, the newest first."""
    found, known, cycles = _results()
    if exporting.asked():
        return _workbook(known, cycles)
    lines = (_line(row, known[row.programme_hash]) for row in found.rows)
    groups = [
        {"label": cycles.get(cycle, cycle), "id": f"dot-{cycle}", "rows": list(rows)}
        for cycle, rows in groupby(lines, key=lambda line: line["cycle"])
    ]
    asked = _kept().get("chuong-trinh", "")
    titles = {one.id: _open(one.short_title) for one in known.values()}
    own = [one for one in known.values() if asked in {"", one.id}]
    awards = {award.id: _open(award.title) for one in own for award in one.awards}
    of_programme = [_filter("chuong-trinh", _("Chương trình"), titles)] if len(titles) > 1 else []
    return render_template(
        "look_up/results.html",
        title=RESULTS,
        tabs=_tabs("look_up.published"),
        groups=groups,
        total=found.total,
        filters=[
            *of_programme,
            _filter("dot", _("Đợt"), cycles_known(own)),
            _filter("hinh-thuc", _("Hình thức"), awards),
        ],
        filtered=bool(_kept()),
        pages=_page_links(found),
        feed_url=url_for("look_up.feed", **_kept()),
        atom_url=url_for("look_up.atom", **_kept()),
    )


@pages.get("/tra-cuu/ket-qua.json")
@public
@vietnamese
def feed() -> ResponseReturnValue:
    """The same list for the press, as JSON Feed 1.1 (R18)."""
    return feeds.as_json(_feed("look_up.feed"))


@pages.get("/tra-cuu/ket-qua.atom")
@public
@vietnamese
def atom() -> ResponseReturnValue:
    """The same list for readers of feeds, as Atom (R18)."""
    return feeds.as_atom(_feed("look_up.atom"))


def _feed(endpoint: str) -> feeds.Feed:
    found, known, cycles = _results()
    more = found.number < found.last
    speaker = speaking.in_force()
    place = speaker.place if speaker else ""
    return feeds.Feed(
        title=_("{results} tỉnh {place}", results=RESULTS, place=place).strip(),
        author=_("Ủy ban nhân dân tỉnh {place}", place=place).strip(),
        home=_outside("look_up.published", **_kept()),
        own=_outside(endpoint, **_kept(_turn(found.number))),
        following=_outside(endpoint, **_kept(_turn(found.number + 1))) if more else "",
        items=[_item(_line(row, known[row.programme_hash]), row, cycles) for row in found.rows],
    )


def _results() -> tuple[Results, dict[str, Programme], dict[str, str]]:
    kept = _kept()
    with desk.reading() as db:
        known = programmes(db)
        cycles = cycles_known(known.values())
        wanted = Narrowing(*(kept.get(name, "") for name in FILTERS))
        found = results(db, wanted, page_number(request.args), cycles)
    return found, known, cycles


def _workbook(known: dict[str, Programme], cycles: dict[str, str]) -> ResponseReturnValue:
    """All published results under the same filters."""
    kept = _kept()
    wanted = Narrowing(*(kept.get(name, "") for name in FILTERS))
    with desk.reading(at_length=True) as db:
        sheet = sheets_of_season.results(every_result(db, wanted, cycles), known, cycles)
        told = {_("Đợt"): cycles.get(kept.get("dot", ""), "")}
        return exporting.hand_out(_("Kết quả khen thưởng"), sheet, filters=told)


def _answer(found: Progress, programme: Programme) -> dict[str, Any]:
    """What is told of one dossier; of one that fell out without a decision, only that."""
    award = programme.award_by_id.get(found.award_form)
    unit = _open(found.unit)
    told: dict[str, Any] = {
        "code": found.code,
        "name": _open(found.name) or _("Cá nhân thuộc {unit}", unit=unit),
        "facts": [
            (_("Mã hồ sơ"), found.code),
            (_("Đơn vị"), unit),
            (_("Hình thức"), _open(award.title) if award else _("Chưa chọn")),
            (_("Đợt"), programme.cycle_by_id[found.cycle_id].label),
        ],
        "steps": [],
        "status": OUT,
        "tone": "",
    }
    if found.state in FALLEN and found.decision is None:
        return told
    told["tone"] = "warn" if found.revocation else "ok" if found.decision else ""
    return told | {"steps": _steps(found, programme), "status": _status(found, programme)}


def _status(found: Progress, programme: Programme) -> str:
    if found.decision is not None:
        decided = _("Đã quyết định: {paper}.", paper=_paper(found.decision))
        if found.revocation is None:
            return decided
        return _(
            "{decided} Quyết định này đã bị hủy bỏ theo {paper}.",
            decided=decided,
            paper=_paper(found.revocation, inside=True),
        )
    number, label = labels.step_number(found.state), _open(labels.STATE[found.state])
    here = _(
        "Hồ sơ đang ở bước {number}/{count}: {label}.",
        number=number,
        count=len(PROGRESS),
        label=label,
    )
    day = _season_day(found, programme, State.DECIDED)
    if day is None:
        return here
    if day.passed:
        return _("{here} Đã qua ngày dự kiến có kết quả ({text}).", here=here, text=day.text)
    return _("{here} Dự kiến có kết quả: {text}.", here=here, text=day.text)


def _steps(found: Progress, programme: Programme) -> list[dict[str, Any]]:
    """The five steps: the day of each one reached, the season's day of those to come."""
    last = PROGRESS.index(found.state) if found.state in PROGRESS else len(PROGRESS) - 1
    done = found.decision is not None
    steps = []
    for number, state in enumerate(PROGRESS):
        at = found.entered.get(state)
        if number <= last:
            status = "now" if number == last and not done else "done"
            note = _("Ngày {at}", at=formats.day(at)) if at else ""
        else:
            day = _season_day(found, programme, state)
            status, note = (
                "todo",
                _("Dự kiến {text}", text=day.text) if day and not day.passed else "",
            )
        label = _open(labels.STATE[state])
        steps.append({"number": number + 1, "label": label, "status": status, "note": note})
    return steps


def _season_day(found: Progress, programme: Programme, state: State) -> SeasonDay | None:
    """The cycle's date for a step: never the dossier's own, which would tell of a stopped clock."""
    season = WholeCycle(found.cycle_id, found.award_form, terms=found.terms)
    deadline = deadline_of(programme, season, state)
    if deadline is None:
        return None
    return SeasonDay(formats.day(deadline.instant), passed=deadline.instant < desk.now())


def _line(row: Result, programme: Programme) -> dict[str, Any]:
    """One decided award as words."""
    award = programme.award_by_id.get(row.award_form)
    unit = _open(row.unit)
    revoked = ""
    if row.revoked_number is not None and row.revoked_on is not None:
        revoked = _paper(Paper(row.revoked_number, row.revoked_on), inside=True)
    return {
        "code": row.code,
        "cycle": row.cycle_id,
        "name": _open(row.name),
        "unit": unit if row.kind is SubjectKind.INDIVIDUAL else "",
        "award": _open(award.title) if award else row.award_form,
        "number": row.number,
        "dated": formats.day(row.dated),
        "decision": _paper(Paper(row.number, row.dated), inside=True),
        "revoked": revoked,
    }


def _item(line: dict[str, Any], row: Result, cycles: dict[str, str]) -> feeds.Item:
    """One decided award as an item of the feed; a revocation changes it, and says when."""
    of = _(", {unit}", unit=line["unit"]) if line["unit"] else ""
    title = _("{name}: {award}", name=line["name"], award=line["award"])
    text = _(
        "{award} tặng {name}{of} theo {decision}.",
        award=line["award"],
        name=line["name"],
        of=of,
        decision=line["decision"],
    )
    revoked = row.revoked_at is not None
    return feeds.Item(
        url=_outside("look_up.published", _anchor=row.code, dot=row.cycle_id),
        key=_outside("look_up.published", _anchor=row.code),
        title=_("Đã hủy bỏ: {title}", title=title) if revoked else title,
        text=_("{text} Đã hủy bỏ theo {revoked}.", text=text, revoked=line["revoked"])
        if revoked
        else text,
        published=formats.local(row.entered_at),
        revised=formats.local(row.revoked_at) if row.revoked_at else None,
        tags=(cycles.get(row.cycle_id, row.cycle_id), line["award"]),
    )


def _page_links(found: Results) -> dict[str, Any] | None:
    if found.last == 1:
        return None
    first = (found.number - 1) * PAGE + 1
    end = first + len(found.rows) - 1

    def at(number: int) -> str:
        return url_for("look_up.published", **_kept(_turn(number)))

    return {
        "links": [
            {"number": each, "url": at(each), "current": each == found.number}
            for each in range(max(1, found.number - 2), min(found.last, found.number + 2) + 1)
        ],
        "summary": _(
            "Kết quả {first}–{end} trong {total}",
            first=first,
            end=end,
            total=formats.number(found.total),
        ),
        "previous": at(found.number - 1) if found.number > 1 else None,
        "next": at(found.number + 1) if found.number < found.last else None,
    }


def _filter(name: str, label: str, choices: dict[str, str]) -> dict[str, Any]:
    options = [{"value": key, "label": words} for key, words in choices.items()]
    return {"name": name, "label": label, "value": _kept().get(name, ""), "options": options}


def _tabs(here: str) -> list[dict[str, Any]]:
    wanted = (("look_up.show", _("Một hồ sơ")), ("look_up.published", RESULTS))
    return [
        {"label": label, "url": url_for(name), "count": None, "current": name == here}
        for name, label in wanted
    ]


def _kept(more: dict[str, str] | None = None) -> dict[str, Any]:
    """The filters in use, for an address of the same list."""
    given = {name: request.args.get(name, "")[:LONGEST] for name in FILTERS}
    return {name: value for name, value in given.items() if value} | (more or {})


def _turn(number: int) -> dict[str, str]:
    return {"trang": str(number)} if number > 1 else {}


def _paper(paper: Paper, *, inside: bool = False) -> str:
    word = _("quyết định") if inside else _("Quyết định")
    return _(
        "{word} số {number} ngày {dated}",
        word=word,
        number=paper.number,
        dated=formats.day(paper.dated),
    )


def _open(text: str) -> str:
    """The same words without the abbreviations of the office, as public pages have them."""
    return (
        formats.told(text)
        .replace("UBND", "Ủy ban nhân dân")
        .replace("TĐKT", "Thi đua – Khen thưởng")
    )


def _outside(endpoint: str, **values: Any) -> str:  # noqa: ANN401 - values of an address
    """An address as somebody elsewhere must be given it."""
    return desk.settings().base_url + url_for(endpoint, **values)
