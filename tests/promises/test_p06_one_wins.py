"""P6: of all who ask at the same instant exactly one wins; the others are told what changed.

A dossier goes its whole way by races: for every step some clients, in several processes, send the
form of the page they are all looking at. Whoever wins carries the dossier to its next situation,
and the next race begins there. A few dossiers go side by side: their races begin at one instant
too. Two dozen more that are checked already go to and fro between waiting and decided, and fall.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count as numbers
from itertools import islice
from pathlib import Path

import pytest
from sqlalchemy import select

from models.database import Database
from models.doctor import examine
from models.sessions import Visit, open_session
from models.tables import Dossier, HistoryLine, Unit
from tests import builders as build
from tests.promises.prepared import FREE
from tests.promises.rivals import Answer, Attempt, Rivals, text_of
from tests.promises.ways import (
    BOARD,
    CHAIR,
    DAY_AFTER_SPRING,
    REASON,
    SIGNED,
    Move,
    Race,
    a_lap,
    born_of,
    the_end,
    the_way,
)
from tests.tiers import SEED, count
from views import labels
from workflow.facts import Command, RankingInput
from workflow.results import RankingResult
from workflow.vocabulary import Action, State

RACES = count(200, 5000, 20_000)
"""Races on each engine."""
NAIVE = count(5, 200, 500)
PROCESSES = count(2, 4, 8)
SIZES = (2, 2, 2, 2, 2, 2, 8) if count(1, 2) == 1 else (2, 8, 2, 8, 32)
"""Clients of a race, in turn: each step is raced for by few and by many."""
CROWD, CROWDED = 32, 110
"""By day one race of so many has this many clients."""
SIDE = 3
"""Dossiers that go side by side."""


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
        accept = self.chance.choice(("text/html", *["application/json"] * 4))
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

    def dossiers(self, codes: Iterable[str]) -> dict[str, Dossier]:
        """These dossiers as they stand."""
        with self.database.reading() as session:
            found = session.scalars(select(Dossier).where(Dossier.code.in_(codes)))
            return {one.code: one for one in found}

    def lines_of(self, dossiers: Iterable[Dossier]) -> dict[int, list[HistoryLine]]:
        """All lines of these dossiers, the oldest first."""
        keys = [one.id for one in dossiers]
        found: dict[int, list[HistoryLine]] = {key: [] for key in keys}
        with self.database.reading() as session:
            for line in session.scalars(
                select(HistoryLine)
                .where(HistoryLine.dossier_id.in_(keys))
                .order_by(HistoryLine.seq)
            ):
                assert line.dossier_id is not None
                found[line.dossier_id].append(line)
        return found

    def run(self, rivals: Rivals, races: Sequence[tuple[Race, str, int]]) -> list[str]:
        """Races on different dossiers, begun at one instant: everything that is not as promised."""
        before = self.dossiers(code for _, code, _ in races)
        asked = [
            self.attempts(race, code, before[code].version, size) for race, code, size in races
        ]
        answers = iter(rivals.all_at_once([one for made in asked for _, one in made]))
        after = self.dossiers(before)
        lines = self.lines_of(after.values())
        faults = []
        for (race, code, size), made in zip(races, asked, strict=True):
            told = list(islice(answers, len(made)))
            version, now = before[code].version, after[code]
            new = [line for line in lines[now.id] if (line.dossier_version or 0) > version]
            faults += [
                f"{code}, {size} clients: {fault}"
                for fault in _faults(race, list(zip(made, told, strict=True)), version, now, new)
            ]
        return faults


def _faults(
    race: Race,
    answered: Sequence[tuple[tuple[Move, Attempt], Answer]],
    version: int,
    now: Dossier,
    lines: Sequence[HistoryLine],
) -> list[str]:
    """One winner, its step and no other in the record, and all others told of it."""
    won = [move for (move, _), answer in answered if answer.status == 303]
    if len(won) != 1:
        return [f"{[(move.action.value, answer.status) for (move, _), answer in answered]}"]
    if (now.version, len(lines)) != (version + won[0].steps, won[0].steps):
        became = f"version {version} became {now.version} in {len(lines)} lines"
        return [f"{won[0].action.value}: {became}"]
    told = Told(version, now, race.now, lines[-1], won[0].fields)
    return [
        f"{move.action.value} after {won[0].action.value}: {fault}"
        for (move, one), answer in answered
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


@pytest.fixture(scope="module")
def naive_rivals() -> Iterator[Rivals]:
    with Rivals(PROCESSES, naive=True) as these:
        yield these


@pytest.fixture
def course(checked: Database, checked_url: str, tmp_path: Path) -> Course:
    return Course(checked, checked_url, str(tmp_path / "files"), random.Random(SEED))


def acknowledged(course: Course, rivals: Rivals, sizes: Mapping[str, int]) -> list[str]:
    """A registration of each unit, acknowledged by several clients at once, bears one dossier."""
    sent = {unit: build.a_registration(course.database, unit) for unit in sizes}
    now = DAY_AFTER_SPRING
    attempts = [
        course.attempt(
            BOARD,
            now,
            path=f"/dang-ky/{registration}",
            form={"do": "acknowledge", "key": f"k{next(course.keys)}"},
        )
        for unit, registration in sent.items()
        for _ in range(sizes[unit])
    ]
    answers = iter(rivals.all_at_once(attempts))
    codes = []
    for unit, registration in sent.items():
        told = list(islice(answers, sizes[unit]))
        assert sorted(one.status for one in told) == [303] + [409] * (sizes[unit] - 1)
        codes.append(born_of(course.database, registration))
        for one in told:
            _told_of_the_birth(one, now)
    return codes


def _told_of_the_birth(answer: Answer, now: datetime) -> None:
    if answer.mimetype == "application/json":
        told = json.loads(answer.body)
        assert (told["current_state"], told["role"]) == ("acknowledged", "superior")
        assert datetime.fromisoformat(told["changed_at"]) == now
    elif answer.status == 409:
        assert "Vàng Appraiser UBND-TINH" in text_of(answer.body)


@dataclass
class Tours:
    """Dossiers on their ways, a few side by side."""

    course: Course
    rivals: Rivals
    run: int = 0
    actions: set[Action] = field(default_factory=set)

    def size(self, dossier: int) -> int:
        """How many clients the next race has: in turn by race and dossier, sometimes a crowd."""
        if self.run % CROWDED == CROWDED // 2:
            return CROWD
        return SIZES[(self.run + dossier) % len(SIZES)]

    def born(self, units: Sequence[str]) -> list[str]:
        """New dossiers, their registrations acknowledged in races."""
        sizes = {unit: self.size(at) for at, unit in enumerate(units)}
        self.run += len(units)
        return acknowledged(self.course, self.rivals, sizes)

    def go(self, ways: Iterable[tuple[str, Iterator[Race]]]) -> None:
        """Every dossier goes its way to the end."""
        waiting = list(ways)
        while waiting:
            abreast, waiting = waiting[:SIDE], waiting[SIDE:]
            while abreast:
                begun = [(code, way, next(way, None)) for code, way in abreast]
                abreast = [(code, way) for code, way, race in begun if race is not None]
                self.race([(race, code) for code, _, race in begun if race is not None])

    def race(self, races: Sequence[tuple[Race, str]]) -> None:
        sized = []
        for at, (race, code) in enumerate(races):
            sized.append((race, code, self.size(at)))
            self.actions |= {move.action for move in race.moves}
            self.run += 1
        assert not sized or self.course.run(self.rivals, sized) == []


@pytest.mark.slow
@pytest.mark.promise("P6")
def test_of_all_who_ask_at_once_one_wins_and_the_others_are_told(
    course: Course, rivals: Rivals, tally: Callable[[str, int], None]
) -> None:
    tours, numbers_given = Tours(course, rivals), numbers()
    checked = checked_codes(course.database)
    while tours.run < RACES:
        codes = tours.born(FREE)
        tours.go(
            (code, the_way(unit, next(numbers_given)))
            for unit, code in zip(FREE, codes, strict=True)
        )
        tours.go((code, a_lap(next(numbers_given))) for code in checked.values())
    tours.go((code, the_end(unit, at)) for at, (unit, code) in enumerate(checked.items()))
    tally("races", tours.run)
    assert tours.actions == set(Action) - {Action.REGISTER}
    assert examine(course.database) == []


def checked_codes(database: Database) -> dict[str, str]:
    """The dossier of each unit that waits for a decision."""
    with database.reading() as session:
        rows = session.execute(
            select(Unit.code.label("unit"), Dossier.code)
            .join(Dossier, Dossier.unit_id == Unit.id)
            .where(Dossier.state == State.BOARD_CHECKED)
        )
        return {row.unit: row.code for row in rows}


@pytest.mark.planted
@pytest.mark.slow
@pytest.mark.promise("P6")
def test_writers_that_do_not_compare_the_version_fail_the_same_race(
    course: Course, naive_rivals: Rivals, tally: Callable[[str, int], None]
) -> None:
    """The planted fault: without compare-and-set two win, or a loser is not told."""
    run = failed = 0
    unit = FREE[0]
    while run < NAIVE:
        registration = build.a_registration(course.database, unit)
        build.taken(build.acknowledge(course.database, registration))
        code = born_of(course.database, registration)
        for race in list(the_way(unit, 0))[1:6]:
            failed += bool(course.run(naive_rivals, [(race, code, 2)]))
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
    unit, code = next(iter(checked_codes(course.database).items()))
    version = build.the_dossier(course.database, code).version
    later = {**SIGNED, "number": "1/QĐ-UBND", "when": "sau", "version": str(version)}
    decision = course.attempt(
        CHAIR, build.NOW, path=f"/ho-so/{code}/quyet-dinh", form={**later, "key": "a"}
    )
    (won,) = rivals.all_at_once([decision])
    assert won.status == 303
    form = {"comment": REASON, "version": str(version), "key": "b"}
    attempt = course.attempt(
        f"head@{unit}", build.NOW, path=f"/ho-so/{code}/buoc/withdraw", form=form
    )
    (answer,) = rivals.all_at_once([attempt])
    assert answer.status == 409
    if answer.mimetype == "application/json":
        told = json.loads(answer.body)
        assert told["current_state"] == State.BOARD_CHECKED.value
        assert (told["changed_fields"], told["changed_at"], told["role"]) == ([], None, None)
    else:
        assert "1/QĐ-UBND" not in answer.body
        assert labels.STATE[State.DECIDED] not in text_of(answer.body)
