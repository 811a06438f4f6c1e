"""People from a table, with their posts and the names they sign in with.

A post is written `clerk@H029` or as the page lists it, “Cán bộ lập hồ sơ, UBND huyện Quản Bạ”;
several stand between semicolons. What needs a second administrator waits for one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.folding import search_key
from models.importing import Asked, Difference, Plan, compared
from models.importing_columns import Column, Faults, Record, find
from models.importing_units import YES
from models.sheets import Unreadable
from models.staff_changes import needs_a_second
from models.tables import Account, Appointment, AppointmentRequest, Person, Unit
from models.unit_names import UnitNames
from models.words_people import POSTS
from workflow.vocabulary import Post
from workflow.words import phrase
from workflow.working_days import office_day

COLUMNS: Final = (
    Column("code", "Mã", phrase("Mã riêng của người, ví dụ mã công chức"), also=("Mã người",)),
    Column("full_name", "Họ và tên", phrase("Viết đủ dấu, ví dụ Đặng Thị Ước"), also=("Họ tên",)),
    Column("position", "Chức vụ", phrase("Ví dụ Chuyên viên")),
    Column(
        "unit_code",
        "Cơ quan",
        phrase("Mã hoặc tên đơn vị nơi làm việc"),
        also=("Mã đơn vị", "Đơn vị"),
    ),
    Column("email", "Thư điện tử", phrase("Nơi nhận thư nhắc"), also=("Email",), required=False),
    Column(
        "posts",
        "Vai trò theo đơn vị",
        phrase(
            "Ví dụ: Cán bộ lập hồ sơ, UBND huyện Quản Bạ; Thủ trưởng đơn vị. Không "
            "ghi đơn vị là ở cơ quan. Bỏ cả cột thì vai trò giữ nguyên; để trống ô "
            "là thôi mọi vai trò"
        ),
        required=False,
        also=("Vai trò",),
    ),
    Column(
        "login", "Tên đăng nhập", phrase("Tài khoản mới khóa đến khi đặt mật khẩu"), required=False
    ),
    Column(
        "leader",
        "Lãnh đạo",
        phrase("x nếu là lãnh đạo; thủ trưởng và cấp phó tự tính"),
        required=False,
    ),
)
_ADDRESS: Final = re.compile(r"[^@\s<>,;\"]+@[^@\s<>,;\"]+\.[^@\s<>,;\"]+")
_HEADS: Final = {Post.HEAD, Post.DEPUTY_HEAD}
_POSTS: Final = sorted(
    ((search_key(words), post) for post, words in POSTS.items()), key=lambda one: -len(one[0])
)

WAITS: Final = phrase(" (chờ quản trị thứ hai)")
PostAt = tuple[Post, str]


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One person as the table states it; `posts` are (post, unit code), None for left alone."""

    code: str
    full_name: str
    position: str
    unit_code: str
    email: str | None
    login: str
    posts: tuple[PostAt, ...] | None
    leader: bool


@dataclass
class _Known:
    """What the record knows that people are read against."""

    names: UnitNames
    codes: dict[str, str]
    """Names of all units by code."""
    logins: dict[str, str]
    """Codes of people by login."""

    def unit(self, text: str) -> str | None:
        """The code of the unit a cell names."""
        if text in self.codes:
            return text
        found = self.names.find(text)
        return self.names.units[found[0]].code if len(found) == 1 else None


def read_people(session: Session, content: bytes, asked: Asked | None = None) -> Plan[PersonRow]:
    """Read a table of people; their units must be known. Raises `Unreadable`."""
    sheet = find(content, COLUMNS)
    day = office_day(asked.now) if asked else date.max
    known = _Known(
        UnitNames(session, date.min if asked is None else day, day),
        dict(session.execute(select(Unit.code, Unit.name)).all()),
        dict(
            session.execute(
                select(Account.login, Person.code).join(Person, Person.id == Account.person_id)
            ).all()
        ),
    )
    rows: list[tuple[int, PersonRow]] = []
    seen: dict[tuple[str, str], int] = {}
    for line in sheet.below():
        record = sheet.record(line)
        before = len(sheet.faults.found)
        row = _person(record, known, sheet.faults)
        _blame_doubles(record, seen, known, sheet.faults)
        if row is not None and len(sheet.faults.found) == before:
            rows.append((record.line, row))
    if not rows and not sheet.faults.found:
        raise Unreadable(phrase("Bảng không có dòng nào dưới dòng tiêu đề."))
    hold = asked is not None and asked.hold
    differences = _differences(session, rows, known, asked, hold=hold)
    return Plan(
        tuple(row for _, row in rows), sheet.faults.of_lines(), tuple(differences), sheet.notes
    )


