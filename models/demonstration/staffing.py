"""People of the demonstration: those named in the season, and a full staff for every unit."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

from sqlalchemy import select

from models.folding import person_sort_key, search_key
from models.passwords import hash_password
from models.phrases import keep_person
from models.tables import Account, Appointment, Person, Unit
from workflow.vocabulary import Post

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from sqlalchemy.orm import Session

    from models.demonstration.season import Fill, Season

_STAFF = (
    ("01", Post.CLERK, "Cán bộ lập hồ sơ"),
    ("02", Post.HEAD, ""),
    ("03", Post.COUNCIL_SECRETARY, "Thư ký Hội đồng TĐKT"),
    ("04", Post.COUNCIL_MEMBER, "Ủy viên Hội đồng TĐKT"),
    ("06", Post.APPRAISER, "Cán bộ thẩm định"),
)


@dataclass(frozen=True, slots=True)
class _Newcomer:
    code: str
    name: str
    position: str
    unit: str
    posts: tuple[str, ...]
    leader: bool = False


def staff(session: Session, season: Season, since: date) -> None:
    """Store every person with posts from `since` on, and an account for everybody with a post.

    Those of the season have the login it names; the door shows only these.
    """
    units = dict(session.execute(select(Unit.code, Unit.id)).all())
    known: dict[str, int] = {}
    logins = {account.person: account.login for account in season.accounts}
    for person in _everybody(season):
        row = Person(
            code=person.code,
            full_name=person.name,
            search_key=search_key(person.name),
            sort_key=person_sort_key(person.name),
            position=person.position,
            employer_id=units[person.unit],
            email=f"{search_key(person.code)}@example.vn",
            active=True,
            leader=person.leader,
        )
        session.add(row)
        session.flush()
        keep_person(session, row.id, person.name, person.code)
        known[person.code] = row.id
        if person.posts:
            logins.setdefault(person.code, person.code.casefold())
        for written in person.posts:
            post, _, at = written.partition("@")
            session.add(
                Appointment(
                    person_id=row.id,
                    unit_id=units[at or person.unit],
                    post=Post(post),
                    valid_from=since,
                )
            )
    password = hash_password(season.password)
    for code, login in logins.items():
        session.add(
            Account(
                person_id=known[code],
                login=login,
                password_hash=password,
                role_version=1,
                must_change=False,
            )
        )
    session.flush()


def _everybody(season: Season) -> Iterator[_Newcomer]:
    taken: set[tuple[str, str]] = set()
    for person in season.people:
        yield _Newcomer(
            person.code, person.name, person.position, person.unit, person.posts, person.leader
        )
        for written in person.posts:
            post, _, at = written.partition("@")
            taken.add((at or person.unit, post))
    names = _names(season.fill)
    heads = {
        "departments": "Giám đốc Sở",
        "districts": "Chủ tịch UBND huyện",
        "communes": "Chủ tịch UBND xã",
    }
    for group, head_title in heads.items():
        for unit in getattr(season.fill, group):
            for number, post, title in _STAFF:
                if (unit, post.value) not in taken:
                    yield _Newcomer(
                        f"{unit}-{number}",
                        next(names),
                        title or head_title,
                        unit,
                        (post.value,),
                        leader=post is Post.HEAD,
                    )


def _names(fill: Fill) -> Iterator[str]:
    """Names in a fixed order, without repeating one soon."""
    for number in count():
        family = fill.family[number % len(fill.family)]
        middle = fill.middle[(number * 7 + number // len(fill.family)) % len(fill.middle)]
        given = fill.given[(number * 5 + 3) % len(fill.given)]
        yield f"{family} {middle} {given}"
