"""Putting those who compete for the same places in order: by named criteria, ties shown as ties.

The order depends on the facts alone, never on the order they were entered or looked at in. What
is not known is never read as zero: it stands after everything that is known (reading Q38).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from itertools import groupby
from typing import TYPE_CHECKING, Final

from workflow.vocabulary import Better, IndexKind, ScoreKind, TieRule

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from workflow.facts import DossierFacts
    from workflow.programme import CriterionTable, Cycle, RankingTable

HUNDREDTH: Final = Decimal("0.01")

Values = tuple[Decimal | None, ...]


class Inside(StrEnum):
    """Where one contender stands towards the last place."""

    IN = "in"
    OUT = "out"
    TIED = "tied"


@dataclass(frozen=True, slots=True)
class Contender:
    """One eligible dossier with its figure for each criterion, in their order."""

    code: str
    values: Values


@dataclass(frozen=True, slots=True)
class TieBreak:
    """Contenders of equal figures, put in order by a named person; holds while figures hold."""

    codes: tuple[str, ...]
    values: Values
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Row:
    """One contender in the list. Equal `place` is a tie; `broken` says a person put it in order."""

    place: int
    code: str
    values: Values
    inside: Inside
    tied: bool = False
    broken: bool = False


@dataclass(frozen=True, slots=True)
class Margin:
    """The first criterion by which the first left out differs from the last one in."""

    criterion: int
    last_in: str
    first_out: str
    last_in_value: Decimal | None
    first_out_value: Decimal | None

    @property
    def difference(self) -> Decimal | None:
        """By how much; None when a figure is not known."""
        if self.last_in_value is None or self.first_out_value is None:
            return None
        return abs(self.last_in_value - self.first_out_value)


@dataclass(frozen=True, slots=True)
class Standing:
    """The list, and what is said of its cut-off; `margin` None: nobody out, or figures equal."""

    rows: tuple[Row, ...]
    places: int | None
    margin: Margin | None

    @property
    def tie_at_line(self) -> tuple[str, ...]:
        """Codes among whom the last places are not given: nobody has broken their tie."""
        return tuple(row.code for row in self.rows if row.inside is Inside.TIED)


def standing(
    contenders: Iterable[Contender],
    table: RankingTable,
    places: int | None,
    breaks: Sequence[TieBreak] = (),
) -> Standing:
    """Order the contenders and draw the line after `places` of them; None draws no line."""

    def key(one: Contender) -> tuple[tuple[int, Decimal], ...]:
        return _key(one.values, table.criteria)

    rows: list[Row] = []
    ordered = sorted(contenders, key=lambda one: (key(one), one.code))
    for _, same in groupby(ordered, key=key):
        group = list(same)
        order = _broken(group, breaks)
        if order is None:
            rows += _together(group, len(rows), places, table.tie)
        else:
            rows += _one_by_one(group, order, len(rows), places)
    return Standing(tuple(rows), places, _margin(rows))


def ties(rows: Iterable[Row]) -> list[tuple[Row, ...]]:
    """Groups of equal figures nobody has put in order, in the order of the list."""
    found = groupby((row for row in rows if row.tied), key=lambda row: row.place)
    return [tuple(group) for _, group in found]


def _key(values: Values, criteria: Sequence[CriterionTable]) -> tuple[tuple[int, Decimal], ...]:
    return tuple(
        (1, Decimal(0)) if value is None else (0, value if one.better is Better.LOWER else -value)
        for value, one in zip(values, criteria, strict=True)
    )


def _broken(group: list[Contender], breaks: Sequence[TieBreak]) -> dict[str, int] | None:
    """The order a person gave to just these contenders with just these figures; the last counts."""
    codes, values = {one.code for one in group}, group[0].values
    for given in reversed(breaks):
        if len(group) > 1 and set(given.codes) == codes and given.values == values:
            return {code: number for number, code in enumerate(given.codes)}
    return None


def _together(group: list[Contender], before: int, places: int | None, tie: TieRule) -> list[Row]:
    if places is None or before + len(group) <= places:
        inside = Inside.IN
    elif before >= places or tie is TieRule.ALL_OUT:
        inside = Inside.OUT
    else:
        inside = Inside.TIED
    tied = len(group) > 1
    return [Row(before + 1, one.code, one.values, inside, tied) for one in group]


def _one_by_one(
    group: list[Contender], order: Mapping[str, int], before: int, places: int | None
) -> list[Row]:
    ordered = sorted(group, key=lambda one: order[one.code])
    return [
        Row(
            place,
            one.code,
            one.values,
            Inside.IN if places is None or place <= places else Inside.OUT,
            broken=True,
        )
        for place, one in enumerate(ordered, start=before + 1)
    ]


def _margin(rows: Sequence[Row]) -> Margin | None:
    last_in = next((row for row in reversed(rows) if row.inside is Inside.IN), None)
    first_out = next((row for row in rows if row.inside is Inside.OUT), None)
    if last_in is None or first_out is None:
        return None
    pairs = zip(last_in.values, first_out.values, strict=True)
    for number, (mine, theirs) in enumerate(pairs):
        if mine != theirs:
            return Margin(number, last_in.code, first_out.code, mine, theirs)
    return None


# --- the criteria a programme file may name ------------------------------------------------------


def _provincial_rank(facts: DossierFacts, cycle: Cycle) -> Decimal | None:
    """The place the provincial council gave."""
    del cycle
    return facts.ranking.rank if facts.ranking else None


def _council_share(facts: DossierFacts, cycle: Cycle) -> Decimal | None:
    """The share of all members of the unit's council that agreed, in per cent."""
    del cycle
    council = facts.council
    if council is None:
        return None
    return (Decimal(100 * council.votes_for) / council.members).quantize(HUNDREDTH)


def _par_index(facts: DossierFacts, cycle: Cycle) -> Decimal | None:
    """The published PAR Index of the review year, of the nearest unit that has one."""
    return _published(facts, cycle, IndexKind.PAR)


def _sipas(facts: DossierFacts, cycle: Cycle) -> Decimal | None:
    """The published satisfaction index of the review year, of the nearest unit that has one."""
    return _published(facts, cycle, IndexKind.SIPAS)


def _initiatives(facts: DossierFacts, cycle: Cycle) -> Decimal | None:
    """How many initiatives with a recognition the dossier has."""
    del cycle
    return Decimal(sum(1 for one in facts.initiatives if one.recognition_number))


def _published(facts: DossierFacts, cycle: Cycle, index: IndexKind) -> Decimal | None:
    wanted = {
        score.unit_id: score.value
        for score in facts.scores
        if score.index is index and score.year == cycle.year and score.kind is ScoreKind.PUBLISHED
    }
    return next((wanted[unit.id] for unit in facts.subject.lineage if unit.id in wanted), None)


CRITERIA: Final[Mapping[str, Callable[[DossierFacts, Cycle], Decimal | None]]] = {
    "provincial_rank": _provincial_rank,
    "council_share": _council_share,
    "par_index": _par_index,
    "sipas": _sipas,
    "initiatives": _initiatives,
}
"""Every criterion by name: a figure read from the facts, or None when it is not known."""


def values_of(facts: DossierFacts, table: RankingTable, cycle: Cycle) -> Values:
    """The figures of one dossier, in the order of the criteria."""
    return tuple(CRITERIA[one.criterion](facts, cycle) for one in table.criteria)
