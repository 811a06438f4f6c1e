"""Things people do, one transaction each: a dossier's whole way, and what offices change."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta

from sqlalchemy import select

from models.accounts import disable, enable
from models.database import Database
from models.editing import ChooseAward, PutInitiative
from models.office import write_down
from models.office_calendar import DayRow, remove_day, set_day
from models.scores import put_score
from models.staff_changes import needs_a_second
from models.tables import Dossier
from models.words import DayKind
from tests import builders as build
from workflow.facts import CouncilInput, CouncilResult, MarkInput, RankingInput
from workflow.ports import NotFound
from workflow.results import RankingResult
from workflow.vocabulary import Action, DocumentKind, Outcome, Post

Move = Callable[[Database], object]
UNITS = ("H024", "H026", "H027", "H028", "H029", "H030")
BOARD = f"appraiser@{build.PROVINCE}"


def the_way(unit: str = "H029") -> list[tuple[str, Move]]:
    """Every step of one dossier from its registration to its decision, in order."""
    known: dict[str, str] = {}

    def register(database: Database) -> None:
        known["registration"] = build.a_registration(database, unit)

    def acknowledge(database: Database) -> None:
        build.taken(build.acknowledge(database, known["registration"]))
        known["code"] = code_of(database, unit)

    def edit(*changes: object) -> Move:
        return lambda database: [
            build.taken(build.change(database, known["code"], one))  # type: ignore[arg-type]
            for one in changes
        ]

    def step(by: str, action: Action, inputs: object = None, *, early: bool = False) -> Move:
        now = build.AUTUMN if early else build.NOW
        return lambda database: build.taken(
            build.step(database, known["code"], by, action, inputs, now=now)  # type: ignore[arg-type]
        )

    def score(database: Database) -> None:
        with database.writing() as session:
            put_score(session, build.a_score(build.unit_id(session, unit)), None, build.NOW)

    initiative = PutInitiative(
        "Tổ trả kết quả lưu động", "UBND tỉnh", "1203/QĐ-UBND", date(2023, 6, 1), applied=True
    )
    council = CouncilInput(CouncilResult(date(2023, 11, 20), 9, 9, 9))
    ranked = RankingInput(RankingResult("PH-2023-0001", date(2023, 12, 5), 9, 9, 9, place=1))
    return [
        ("send_registration", register),
        ("register", acknowledge),
        ("choose_award", edit(ChooseAward("BANG_KHEN_TINH"))),
        ("put_initiative", edit(initiative)),
        ("add_report", edit(build.a_paper(DocumentKind.BAO_CAO_THANH_TICH))),
        ("submit", step(f"head@{unit}", Action.SUBMIT, early=True)),
        ("add_minutes", edit(build.a_paper(DocumentKind.BIEN_BAN))),
        (
            "record_council_result",
            step(f"council_secretary@{unit}", Action.RECORD_COUNCIL_RESULT, council),
        ),
        ("put_score", score),
        ("add_proposal", edit(build.a_paper(DocumentKind.TO_TRINH))),
        *(
            (f"mark_{mark}", step(BOARD, Action.MARK_CHECK, MarkInput(mark, Outcome.MET)))
            for mark in ("outstanding", "initiative_quality", "papers_in_order")
        ),
        ("confirm_check", step(BOARD, Action.CONFIRM_CHECK)),
        (
            "record_ranking",
            step(f"council_secretary@{build.PROVINCE}", Action.RECORD_RANKING, ranked),
        ),
        (
            "decide",
            step(f"head@{build.PROVINCE}", Action.DECIDE, build.a_decision(f"{unit}/QĐ-UBND")),
        ),
    ]


def code_of(database: Database, unit: str) -> str:
    """The code of the unit's dossier."""
    with database.reading() as session:
        return session.scalars(
            select(Dossier.code).where(Dossier.unit_id == build.unit_id(session, unit))
        ).one()


def an_office_move(chance: random.Random) -> Move:
    """Something an administrator does: accounts, posts, the calendar; or nothing at all."""
    day = date(2024, 1, 1) + timedelta(days=chance.randrange(300))
    unit = chance.choice(UNITS)
    kind = chance.randrange(7)

    def move(database: Database) -> None:
        with database.writing() as session:
            by = build.person_id(session, f"administrator@{build.PROVINCE}")
            person = build.person_id(session, f"clerk@{unit}")
            if kind == 0:
                set_day(session, DayRow(day, DayKind.HOLIDAY, "Nghỉ bù", "QĐ"), by, build.NOW)
            elif kind == 1:
                remove_day(session, day, by, build.NOW)
            elif kind == 2:
                disable(session, person, by, build.NOW)
            elif kind == 3:
                enable(session, person, by, build.NOW)
            elif kind == 4:
                write_down(session, "move_clock", {}, by, build.NOW)
            elif kind == 5:
                assert needs_a_second(person, Post.CLERK, by) in {True, False}
            else:
                put_score(
                    session,
                    build.a_score(build.unit_id(session, unit), f"{chance.randrange(60, 99)}.5"),
                    by,
                    build.NOW,
                )

    return move


def a_refused_move(chance: random.Random, code: str) -> Move:
    """A step somebody may not take now; everything stays as it is."""
    by = chance.choice((f"clerk@{chance.choice(UNITS)}", f"auditor@{build.PROVINCE}", BOARD))
    action = chance.choice((Action.DECIDE, Action.CONFIRM_CHECK, Action.REVOKE))

    def move(database: Database) -> None:
        try:
            build.step(database, code, by, action)
        except NotFound:
            return

    return move
