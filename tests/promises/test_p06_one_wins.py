"""P6: of all who ask at the same instant exactly one wins; the others are told what changed.

A dossier goes its whole way by races: for every step some clients, in several processes, send the
form of the page they are all looking at. Whoever wins carries the dossier to its next situation,
and the next race begins there.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from html import unescape
from itertools import count as numbers
from pathlib import Path

import pytest
from sqlalchemy import select

from models.database import Database
from models.doctor import examine
from models.scores import put_score
from models.sessions import Visit, open_session
from models.tables import Dossier, HistoryLine, Registration
from tests import builders as build
from tests.promises.rivals import Answer, Attempt, Rivals
from tests.tiers import SEED, count
from views import labels
from workflow.facts import Command, RankingInput, RevocationInput
from workflow.results import RankingResult
from workflow.vocabulary import Action, RegistrationStatus, RevocationGround, State

RACES = count(45, 5000, 20_000)
"""Races on each engine."""
NAIVE = count(5, 200, 500)
PROCESSES = count(2, 4, 8)
SIZES = (2, 2, 2, 2, 8) if count(1, 2) == 1 else (2, 8, 2, 8, 32)
"""Clients of a race, in turn."""
UNITS = ("H029", "H030", "H031", "H032", "H028", "H027", "H026", "SNV", "TTT", "STP")
BOARD, RANKING = f"appraiser@{build.PROVINCE}", f"council_secretary@{build.PROVINCE}"
CHAIR, DEPUTY = f"head@{build.PROVINCE}", f"deputy_head@{build.PROVINCE}"
DAY_AFTER_SPRING = build.SPRING + timedelta(days=1)
REASON = "Lý do ghi khi đua"
PAPER = {"number": "86/TTr-UBND", "dated": "10/11/2023", "signer": "Phàn A Lình", "confirmed": "1"}
SIGNED = {
    "dated": "05/12/2023",
    "signer": "Nguyễn Văn Sơn",
    "capacity": "",
    "compared": "1",
}


@dataclass(frozen=True)
class Move:
    """What one client may send: by whom, where, and what of the dossier it changes."""

    action: Action
    by: tuple[str, ...]
    page: str = ""
    form: dict[str, str] = field(default_factory=dict)
    fields: frozenset[str] = frozenset()
    files: tuple[str, ...] = ()
    steps: int = 1

    @property
    def path(self) -> str:
        return self.page or f"/buoc/{self.action.value}"


@dataclass(frozen=True)
class Race:
    """Moves that are sent at once, by turns; all from one version, at one instant."""

    now: datetime
    moves: tuple[Move, ...]


def changes(*fields: str) -> frozenset[str]:
    return frozenset(fields)


def saying(action: Action, *by: str, fields: frozenset[str] = frozenset({"state"})) -> Move:
    """A step that is taken on the dossier's own page, with a reason."""
    source = {"source": "Đơn tố cáo"} if action is Action.HOLD else {}
    return Move(action, by, "", {"comment": REASON, **source}, fields)


def paper(kind: str, *by: str) -> Move:
    form = {"kind": kind, **{f"{kind}-{name}": value for name, value in PAPER.items()}}
    return Move(Action.EDIT, by, "/lap/tai-lieu", form, changes(kind), (f"{kind}-file",))


