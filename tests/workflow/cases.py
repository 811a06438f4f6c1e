"""Facts for the tests of the law: one good dossier of each kind, to be spoiled by a test."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from workflow.decisions import judge
from workflow.facts import (
    Actor,
    Command,
    CouncilResult,
    Document,
    DossierFacts,
    Initiative,
    Mark,
    RegistrationFacts,
    SubjectFacts,
    UnitFacts,
)
from workflow.parsing import load
from workflow.results import RankingResult
from workflow.scores import Score
from workflow.vocabulary import (
    Action,
    Classification,
    DocumentKind,
    IndexKind,
    Outcome,
    Role,
    ScoreKind,
    State,
    SubjectKind,
    UnitKind,
)

if TYPE_CHECKING:
    from workflow.decisions import Judgement
    from workflow.rulebook import Rulebook
    from workflow.verdicts import Result

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2023, 12, 5, 1, 10, tzinfo=UTC)
"""08:10 on 05/12/2023, office time."""

PROVINCE = UnitFacts(1, "UBND-TINH", "UBND tỉnh", UnitKind.PROVINCE)
DEPARTMENT = UnitFacts(4, "SNV", "Sở Nội vụ", UnitKind.DEPARTMENT, scored_by_province=True)
DISTRICT = UnitFacts(20, "H029", "UBND huyện Quản Bạ", UnitKind.DISTRICT, scored_by_province=True)
COMMUNE = UnitFacts(31, "00853", "UBND xã Bát Đại Sơn", UnitKind.COMMUNE)
DIVISION = UnitFacts(90, "P1", "Phòng Cải cách hành chính", UnitKind.DIVISION)


@cache
def programme_text(name: str) -> tuple[str, str]:
    """A programme file and its source text, from the service or from the tests."""
    home = "config/programmes" if name.startswith("ha-giang") else "tests/programmes"
    folder = ROOT / home
    return (
        (folder / f"{name}.yaml").read_text("utf-8"),
        (folder / f"{name}.source.txt").read_text("utf-8"),
    )


@cache
def rulebook(name: str = "ha-giang-2021-2025") -> Rulebook:
    """The rulebook of a programme, parsed once."""
    return load(*programme_text(name))


def score(
    value: str,
    *,
    index: IndexKind = IndexKind.PAR,
    unit: UnitFacts = DISTRICT,
    year: int = 2023,
    kind: ScoreKind = ScoreKind.PUBLISHED,
    rating: Classification | None = Classification.TOT,
    published: date | None = date(2023, 12, 1),
) -> Score:
    """One score; published on 01/12/2023 unless told otherwise."""
    day = published if kind is ScoreKind.PUBLISHED else None
    return Score(unit.id, unit.name, index, year, kind, Decimal(value), rating, day, "QĐ công bố")


def papers() -> tuple[Document, ...]:
    """The three papers of IV.3, complete."""
    day = date(2023, 11, 24)
    return (
        Document(
            11,
            DocumentKind.BAO_CAO_THANH_TICH,
            1,
            "a" * 64,
            "bao-cao.pdf",
            dated=day,
            signer="Phàn A Lình",
            confirmed=True,
        ),
        Document(
            12, DocumentKind.BIEN_BAN, 1, "b" * 64, "bien-ban.pdf", dated=day, signer="Vàng Thị Dợ"
        ),
        Document(
            13,
            DocumentKind.TO_TRINH,
            1,
            "c" * 64,
            "to-trinh.pdf",
            number="86/TTr-UBND",
            dated=day,
            signer="Phàn A Lình",
        ),
    )


def marks(*codes: str) -> tuple[Mark, ...]:
    """Human checks found in order."""
    wanted = codes or ("outstanding", "initiative_quality", "papers_in_order")
    return tuple(Mark(code, Outcome.MET, "Nguyễn Thu Hằng", NOW) for code in wanted)


def collective(unit: UnitFacts = DISTRICT, parent: UnitFacts = PROVINCE) -> DossierFacts:
    """A unit's dossier for the provincial certificate at mid-term, with nothing wrong."""
    subject = SubjectFacts(SubjectKind.COLLECTIVE, unit.name, (unit, parent))
    return DossierFacts(
        id=1,
        code="HS-2023-0027",
        version=1,
        state=State.REGISTERED,
        programme_hash=rulebook().content_hash,
        cycle_id="2023-midterm",
        award_form="BANG_KHEN_TINH",
        subject=subject,
        proposing_unit=unit,
        deciding_unit=PROVINCE,
        registration=RegistrationFacts(
            7, subject.key, 2023, "UBND tỉnh", date(2023, 2, 14), date(2023, 2, 15)
        ),
        scores=(score("86.42", unit=unit),),
        initiatives=(
            Initiative(
                5,
                "Tổ trả kết quả lưu động tại chợ phiên",
                "UBND tỉnh",
                "1203/QĐ-UBND",
                date(2023, 6, 1),
                applied=True,
            ),
        ),
        documents=papers(),
        council=CouncilResult(date(2023, 11, 24), 9, 9, 9),
        marks=marks(),
        ranking=RankingResult("PH-2023-0001", date(2023, 12, 4), 9, 9, 9, place=1),
    )


def individual(unit: UnitFacts = DISTRICT, parent: UnitFacts = PROVINCE) -> DossierFacts:
    """A person's dossier for the provincial certificate at mid-term, with nothing wrong."""
    base = collective(unit, parent)
    subject = SubjectFacts(
        SubjectKind.INDIVIDUAL, "Sùng Mí Pó", (unit, parent), person_id=77, position="Chuyên viên"
    )
    return replace(
        base,
        subject=subject,
        registration=replace(base.registration, subject_key=subject.key),
        scores=(
            score("91.20", unit=unit),
            score("92.00", unit=unit, year=2022, published=date(2023, 1, 10)),
            score("90.00", unit=unit, year=2021, published=date(2022, 1, 10)),
            score("91.30", unit=unit, index=IndexKind.SIPAS, rating=None),
        ),
    )


def actor(*roles: Role, person: int = 500, units: tuple[int, ...] = ()) -> Actor:
    """Somebody in these relations to the dossier."""
    return Actor(person, f"Người {person}", frozenset(roles), frozenset(units))


def ask(
    facts: DossierFacts,
    action: Action,
    *,
    by: Actor | None = None,
    command: Command | None = None,
    now: datetime = NOW,
    programme: str = "ha-giang-2021-2025",
) -> Judgement:
    """Judge `action` as whoever the step belongs to."""
    book = rulebook(programme)
    steps = book.programme.steps_from(facts.state, action)
    who = by or actor(*(role for step in steps for role in step.by))
    return judge(book, action, facts, who, now, command)


def result(judgement: Judgement, rule: str) -> Result:
    """What one rule found."""
    return next(one for one in judgement.results if one.rule == rule)
