"""The list of a Tờ trình: which form of award is asked for whom, for many dossiers at once.

A row names a dossier by its code or its subject; groups such as “I. Tập thể” say what their rows
are. The law judges every row as the edit of one dossier by hand.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.editing import ChooseAward, edit
from models.folding import search_key
from models.importing import Asked, Difference, Plan, applicable, compared
from models.importing_columns import Column, Record, Sheet, find
from models.importing_registrations import KINDS, Refused, group_of, kind_of
from models.ledger import look
from models.office import write_down
from models.placing import lineage_of, place
from models.rulebooks import rulebook_of
from models.sheets import Unreadable
from models.tables import Dossier, Unit
from models.unit_names import MOST_SUGGESTED, UnitNames, closest, written
from models.visibility import visible_to
from workflow.decisions import Judgement, judge
from workflow.facts import Command
from workflow.programme import AwardForm
from workflow.vocabulary import Action, State, SubjectKind
from workflow.words import phrase
from workflow.working_days import office_day

COLUMNS: Final = (
    Column(
        "subject",
        "Đối tượng",
        phrase("Tên tập thể, hoặc họ và tên cá nhân"),
        also=(
            "Họ và tên",
            "Tên tập thể",
            "Tên tập thể, cá nhân",
            "Tập thể, cá nhân",
            "Tên",
            "Họ tên",
            "Tên đối tượng",
        ),
    ),
    Column(
        "award",
        "Hình thức",
        phrase("Tên hình thức khen thưởng, ví dụ Bằng khen tỉnh"),
        also=(
            "Hình thức khen thưởng",
            "Hình thức đề nghị",
            "Danh hiệu, hình thức khen thưởng",
            "Đề nghị",
        ),
    ),
    Column(
        "kind",
        "Loại",
        phrase("Tập thể hoặc Cá nhân; bỏ trống nếu đã chia nhóm hoặc tên đã rõ"),
        required=False,
        also=("Loại đối tượng",),
    ),
    Column(
        "unit",
        "Đơn vị",
        phrase("Nơi cá nhân làm việc; cần khi có người trùng tên"),
        required=False,
        also=("Cơ quan", "Đơn vị công tác", "Nơi công tác", "Chức vụ, đơn vị công tác"),
    ),
    Column(
        "code",
        "Mã hồ sơ",
        phrase("Ví dụ HS-2023-0027; có mã thì không cần tên"),
        required=False,
        also=("Mã",),
    ),
    Column("row", "STT", phrase("Không ghi vào hệ thống"), required=False, also=("TT",)),
)


@dataclass(frozen=True, slots=True)
class Proposal:
    """One row: this form of award for this dossier, as of the version it was read at."""

    code: str
    version: int
    award_form: str


@dataclass
class _Reading:
    """One list being read."""

    sheet: Sheet
    names: UnitNames
    dossiers: list[tuple[Dossier, str]]
    """With the names of their units."""
    awards: Mapping[str, AwardForm]
    kind: SubjectKind | None = None
    seen: dict[str, int] = field(default_factory=dict)

    def blame(self, record: Record, key: str, text: str, remedy: str) -> None:
        self.sheet.faults.blame(record.line, record.name_of(key), text, remedy)


def read_nominees(session: Session, content: bytes, asked: Asked) -> Plan[Proposal]:
    """Read a list for the cycle `asked.options` names (`cycle`, `programme`).

    Raises `Unreadable` when it is no such list.
    """
    sheet = find(content, COLUMNS)
    today = office_day(asked.now)
    found = open_dossiers(session, asked.options, asked.by or 0, asked.now)
    awards = {
        award.id: award
        for one, _ in found
        for award in rulebook_of(session, one.programme_hash).programme.awards
    }
    reading = _Reading(sheet, UnitNames(session, today, today), found, awards)
    proposals: list[Proposal] = []
    differences: list[Difference] = []
    for row in sheet.below():
        kind, aside = group_of(row, sheet)
        reading.kind = kind or reading.kind
        if aside:
            continue
        record = sheet.record(row)
        before = len(sheet.faults.found)
        dossier, award = _dossier(reading, record), _award(reading, record)
        if dossier is None or award is None or len(sheet.faults.found) > before:
            continue
        if award.id != dossier.award_form and not _may(
            session, reading, record, dossier, award, asked
        ):
            continue
        now_asked = reading.awards.get(dossier.award_form)
        proposals.append(Proposal(dossier.code, dossier.version, award.id))
        differences.append(
            compared(
                row.line,
                f"{KINDS[dossier.subject_kind]}: {dossier.subject_name} ({dossier.code})",
                {"Hình thức": now_asked.short if now_asked else ""},
                {"Hình thức": award.short},
            )
        )
    if not differences and not sheet.faults.found:
        raise Unreadable(phrase("Danh sách không có tên nào dưới dòng tiêu đề."))
    return Plan(tuple(proposals), sheet.faults.of_lines(), tuple(differences), sheet.notes)


def apply_nominees(session: Session, plan: Plan[Proposal], by: int | None, now: datetime) -> int:
    """Ask for the forms of award of a plan in one transaction; returns how many changed.

    Raises `Refused` or `Stale` when one cannot be changed after all: the caller must roll back.
    """
    changed = []
    for one in applicable(plan):
        if (
            session.scalar(select(Dossier.award_form).where(Dossier.code == one.code))
            == one.award_form
        ):
            continue
        command = Command(one.code, by or 0, Action.EDIT, one.version)
        verdict = edit(session, command, ChooseAward(one.award_form), now)
        if isinstance(verdict, Judgement):
            raise Refused(one.code)
        changed.append(one.code)
    write_down(session, "import_nominees", {"codes": changed}, by, now)
    return len(changed)


def open_dossiers(
    session: Session, options: Mapping[str, str], person_id: int, now: datetime
) -> list[tuple[Dossier, str]]:
    """Dossiers of the cycle (any without one) this person sees that are being assembled."""
    conditions = [
        Dossier.state == State.REGISTERED,
        visible_to(person_id, office_day(now)),
    ]
    for name, column in (("cycle", Dossier.cycle_id), ("programme", Dossier.programme_id)):
        if options.get(name):
            conditions.append(column == options[name])
    rows = session.execute(
        select(Dossier, Unit.name)
        .join(Unit, Unit.id == Dossier.unit_id)
        .where(*conditions)
        .order_by(Dossier.subject_kind, Dossier.code)
    )
    return [(dossier, unit) for dossier, unit in rows]


def _dossier(reading: _Reading, record: Record) -> Dossier | None:
    if "subject" in record.broken or "code" in record.broken:
        return None
    kind = reading.kind
    if record["kind"]:
        kind = kind_of(record["kind"])
        if kind is None:
            text = phrase("Loại “{kind}” không có.", kind=record["kind"])
            reading.blame(record, "kind", text, phrase("Ghi Tập thể hoặc Cá nhân."))
    several = _named(reading, record, kind)
    if len(several) == 1:
        first = reading.seen.setdefault(several[0].code, record.line)
        if first == record.line:
            return several[0]
        text = phrase("Hồ sơ {code} đã có ở dòng {first}.", code=several[0].code, first=first)
        reading.blame(record, "subject", text, phrase("Giữ một dòng cho mỗi hồ sơ."))
        return None
    _blame_unknown(reading, record, several)
    return None


def _named(reading: _Reading, record: Record, kind: SubjectKind | None) -> list[Dossier]:
    code, name, unit = record["code"].upper(), record["subject"], record["unit"]
    if code:
        return [one for one, _ in reading.dossiers if one.code == code]
    units = set(reading.names.find(name))
    at = set(reading.names.find(unit))
    found = []
    for one, unit_name in reading.dossiers:
        if kind is not None and one.subject_kind is not kind:
            continue
        if one.subject_kind is SubjectKind.COLLECTIVE:
            fits = one.unit_id in units
        else:
            fits = search_key(one.subject_name) == search_key(name) and (
                not unit or one.unit_id in at or f" {written(unit_name)} " in f" {written(unit)} "
            )
        found += [one] if fits else []
    return found


def _blame_unknown(reading: _Reading, record: Record, several: list[Dossier]) -> None:
    name = record["code"] or record["subject"]
    key = "code" if record["code"] else "subject"
    if not name:
        reading.blame(record, key, phrase("Thiếu tên."), phrase("Ghi tên, hoặc mã hồ sơ."))
    elif several:
        which = "; ".join(f"{one.subject_name} ({one.code})" for one in several[:4])
        text = phrase(
            "“{name}” có thể là {count} hồ sơ: {which}.", name=name, count=len(several), which=which
        )
        reading.blame(record, key, text, phrase("Ghi thêm cột Loại, Đơn vị hoặc Mã hồ sơ."))
    else:
        ways = {written(one.subject_name): one for one, _ in reading.dossiers}
        close = [ways[way] for way in closest(written(name), ways)][:MOST_SUGGESTED]
        told = "; ".join(f"{one.subject_name} ({one.code})" for one in close)
        remedy = (
            phrase("Có phải: {told}?", told=told)
            if told
            else phrase("Chỉ chọn được cho hồ sơ đang lập của đợt này mà bạn xem được.")
        )
        reading.blame(
            record, key, phrase("Không thấy hồ sơ đang lập của “{name}”.", name=name), remedy
        )


def _award(reading: _Reading, record: Record) -> AwardForm | None:
    if "award" in record.broken:
        return None
    text = record["award"]
    names = {
        search_key(name): award
        for award in reading.awards.values()
        for name in (award.short, award.title, award.id)
    }
    found = names.get(search_key(text))
    if found is None:
        said = (
            phrase("Hình thức “{text}” không có.", text=text)
            if text
            else phrase("Thiếu hình thức khen thưởng.")
        )
        close = dict.fromkeys(names[way].short for way in closest(search_key(text), names))
        known = list(close) or [award.short for award in reading.awards.values()]
        reading.blame(
            record, "award", said, phrase("Dùng một trong: {known}.", known="; ".join(known))
        )
    return found


def _may(
    session: Session,
    reading: _Reading,
    record: Record,
    dossier: Dossier,
    award: AwardForm,
    asked: Asked,
) -> bool:
    """Does the law allow this edit? Every reason against it is blamed."""
    seen = look(session, dossier.code, asked.by or 0, asked.now)
    command = Command(
        dossier.code, asked.by or 0, Action.EDIT, dossier.version, extra={"part": "award"}
    )
    judgement = judge(seen.rulebook, Action.EDIT, seen.facts, seen.actor, asked.now, command)
    for one in judgement.refusals:
        remedy = asked.tell(one.remedy) if one.remedy else ""
        reading.blame(record, "subject", asked.tell(one.text), remedy)
    for result in judgement.blocking:
        told = " ".join(asked.tell(piece.text) for piece in result.finding.evidence)
        remedy = asked.tell(result.finding.remedy) if result.finding.remedy else ""
        reading.blame(
            record,
            "subject",
            phrase(
                "{title}: {told} (Mục {clause})",
                title=result.title,
                told=told,
                clause=result.clause,
            ),
            remedy,
        )
    try:
        place(award, lineage_of(session, dossier.unit_id))
    except LookupError:
        text = phrase(
            "Không có đơn vị nào đề nghị được {short} cho {subject_name}.",
            short=award.short,
            subject_name=dossier.subject_name,
        )
        reading.blame(record, "award", text, phrase("Chọn hình thức khác."))
        return False
    return judgement.allowed
