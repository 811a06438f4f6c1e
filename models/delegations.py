"""Delegations: made by the giver or an administrator, ended by themselves or by somebody."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, exists, insert, or_, select, update
from sqlalchemy.orm import Session, aliased

from models.office import write_down
from models.people import posts_of
from models.tables import Account, Appointment, Delegation, Person, Unit
from models.telling import News, tell
from models.validity import NEVER_LENT, may_act, valid_on
from models.words_people import POSTS
from workflow.vocabulary import Action, Post
from workflow.words import phrase
from workflow.working_days import office_day

LONGEST: Final = timedelta(days=366)
PAGE: Final = "/uy-quyen"
LONGEST_REASON: Final = 500
ACTIONS: Final = (
    Action.SUBMIT,
    Action.RECORD_COUNCIL_RESULT,
    Action.MARK_CHECK,
    Action.CONFIRM_CHECK,
    Action.DECIDE,
    Action.REGISTER,
    Action.PRESENT,
    Action.EDIT,
    Action.REQUEST_SUPPLEMENT,
    Action.SEND_SUPPLEMENT,
    Action.GRANT_EXTENSION,
    Action.SUSPEND,
    Action.HOLD,
    Action.RELEASE_HOLD,
    Action.REJECT,
    Action.WITHDRAW,
    Action.REVOKE,
)
"""Steps a delegation may be narrowed to, those of the way through the states first."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A delegation as somebody wants it: office days inclusive; no post, no actions mean all."""

    giver_id: int
    delegate_id: int
    first_day: date | None
    last_day: date | None
    reason: str
    post: tuple[Post, int] | None = None
    actions: tuple[Action, ...] = ()


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, under the name of its field, and what to do."""

    field: str
    message: str


@dataclass(frozen=True, slots=True)
class Shown:
    """One delegation with the names a page shows."""

    delegation: Delegation
    giver: str
    giver_position: str
    delegate: str
    delegate_position: str
    unit: str
    made_by: str

    def stands(self, day: date) -> str:
        """How it stands on the office day: `ended`, `coming`, `running` or `over`."""
        one = self.delegation
        if one.ended_at is not None:
            return "ended"
        if day < one.first_day:
            return "coming"
        return "running" if day <= one.last_day else "over"


def problems_of(session: Session, wish: Wish, by: int, today: date) -> list[Problem]:
    """Everything that speaks against a delegation; nothing when it may be made."""
    found = [*_about_days(wish, today), *_about_people(session, wish, by)]
    if not wish.reason.strip():
        found.append(
            Problem("reason", phrase("Ghi lý do ủy quyền bằng một câu, ví dụ: nghỉ phép năm."))
        )
    elif len(wish.reason) > LONGEST_REASON:
        over = len(wish.reason) - LONGEST_REASON
        found.append(
            Problem(
                "reason",
                phrase(
                    "Lý do tối đa {longest_reason} ký tự; rút bớt {over} ký tự.",
                    longest_reason=LONGEST_REASON,
                    over=over,
                ),
            )
        )
    first = wish.first_day or today
    held = {pair for pair in posts_of(session, wish.giver_id, first) if pair[0] not in NEVER_LENT}
    if not held:
        found.append(
            Problem(
                "giver", phrase("Người ủy quyền không giữ vai trò nào ủy quyền được vào ngày đầu.")
            )
        )
    elif wish.post is not None and wish.post not in held:
        found.append(
            Problem("post", phrase("Chọn một vai trò người ủy quyền đang giữ vào ngày đầu."))
        )
    if not found and _overlaps(session, wish):
        found.append(
            Problem(
                "first_day",
                phrase("Đã có ủy quyền giữa hai người trong thời gian này; kết thúc bản cũ trước."),
            )
        )
    return found


def _about_days(wish: Wish, today: date) -> Iterable[Problem]:
    if wish.first_day is None or wish.last_day is None:
        return
    if wish.first_day < today:
        yield Problem(
            "first_day", phrase("Ngày đầu không thể trước hôm nay ({today}).", today=today)
        )
    if wish.last_day < wish.first_day:
        yield Problem("last_day", phrase("Ngày cuối không thể trước ngày đầu."))
    elif wish.last_day - wish.first_day > LONGEST:
        yield Problem("last_day", phrase("Ủy quyền dài nhất một năm; hết hạn thì lập bản mới."))


def _about_people(session: Session, wish: Wish, by: int) -> Iterable[Problem]:
    if wish.delegate_id == wish.giver_id:
        yield Problem("delegate", phrase("Chọn người khác: không ai ủy quyền cho chính mình."))
    elif by != wish.giver_id and wish.delegate_id == by:
        yield Problem(
            "delegate",
            phrase("Quản trị không lập ủy quyền cho chính mình; nhờ người ủy quyền tự lập."),
        )
    reachable = select(Person.id).where(
        Person.id == wish.delegate_id,
        may_act(Person.id),
        exists().where(Account.person_id == Person.id),
    )
    if session.scalar(reachable) is None:
        yield Problem(
            "delegate", phrase("Người được ủy quyền phải có tài khoản đang mở; chọn người khác.")
        )


def _overlaps(session: Session, wish: Wish) -> bool:
    found = session.scalar(
        select(Delegation.id)
        .where(
            Delegation.giver_id == wish.giver_id,
            Delegation.delegate_id == wish.delegate_id,
            Delegation.ended_at.is_(None),
            Delegation.first_day <= wish.last_day,
            Delegation.last_day >= wish.first_day,
        )
        .limit(1)
    )
    return found is not None


def delegate(session: Session, wish: Wish, by: int, now: datetime) -> int | list[Problem]:
    """Make a delegation, tell the delegate, and the giver if somebody else made it.

    Returns its number, or what speaks against it.
    """
    problems = problems_of(session, wish, by, office_day(now))
    if problems or wish.first_day is None or wish.last_day is None:
        return problems
    values = {
        "giver_id": wish.giver_id,
        "delegate_id": wish.delegate_id,
        "post": wish.post[0] if wish.post else None,
        "unit_id": wish.post[1] if wish.post else None,
        "actions": [action.value for action in wish.actions],
        "first_day": wish.first_day,
        "last_day": wish.last_day,
        "reason": wish.reason.strip(),
    }
    number = session.execute(
        insert(Delegation).values(**values, made_by=by, made_at=now).returning(Delegation.id)
    ).scalar_one()
    told = {key: value for key, value in values.items() if key != "post"}
    post = wish.post[0].value if wish.post else None
    write_down(session, "delegate", {"delegation": number, "post": post, **told}, by, now)
    one = shown(session, Delegation.id == number)[0]
    whom = {wish.delegate_id} | ({wish.giver_id} if by != wish.giver_id else set())
    span = phrase(
        "từ {first_day} đến hết {last_day}", first_day=wish.first_day, last_day=wish.last_day
    )
    lines = [
        phrase(
            "{giver} ủy quyền cho {delegate} xử lý thay {span}.",
            giver=one.giver,
            delegate=one.delegate,
            span=span,
        ),
        phrase("Phạm vi: {scope_words}.", scope_words=scope_words(one)),
        phrase("Lý do: {strip}", strip=wish.reason.strip()),
        phrase("Mỗi việc làm thay đều ghi tên cả hai người. Ủy quyền tự hết vào ngày cuối."),
    ]
    if by != wish.giver_id:
        lines.insert(0, phrase("{made_by} lập ủy quyền này.", made_by=one.made_by))
    headline = phrase("Ủy quyền: {count} thay mặt {giver}", count=one.delegate, giver=one.giver)
    tell(session, whom, News(f"delegated:{number}", headline, lines, PAGE), now)
    return number


def end_delegation(session: Session, number: int, by: int, now: datetime) -> bool:
    """End a delegation now, as its giver, its delegate or an administrator; False if it is over.

    It waits for an act under way on somebody's behalf, and no later one passes.
    """
    ended = session.execute(
        update(Delegation)
        .where(
            Delegation.id == number,
            Delegation.ended_at.is_(None),
            Delegation.last_day >= office_day(now),
        )
        .values(ended_at=now, ended_by=by)
        .returning(Delegation.id)
        .execution_options(synchronize_session=False)
    ).first()
    if ended is None:
        return False
    session.expire_all()
    write_down(session, "end_delegation", {"delegation": number}, by, now)
    one = shown(session, Delegation.id == number)[0]
    whom = {one.delegation.giver_id, one.delegation.delegate_id} - {by}
    headline = phrase(
        "Kết thúc ủy quyền: {delegate} thôi thay mặt {giver}",
        delegate=one.delegate,
        giver=one.giver,
    )
    lines = [
        phrase(
            "{delegate} thôi xử lý thay {giver} từ lúc này.", delegate=one.delegate, giver=one.giver
        )
    ]
    tell(session, whom, News(f"delegation-ended:{number}", headline, lines, PAGE), now)
    return True


def may_end(one: Delegation, by: int, *, administrator: bool) -> bool:
    """May this person end it?"""
    return administrator or by in {one.giver_id, one.delegate_id}


def shown(session: Session, *conditions: ColumnElement[bool]) -> list[Shown]:
    """Delegations with names, those that end last first."""
    giver, taker, maker = aliased(Person), aliased(Person), aliased(Person)
    rows = session.execute(
        select(
            Delegation,
            giver.full_name,
            giver.position,
            taker.full_name,
            taker.position,
            Unit.name,
            maker.full_name,
        )
        .join(giver, giver.id == Delegation.giver_id)
        .join(taker, taker.id == Delegation.delegate_id)
        .join(maker, maker.id == Delegation.made_by)
        .outerjoin(Unit, Unit.id == Delegation.unit_id)
        .where(*conditions)
        .order_by(Delegation.last_day.desc(), Delegation.id.desc())
    )
    return [Shown(*row[:5], row[5] or "", row[6]) for row in rows]


def about(person_id: int) -> ColumnElement[bool]:
    """SQL: given by the person, or to the person."""
    return or_(Delegation.giver_id == person_id, Delegation.delegate_id == person_id)


def lendable_posts(session: Session, person_id: int, day: date) -> list[tuple[Post, int, str]]:
    """Posts a person could lend on `day`, with their units."""
    rows = session.execute(
        select(Appointment.post, Unit.id, Unit.name)
        .join(Unit, Unit.id == Appointment.unit_id)
        .where(
            Appointment.person_id == person_id,
            Appointment.post.not_in(NEVER_LENT),
            valid_on(day),
        )
        .order_by(Appointment.id)
    )
    return [(post, unit_id, unit) for post, unit_id, unit in rows]


def scope_words(one: Shown) -> str:
    """Which posts and steps it covers."""
    delegation = one.delegation
    where = phrase("mọi vai trò đang giữ")
    if delegation.post is not None:
        where = phrase(
            "vai trò {lower}, {unit}", lower=POSTS[delegation.post].lower(), unit=one.unit
        )
    if not delegation.actions:
        return phrase("{where}, mọi thao tác", where=where)
    return phrase("{where}, {count} thao tác được chọn", where=where, count=len(delegation.actions))
