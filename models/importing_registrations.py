"""A list of nominees: many collectives and people registered at once, or none of them.

Rows under “I. Tập thể” and “II. Cá nhân” are what their group says; a code, where there is one,
decides before a name. The law judges every row as it would judge one registration sent by hand.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.folding import search_key
from models.form_queries import Candidate, candidates
from models.importing import Asked, Difference, Effect, Field, Plan, applicable
from models.importing_columns import Column, Record, Sheet, find
from models.office import write_down
from models.registrations import Wish, look_at_sending, send_registration
from models.sheets import Row, Unreadable, day
from models.tables import Person, Unit
from models.unit_names import MOST_SUGGESTED, UnitNames, closest, written
from workflow.decisions import Judgement
from workflow.vocabulary import SubjectKind
from workflow.words import phrase
from workflow.working_days import office_day

KINDS: Final = {
    SubjectKind.COLLECTIVE: phrase("Tập thể"),
    SubjectKind.INDIVIDUAL: phrase("Cá nhân"),
}
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
        "Mã",
        phrase("Mã đơn vị hoặc mã người trong hệ thống; không bắt buộc"),
        required=False,
        also=("Mã trong hệ thống",),
    ),
    Column(
        "registered_on",
        "Ngày ký",
        phrase("Ngày ký bản đăng ký; bỏ trống thì theo ngày chung"),
        required=False,
        also=("Ngày ký bản đăng ký",),
    ),
    Column("number", "Số bản đăng ký", phrase("Ví dụ 12/ĐK-UBND"), required=False, also=("Số",)),
    Column("row", "STT", phrase("Không ghi vào hệ thống"), required=False, also=("TT",)),
)
LONGEST_NUMBER: Final = 60
_ROMAN: Final = re.compile(r"[IVX]+[.)]?")
_DAY: Final = phrase("Ghi theo ngày/tháng/năm, ví dụ 14/02/2023.")


@dataclass(frozen=True, slots=True)
class Nominee:
    """One row: who is to be registered, and what is written on the paper."""

    line: int
    candidate: Candidate
    wish: Wish


@dataclass
class _Reading:
    """One list being read."""

    sheet: Sheet
    names: UnitNames
    known: list[Candidate]
    codes: dict[str, Candidate]
    people: dict[str, list[Candidate]]
    units: dict[int, Candidate]
    day: date
    """The day signed where a row does not say one."""
    kind: SubjectKind | None = None
    seen: dict[str, int] = field(default_factory=dict)

    def blame(self, record: Record, key: str, text: str, remedy: str) -> None:
        self.sheet.faults.blame(record.line, record.name_of(key), text, remedy)


def read_registrations(session: Session, content: bytes, asked: Asked) -> Plan[Nominee]:
    """Read a list of nominees for the cycle `asked.options` names (`cycle`, `programme`).

    Raises `Unreadable` when it is no such list.
    """
    reading = _reading(session, find(content, COLUMNS), asked)
    nominees: list[Nominee] = []
    differences: list[Difference] = []
    for row in reading.sheet.below():
        kind, aside = group_of(row, reading.sheet)
        reading.kind = kind or reading.kind
        if aside:
            continue
        record = reading.sheet.record(row)
        found = _nominee(reading, record, asked)
        if found is None:
            continue
        judgement = look_at_sending(session, found.wish, asked.by or 0, asked.now)
        already = {one.code for one in judgement.refusals} == {"REGISTERED_ALREADY"}
        if already and not judgement.blocking:
            told = asked.tell(judgement.refusals[0].text)
            fields = (Field(phrase("Đăng ký"), told, told),)
            differences.append(Difference(row.line, _about(found), Effect.SAME, fields))
            continue
        _blame_law(reading, record, judgement, asked)
        if judgement.allowed:
            nominees.append(found)
            differences.append(_new(found, judgement))
    if not differences and not reading.sheet.faults.found:
        raise Unreadable(phrase("Danh sách không có tên nào dưới dòng tiêu đề."))
    return Plan(
        tuple(nominees), reading.sheet.faults.of_lines(), tuple(differences), reading.sheet.notes
    )


class Refused(Exception):
    """The law refused one of them while they were being written: nothing may stay."""


def apply_registrations(
    session: Session, plan: Plan[Nominee], by: int | None, now: datetime
) -> int:
    """Send every registration of a plan in one transaction; returns how many.

    Raises `Refused` when one is refused after all: the caller must roll back.
    """
    nominees = applicable(plan)
    codes = []
    for one in nominees:
        sent = send_registration(session, one.wish, by or 0, now)
        if isinstance(sent, Judgement):
            raise Refused(one.candidate.value)
        codes.append(sent)
    write_down(session, "import_registrations", {"codes": codes}, by, now)
    return len(codes)


def _reading(session: Session, sheet: Sheet, asked: Asked) -> _Reading:
    today = office_day(asked.now)
    known = candidates(session, asked.by or 0, today)
    people = [one for one in known if one.person_id is not None]
    codes = dict(
        session.execute(
            select(Person.id, Person.code).where(Person.id.in_([one.person_id for one in people]))
        ).all()
    )
    units = {one.unit_id: one for one in known if one.person_id is None}
    unit_codes = session.execute(select(Unit.id, Unit.code).where(Unit.id.in_(units))).all()
    by_name: dict[str, list[Candidate]] = {}
    for one in people:
        by_name.setdefault(search_key(one.person), []).append(one)
    written_on = asked.options.get("registered_on", "")
    return _Reading(
        sheet,
        UnitNames(session, today, today),
        known,
        {codes[one.person_id or 0].casefold(): one for one in people}
        | {code.casefold(): units[unit_id] for unit_id, code in unit_codes},
        by_name,
        units,
        day(written_on) if written_on else today,
    )


def group_of(row: Row, sheet: Sheet) -> tuple[SubjectKind | None, bool]:
    """What a line such as “I. Tập thể” says its rows are; and whether it names nobody itself."""
    texts = [cell for cell in row.cells if cell]
    rest = texts[1:] if _ROMAN.fullmatch(texts[0]) else texts
    words = re.sub(r"^[ivx\d]+[.)]\s*", "", search_key(rest[0])) if rest else ""
    for kind, name in KINDS.items():
        if len(rest) == 1 and words.startswith(search_key(name)) and kind_of(words) is not None:
            return kind, True
    places = sheet.places
    named = row.cell(places["subject"]) or row.cell(places.get("code", -1))
    numbered = row.cell(places.get("row", -1)).rstrip(".").isdecimal()
    return None, not named and not numbered


def kind_of(text: str) -> SubjectKind | None:
    """The kind by its words, with whatever is counted after them: “Tập thể (05)”."""
    plain = re.sub(r"[^a-z ]", " ", search_key(text)).split()
    for kind, name in KINDS.items():
        if plain == search_key(name).split() or text == kind.value:
            return kind
    return None


def _nominee(reading: _Reading, record: Record, asked: Asked) -> Nominee | None:
    before = len(reading.sheet.faults.found)
    kind = reading.kind
    if record["kind"]:
        kind = kind_of(record["kind"])
        if kind is None:
            text = phrase("Loại “{kind}” không có.", kind=record["kind"])
            reading.blame(record, "kind", text, phrase("Ghi Tập thể hoặc Cá nhân."))
    one = _candidate(reading, record, kind)
    signed = _signed(reading, record)
    if len(record["number"]) > LONGEST_NUMBER:
        text = phrase("Số bản đăng ký dài {count} ký tự.", count=len(record["number"]))
        reading.blame(
            record,
            "number",
            text,
            phrase("Viết tối đa {longest_number} ký tự.", longest_number=LONGEST_NUMBER),
        )
    if one is not None:
        first = reading.seen.setdefault(one.value, record.line)
        if first != record.line:
            text = phrase("{name} đã có ở dòng {first}.", name=_name(one), first=first)
            reading.blame(record, "subject", text, phrase("Giữ một dòng cho mỗi đối tượng."))
    if len(reading.sheet.faults.found) > before or record.broken or one is None:
        return None
    options = asked.options
    return Nominee(
        record.line,
        one,
        Wish(
            options["cycle"],
            one.unit_id,
            one.person_id,
            signed,
            record["number"],
            options.get("programme") or None,
        ),
    )


def _signed(reading: _Reading, record: Record) -> date | None:
    text = record["registered_on"]
    if not text:
        return reading.day
    try:
        return day(text)
    except ValueError:
        reading.blame(record, "registered_on", phrase("“{text}” không phải ngày.", text=text), _DAY)
        return None


def _candidate(reading: _Reading, record: Record, kind: SubjectKind | None) -> Candidate | None:
    if "subject" in record.broken or "code" in record.broken:
        return None
    if record["code"]:
        found = reading.codes.get(record["code"].casefold())
        if found is None:
            text = phrase("Mã “{code}” không thuộc phạm vi bạn đăng ký.", code=record["code"])
            reading.blame(record, "code", text, phrase("Sửa mã, hoặc bỏ trống để tìm theo tên."))
        return found
    name = record["subject"]
    if not name:
        reading.blame(
            record, "subject", phrase("Thiếu tên."), phrase("Ghi tên tập thể hoặc cá nhân.")
        )
        return None
    several = _named(reading, name, record["unit"], kind)
    if len(several) == 1:
        return several[0]
    if several:
        which = "; ".join(_name(one) for one in several[:4])
        text = phrase(
            "“{name}” có thể là {count} đối tượng: {which}.",
            name=name,
            count=len(several),
            which=which,
        )
        remedy = phrase("Ghi thêm cột Loại, Đơn vị hoặc Mã.")
    else:
        text, remedy = _unknown(reading, name, record["unit"])
    reading.blame(record, "subject", text, remedy)
    return None


def _named(reading: _Reading, name: str, unit: str, kind: SubjectKind | None) -> list[Candidate]:
    found: list[Candidate] = []
    if kind is not SubjectKind.INDIVIDUAL:
        found += [reading.units[one] for one in reading.names.find(name) if one in reading.units]
    if kind is not SubjectKind.COLLECTIVE:
        people = reading.people.get(search_key(name), [])
        found += [one for one in people if not unit or _works_at(reading, one, unit)]
    return found


def _works_at(reading: _Reading, one: Candidate, unit: str) -> bool:
    """Does a cell name the unit of this person, alone or after a position?"""
    if one.unit_id in reading.names.find(unit):
        return True
    return f" {written(one.unit)} " in f" {written(unit)} "


def _unknown(reading: _Reading, name: str, unit: str) -> tuple[str, str]:
    scope = phrase(
        "Chỉ đăng ký được cho đơn vị mình, đơn vị trực thuộc và người của các đơn vị đó."
    )
    if reading.names.find(name):
        return phrase("Bạn không đăng ký được cho “{name}”.", name=name), scope
    ways = {
        way: reading.units[unit]
        for way, ids in reading.names.known.items()
        for unit in ids
        if unit in reading.units
    }
    ways |= {search_key(one.person): one for one in reading.known if one.person_id}
    close = dict.fromkeys(_name(ways[way]) for way in closest(written(name), ways))
    text = phrase(
        "Không thấy “{name}”{more} trong phạm vi bạn đăng ký.",
        name=name,
        more=phrase(" ở “{unit}”", unit=unit) if unit else "",
    )
    if unit and (elsewhere := reading.people.get(search_key(name))):
        return text, phrase(
            "Có phải: {names}?", names="; ".join(_name(one) for one in elsewhere[:MOST_SUGGESTED])
        )
    if not close:
        return text, scope
    return text, phrase("Có phải: {list}?", list="; ".join(list(close)[:MOST_SUGGESTED]))


def _blame_law(reading: _Reading, record: Record, judgement: Judgement, asked: Asked) -> None:
    for one in judgement.refusals:
        remedy = asked.tell(one.remedy) if one.remedy else ""
        reading.blame(record, "subject", asked.tell(one.text), remedy)
    for result in judgement.blocking:
        seen = " ".join(asked.tell(piece.text) for piece in result.finding.evidence)
        remedy = asked.tell(result.finding.remedy) if result.finding.remedy else ""
        text = phrase(
            "{title}: {seen} (Mục {clause})", title=result.title, seen=seen, clause=result.clause
        )
        reading.blame(record, "subject", text, remedy)


def _new(one: Nominee, judgement: Judgement) -> Difference:
    signed = one.wish.registered_on
    fields: Mapping[str, str] = {
        "Cấp trên trực tiếp": judgement.facts.registration.superior,
        "Ngày ký": f"{signed:%d/%m/%Y}" if signed else "",
        "Số bản đăng ký": one.wish.number,
    }
    told = tuple(Field(name, "", value) for name, value in fields.items() if value)
    return Difference(one.line, _about(one), Effect.NEW, told)


def _about(one: Nominee) -> str:
    kind = SubjectKind.INDIVIDUAL if one.candidate.person_id else SubjectKind.COLLECTIVE
    return f"{KINDS[kind]}: {_name(one.candidate)}"


def _name(one: Candidate) -> str:
    return f"{one.person} ({one.unit})" if one.person_id else one.unit