def _person(record: Record, known: _Known, faults: Faults) -> PersonRow | None:
    before = len(faults.found)
    for key, what in (("code", phrase("mã người")), ("full_name", phrase("họ và tên"))):
        if not record[key] and key not in record.broken:
            faults.blame(
                record.line,
                record.name_of(key),
                phrase("Thiếu {what}.", what=what),
                phrase("Ghi đủ ô này."),
            )
    unit = _unit(record, known, faults)
    if record["email"] and not _ADDRESS.fullmatch(record["email"]):
        text = phrase("“{email}” không phải địa chỉ thư.", email=record["email"])
        faults.blame(
            record.line, record.name_of("email"), text, phrase("Sửa địa chỉ, hoặc để trống.")
        )
    posts = [
        _post(written, unit, record, known, faults)
        for written in record["posts"].split(";")
        if written.strip()
    ]
    if len(faults.found) > before or record.broken or unit is None:
        return None
    held = tuple(dict.fromkeys(post for post in posts if post is not None))
    leads = any(post in _HEADS and at == unit for post, at in held)
    return PersonRow(
        code=record["code"],
        full_name=record["full_name"],
        position=record["position"],
        unit_code=unit,
        email=record.told("email"),
        login=record["login"].casefold(),
        posts=held if "posts" in record else None,
        leader=leads or record["leader"].casefold() in YES,
    )


def _unit(record: Record, known: _Known, faults: Faults) -> str | None:
    text = record["unit_code"]
    found = known.unit(text) if text else None
    if found is None and "unit_code" not in record.broken:
        said = phrase("Không có đơn vị “{text}”.", text=text) if text else phrase("Thiếu cơ quan.")
        faults.blame(record.line, record.name_of("unit_code"), said, _remedy(text, known))
    return found


def _remedy(text: str, known: _Known) -> str:
    several = known.names.find(text)
    close = [known.names.shown[one] for one in several[:3]] or known.names.suggest(text)
    return (
        phrase("Có phải: {close}?", close="; ".join(close))
        if close
        else phrase("Ghi mã hoặc tên trong danh sách đơn vị.")
    )


def _post(
    written: str, own: str | None, record: Record, known: _Known, faults: Faults
) -> PostAt | None:
    name, unit = _split(written)
    column = record.name_of("posts")
    if name is None:
        words = "; ".join(POSTS.values())
        text = phrase("Vai trò “{strip}” không có.", strip=written.strip())
        faults.blame(record.line, column, text, phrase("Dùng một trong: {words}.", words=words))
        return None
    at = known.unit(unit) if unit else own
    if at is None:
        if unit:
            text = phrase("Vai trò “{strip}”: không có đơn vị đó.", strip=written.strip())
            faults.blame(record.line, column, text, _remedy(unit, known))
        return None
    return name, at


def _split(written: str) -> tuple[Post | None, str]:
    """The post and the unit of `clerk@H029`, or of “Cán bộ lập hồ sơ, UBND huyện Quản Bạ”."""
    text = " ".join(written.split())
    name, _, unit = text.partition("@")
    if name.strip() in set(Post):
        return Post(name.strip()), unit.strip()
    parts = text.replace("@", " @ ").split()
    for words, post in _POSTS:
        length = len(words.split())
        if search_key(" ".join(parts[:length])).rstrip(",") == words:
            return post, " ".join(parts[length:]).strip(" ,@")
    return None, ""