def the_way(unit: str, number: int) -> Iterator[Race]:  # noqa: PLR0915 - a long way
    """Every step there is, in an order in which a dossier can take them."""
    unit_side = (f"clerk@{unit}", f"head@{unit}")
    secretary = f"council_secretary@{unit}"

    def race(*moves: Move, now: datetime = build.AUTUMN) -> Race:
        return Race(now, moves)

    report = {
        "award": "BANG_KHEN_TINH",
        "profile_text": "Thành lập năm 1962.",
        "achievements_text": "Rút ngắn 40% thời gian.",
        "prior_awards_text": "Chưa có.",
    }
    texts = changes("profile_text", "achievements_text", "prior_awards_text")
    yield race(
        Move(
            Action.EDIT,
            unit_side,
            "/lap/hinh-thuc",
            report,
            texts | {"award_form"},
            steps=2,
        )
    )
    again = {**report, "profile_text": f"Thành lập năm 1962, sửa lần {number}."}
    yield race(Move(Action.EDIT, unit_side, "/lap/hinh-thuc", again, changes("profile_text")))
    idea = {
        "title": "Tổ trả kết quả lưu động tại chợ phiên",
        "recognised_by": "UBND tỉnh",
        "recognition_number": "1203/QĐ-UBND",
        "recognised_on": "01/06/2023",
        "applied": "1",
    }
    yield race(Move(Action.EDIT, unit_side, "/lap/sang-kien", idea, changes("initiatives")))
    yield race(paper("BAO_CAO_THANH_TICH", *unit_side))
    yield race(Move(Action.PRESENT, unit_side[:1], fields=changes("presented")))
    until = {"until": "04/12/2023", "comment": REASON}
    yield race(Move(Action.GRANT_EXTENSION, (BOARD,), "/gia-han", until, changes("extended_until")))
    stop = {"since": "21/11/2023", "until": "22/11/2023", "comment": REASON}
    yield race(Move(Action.SUSPEND, (BOARD,), "/tam-dung-thoi-han", stop, changes("suspensions")))
    if number % 5 == 1:
        yield race(saying(Action.WITHDRAW, *unit_side))
        return
    yield race(Move(Action.SUBMIT, unit_side, fields=changes("state")))
    yield race(paper("BIEN_BAN", secretary, *unit_side))
    yield race(saying(Action.HOLD, BOARD, fields=changes("hold")))
    yield race(saying(Action.RELEASE_HOLD, BOARD, fields=changes("hold")))
    asked = {
        "item-1": "Báo cáo: ghi rõ số liệu.",
        "kind-BAO_CAO_THANH_TICH": "1",
        "due": "05/12/2023",
        "comment": REASON,
    }
    supplement = changes("supplement")
    yield race(
        Move(
            Action.REQUEST_SUPPLEMENT,
            (secretary, BOARD),
            "/yeu-cau-bo-sung",
            asked,
            supplement,
        )
    )
    yield race(paper("BAO_CAO_THANH_TICH", *unit_side))
    yield race(Move(Action.SEND_SUPPLEMENT, unit_side, fields=supplement))
    if number % 5 == 2:
        yield race(saying(Action.WITHDRAW, *unit_side), saying(Action.REJECT, secretary))
        return
    votes = {
        "do": "record",
        "held_on": "20/11/2023",
        "members": "9",
        "present": "9",
        "recused": "0",
        "votes_for": "9",
        "votes_against": "0",
        "votes_blank": "0",
        "method": "show_of_hands",
    }
    result = changes("state", "council_result")
    yield race(
        Move(Action.RECORD_COUNCIL_RESULT, (secretary,), "/hoi-dong", votes, result),
        now=build.NOW,
    )
    yield race(paper("TO_TRINH", *unit_side), now=build.NOW)
    if number % 5 == 3:
        yield race(saying(Action.REJECT, BOARD), saying(Action.WITHDRAW, *unit_side), now=build.NOW)
        return
    marks = {f"check-{place}": "met" for place in (1, 2, 3)}
    yield race(
        Move(
            Action.MARK_CHECK,
            (BOARD,),
            "/kiem-tra",
            {**marks, "do": "save"},
            changes("marks"),
            steps=3,
        ),
        now=build.NOW,
    )
    yield race(
        Move(
            Action.CONFIRM_CHECK,
            (BOARD,),
            "/kiem-tra",
            {**marks, "do": "confirm"},
            changes("state"),
        ),
        now=build.NOW,
    )
    yield race(Move(Action.RECORD_RANKING, (RANKING,), fields=changes("ranking")), now=build.NOW)
    signing = {**SIGNED, "number": f"{number}/QĐ-UBND"}
    decided = changes("state", "decision")
    later = Move(Action.DECIDE, (CHAIR, DEPUTY), "/quyet-dinh", {**signing, "when": "sau"}, decided)
    at_once = Move(
        Action.DECIDE, (CHAIR, DEPUTY), "/quyet-dinh", {**signing, "when": "ngay"}, decided
    )
    if number % 5 == 4:
        refused = saying(Action.REJECT, DEPUTY, CHAIR)
        yield race(at_once, refused, saying(Action.WITHDRAW, *unit_side), now=build.NOW)
        return
    yield race(later, now=build.NOW)
    yield race(saying(Action.RETRACT, CHAIR, DEPUTY, fields=decided), now=build.NOW)
    yield race(at_once, now=build.NOW)
    revoking = {
        **SIGNED,
        "number": f"{number}-B/QĐ-UBND",
        "ground": "forged_papers",
        "comment": REASON,
    }
    yield race(
        Move(
            Action.REVOKE,
            (CHAIR, DEPUTY),
            "/huy-bo",
            revoking,
            changes("state", "revocation"),
        ),
        now=build.NOW,
    )


