"""Pressing copies from stamps: new keys, new names, and every hash anew."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from models.chain import seal_hash
from models.change_sets import commitment, set_hash
from models.folding import person_sort_key, search_key
from models.outbox import message_id
from models.sealing import Checkpoint
from models.stamping.chance import Chance
from models.stamping.hashed import Kept, Recorded, digest_of, link
from models.stamping.offices import Office, values_of
from models.stamping.papers import Paper, written
from models.stamping.reading import table_named
from models.stamping.stamps import Stamp
from models.stamping.templates import RowTemplate, Values, fill, written_like
from models.tables import CodeCounter, Quota

KEYED = (
    "approval",
    "check_mark",
    "council_result",
    "decision",
    "document",
    "dossier",
    "evaluation",
    "history_line",
    "change_set",
    "index_score",
    "initiative",
    "note",
    "outgoing_message",
    "person",
    "appointment",
    "place_movement",
    "ranking_result",
    "registration",
    "suspension",
    "unit",
)
"""Tables whose rows get keys here."""
MADE = "made"
"""How the command keys of copies begin."""


@dataclass(frozen=True, slots=True)
class Names:
    """From what names of people are put together."""

    family: Sequence[str]
    middle: Sequence[str]
    given: Sequence[str]


@dataclass(slots=True)
class Seat:
    """A copy of an office: what stands in its slots, and how much later its steps are."""

    values: dict[str, Any]
    later: timedelta
    taken: int = 0
    decisions: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Of each stamp the slots of its decision, once one is pressed here."""


@dataclass(slots=True)
class Sheet:
    """Rows waiting to be written, by table, and the places they take."""

    rows: dict[str, tuple[tuple[str, ...], list[tuple[Any, ...]]]] = field(default_factory=dict)
    places: dict[tuple[Any, ...], int] = field(default_factory=lambda: defaultdict(int))
    end: Checkpoint = field(default_factory=Checkpoint)
    files: dict[str, bytes] = field(default_factory=dict)

    def put(self, table: str, columns: tuple[str, ...], row: tuple[Any, ...]) -> None:
        """Add a row."""
        known = self.rows.get(table)
        if known is None:
            self.rows[table] = (columns, [row])
        else:
            known[1].append(row)

    def put_row(self, template: RowTemplate, values: Values) -> None:
        """Add a row from its template."""
        self.put(template.table, template.columns, template.fill(values))


