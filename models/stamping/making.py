"""Making a season of any size out of the demonstration, in pieces that are each whole."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeAlias

from sqlalchemy import Connection, select, update
from sqlalchemy.orm import Session

from models.database import Database
from models.files import FileStore
from models.office import write_down
from models.phrases import keep_missing
from models.sealing import checkpoint, seal_new_lines
from models.stamping.offices import Office, read_office
from models.stamping.papers import keep
from models.stamping.pressing import Names, Press, Seat, Sheet
from models.stamping.reading import among, raw_rows
from models.stamping.scale import Scale
from models.stamping.stamps import Stamp, Unfit, read_stamp
from models.stamping.writing import (
    count_on,
    in_order,
    look_for_lost_references,
    write_rows,
    writing_at_length,
)
from models.tables import CodeCounter, DemonstrationClock, HistoryLine

Progress: TypeAlias = Callable[[str, int, int], None]
_PLAYED = "season-"
"""How the command keys of the demonstration's own steps begin."""


class NotADemonstration(Exception):
    """This record is not the demonstration's: nothing invented is put into it."""


class LostReference(Exception):
    """A row that was made refers to nothing: a fault of this package. Names the table."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """How many dossiers, from which seed, what their people are called, and whether with files."""

    dossiers: int
    seed: int
    names: Names
    files: bool = True


@dataclass(frozen=True, slots=True)
class Made:
    """How many dossiers were made, in how many units of how many kinds of dossier."""

    dossiers: int
    offices: int
    stamps: int


@dataclass(slots=True)
class _Workshop:
    """The stamps by what they are for, the press, and the units that take copies now."""

    stamps: dict[str, list[Stamp]]
    collective: list[Stamp]
    press: Press
    scale: Scale
    seats: dict[int, Seat]
    offices: int = 0

    def one_more(self, sheet: Sheet) -> None:
        """Press one dossier of the mix, in a unit that has room or in a new one."""
        chance, scale = self.press.chance, self.scale
        if self.collective and chance.below(1000) < scale.collective_per_thousand:
            stamp = chance.one_of(self.collective)
            # Its unit is whom it honours, once in a cycle.
            self.press.press(stamp, self._open(stamp.office, sheet), sheet)
            return
        weights = {one: weight for one, weight in scale.states.items() if self.stamps.get(one)}
        stamp = chance.one_of(self.stamps[chance.weighed(weights)])
        seat = self.seats.get(stamp.office.source)
        if seat is None or seat.taken >= scale.dossiers_per_office:
            seat = self.seats[stamp.office.source] = self._open(stamp.office, sheet)
        self.press.press(stamp, seat, sheet)

    def _open(self, office: Office, sheet: Sheet) -> Seat:
        self.offices += 1
        return self.press.seat(office, sheet, self.scale.minutes_apart)


def make_season(
    database: Database,
    store: FileStore,
    scale: Scale,
    wanted: Wanted,
    now: datetime,
    progress: Progress,
) -> Made:
    """Add so many dossiers to the demonstration; the same seed makes the same ones.

    Each piece is one transaction after which the whole record is sound, so a broken-off run leaves
    a smaller season. Nobody else may write meanwhile. Raises `NotADemonstration`.
    """
    _seal_the_rest(database, now)
    with database.reading(at_length=True) as session:
        workshop = _prepare(session, store, scale, wanted, now)
    dossiers, done = wanted.dossiers, 0
    while done < dossiers:
        size = min(scale.dossiers_at_once, dossiers - done)
        with writing_at_length(database) as connection:
            with Session(connection, join_transaction_mode="create_savepoint") as session:
                sheet = Sheet(end=checkpoint(session))
            for _ in range(size):
                workshop.one_more(sheet)
            if wanted.files:
                keep(store, sheet.files)
            _write(connection, workshop.press, sheet)
        done += size
        progress("hồ sơ", done, dossiers)
    lost = look_for_lost_references(database)
    if lost:
        raise LostReference(lost)
    with database.writing() as session:
        keep_missing(session)
        told = {"dossiers": dossiers, "units": workshop.offices, "seed": wanted.seed}
        write_down(session, "make_season", told, None, now)
    kinds = sum(map(len, workshop.stamps.values())) + len(workshop.collective)
    return Made(dossiers, workshop.offices, kinds)


def _seal_the_rest(database: Database, now: datetime) -> None:
    sealed = 1
    while sealed:
        with database.writing() as session:
            sealed = seal_new_lines(session, now)


def _prepare(
    session: Session, store: FileStore, scale: Scale, wanted: Wanted, now: datetime
) -> _Workshop:
    if session.scalar(select(DemonstrationClock.id)) is None:
        raise NotADemonstration
    played = select(HistoryLine.dossier_id).where(
        HistoryLine.seq == 1,
        HistoryLine.dossier_id.is_not(None),
        HistoryLine.command_key.startswith(_PLAYED, autoescape=True),
    )
    found = raw_rows(session, "dossier", among("dossier", "id", session.scalars(played)))
    units: defaultdict[int, set[int]] = defaultdict(set)
    for one in found:
        units[one["proposing_unit_id"]] |= {one["proposing_unit_id"], one["unit_id"]}
    offices: dict[int, Office] = {}
    stamps: dict[str, list[Stamp]] = defaultdict(list)
    collective = []
    for one in found:
        source = one["proposing_unit_id"]
        if source not in offices:
            offices[source] = read_office(session, source, units[source])
        try:
            stamp = read_stamp(session, store, one, offices[source])
        except Unfit:
            continue
        if stamp.collective:
            collective.append(stamp)
        else:
            stamps[stamp.state].append(stamp)
    if not stamps:
        raise NotADemonstration
    return _Workshop(
        stamps,
        collective,
        Press(session, wanted.seed, wanted.names, now.astimezone(UTC)),
        scale,
        {},
    )


def _write(connection: Connection, press: Press, sheet: Sheet) -> None:
    with Session(connection, join_transaction_mode="create_savepoint") as session:
        press.count_places(session, sheet)
        for (prefix, year), last in press.codes.items():
            session.execute(
                update(CodeCounter)
                .where(CodeCounter.prefix == prefix, CodeCounter.year == year)
                .values(last=last)
            )
        session.commit()
    for table in in_order(set(sheet.rows)):
        write_rows(connection, table, *sheet.rows[table])
    count_on(connection, press.keys)