@dataclass
class Course:
    """Where the races are run: one record, and the people who are signed in."""

    database: Database
    url: str
    storage: str
    chance: random.Random
    tokens: dict[tuple[str, datetime], str] = field(default_factory=dict)
    keys: Iterator[int] = field(default_factory=numbers)

    def token(self, login: str, now: datetime) -> str:
        """A session of this person, who signed in a moment before."""
        if (login, now) not in self.tokens:
            person = build.who(self.database, login)
            with self.database.writing() as session:
                self.tokens[login, now] = open_session(session, person, Visit(), now)
        return self.tokens[login, now]

    def attempt(self, login: str, now: datetime, **more: object) -> Attempt:
        accept = self.chance.choice(("text/html", "application/json", "application/json"))
        token = self.token(login, now)
        return Attempt(self.url, self.storage, now, token=token, accept=accept, **more)  # type: ignore[arg-type]

    def attempts(
        self, race: Race, code: str, version: int, size: int
    ) -> list[tuple[Move, Attempt]]:
        """As many clients as wanted, moves and people in turn, from one version."""
        made = []
        for number in range(size):
            move = race.moves[number % len(race.moves)]
            login = move.by[number // len(race.moves) % len(move.by)]
            key = f"k{next(self.keys)}"
            if move.action is Action.RECORD_RANKING:
                ranked = RankingResult("PH-2023-0001", race.now.date(), 9, 9, 9, place=1)
                person = build.who(self.database, login)
                command = Command(
                    code, person, move.action, version, inputs=RankingInput(ranked), key=key
                )
                one = Attempt(self.url, self.storage, race.now, command=command)
            else:
                form = {**move.form, "version": str(version), "key": key}
                path = f"/ho-so/{code}{move.path}"
                one = self.attempt(login, race.now, path=path, form=form, files=move.files)
            made.append((move, one))
        self.chance.shuffle(made)
        return made

    def lines_since(self, code: str, version: int) -> Sequence[HistoryLine]:
        with self.database.reading() as session:
            return session.scalars(
                select(HistoryLine)
                .join(Dossier, Dossier.id == HistoryLine.dossier_id)
                .where(Dossier.code == code, HistoryLine.dossier_version > version)
                .order_by(HistoryLine.seq)
            ).all()

    def run(self, rivals: Rivals, race: Race, code: str, size: int) -> list[str]:
        """One race on a dossier: everything that is not as promised."""
        version = build.the_dossier(self.database, code).version
        made = self.attempts(race, code, version, size)
        answers = rivals.all_at_once([one for _, one in made])
        after = build.the_dossier(self.database, code)
        lines = self.lines_since(code, version)
        won = [
            move for (move, _), answer in zip(made, answers, strict=True) if answer.status == 303
        ]
        if len(won) != 1:
            return [
                f"{[(m.action.value, a.status) for (m, _), a in zip(made, answers, strict=True)]}"
            ]
        if (after.version, len(lines)) != (version + won[0].steps, won[0].steps):
            became = f"version {version} became {after.version} in {len(lines)} lines"
            return [f"{won[0].action.value}: {became}"]
        told = Told(version, after, race.now, lines[-1], won[0].fields)
        return [
            f"{move.action.value} after {won[0].action.value}: {fault}"
            for (move, one), answer in zip(made, answers, strict=True)
            if answer.status != 303
            for fault in told.faults(answer, one.form)
        ]


@dataclass(frozen=True)
class Told:
    """What every loser of one race must have been told."""

    yours: int
    now: Dossier
    at: datetime
    line: HistoryLine
    fields: frozenset[str]

    def faults(self, answer: Answer, form: object) -> list[str]:
        if answer.status != 409:
            return [f"answered {answer.status}: {text_of(answer.body)[:300]}"]
        if answer.mimetype == "application/json":
            return self._of_program(json.loads(answer.body))
        return self._of_page(text_of(answer.body), form)

    def _of_program(self, told: dict[str, object]) -> list[str]:
        wanted = {
            "current_state": self.now.state.value,
            "current_version": self.now.version,
            "your_version": self.yours,
            "role": self.line.role,
        }
        found = {name: told[name] for name in wanted}
        if found != wanted:
            return [f"{found} instead of {wanted}"]
        if datetime.fromisoformat(str(told["changed_at"])) != self.at:
            return [f"changed at {told['changed_at']}"]
        if set(told["changed_fields"]) != self.fields:  # type: ignore[call-overload]
            return [f"changed {told['changed_fields']} instead of {sorted(self.fields)}"]
        return []

    def _of_page(self, words: str, form: object) -> list[str]:
        wanted = [
            self.line.actor_name,
            f"nay là bản {self.now.version}, trạng thái “{labels.STATE[self.now.state]}”",
            f"Bạn mở bản {self.yours};",
            "chưa được ghi",
        ]
        if isinstance(form, dict) and "comment" in form:
            wanted.append(REASON)
        return [f"not told: {one}" for one in wanted if one not in words]


def text_of(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", unescape(page)).split())


@pytest.fixture(scope="module")
def rivals() -> Iterator[Rivals]:
    with Rivals(PROCESSES) as these:
        yield these


@pytest.fixture(scope="module")
def naive_rivals() -> Iterator[Rivals]:
    with Rivals(PROCESSES, naive=True) as these:
        yield these


@pytest.fixture
def course(database: Database, database_url: str, tmp_path: Path) -> Course:
    return Course(database, database_url, str(tmp_path / "files"), random.Random(SEED))


def acknowledged(course: Course, rivals: Rivals, unit: str, size: int) -> str:
    """A registration that several clients acknowledge at once bears one dossier."""
    registration = build.a_registration(course.database, unit)
    now = DAY_AFTER_SPRING
    attempts = [
        course.attempt(
            BOARD,
            now,
            path=f"/dang-ky/{registration}",
            form={"do": "acknowledge", "key": f"k{next(course.keys)}"},
        )
        for _ in range(size)
    ]
    answers = rivals.all_at_once(attempts)
    assert sorted(one.status for one in answers) == [303] + [409] * (size - 1)
    code = born_of(course.database, registration)
    for one in answers:
        if one.mimetype == "application/json":
            told = json.loads(one.body)
            assert (told["current_state"], told["role"]) == ("acknowledged", "superior")
            assert datetime.fromisoformat(told["changed_at"]) == now
        elif one.status == 409:
            assert "Vàng Appraiser UBND-TINH" in text_of(one.body)
    return code


def born_of(database: Database, registration: str) -> str:
    """The code of the only dossier this registration has borne."""
    with database.reading() as session:
        return session.scalars(
            select(Dossier.code)
            .join(Registration, Registration.id == Dossier.registration_id)
            .where(
                Registration.code == registration,
                Registration.status == RegistrationStatus.ACKNOWLEDGED,
            )
        ).one()


@pytest.mark.slow
@pytest.mark.promise("P6")
def test_of_all_who_ask_at_once_one_wins_and_the_others_are_told(
    course: Course, rivals: Rivals, tally: Callable[[str, int], None]
) -> None:
    run, tours = 0, 0
    actions: set[Action] = set()
    while run < RACES:
        unit = UNITS[tours % len(UNITS)]
        code = acknowledged(course, rivals, unit, SIZES[tours % len(SIZES)])
        with course.database.writing() as session:
            put_score(session, build.a_score(build.unit_id(session, unit)), None, build.NOW)
        for race in the_way(unit, tours):
            size = SIZES[run % len(SIZES)]
            faults = course.run(rivals, race, code, size)
            assert faults == [], (code, size)
            actions |= {move.action for move in race.moves}
            run += 1
        tours, run = tours + 1, run + 1
        if build.the_dossier(course.database, code).state is State.DECIDED:
            course_cleared(course, code, tours)
    tally("races", run)
    assert actions == set(Action) - {Action.REGISTER}
    assert examine(course.database) == []


def course_cleared(course: Course, code: str, number: int) -> None:
    """Revoke what a race of a whole tour decided, so that the unit can ask again."""
    inputs = RevocationInput(
        RevocationGround.FORGED_PAPERS, build.a_decision(f"{number}-C/QĐ-UBND").decision
    )
    build.taken(build.step(course.database, code, CHAIR, Action.REVOKE, inputs, comment="Làm lại"))


@pytest.mark.slow
@pytest.mark.promise("P6")
def test_writers_that_do_not_compare_the_version_fail_the_same_race(
    course: Course, naive_rivals: Rivals, tally: Callable[[str, int], None]
) -> None:
    """The planted fault: without compare-and-set two win, or a loser is not told."""
    run = failed = 0
    unit = UNITS[0]
    while run < NAIVE:
        registration = build.a_registration(course.database, unit)
        build.taken(build.acknowledge(course.database, registration))
        code = born_of(course.database, registration)
        for race in list(the_way(unit, 0))[1:6]:
            failed += bool(course.run(naive_rivals, race, code, 2))
            run += 1
        end = build.step(
            course.database,
            code,
            f"clerk@{unit}",
            Action.WITHDRAW,
            comment=REASON,
            now=build.AUTUMN,
        )
        build.taken(end)
    tally(f"naive races, of which {failed} were found out", run)
    assert failed >= 0.95 * run


def test_a_loser_outside_hears_nothing_of_a_decision_that_is_not_published(
    course: Course, rivals: Rivals
) -> None:
    code = build.a_checked(course.database)
    version = build.the_dossier(course.database, code).version
    later = {**SIGNED, "number": "1/QĐ-UBND", "when": "sau", "version": str(version)}
    decision = course.attempt(
        CHAIR, build.NOW, path=f"/ho-so/{code}/quyet-dinh", form={**later, "key": "a"}
    )
    (won,) = rivals.all_at_once([decision])
    assert won.status == 303
    form = {"comment": REASON, "version": str(version), "key": "b"}
    attempt = course.attempt("head@H029", build.NOW, path=f"/ho-so/{code}/buoc/withdraw", form=form)
    (answer,) = rivals.all_at_once([attempt])
    assert answer.status == 409
    if answer.mimetype == "application/json":
        told = json.loads(answer.body)
        assert told["current_state"] == State.BOARD_CHECKED.value
        assert (told["changed_fields"], told["changed_at"], told["role"]) == ([], None, None)
    else:
        assert "1/QĐ-UBND" not in answer.body
        assert labels.STATE[State.DECIDED] not in text_of(answer.body)
