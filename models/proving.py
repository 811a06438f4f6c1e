"""The worlds a programme is proved in: one for each form of award and kind of recipient.

Units and people here are imaginary; who may do what is asked of the same code as in service.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Final

from models.people import Places, roles_of
from models.placing import place
from models.tables import Unit
from workflow.facts import (
    Actor,
    DossierFacts,
    Initiative,
    Quota,
    RegistrationFacts,
    SubjectFacts,
    UnitFacts,
)
from workflow.programme import AwardForm, Cycle, Programme, RecipientTable
from workflow.proving.world import World, checks_of
from workflow.rulebook import Rulebook
from workflow.scores import Score
from workflow.vocabulary import (
    Classification,
    IndexKind,
    Post,
    ScoreKind,
    SubjectKind,
    UnitKind,
)

ABOVE: Final = {
    UnitKind.DEPARTMENT: UnitKind.PROVINCE,
    UnitKind.COMMUNE: UnitKind.DISTRICT,
    UnitKind.DISTRICT: UnitKind.PROVINCE,
}
NOMINEE: Final = 99
PLACES: Final = 2
"""Places of a quota in these worlds: fewer than dossiers, so that some are left out."""


def worlds(book: Rulebook, *, thorough: bool = False) -> Iterator[World]:
    """A world for each form of award, kind of recipient and place of the unit.

    Each in the latest cycle of its richest kind in which the decider still may decide.
    """
    programme = book.programme
    for award in programme.awards:
        for recipient in award.recipients:
            for kind in recipient.units:
                cycle = _cycle_of(programme, award)
                if cycle is None:
                    continue
                for line in _lines(kind, award):
                    yield _world(book, award, recipient, line, cycle, thorough=thorough)


def _cycle_of(programme: Programme, award: AwardForm) -> Cycle | None:
    """The cycle in which most rules ask something of this award; the latest of several."""
    fitting = [
        cycle
        for cycle in programme.cycles
        if cycle.kind in award.cycles
        and (award.decider_until is None or cycle.milestones.decided <= award.decider_until)
    ]

    def asked(cycle: Cycle) -> tuple[int, bool, int]:
        rules = sum(
            cycle.kind in rule.cycles and (not rule.awards or award.id in rule.awards)
            for rule in programme.rules
        )
        shared = award.quota is not None and cycle.kind in award.quota.cycles
        return rules, shared, cycle.year

    return max(fitting, key=asked, default=None)


def _instant(cycle: Cycle) -> datetime:
    """A working hour before the day of handing in, when nothing is late."""
    return datetime.combine(cycle.milestones.submitted - timedelta(days=2), time(2), UTC)


def _world(
    book: Rulebook,
    award: AwardForm,
    recipient: RecipientTable,
    line: tuple[Unit, ...],
    cycle: Cycle,
    *,
    thorough: bool,
) -> World:
    placement = place(award, line)
    by_id = {unit.id: _unit_facts(unit) for unit in line}
    person = recipient.kind is SubjectKind.INDIVIDUAL
    subject = SubjectFacts(
        recipient.kind,
        "Người được đề nghị" if person else by_id[line[0].id].name,
        tuple(by_id.values()),
        NOMINEE if person else None,
        "Chuyên viên" if person else "",
    )
    superior = line[0] if person or len(line) == 1 else line[1]
    places = Places(
        line[0].id, placement.proposing_unit_id, placement.deciding_unit_id, superior.id
    )
    start = _start(book, award, cycle, subject, by_id, places)
    return World(
        book,
        start,
        staff_around(places, everybody=thorough),
        _instant(cycle),
        " · ".join(
            (award.id, recipient.kind, " < ".join(unit.kind for unit in line[:-1]), cycle.id)
        ),
        thorough,
        checks_of(book.programme),
    )


def staff_around(places: Places, *, everybody: bool) -> tuple[Actor, ...]:
    """One person for each post that has a part in a dossier at these places.

    Where the body that proposes also decides, its head may have handed the dossier in, so there
    are two to decide. With `everybody` all posts that can be held twice are, and two people have
    no part at all.
    """
    proposing, deciding = places.proposing_unit_id, places.deciding_unit_id
    two_deciders = everybody or proposing == deciding
    posts = (
        ("clerk", ((Post.CLERK, places.subject_unit_id), (Post.CLERK, proposing)), True),
        ("unit_head", ((Post.HEAD, places.subject_unit_id),), True),
        ("council_secretary", ((Post.COUNCIL_SECRETARY, proposing),), True),
        ("appraiser", ((Post.APPRAISER, deciding),), True),
        ("ranking_secretary", ((Post.COUNCIL_SECRETARY, deciding),), proposing != deciding),
        ("decider", ((Post.HEAD, deciding),), True),
        ("decider_2", ((Post.DEPUTY_HEAD, deciding),), two_deciders),
        ("superior", ((Post.HEAD, places.superior_unit_id),), True),
        ("appraiser_2", ((Post.APPRAISER, deciding),), everybody),
        ("council_member", ((Post.COUNCIL_MEMBER, proposing),), everybody),
        ("administrator", ((Post.ADMINISTRATOR, deciding),), everybody),
    )
    there = [(name, held) for name, held, wanted in posts if wanted]
    return tuple(_actor(number, name, held, places) for number, (name, held) in enumerate(there, 1))


def _actor(
    number: int, name: str, held: tuple[tuple[Post, int | None], ...], places: Places
) -> Actor:
    posts = frozenset((post, unit) for post, unit in held if unit is not None)
    units = frozenset(unit for _, unit in posts)
    return Actor(number, name, roles_of(posts, places), units, next(iter(units), None))


def _lines(kind: UnitKind, award: AwardForm) -> Iterator[tuple[Unit, ...]]:
    """The unit and all above it; a division stands below each kind of body that may propose."""
    if kind is UnitKind.DIVISION:
        for parent in award.proposers:
            yield _line((kind, parent))
    else:
        yield _line((kind,))


def _line(lowest: tuple[UnitKind, ...]) -> tuple[Unit, ...]:
    kinds = list(lowest)
    while kinds[-1] in ABOVE:
        kinds.append(ABOVE[kinds[-1]])
    return tuple(
        Unit(id=number, code=f"U{number}", name=f"Đơn vị {number}", kind=one)
        for number, one in enumerate(kinds, 1)
    )


def _unit_facts(unit: Unit) -> UnitFacts:
    scored = unit.kind in {UnitKind.DEPARTMENT, UnitKind.DISTRICT}
    return UnitFacts(unit.id, unit.code, unit.name, unit.kind, scored)


def _start(
    book: Rulebook,
    award: AwardForm,
    cycle: Cycle,
    subject: SubjectFacts,
    units: dict[int, UnitFacts],
    places: Places,
) -> DossierFacts:
    deciding = units.get(places.deciding_unit_id or 0)
    counted = award.quota and cycle.kind in award.quota.cycles
    return DossierFacts(
        id=1,
        code="HS-0001",
        version=0,
        state=None,
        programme_hash=book.content_hash,
        cycle_id=cycle.id,
        award_form=award.id,
        subject=subject,
        proposing_unit=units[places.proposing_unit_id],
        deciding_unit=deciding,
        registration=_registration(subject, cycle),
        scores=tuple(_scores(units, cycle.year)),
        initiatives=(_initiative(cycle),),
        quota=Quota(award.quota.pool, 10, PLACES, 0)
        if award.quota and counted and subject.kind in award.quota.subjects
        else None,
    )


def _registration(subject: SubjectFacts, cycle: Cycle) -> RegistrationFacts:
    opened = cycle.registration_opens
    return RegistrationFacts(1, subject.key, cycle.year, "Cấp trên", opened, opened, "Cấp trên")


def _initiative(cycle: Cycle) -> Initiative:
    day = cycle.registration_opens + timedelta(days=1)
    return Initiative(1, "Sáng kiến", "Hội đồng sáng kiến", "1/QĐ", day, applied=True)


def _scores(units: dict[int, UnitFacts], year: int) -> Iterator[Score]:
    """Everything published and excellent, for this year and the three before."""
    for unit in units.values():
        for index in IndexKind:
            for back in range(4):
                published = date(year - back, 2, 1)
                yield Score(
                    unit.id,
                    unit.name,
                    index,
                    year - back,
                    ScoreKind.PUBLISHED,
                    Decimal(100),
                    Classification.XUAT_SAC,
                    published,
                    "Quyết định công bố",
                )
