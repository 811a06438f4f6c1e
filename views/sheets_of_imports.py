"""Tables to be filled in, as the import reads them; and what a table brought would do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.form_queries import candidates
from models.importing import Difference, Effect, Plan
from models.importing_kinds import Kind
from models.importing_nominees import open_dossiers
from models.importing_registrations import KINDS as SUBJECTS
from models.importing_scores import CLASSES
from models.importing_units import KINDS as UNITS
from models.rulebooks import rulebook_of
from models.sheets import RowError
from models.tables import Person, Unit
from views.formats import Words, _
from views.workbooks import Cell, Column, Sheet
from workflow.words import phrase
from workflow.working_days import office_day

EFFECT = Words({Effect.NEW: "Thêm mới", Effect.CHANGED: "Thay đổi", Effect.SAME: "Giữ nguyên"})
GUIDE = (
    Column(phrase("Tên cột"), 24),
    Column(phrase("Phải có cột"), 12),
    Column(phrase("Cách ghi"), 90),
)
FAULTS = (
    Column(phrase("Trang tính"), 20),
    Column(phrase("Dòng"), 8, "whole"),
    Column(phrase("Cột"), 24),
    Column(phrase("Lỗi"), 60),
    Column(phrase("Cách sửa"), 60),
)
CHANGES = (
    Column(phrase("Dòng"), 8, "whole"),
    Column(phrase("Về"), 44),
    Column(phrase("Việc"), 14),
    Column(phrase("Mục"), 24),
    Column(phrase("Đang có"), 40),
    Column(phrase("Trong tệp"), 40),
)
_WIDTHS = {"name": 40, "unit": 40, "subject": 36, "full_name": 30, "posts": 44, "unit_code": 36}


def to_fill_in(db: Session, kind: Kind, person_id: int, now: datetime) -> list[Sheet]:
    """The empty table of a kind, with what can be filled in beforehand."""
    day = office_day(now)
    places = {column.key: number for number, column in enumerate(kind.columns)}
    columns = [Column(one.title, _WIDTHS.get(one.key, 18)) for one in kind.columns]
    choices = {
        places[key]: list(words)
        for key, words in (
            ("class", CLASSES.values()),
            ("kind", UNITS.values() if kind.name == "don-vi" else SUBJECTS.values()),
        )
        if key in places and kind.name in {"chi-so", "don-vi", "dang-ky", "de-nghi"}
    }
    rows = _scored(db, places, day) if kind.name == "chi-so" else []
    if kind.name == "de-nghi":
        rows = _open(db, places, person_id, now)
    sheets = [Sheet(_("Bảng"), "", columns, rows, choices=choices), _guide(kind)]
    if kind.name == "dang-ky":
        sheets.append(_subjects(db, person_id, day))
    return sheets


def _guide(kind: Kind) -> Sheet:
    rows = [
        (one.title, _("phải có") if one.required else _("tùy chọn"), f"{one.hint}.")
        for one in kind.columns
    ]
    return Sheet(_("Cách ghi"), "", GUIDE, rows)


def _scored(db: Session, places: dict[str, int], day: date) -> list[Sequence[Cell]]:
    """The bodies the province scores, ready for their figures."""
    names = db.scalars(
        select(Unit.name)
        .where(Unit.scored_by_province, (Unit.valid_to.is_(None)) | (Unit.valid_to >= day))
        .order_by(Unit.kind, Unit.sort_key)
    ).all()
    rows: list[Sequence[Cell]] = []
    for number, name in enumerate(names, start=1):
        row: list[Cell] = [None] * len(places)
        row[places["unit"]], row[places["number"]] = name, str(number)
        rows.append(row)
    return rows


def _open(
    db: Session, places: dict[str, int], person_id: int, now: datetime
) -> list[Sequence[Cell]]:
    """Dossiers being assembled, with the form of award chosen so far."""
    rows: list[Sequence[Cell]] = []
    for number, (one, unit) in enumerate(open_dossiers(db, {}, person_id, now), start=1):
        award = rulebook_of(db, one.programme_hash).programme.award_by_id.get(one.award_form)
        told = {
            "subject": one.subject_name,
            "award": award.short if award else None,
            "kind": SUBJECTS[one.subject_kind],
            "unit": unit if one.person_id else None,
            "code": one.code,
            "row": str(number),
        }
        rows.append([told[key] for key in places])
    return rows


def _subjects(db: Session, person_id: int, day: date) -> Sheet:
    """Whom this person may register, with codes to copy."""
    known = candidates(db, person_id, day)
    units = dict(db.execute(select(Unit.id, Unit.code)).all())
    people = dict(
        db.execute(
            select(Person.id, Person.code).where(
                Person.id.in_([one.person_id for one in known if one.person_id])
            )
        ).all()
    )
    rows = [
        (_("Cá nhân"), one.person, one.unit, one.position, people[one.person_id])
        if one.person_id
        else (_("Tập thể"), one.unit, "", "", units[one.unit_id])
        for one in known
    ]
    columns = (
        Column(_("Là"), 12),
        Column(_("Tên trong hệ thống"), 36),
        Column(_("Nơi công tác trong hệ thống"), 36),
        Column(_("Chức danh"), 26),
        Column(_("Mã để ghi"), 16),
    )
    return Sheet(_("Danh mục"), "", columns, rows)


def faults(errors: Sequence[RowError]) -> Sheet:
    """Every fault of a table, to be worked off beside it."""
    rows = ((one.sheet, one.line, one.column, one.text, one.remedy) for one in errors)
    return Sheet(_("Lỗi"), _("Lỗi của bảng"), FAULTS, rows)


def changes(plan: Plan[object]) -> Sheet:
    """Everything a table would change, field by field."""

    def rows() -> Iterator[Sequence[Cell]]:
        for one in plan.differences:
            yield from _lines(one)

    return Sheet(_("Thay đổi"), _("Bảng thay đổi"), CHANGES, rows())


def _lines(one: Difference) -> Iterator[Sequence[Cell]]:
    said = EFFECT[one.effect]
    if not one.fields:
        yield (one.line, one.about, said, None, None, None)
    for each in one.fields:
        yield (one.line, one.about, said, each.label, each.before, each.after)
