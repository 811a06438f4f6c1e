"""People from CSV, with their posts (`clerk@H029;head@H029`) and the names they sign in with."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from models.folding import person_sort_key, search_key
from models.importing import Plan, applicable
from models.office import write_down
from models.sheets import RowError, read_records
from models.tables import Account, Appointment, Person, Unit
from workflow.vocabulary import Post
from workflow.working_days import office_day

COLUMNS = ("code", "full_name", "position", "unit_code", "email", "posts", "login")
_ADDRESS = re.compile(r"[^@\s<>,;\"]+@[^@\s<>,;\"]+\.[^@\s<>,;\"]+")
_YES = {"true", "1", "x", "có"}
_HEADS = {Post.HEAD, Post.DEPUTY_HEAD}
LOCKED = "!"
"""A password hash nothing fits: the account waits for a password to be set."""


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One person as the table states it; `posts` are (post, unit code)."""

    code: str
    full_name: str
    position: str
    unit_code: str
    email: str
    login: str
    posts: tuple[tuple[Post, str], ...]
    leader: bool


def read_people(session: Session, content: bytes) -> Plan[PersonRow]:
    """Read a table of people; their units must be known. Raises `Unreadable`."""
    units = set(session.scalars(select(Unit.code)))
    changes: list[PersonRow] = []
    errors: list[RowError] = []
    seen: dict[tuple[str, str], int] = {}
    for line, record in read_records(content, COLUMNS):
        found = [*_wrong(record, units), *_doubles(record, line, seen)]
        errors += [RowError(line, text, remedy) for text, remedy in found]
        if not found:
            changes.append(_person(record))
    return Plan(tuple(changes), tuple(errors))


def apply_people(session: Session, plan: Plan[PersonRow], by: int | None, now: datetime) -> int:
    """Add or update people, posts and accounts in one transaction; returns how many rows.

    Posts no longer in the table end the day before; a new post begins today. New accounts are
    locked until a password is set.
    """
    rows = applicable(plan)
    units = dict(session.execute(select(Unit.code, Unit.id)).all())
    for row in rows:
        person_id = _put(session, row, units[row.unit_code])
        posts = {(post, units[code]) for post, code in row.posts}
        moved = _put_posts(session, person_id, posts, office_day(now))
        _put_account(session, person_id, row.login, moved=moved)
    write_down(session, "import_people", {"rows": len(rows)}, by, now)
    return len(rows)


def _wrong(record: Mapping[str, str], units: set[str]) -> list[tuple[str, str]]:
    found = []
    if not record["code"] or not record["full_name"]:
        found.append(("Thiếu mã hoặc họ tên.", "Ghi đủ hai cột code và full_name."))
    if record["unit_code"] not in units:
        found.append((f"Không có đơn vị mã “{record['unit_code']}”.", "Nhập đơn vị trước."))
    if record["email"] and not _ADDRESS.fullmatch(record["email"]):
        found.append((f"“{record['email']}” không phải địa chỉ thư.", "Sửa cột email."))
    for written in _written_posts(record):
        post, _, unit = written.partition("@")
        if post not in set(Post):
            found.append((f"Chức danh “{post}” không có.", f"Dùng một trong: {', '.join(Post)}."))
        elif unit not in units:
            found.append((f"Chức danh “{written}”: không có đơn vị đó.", "Sửa mã sau dấu @."))
    return found


def _doubles(
    record: Mapping[str, str], line: int, seen: dict[tuple[str, str], int]
) -> list[tuple[str, str]]:
    found = []
    for column in ("code", "login"):
        key = (column, record[column].casefold())
        if record[column] and key in seen:
            text = f"{record[column]} đã có ở dòng {seen[key]}."
            found.append((text, f"Mỗi người một {column}."))
        seen.setdefault(key, line)
    return found


def _written_posts(record: Mapping[str, str]) -> list[str]:
    return [part.strip() for part in record["posts"].split(";") if part.strip()]


def _person(record: Mapping[str, str]) -> PersonRow:
    posts = []
    for written in _written_posts(record):
        post, _, unit = written.partition("@")
        posts.append((Post(post), unit))
    leads = any(post in _HEADS and unit == record["unit_code"] for post, unit in posts)
    return PersonRow(
        code=record["code"],
        full_name=record["full_name"],
        position=record["position"],
        unit_code=record["unit_code"],
        email=record["email"],
        login=record["login"].casefold(),
        posts=tuple(posts),
        leader=leads or record.get("leader", "").casefold() in _YES,
    )


def _put(session: Session, row: PersonRow, unit_id: int) -> int:
    values = {
        "full_name": row.full_name,
        "search_key": search_key(f"{row.code} {row.full_name}"),
        "sort_key": person_sort_key(row.full_name),
        "position": row.position,
        "employer_id": unit_id,
        "email": row.email,
        "leader": row.leader,
    }
    known: int | None = session.scalar(
        update(Person).where(Person.code == row.code).values(**values).returning(Person.id)
    )
    if known is not None:
        return known
    made = insert(Person).values(code=row.code, **values).returning(Person.id)
    return session.execute(made).scalar_one()


def _put_posts(
    session: Session, person_id: int, wanted: set[tuple[Post, int]], today: date
) -> bool:
    held = {
        (row.post, row.unit_id): row
        for row in session.scalars(
            select(Appointment).where(
                Appointment.person_id == person_id,
                (Appointment.valid_to.is_(None)) | (Appointment.valid_to >= today),
            )
        )
    }
    for key in held.keys() - wanted:
        row = held[key]
        if row.valid_from >= today:
            session.delete(row)
        else:
            row.valid_to = today - timedelta(days=1)
    session.flush()
    for post, unit_id in sorted(wanted - held.keys()):
        session.execute(
            insert(Appointment).values(
                person_id=person_id, unit_id=unit_id, post=post, valid_from=today
            )
        )
    return held.keys() != wanted


def _put_account(session: Session, person_id: int, login: str, *, moved: bool) -> None:
    account = session.get(Account, person_id)
    if account is None:
        if login:
            session.execute(
                insert(Account).values(person_id=person_id, login=login, password_hash=LOCKED)
            )
        return
    if login:
        account.login = login
    if moved:
        account.role_version += 1
    session.flush()
