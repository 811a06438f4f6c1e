"""Stamps: one dossier of the record with everything that belongs to it, ready to be copied.

Rows are read as they lie there. What is hashed (evaluations, lines, records of changes) is kept as
a text with holes beside them, and hashed anew in every copy; with nothing changed it must give the
hashes that stand in the record, or the stamp is refused.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.base import JsonText
from models.chain import canonical
from models.evaluations import content_of
from models.files import FileStore
from models.history import body_of, dossier_stream, hashed_body, registration_stream
from models.stamping.hashed import Chained, Judged, Kept, Recorded, digest_of, link
from models.stamping.offices import Office
from models.stamping.papers import Paper, read_papers
from models.stamping.reading import Raw, among, key_columns, raw_rows, references, table_named
from models.stamping.templates import (
    Filled,
    RowTemplate,
    Vocabulary,
    hole,
    plain,
    rows_of,
)
from models.tables import Evaluation, HistoryLine

_OF_A_DOSSIER: Final = (
    "document",
    "initiative",
    "council_result",
    "approval",
    "check_mark",
    "ranking_result",
    "place_movement",
    "suspension",
    "note",
    "outgoing_message",
)
_PARTS: Final = (
    ("approval_document", "approval_id", "approval"),
    ("check_mark_document", "mark_id", "check_mark"),
)
_JSON_TEXT: Final = {("history_line", "payload")}


class Unfit(Exception):
    """This dossier cannot be copied; the message says why, for a developer."""


@dataclass(slots=True)
class Stamp:
    """One dossier ready to be copied. `first` and `more`: the first of a decision, and the rest."""

    code: str
    state: str
    collective: bool
    office: Office
    dossier: int
    subject: int | None
    decision: int | None
    quota: tuple[Any, ...] | None
    vocabulary: Vocabulary
    keys: list[tuple[str, str]] = field(default_factory=list)
    """Slots of keys that are this dossier's own, each with its table."""
    judged: list[Judged] = field(default_factory=list)
    chained: list[Chained] = field(default_factory=list)
    first: list[Recorded] = field(default_factory=list)
    more: list[Recorded] = field(default_factory=list)
    letters: list[tuple[int, Filled]] = field(default_factory=list)
    """Letters by key, with what makes each this letter."""
    papers: list[Paper] = field(default_factory=list)
    rows: list[RowTemplate] = field(default_factory=list)
    decided: list[RowTemplate] = field(default_factory=list)
    """The row of the decision, written with the first dossier it honours."""


def read_stamp(session: Session, store: FileStore, dossier: Raw, office: Office) -> Stamp:
    """Make a stamp of a dossier, whose files lie in the store. Raises `Unfit`."""
    number, registration = dossier["id"], dossier["registration_id"]
    base = office.vocabulary
    vocabulary = Vocabulary(
        set(base.owned), dict(base.words), dict(base.codes), told=dict(base.told)
    )
    rows = _rows(session, number, registration)
    subject = _subject(session, dossier, office, vocabulary)
    for table, found in rows.items():
        if "id" in key_columns(table):
            for one in found:
                vocabulary.own(table, one["id"])
    decision = dossier["decision_id"]
    if decision is not None:
        rows["decision"] = raw_rows(session, "decision", among("decision", "id", [decision]))
        vocabulary.own("decision", decision)
        vocabulary.say(rows["decision"][0]["number"], "number")
    _say(vocabulary, dossier, rows, subject)
    for one in (*rows["history_line"], *rows["evaluation"]):
        vocabulary.instants.add(_instant(one["at"]))
    stamp = Stamp(
        dossier["code"],
        dossier["state"],
        dossier["subject_kind"] == "collective",
        office,
        number,
        subject["id"] if subject else None,
        decision,
        _pool(session, rows["place_movement"]),
        vocabulary,
    )
    stamp.papers = read_papers(session, store, rows["document"], vocabulary)
    _judge(session, stamp)
    _chain(session, stamp, registration)
    _record(session, stamp, rows)
    order = [one for one in rows if one != "decision"]
    stamp.rows = [_row(stamp, name, one) for name in order for one in rows[name]]
    if subject:
        stamp.rows.insert(0, _row(stamp, "person", subject))
    own = sorted(vocabulary.owned - base.owned)
    stamp.keys = [(f"{table}:{key}", table) for table, key in own]
    stamp.decided = [_row(stamp, "decision", one) for one in rows.get("decision", [])]
    return stamp


def _rows(session: Session, dossier: int, registration: int) -> dict[str, list[Raw]]:
    mine, its = among("dossier", "id", [dossier]), [registration]
    rows = {
        "registration": raw_rows(session, "registration", among("registration", "id", its)),
        "dossier": raw_rows(session, "dossier", mine),
    }
    table = table_named("evaluation")
    rows["evaluation"] = raw_rows(
        session, "evaluation", (table.c.dossier_id == dossier) | table.c.registration_id.in_(its)
    )
    for name in _OF_A_DOSSIER:
        rows[name] = raw_rows(session, name, among(name, "dossier_id", [dossier]))
    for name, column, whole in _PARTS:
        keys = [one["id"] for one in rows[whole]]
        rows[name] = raw_rows(session, name, among(name, column, keys))
    streams = [dossier_stream(dossier), registration_stream(registration)]
    rows["history_line"] = raw_rows(
        session, "history_line", among("history_line", "stream", streams)
    )
    rows["history_stream"] = raw_rows(
        session, "history_stream", among("history_stream", "stream", streams)
    )
    return rows


