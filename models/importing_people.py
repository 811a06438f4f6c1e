"""People from a table, with their posts and the names they sign in with.

A post is written `clerk@H029` or as the page lists it, “Cán bộ lập hồ sơ, UBND huyện Quản Bạ”;
several stand between semicolons. What needs a second administrator waits for one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from models.accounts import appoint, relieve
from models.folding import person_sort_key, search_key
from models.importing import Asked, Difference, Plan, applicable, compared
from models.importing_columns import Column, Faults, Record, find
from models.importing_units import YES
from models.office import write_down
from models.sheets import Unreadable
from models.staff_changes import give_post, needs_a_second
from models.tables import Account, Appointment, AppointmentRequest, Person, Unit
from models.unit_names import UnitNames
from models.words_people import POSTS
from workflow.vocabulary import Post
from workflow.working_days import office_day

COLUMNS: Final = (
    Column("code", "Mã", "Mã riêng của người, ví dụ mã công chức", also=("Mã người",)),
    Column("full_name", "Họ và tên", "Viết đủ dấu, ví dụ Đặng Thị Ước", also=("Họ tên",)),
    Column("position", "Chức vụ", "Ví dụ Chuyên viên"),
    Column("unit_code", "Cơ quan", "Mã hoặc tên đơn vị nơi làm việc",
           also=("Mã đơn vị", "Đơn vị")),
    Column("email", "Thư điện tử", "Nơi nhận thư nhắc", also=("Email",), required=False),
    Column("posts", "Vai trò theo đơn vị",
           "Ví dụ: Cán bộ lập hồ sơ, UBND huyện Quản Bạ; Thủ trưởng đơn vị. Không ghi đơn vị là ở "
           "cơ quan. Bỏ cả cột thì vai trò giữ nguyên; để trống ô là thôi mọi vai trò",
           required=False, also=("Vai trò",)),
    Column("login", "Tên đăng nhập", "Tài khoản mới khóa đến khi đặt mật khẩu", required=False),
    Column("leader", "Lãnh đạo", "x nếu là lãnh đạo; thủ trưởng và cấp phó tự tính",
           required=False),
)  # fmt: skip
_ADDRESS: Final = re.compile(r"[^@\s<>,;\"]+@[^@\s<>,;\"]+\.[^@\s<>,;\"]+")
_HEADS: Final = {Post.HEAD, Post.DEPUTY_HEAD}
_POSTS: Final = sorted(
    ((search_key(words), post) for post, words in POSTS.items()), key=lambda one: -len(one[0])
)
LOCKED = "!"
"""A password hash nothing fits: the account waits for a password to be set."""

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
        raise Unreadable("Bảng không có dòng nào dưới dòng tiêu đề.")
    hold = asked is not None and asked.hold
    differences = _differences(session, rows, known, asked, hold=hold)
    return Plan(
        tuple(row for _, row in rows), sheet.faults.of_lines(), tuple(differences), sheet.notes
    )


def apply_people(session: Session, plan: Plan[PersonRow], by: int | None, now: datetime) -> int:
    """Add or update people, posts and accounts in one transaction; returns how many rows.

    Posts no longer in the table end the day before; a new post begins today. New accounts are
    locked until a password is set. Where a person does it, posts that need a second administrator
    are asked for.
    """
    rows = applicable(plan)
    units = dict(session.execute(select(Unit.code, Unit.id)).all())
    for row in rows:
        person_id = _put(session, row, units[row.unit_code])
        if row.posts is not None:
            posts = {(post, units[code]) for post, code in row.posts}
            _put_posts(session, person_id, posts, by, now)
        _put_account(session, person_id, row.login)
    write_down(session, "import_people", {"rows": len(rows)}, by, now)
    return len(rows)


def _person(record: Record, known: _Known, faults: Faults) -> PersonRow | None:
    before = len(faults.found)
    for key, what in (("code", "mã người"), ("full_name", "họ và tên")):
        if not record[key] and key not in record.broken:
            faults.blame(record.line, record.name_of(key), f"Thiếu {what}.", "Ghi đủ ô này.")
    unit = _unit(record, known, faults)
    if record["email"] and not _ADDRESS.fullmatch(record["email"]):
        text = f"“{record['email']}” không phải địa chỉ thư."
        faults.blame(record.line, record.name_of("email"), text, "Sửa địa chỉ, hoặc để trống.")
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
        said = f"Không có đơn vị “{text}”." if text else "Thiếu cơ quan."
        faults.blame(record.line, record.name_of("unit_code"), said, _remedy(text, known))
    return found


def _remedy(text: str, known: _Known) -> str:
    several = known.names.find(text)
    close = [known.names.shown[one] for one in several[:3]] or known.names.suggest(text)
    return f"Có phải: {'; '.join(close)}?" if close else "Ghi mã hoặc tên trong danh sách đơn vị."


def _post(
    written: str, own: str | None, record: Record, known: _Known, faults: Faults
) -> PostAt | None:
    name, unit = _split(written)
    column = record.name_of("posts")
    if name is None:
        words = "; ".join(POSTS.values())
        text = f"Vai trò “{written.strip()}” không có."
        faults.blame(record.line, column, text, f"Dùng một trong: {words}.")
        return None
    at = known.unit(unit) if unit else own
    if at is None:
        if unit:
            text = f"Vai trò “{written.strip()}”: không có đơn vị đó."
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
    for key, what in (("code", "Mã"), ("login", "Tên đăng nhập")):
        text = record[key].casefold()
        if not text:
            continue
        if (key, text) in seen:
            said = f"{what} {record[key]} đã có ở dòng {seen[key, text]}."
            remedy = f"Mỗi người một {what.lower()}."
            faults.blame(record.line, record.name_of(key), said, remedy)
        seen.setdefault((key, text), record.line)
    owner = known.logins.get(record["login"].casefold())
    if record["login"] and owner is not None and owner != record["code"]:
        said = f"Tên đăng nhập {record['login']} đã có người dùng (mã {owner})."
        faults.blame(record.line, record.name_of("login"), said, "Chọn tên đăng nhập khác.")


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
    by = asked.by if asked else None
    found = []
    for line, row in rows:
        after = _words(row, known, by, there.get(row.code))
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
            before = _words(as_is, known, None, None)
            held = set(as_is.posts or ())
            after = _words(row, known, by, there[row.code], held)
        found.append(compared(line, f"{row.code} {row.full_name}", before, after))
    return found


def _words(
    row: PersonRow,
    known: _Known,
    by: int | None,
    there: tuple[Person, str] | None,
    held: set[PostAt] | None = None,
) -> Mapping[str, str]:
    told = {
        "Họ và tên": row.full_name,
        "Chức vụ": row.position,
        "Cơ quan": known.codes[row.unit_code],
        "Lãnh đạo": "có" if row.leader else "không",
    }
    if row.email is not None:
        told["Thư điện tử"] = row.email
    if row.login:
        told["Tên đăng nhập"] = row.login
    if row.posts is not None:
        person_id = there[0].id if there else 0
        told["Vai trò theo đơn vị"] = "; ".join(
            sorted(
                f"{POSTS[post]}, {known.codes[unit]}"
                + (
                    " (chờ quản trị thứ hai)"
                    if by is not None
                    and (post, unit) not in (held or set())
                    and needs_a_second(person_id, post, by)
                    else ""
                )
                for post, unit in row.posts
            )
        )
    return told


def _put(session: Session, row: PersonRow, unit_id: int) -> int:
    values = {
        "full_name": row.full_name,
        "search_key": search_key(f"{row.code} {row.full_name}"),
        "sort_key": person_sort_key(row.full_name),
        "position": row.position,
        "employer_id": unit_id,
        "leader": row.leader,
    }
    if row.email is not None:
        values["email"] = row.email
    known: int | None = session.scalar(
        update(Person).where(Person.code == row.code).values(**values).returning(Person.id)
    )
    if known is not None:
        return known
    made = insert(Person).values(code=row.code, **values).returning(Person.id)
    return session.execute(made).scalar_one()


def _put_posts(
    session: Session, person_id: int, wanted: set[tuple[Post, int]], by: int | None, now: datetime
) -> None:
    today = office_day(now)
    held = {
        (row.post, row.unit_id): row
        for row in session.scalars(
            select(Appointment).where(
                Appointment.person_id == person_id,
                (Appointment.valid_to.is_(None)) | (Appointment.valid_to >= today),
            )
        )
    }
    for key in sorted(held.keys() - wanted):
        relieve(session, held[key].id, today - timedelta(days=1), by, now)
    for post in sorted(wanted - held.keys()):
        if by is None:
            appoint(session, person_id, post, today, None, now)
        elif not _is_asked(session, person_id, post):
            give_post(session, person_id, post, today, by, now)


def _is_asked(session: Session, person_id: int, post: tuple[Post, int]) -> bool:
    """Does this post wait for a second administrator already?"""
    found = session.scalar(
        select(AppointmentRequest.id)
        .where(
            AppointmentRequest.person_id == person_id,
            AppointmentRequest.post == post[0],
            AppointmentRequest.unit_id == post[1],
            AppointmentRequest.answered_at.is_(None),
        )
        .limit(1)
    )
    return found is not None


def _put_account(session: Session, person_id: int, login: str) -> None:
    account = session.get(Account, person_id)
    if account is None:
        if login:
            session.execute(
                insert(Account).values(person_id=person_id, login=login, password_hash=LOCKED)
            )
    elif login:
        account.login = login
    session.flush()
