"""Nạp bảng: bring a table, see every fault or everything it would change, then do it once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from models import import_runs
from models.import_runs import Brought, Faulty, Overtaken
from models.importing import Asked, Effect, Plan
from models.importing_kinds import KINDS, Kind
from models.importing_registrations import Refused
from models.scores import NotForYou
from models.sheets import LARGEST, Unreadable
from models.tables import ImportRun
from models.who_could import who_could
from views import (
    desk,
    exporting,
    form_pages,
    formats,
    labels,
    sheets_of_imports,
    side_by_side,
    steps,
)
from views.formats import _, joined
from views.forms import Answers, Fault, day_text
from views.languages import vietnamese
from views.once import writing_once
from workflow.ports import NotFound, Stale
from workflow.vocabulary import IndexKind, ScoreKind
from workflow.words import phrase

pages = Blueprint("importing", __name__)

TITLE: Final = phrase("Nạp bảng")
FIRST_YEAR: Final = 2015
MOST_SHOWN: Final = 300
CHANGED: Final = phrase(
    "Dữ liệu đã thay đổi sau lần xem trước nên chưa ghi gì. Bảng dưới đây là "
    "bảng mới: xem lại rồi ghi."
)
CONFLICT = 409


@pages.get("/nap-bang")
def index() -> ResponseReturnValue:
    """The kinds of tables this reader may bring."""
    kinds = [one for one in KINDS.values() if one.is_for(_posts())]
    return form_pages.show("importing/index.html", form_pages.FormPage(title=TITLE), kinds=kinds)


@pages.get("/nap-bang/<name>")
def new(name: str) -> ResponseReturnValue:
    """The form: the file, what it does not say itself, the columns, and a table to fill in."""
    kind = _kind(name)
    day = day_text(desk.today())
    typed = {"year": str(desk.today().year), "kind": ScoreKind.PUBLISHED.value}
    if kind.name == "dang-ky":
        typed = {"registered_on": day}
    return _form(kind, typed, ())


@pages.get("/nap-bang/<name>/mau.xlsx")
@vietnamese
def template(name: str) -> ResponseReturnValue:
    """The empty table of this kind, with a sheet on how to fill it in."""
    kind = _kind(name)
    with desk.reading() as db:
        sheets = sheets_of_imports.to_fill_in(db, kind, desk.me().person_id, desk.now())
    return exporting.file_of(sheets, f"mau-{kind.name}.xlsx")


@pages.post("/nap-bang/<name>")
def bring(name: str) -> ResponseReturnValue:
    """Keep the table for its dry run; nothing of it is written."""
    kind = _kind(name)
    steps.key_from_form()
    answers = Answers(request.form, desk.today())
    options = _options(kind, answers)
    file = request.files.get("file")
    content = file.stream.read(LARGEST + 1) if file is not None else b""
    if file is None or not file.filename:
        answers.blame("file", _("Chọn tệp bảng, Excel (.xlsx) hoặc CSV."))
    if not answers.faults and file is not None:
        brought = Brought(file.filename or "", content)
        try:
            # Looked at before anything is locked: a large table takes its time.
            with desk.reading(at_length=True) as db:
                import_runs.look(db, kind, brought, options, _asked())
            with writing_once() as form:
                number = import_runs.bring(form.session, kind, brought, options, _asked())
                form.leads_to = url_for("importing.run", number=number)
            return redirect(form.leads_to, 303)
        except Unreadable as error:
            answers.blame("file", _("{filename}: {error}", filename=file.filename, error=error))
    return _form(kind, request.form.to_dict(), answers.faults)


@pages.get("/nap-bang/lan/<int(max=2147483647):number>")
def run(number: int) -> ResponseReturnValue:
    """The dry run: every fault, or a table of everything that would change; or what was done."""
    with desk.reading() as db:
        found = _run(db, number)
        if found.done_at is not None:
            return _page(found, None, ())
        plan = _plan(db, found)
    if exporting.asked() and plan is not None:
        sheets = [sheets_of_imports.faults(plan.errors)] if plan.errors else []
        sheets.append(sheets_of_imports.changes(plan))
        return exporting.hand_out(_("Nạp bảng {title}", title=KINDS[found.kind].title), *sheets)
    return _page(found, plan, ())


@pages.post("/nap-bang/lan/<int(max=2147483647):number>")
def confirm(number: int) -> ResponseReturnValue:
    """Do what the page showed, all of it or nothing; or put the table away."""
    steps.key_from_form()
    me = desk.me().person_id
    with desk.reading() as db:
        found = _run(db, number)
    if request.form.get("do") == "bo":
        with desk.writing() as db:
            import_runs.drop(db, number, me)
        flash(_("Đã bỏ tệp; chưa ghi gì."), "ok")
        return redirect(url_for("importing.new", name=found.kind), 303)
    shown = request.form.get("digest", "")
    left_before = _left_alone(found)
    try:
        desk.in_transaction(lambda db: import_runs.carry_out(db, number, shown, _asked()))
    except Overtaken as overtaken:
        return _page(found, overtaken.plan, [Fault("", CHANGED)], CONFLICT)
    except Faulty as faulty:
        return _page(found, faulty.plan, [Fault("", CHANGED)], CONFLICT)
    except (Refused, Stale, NotForYou, Unreadable):
        with desk.reading() as db:
            plan = _plan(db, _run(db, number))
        return _page(found, plan, [Fault("", CHANGED)], CONFLICT)
    alone = sorted(_left_alone(found) - left_before)
    if alone:
        flash(
            _(
                "{count} hồ sơ không còn ai làm được bước tiếp theo: {alone}.",
                count=len(alone),
                alone=joined(alone),
            ),
            "warn",
        )
    return redirect(url_for("importing.run", number=number), 303)


def _left_alone(found: ImportRun) -> set[str]:
    """Dossiers whose next step nobody can take; asked only where posts may move."""
    if found.kind != "nguoi":
        return set()
    with desk.reading(at_length=True) as db:
        return {one.code for one in who_could(db, desk.now()) if one.alarm}


def _posts() -> list[Any]:
    return [held.post for held in desk.me().posts]


def _kind(name: str) -> Kind:
    kind = KINDS.get(name)
    if kind is None:
        abort(404)
    if not kind.is_for(_posts()):
        abort(403)
    return kind


def _asked() -> Asked:
    return Asked(desk.me().person_id, desk.now(), tell=formats.sentence)


def _run(db: Session, number: int) -> ImportRun:
    """The run of this reader, whose posts still allow its kind."""
    found = import_runs.run_of(db, number, desk.me().person_id)
    if not KINDS[found.kind].is_for(_posts()):
        raise NotFound(str(number))
    return found


def _plan(db: Session, found: ImportRun) -> Plan[Any] | None:
    """What the table would do now; None when it can no longer be read at all."""
    try:
        return import_runs.plan_of(db, found, _asked())
    except Unreadable:
        return None


def _options(kind: Kind, answers: Answers) -> dict[str, str]:
    """What the form says besides the file, in the words `models.importing_kinds` reads."""
    if kind.name == "chi-so":
        return _of_scores(answers)
    if kind.name == "dang-ky":
        return _of_registrations(answers)
    return _of_cycle(answers) if kind.name == "de-nghi" else {}


def _of_scores(answers: Answers) -> dict[str, str]:
    index = answers.choice("index", IndexKind, _("Chọn chỉ số."))
    stated = answers.choice("kind", ScoreKind, _("Chọn loại kết quả."))
    year = answers.whole("year", _("Ghi năm của chỉ số, ví dụ 2023."))
    if year and not FIRST_YEAR <= year <= desk.today().year:
        answers.blame(
            "year",
            _("Ghi năm từ {first_year} đến {year}.", first_year=FIRST_YEAR, year=desk.today().year),
        )
    missing = _("Ghi ngày công bố kết quả.") if stated is ScoreKind.PUBLISHED else ""
    published = answers.day("published_on", missing, future=_("Ngày công bố"))
    source = answers.text("source", most=200)
    if index is None or stated is None:
        return {}
    return {
        "index": index.value,
        "kind": stated.value,
        "year": str(year),
        "published_on": _iso(published),
        "source": source,
    }


def _of_cycle(answers: Answers) -> dict[str, str]:
    with desk.reading() as db:
        chosen = side_by_side.read_cycle(db, answers.raw("cycle"))
    if chosen is None:
        answers.blame("cycle", _("Chọn đợt."))
        return {}
    programme, cycle = chosen
    return {"cycle": cycle.id, "programme": programme.id}


def _of_registrations(answers: Answers) -> dict[str, str]:
    found = _of_cycle(answers)
    signed = answers.day(
        "registered_on", _("Ghi ngày ký bản đăng ký."), future=_("Ngày ký bản đăng ký")
    )
    return {**found, "registered_on": _iso(signed)} if found else {}


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


def _form(kind: Kind, typed: dict[str, str], faults: Any) -> ResponseReturnValue:  # noqa: ANN401
    with desk.reading() as db:
        runs = [_line(one) for one in import_runs.runs_of(db, desk.me().person_id, kind.name)]
        cycles = [
            side_by_side.cycle_option(programme, cycle)
            for programme in side_by_side.choice(db).known
            for cycle in programme.cycles
            if cycle.year >= desk.today().year
        ]
    page = form_pages.FormPage(
        title=_("{title}: {title2}", title=TITLE, title2=formats.lower_first(kind.title)),
        crumbs=_crumbs(kind.title),
        sub=kind.does,
        typed=typed,
        errors=list(faults),
    )
    return form_pages.show(
        "importing/new.html",
        page,
        kind=kind,
        runs=runs,
        cycles=cycles,
        indices=[{"value": one.value, "label": labels.INDEX[one]} for one in IndexKind],
        stated=[{"value": one.value, "label": labels.SCORE[one]} for one in ScoreKind],
        largest=LARGEST // (1024 * 1024),
    )


def _crumbs(*titles: str) -> list[dict[str, str]]:
    first = {"label": TITLE, "url": url_for("importing.index")}
    return [first, *({"label": one, "url": ""} for one in titles)]


def _line(one: ImportRun) -> dict[str, Any]:
    done = (
        _("Đã ghi {done_at}", done_at=formats.stamp(one.done_at)) if one.done_at else _("Chưa ghi")
    )
    return {
        "url": url_for("importing.run", number=one.id),
        "name": one.file_name,
        "at": formats.stamp(one.brought_at),
        "done": done,
        "changed": one.changed,
    }


def _page(
    found: ImportRun,
    plan: Plan[Any] | None,
    faults: Sequence[Fault],
    status: int = 200,
) -> ResponseReturnValue:
    kind = KINDS[found.kind]
    page = form_pages.FormPage(
        title=_("{title}: {file_name}", title=kind.title, file_name=found.file_name),
        crumbs=[
            *_crumbs(),
            {"label": kind.title, "url": url_for("importing.new", name=kind.name)},
            {"label": found.file_name, "url": ""},
        ],
        sub=_about(found),
        url=url_for("importing.run", number=found.id),
        errors=list(faults),
    )
    text, usual = form_pages.show(
        "importing/run.html",
        page,
        kind=kind,
        run=found,
        plan=plan,
        done_text=formats.moment(found.done_at) if found.done_at else "",
        effects={} if plan is None else {one.value: plan.effects[one] for one in Effect},
        changes=[] if plan is None else _shown(plan),
        lines_with_faults=len({one.line for one in plan.errors}) if plan else 0,
        most=MOST_SHOWN,
        effect_words={one.value: words for one, words in sheets_of_imports.EFFECT.items()},
    )
    return text, status if status != 200 else usual  # noqa: PLR2004 - as it is


def _shown(plan: Plan[Any]) -> list[Any]:
    """What changes, before what stays as it is."""
    return sorted(plan.differences, key=lambda one: (one.effect is Effect.SAME, one.line))


def _about(found: ImportRun) -> str:
    given = found.options
    parts = [
        _("nạp {brought_at}", brought_at=formats.stamp(found.brought_at)),
        formats.size(found.size),
    ]
    if found.kind == "chi-so":
        index = labels.INDEX[IndexKind(given["index"])]
        stated = formats.lower_first(labels.SCORE[ScoreKind(given["kind"])])
        parts.insert(
            0, _("{index} năm {year}, {stated}", index=index, year=given["year"], stated=stated)
        )
    if given.get("cycle"):
        with desk.reading() as db:
            known = side_by_side.choice(db).known
        cycles = {one.id: one.label for each in known for one in each.cycles}
        parts.insert(0, cycles.get(given["cycle"], given["cycle"]))
    text = joined(parts, " · ")
    return text[:1].upper() + text[1:]