def _subject(session: Session, dossier: Raw, office: Office, vocabulary: Vocabulary) -> Raw | None:
    if dossier["person_id"] is None:
        return None
    person: Raw = raw_rows(session, "person", among("person", "id", [dossier["person_id"]]))[0]
    if person["id"] in {one["id"] for one in office.staff}:
        raise Unfit(f"{dossier['code']}: whoever is to be honoured has a post")
    vocabulary.own("person", person["id"])
    return person


def _say(
    vocabulary: Vocabulary, dossier: Raw, rows: dict[str, list[Raw]], subject: Raw | None
) -> None:
    code, registration = dossier["code"], rows["registration"][0]["code"]
    for word, slot in ((code, "code"), (registration, "registration-code")):
        vocabulary.say(word, slot)
        vocabulary.say(word.casefold(), f"{slot}-search")
    vocabulary.say(f"-{code[-4:]}.docx", "file-end")
    if subject:
        vocabulary.say(subject["full_name"], "subject")
        vocabulary.say(subject["search_key"], "subject-search")
        vocabulary.say(subject["email"], "subject-email")
        vocabulary.say(subject["sort_key"], "subject-sort_key")
        vocabulary.told["subject-code"] = subject["code"]


def _pool(session: Session, movements: list[Raw]) -> tuple[Any, ...] | None:
    """The pool a place was taken from. Raises `Unfit` for one with a number of places."""
    if not movements:
        return None
    names = ("programme_id", "cycle_id", "pool", "deciding_unit_id")
    key = tuple(movements[-1][one] for one in names)
    table = table_named("quota")
    capped = select(table.c.cap).where(*(table.c[n] == v for n, v in zip(names, key, strict=True)))
    if session.scalar(capped) is not None:
        raise Unfit("its place is one of a fixed number")
    return (*key, sum(one["used"] for one in movements))


def _judge(session: Session, stamp: Stamp) -> None:
    vocabulary = stamp.vocabulary
    keys = [key for table, key in vocabulary.owned if table == "evaluation"]
    for one in session.scalars(select(Evaluation).where(Evaluation.id.in_(keys))):
        content = content_of(one)
        slot = f"digest:{one.id}"
        vocabulary.say(hashlib.sha256(canonical(content).encode()).hexdigest(), slot)
        marked = {
            **content,
            "at": content["at"].astimezone(UTC).isoformat(),
            "by_id": vocabulary.marked_key("person", one.by_id),
            **{name: vocabulary.mark(content[name]) for name in ("facts", "results", "refusals")},
        }
        judged = Judged(slot, vocabulary.json(marked, lambda value: value))
        if digest_of(judged, vocabulary.told) != vocabulary.told[slot]:
            raise Unfit(f"{stamp.code}: evaluation {one.id} has another digest")
        stamp.judged.append(judged)


def _chain(session: Session, stamp: Stamp, registration: int) -> None:
    vocabulary = stamp.vocabulary
    streams = [dossier_stream(stamp.dossier), registration_stream(registration)]
    lines = session.scalars(
        select(HistoryLine)
        .where(HistoryLine.stream.in_(streams))
        .order_by(HistoryLine.stream, HistoryLine.seq)
    ).all()
    for line in lines:
        vocabulary.say(line.hash, f"hash:{line.id}")
        if line.command_key:
            vocabulary.say(line.command_key, f"key:{line.id}")
    before = {"": ""} | {line.hash: f"hash:{line.id}" for line in lines}
    for line in lines:
        columns = body_of(line)
        seq = columns.pop("seq")
        marked = {
            **columns,
            "at": line.at.astimezone(UTC).isoformat(),
            "stream": vocabulary.marked_name(line.stream),
            "dossier_id": vocabulary.marked_key("dossier", line.dossier_id),
            "actor_id": vocabulary.marked_key("person", line.actor_id),
            "evaluation_id": vocabulary.marked_key("evaluation", line.evaluation_id),
            "payload": _marked_text(vocabulary, line.payload),
        }
        body = vocabulary.json(hashed_body(line.seq, marked), lambda value: value)
        slot = f"hash:{line.id}"
        stream = vocabulary.text(line.stream)
        stamp.chained.append(Chained(slot, before[line.prev_hash], body, stream, line.seq))
        told = vocabulary.told | {"": ""}
        if seq != line.seq or link(stamp.chained[-1], told) != line.hash:
            raise Unfit(f"{line.stream} {line.seq}: another hash than the one there")


def _marked_text(vocabulary: Vocabulary, written: str) -> str:
    return canonical(vocabulary.mark(json.loads(written)))