def _blame_doubles(
    record: Record, seen: dict[tuple[str, str], int], known: _Known, faults: Faults
) -> None:
    for key, what in (("code", phrase("Mã")), ("login", phrase("Tên đăng nhập"))):
        text = record[key].casefold()
        if not text:
            continue
        if (key, text) in seen:
            said = phrase(
                "{what} {record} đã có ở dòng {seen}.",
                what=what,
                record=record[key],
                seen=seen[key, text],
            )
            remedy = phrase("Mỗi người một {lower}.", lower=what.lower())
            faults.blame(record.line, record.name_of(key), said, remedy)
        seen.setdefault((key, text), record.line)
    owner = known.logins.get(record["login"].casefold())
    if record["login"] and owner is not None and owner != record["code"]:
        said = phrase(
            "Tên đăng nhập {login} đã có người dùng (mã {owner}).",
            login=record["login"],
            owner=owner,
        )
        faults.blame(record.line, record.name_of("login"), said, phrase("Chọn tên đăng nhập khác."))


def _differences(
    session: Session,
    rows: list[tuple[int, PersonRow]],
    known: _Known,
    asked: Asked | None,
    *,
    hold: bool,
) -> list[Difference]:
    day = office_day(asked.now) if asked else date.max
    query = (
        select(Person, Unit.code)
        .join(Unit, Unit.id == Person.employer_id)
        .where(Person.code.in_([row.code for _, row in rows]))
    )
    if hold:
        query = query.with_for_update(of=Person).execution_options(populate_existing=True)
    there = {person.code: (person, unit) for person, unit in session.execute(query)}
    ids = [person.id for person, _ in there.values()]
    logins = dict(
        session.execute(
            select(Account.person_id, Account.login).where(Account.person_id.in_(ids))
        ).all()
    )
    posts: dict[int, list[PostAt]] = {}
    for person_id, post, unit in session.execute(
        select(Appointment.person_id, Appointment.post, Unit.code)
        .join(Unit, Unit.id == Appointment.unit_id)
        .where(
            Appointment.person_id.in_(ids),
            (Appointment.valid_to.is_(None)) | (Appointment.valid_to >= day),
        )
    ):
        posts.setdefault(person_id, []).append((post, unit))
    waiting: dict[int, set[PostAt]] = {}
    for person_id, post, unit in session.execute(
        select(AppointmentRequest.person_id, AppointmentRequest.post, Unit.code)
        .join(Unit, Unit.id == AppointmentRequest.unit_id)
        .where(AppointmentRequest.person_id.in_(ids), AppointmentRequest.answered_at.is_(None))
    ):
        waiting.setdefault(person_id, set()).add((post, unit))
    by = asked.by if asked else None
    found = []
    for line, row in rows:
        after = _words(row, known, _to_ask(row, 0, set(), by))
        before = None
        if row.code in there:
            person, unit = there[row.code]
            as_is = PersonRow(
                code=row.code,
                full_name=person.full_name,
                position=person.position,
                unit_code=unit,
                email=person.email if row.email is not None else None,
                login=logins.get(person.id, "") if row.login else "",
                posts=tuple(posts.get(person.id, ())) if row.posts is not None else None,
                leader=person.leader,
            )
            asked_for = waiting.get(person.id, set()) & set(row.posts or ())
            before = _words(as_is, known, asked_for)
            after = _words(row, known, _to_ask(row, person.id, set(as_is.posts or ()), by))
        found.append(compared(line, f"{row.code} {row.full_name}", before, after))
    return found


def _to_ask(row: PersonRow, person_id: int, held: set[PostAt], by: int | None) -> set[PostAt]:
    """The posts of a row that would wait for a second administrator."""
    if by is None:
        return set()
    new = set(row.posts or ()) - held
    return {post for post in new if needs_a_second(person_id, post[0], by)}


def _words(row: PersonRow, known: _Known, waiting: set[PostAt]) -> Mapping[str, str]:
    told = {
        "Họ và tên": row.full_name,
        "Chức vụ": row.position,
        "Cơ quan": known.codes[row.unit_code],
        "Lãnh đạo": phrase("có") if row.leader else phrase("không"),
    }
    if row.email is not None:
        told["Thư điện tử"] = row.email
    if row.login:
        told["Tên đăng nhập"] = row.login
    if row.posts is not None:
        posts = [(post, WAITS if post in waiting else "") for post in {*row.posts, *waiting}]
        told["Vai trò theo đơn vị"] = "; ".join(
            sorted(f"{POSTS[post]}, {known.codes[unit]}{more}" for (post, unit), more in posts)
        )
    return told