class Press:
    """Gives out keys, codes and names, all from one seed."""

    def __init__(self, session: Session, seed: int, names: Names, now: datetime) -> None:
        """Begin after what the record holds. `now` is when the copies are sealed."""
        self.seed, self.names = seed, names
        zone = "" if session.get_bind().dialect.name == "sqlite" else "+00:00"
        self.now = written_like(now, f" .{zone}")
        self.chance = Chance(seed)
        self.keys = {
            name: session.scalar(select(func.max(table_named(name).c.id))) or 0 for name in KEYED
        }
        counters = session.execute(select(CodeCounter.prefix, CodeCounter.year, CodeCounter.last))
        pools = select(Quota.programme_id, Quota.cycle_id, Quota.pool, Quota.deciding_unit_id)
        self.pools = {tuple(row) for row in session.execute(pools)}
        self.codes = {(prefix, year): last for prefix, year, last in counters}

    def seat(self, office: Office, sheet: Sheet, minutes: int) -> Seat:
        """Press a unit with its people."""
        keys = {
            f"{table}:{key}": self._key(table) for table, key in sorted(office.vocabulary.owned)
        }
        values = values_of(office, keys[f"unit:{office.source}"], keys)
        for template in office.rows:
            sheet.put_row(template, values)
        return Seat(values, timedelta(seconds=self.chance.below(minutes * 60)))

    def press(self, stamp: Stamp, seat: Seat, sheet: Sheet) -> None:
        """Press one dossier."""
        known = seat.decisions.get(stamp.code)
        values = self._values(stamp, seat, known)
        _hash(stamp, values, sheet)
        rows = stamp.rows
        if stamp.decision is not None and known is None:
            slots = (f"decision:{stamp.decision}", "number")
            seat.decisions[stamp.code] = {slot: values[slot] for slot in slots}
            rows = [*stamp.decided, *stamp.rows]
        for template in rows:
            sheet.put_row(template, values)
        for recorded in stamp.first if known is None else stamp.more:
            self._record(recorded, values, sheet)
        self._seal(stamp, values, sheet)
        if stamp.quota is not None:
            *pool, unit, used = stamp.quota
            sheet.places[*pool, values.get(f"unit:{unit}", unit)] += used
        seat.taken += 1

    def _values(self, stamp: Stamp, seat: Seat, known: dict[str, Any] | None) -> dict[str, Any]:
        values = dict(seat.values)
        for slot, table in stamp.keys:
            values[slot] = self._key(table)
        number = values[f"dossier:{stamp.dossier}"]
        code = self._code(stamp.vocabulary.told["code"])
        registration = self._code(stamp.vocabulary.told["registration-code"])
        values |= {
            "code": code,
            "code-search": code.casefold(),
            "registration-code": registration,
            "registration-code-search": registration.casefold(),
            "file-end": f"-{code.rpartition('-')[2]}.docx",
        }
        if known is not None:
            values |= known
        elif stamp.decision is not None:
            decision = values[f"decision:{stamp.decision}"]
            values["number"] = f"M{decision}/{stamp.vocabulary.told['number'].partition('/')[2]}"
        if stamp.subject is not None:
            values |= self._person(values[f"person:{stamp.subject}"])
        for line in stamp.chained:
            values[f"key:{line.slot[5:]}"] = f"{MADE}-{number}-{line.seq}"
        for slot, (at, style) in stamp.vocabulary.moments.items():
            values[slot] = written_like(at + seat.later, style)
        return values

    def _person(self, number: int) -> dict[str, str]:
        names, choice = self.names, self.chance.one_of
        name = f"{choice(names.family)} {choice(names.middle)} {choice(names.given)}"
        code = f"M-{number:06d}"
        return {
            "subject": name,
            "subject-search": search_key(name),
            "subject-sort_key": person_sort_key(name),
            "subject-code": code,
            "subject-email": f"{search_key(code)}@example.vn",
        }

    def _record(self, recorded: Recorded, values: dict[str, Any], sheet: Sheet) -> None:
        key = values[f"change_set:{recorded.number}"]
        for place, one in enumerate(recorded.kept):
            self._keep(one, key, place, values, sheet)
        stream = f"changes:{self._hex(f'set:{key}')[:24]}"
        content = fill(recorded.content, values)
        row = (key, stream, fill(recorded.at, values), content, set_hash(stream, content))
        sheet.put("change_set", ("id", "stream", "at", "content", "hash"), row)

    def _keep(self, one: Kept, key: int, place: int, values: dict[str, Any], sheet: Sheet) -> None:
        salt = self._hex(f"salt:{key}:{place}")[:32]
        row_key, written = str(fill(one.row_key, values)), fill(one.value, values)
        made = commitment(salt, one.table, row_key, one.field, written)
        values[one.slot] = made
        columns = ("commitment", "change_set_id", "table_name", "row_key", "field", "salt", "value")
        row = (made, key, one.table, row_key, one.field, salt, written)
        sheet.put("kept_value", columns, row)

    def _seal(self, stamp: Stamp, values: Values, sheet: Sheet) -> None:
        lines = [(fill(line.stream, values), line.seq, values[line.slot]) for line in stamp.chained]
        sets = sheet.rows["change_set"][1][-len(stamp.first) :]
        lines += [(one[1], 1, one[4]) for one in sets]
        columns = ("seq", "stream", "line_seq", "line_hash", "prev_hash", "hash", "sealed_at")
        for stream, line_seq, own in lines:
            seq = sheet.end.size + 1
            sealed = seal_hash(sheet.end.hash, seq, stream, line_seq, own)
            row = (seq, stream, line_seq, own, sheet.end.hash, sealed, self.now)
            sheet.put("sealed_line", columns, row)
            sheet.end = Checkpoint(seq, sealed)

    def count_places(self, session: Session, sheet: Sheet) -> None:
        """Count what was taken: in the pools there are, and in those of new units."""
        names = ("programme_id", "cycle_id", "pool", "deciding_unit_id")
        table = table_named("quota")
        for pool, used in sheet.places.items():
            if pool in self.pools:
                here = (table.c[name] == part for name, part in zip(names, pool, strict=True))
                session.execute(update(Quota).where(*here).values(used=Quota.used + used))
            else:
                sheet.put("quota", (*names, "used", "reserved"), (*pool, used, 0))
                self.pools.add(pool)

    def _key(self, table: str) -> int:
        self.keys[table] += 1
        return self.keys[table]

    def _code(self, like: str) -> str:
        prefix, year, _ = like.split("-")
        self.codes[prefix, int(year)] += 1
        return f"{prefix}-{year}-{self.codes[prefix, int(year)]:04d}"

    def _hex(self, of: str) -> str:
        return hashlib.sha256(f"{self.seed}:{of}".encode()).hexdigest()


def _hash(stamp: Stamp, values: dict[str, Any], sheet: Sheet) -> None:
    """Everything that is a hash of what is known so far, in the order in which it is hashed."""
    for paper in stamp.papers:
        _write(paper, values, sheet)
    for judged in stamp.judged:
        values[judged.slot] = digest_of(judged, values)
    for line in stamp.chained:
        values[line.slot] = link(line, values)
    for number, letter in stamp.letters:
        said = values[f"dedupe_key:{number}"] = fill(letter, values)
        values[f"message_id:{number}"] = message_id(said)


def _write(paper: Paper, values: dict[str, Any], sheet: Sheet) -> None:
    content = written(paper, values)
    sha256 = hashlib.sha256(content).hexdigest()
    values[f"size:{paper.document}"] = len(content)
    values[f"sha:{paper.document}"] = sha256
    sheet.files[sha256] = content
    if paper.reading is not None:
        sheet.put_row(paper.reading, values)