def _record(session: Session, stamp: Stamp, rows: dict[str, list[Raw]]) -> None:
    vocabulary = stamp.vocabulary
    lines = {one["id"]: one for one in rows["history_line"]}
    links = raw_rows(session, "change_set_line", among("change_set_line", "line_id", lines))
    numbers = sorted({one["change_set_id"] for one in links})
    sets = raw_rows(session, "change_set", among("change_set", "id", numbers))
    if {one["line_id"] for one in links} != lines.keys():
        raise Unfit(f"{stamp.code}: lines without a record")
    keys = {
        (name, ",".join(str(one[column]) for column in key_columns(name)))
        for name, found in rows.items()
        for one in found
    }
    kept = raw_rows(session, "kept_value", among("kept_value", "change_set_id", numbers))
    streams = {one["stream"] for one in lines.values()}
    for one in sets:
        vocabulary.own("change_set", one["id"])
        own = [each for each in kept if each["change_set_id"] == one["id"]]
        own = [each for each in own if (each["table_name"], each["row_key"]) in keys]
        content = json.loads(one["content"])
        content["lines"] = [each for each in content["lines"] if each[0] in streams]
        content["changes"] = [
            each for each in content["changes"] if (each["table"], each["key"]) in keys
        ]
        values = [_kept(vocabulary, each) for each in own]
        whole = Recorded(one["id"], None, vocabulary.text(str(plain(one["at"]))), values)
        stamp.first.append(replace(whole, content=_content(vocabulary, content)))
        content["changes"] = [each for each in content["changes"] if each["table"] != "decision"]
        stamp.more.append(replace(whole, content=_content(vocabulary, content)))
    rows["change_set_line"] = links


def _kept(vocabulary: Vocabulary, one: Raw) -> Kept:
    slot = f"kept:{one['commitment']}"
    vocabulary.say(one["commitment"], slot)
    key = vocabulary.key(one["table_name"], int(one["row_key"]))
    value = vocabulary.text(one["value"])
    return Kept(slot, one["change_set_id"], one["table_name"], key, one["field"], value)


def _content(vocabulary: Vocabulary, content: dict[str, Any]) -> Filled:
    told = {
        **content,
        "by": vocabulary.marked_key("person", content["by"]),
        "lines": [[vocabulary.marked_name(one[0]), *one[1:]] for one in content["lines"]],
        "changes": [_change(vocabulary, one) for one in content["changes"]],
    }
    return vocabulary.json(told, lambda value: value)


def _change(vocabulary: Vocabulary, change: dict[str, Any]) -> dict[str, Any]:
    table = change["table"]
    named = references(table)
    parts = zip(key_columns(table), change["key"].split(","), strict=True)
    key = ",".join(
        str(vocabulary.marked_word(named[name], int(part)) if name in named else part)
        for name, part in parts
    )

    def told(name: str, value: object) -> object:
        if name in named:
            return vocabulary.marked_key(named[name], value)
        if (table, name) == ("document", "size") and value is not None:
            return vocabulary.marked_slot(f"size:{change['key']}")
        return vocabulary.marked_name(value) if isinstance(value, str) else value

    fields = {
        name: [told(name, value) for value in pair] for name, pair in change["fields"].items()
    }
    return {**change, "key": key, "fields": fields}


def _row(stamp: Stamp, table: str, row: Raw) -> RowTemplate:
    vocabulary, named = stamp.vocabulary, references(table)
    typed = table_named(table).columns

    def convert(column: str, value: object) -> Filled:
        slot = _slot(table, column, row)
        if slot:
            return hole(slot)
        if column in named:
            return vocabulary.key(named[column], value) or plain(value)
        if isinstance(value, datetime):
            return vocabulary.text(value.isoformat(" "))
        if not isinstance(value, str) or table == "person":
            found: Filled = plain(value)
            return found
        if isinstance(typed[column].type, JsonText) or (table, column) in _JSON_TEXT:
            return vocabulary.json(json.loads(value))
        return vocabulary.text(value)

    if table == "outgoing_message":
        stamp.letters.append(_letter(vocabulary, row))
    return rows_of(table, row, row.values(), convert)


def _slot(table: str, column: str, row: Raw) -> str:
    """The slot of what is made for each copy and is no word or key of it; empty for others."""
    if table == "person":
        return _OF_SUBJECT.get(column, "")
    made = {("outgoing_message", "dedupe_key"), ("outgoing_message", "message_id")}
    made.add(("document", "size"))
    return f"{column}:{row['id']}" if (table, column) in made else ""


def _letter(vocabulary: Vocabulary, row: Raw) -> tuple[int, Filled]:
    """The key of a letter and of what makes it this letter: its code and its recipient differ."""
    parts = row["dedupe_key"].split(":")
    known = str(row["recipient_id"])
    told = [vocabulary.marked_word("person", int(one)) if one == known else one for one in parts]
    return row["id"], vocabulary.text(":".join(told))


_OF_SUBJECT: Final = {
    "code": "subject-code",
    "email": "subject-email",
    "full_name": "subject",
    "search_key": "subject-search",
    "sort_key": "subject-sort_key",
}


def _instant(value: datetime | str) -> datetime:
    at = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
