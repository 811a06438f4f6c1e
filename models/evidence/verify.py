#!/usr/bin/env python3
"""Kiểm một gói chứng cứ, không cần mạng, cơ sở dữ liệu hay phần mềm đã lập ra nó.

    python verify.py HS-2023-0027.zip
    python verify.py .                        (gói đã giải nén)
    python verify.py HS-2023-0027.zip --checkpoint 4711:9f2c…   (mốc giữ ở nơi khác)

Verify an evidence bundle with nothing but this file and Python 3.8 or newer: every hash, the
chained history with its seals, and every guard run again on the facts it was asked about, under
the programme file whose hash the record names. Exit code 0: whole; 1: faults; 2: no bundle.

The guards below were written a second time, apart from the service's own, so that an error or a
lie in one shows against the other. What is proved and what is not: docs/evidence-bundle.md.
"""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import json
import os
import re
import struct
import sys
import zipfile
from collections.abc import Callable, Iterable, Iterator
from decimal import ROUND_CEILING, Decimal
from typing import IO, Any, NamedTuple

FORM = "evidence-bundle-1"
MANIFEST = "manifest.json"
CHUNK = 1 << 18


# --- 1. What the record is written in --------------------------------------------------------


class Missing(Exception):
    """A fact the record does not hold: it was stored before the service kept it."""


class Row(dict):  # type: ignore[type-arg]
    """A recorded fact, its parts read as attributes; `target` is where an evaluation leads."""

    target: Any = None

    def __getattr__(self, name: str) -> Any:
        """Read a part, or say that it was never kept."""
        if name not in self:
            raise Missing(name)
        return self[name]


def canonical(value: object) -> str:
    """The one form of JSON that is hashed: sorted keys, no spaces, letters as they are."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest(value: object) -> str:
    """SHA-256 of a value in its canonical form."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()


def chained(tag: str, previous: str, body: object) -> str:
    """SHA-256(tag ‖ 0 ‖ previous hash ‖ 0 ‖ canonical JSON), as lines and seals are hashed."""
    return hashlib.sha256("\0".join((tag, previous, canonical(body))).encode()).hexdigest()


def revive(value: Any) -> Any:
    """Undo the tags of figures, days and instants."""
    if isinstance(value, list):
        return [revive(one) for one in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        ((tag, text),) = value.items()
        if tag in TAGS:
            return TAGS[tag](text)
    return Row((key, revive(one)) for key, one in value.items())


TAGS: dict[str, Callable[[str], Any]] = {
    "$decimal": Decimal,
    "$date": dt.date.fromisoformat,
    "$instant": dt.datetime.fromisoformat,
}


# --- 2. The bundle: a ZIP or a folder, all of it and nothing else ----------------------------


class Report:
    """What was checked, and every fault."""

    def __init__(self) -> None:
        self.faults: list[str] = []

    def fault(self, where: str, text: str) -> None:
        """Note one fault, and say so at once."""
        self.faults.append(f"{where}: {text}")
        print(f"[LỖI / FAULT] {where}: {text}")

    def note(self, where: str, text: str) -> None:
        """Say what was not checked, or must be known."""
        print(f"[lưu ý / note] {where}: {text}")

    def section(self, before: int, text: str) -> None:
        """Say that a part is in order, if no fault came since."""
        if len(self.faults) == before:
            print(f"[đạt / ok] {text}")


class Bundle:
    """Where the files of a bundle are read from."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.archive = None if os.path.isdir(path) else zipfile.ZipFile(path)

    def names(self) -> list[str]:
        """Every file there is, whether it belongs there or not."""
        if self.archive is not None:
            return self.archive.namelist()
        found = []
        for folder, _, files in os.walk(self.path):
            for name in files:
                inside = os.path.relpath(os.path.join(folder, name), self.path)
                found.append(inside.replace(os.sep, "/"))
        return found

    def open(self, name: str) -> IO[bytes]:
        """Open one file to read its bytes."""
        if self.archive is not None:
            return self.archive.open(name)
        return open(os.path.join(self.path, *name.split("/")), "rb")

    def bytes(self, name: str) -> bytes:
        """All of one file."""
        with self.open(name) as file:
            return file.read()

    def json(self, name: str) -> Any:
        """One JSON file."""
        return json.loads(self.bytes(name).decode("utf-8"))

    def lines(self, name: str) -> Iterator[Any]:
        """One JSON value a line, read one by one."""
        with self.open(name) as file:
            for line in file:
                yield json.loads(line.decode("utf-8"))


def check_files(bundle: Bundle, report: Report) -> dict[str, Any] | None:
    """Every file listed is there byte for byte, and nothing else; the manifest, or None."""
    before = len(report.faults)
    try:
        raw = bundle.bytes(MANIFEST)
        manifest: dict[str, Any] = json.loads(raw.decode("utf-8"))
        signed = {key: value for key, value in manifest.items() if key != "digest"}
        whole = digest(signed) == manifest["digest"]
        listed = {one["path"]: one for one in manifest["files"]}
    except Exception as error:  # noqa: BLE001 - whatever is wrong with it, it is not readable.
        report.fault(MANIFEST, f"không đọc được ({error}) / cannot be read")
        return None
    if not whole or raw != canonical(manifest).encode() + b"\n":
        report.fault(MANIFEST, "không khớp mã băm của chính nó / does not match its own hash")
    names = bundle.names()
    for name in sorted(set(names) - {MANIFEST, *listed}):
        report.fault(name, "không có trong danh mục (bị thêm) / not in the manifest (added)")
    for name in sorted({name for name in names if names.count(name) > 1}):
        report.fault(name, "có hai lần trong gói / twice in the bundle")
    for name, one in listed.items():
        check_file(bundle, report, one, name in names)
    if bundle.archive is not None and names != [MANIFEST, *listed]:
        report.fault(bundle.path, "tệp không đúng thứ tự danh mục / files are not in order")
    if bundle.archive is not None and len(report.faults) == before:
        check_container(bundle, report)
    count = len(listed)
    report.section(before, f"{count} tệp khớp SHA-256 / {count} files match their SHA-256")
    return manifest if whole else None


def check_file(bundle: Bundle, report: Report, listed: Any, there: bool) -> None:  # noqa: FBT001
    """One file against its hash and size."""
    name = listed["path"]
    if not there:
        report.fault(name, "bị thiếu / missing")
        return
    hashed, size = hashlib.sha256(), 0
    try:
        with bundle.open(name) as file:
            for piece in iter(lambda: file.read(CHUNK), b""):
                hashed.update(piece)
                size += len(piece)
    except (OSError, zipfile.BadZipFile, EOFError, RuntimeError, NotImplementedError) as error:
        report.fault(name, f"không đọc được ({error}) / cannot be read")
        return
    if (hashed.hexdigest(), size) != (listed["sha256"], listed["size"]):
        report.fault(name, "bị sửa, không khớp SHA-256 / changed, does not match its SHA-256")


def check_container(bundle: Bundle, report: Report) -> None:
    """The bytes of the ZIP around the files: what they must be, to the last one."""
    archive = bundle.archive
    if archive is None:
        return
    day, directory, at = (0, 33), b"", 0
    with open(bundle.path, "rb") as file:

        def stands(expected: bytes) -> bool:
            return file.read(len(expected)) == expected

        whole = True
        for one in archive.infolist():
            name, sizes = one.filename.encode(), (one.CRC, one.file_size, one.file_size)
            head = (20, 8, 0, *day, 0, 0, 0, len(name), 0)
            whole &= stands(struct.pack("<4s5H3L2H", b"PK\3\4", *head) + name)
            file.seek(one.file_size, 1)
            whole &= stands(struct.pack("<4s3L", b"PK\7\10", *sizes))
            told = (20 | 3 << 8, 20, 8, 0, *day, *sizes, len(name), 0, 0, 0, 0)
            row = struct.pack("<4s6H3L5H2L", b"PK\1\2", *told, 0o644 << 16, at)
            directory += row + name
            at = file.tell()
        count = len(archive.infolist())
        end = (0, 0, count, count, len(directory), at, 0)
        whole &= stands(directory + struct.pack("<4s4H2LH", b"PK\5\6", *end))
        whole &= file.read(1) == b""
    if not whole:
        report.fault(bundle.path, "vỏ ZIP bị sửa / the ZIP around the files was changed")


# --- 3. The programme file: the part of YAML such files use ----------------------------------


class Unreadable(Exception):
    """A programme file with something this reader does not know."""


class Yaml:
    """Block and flow collections, plain and quoted scalars, comments; days and figures as text."""

    KEY = re.compile(r"(\"[^\"]*\"|'[^']*'|[^\s\[\]{}#&*!|>%@`,\"'-][^#]*?)\s*:(?:\s+|$)")
    WORDS = (("", None), ("~", None), ("null", None), ("true", True), ("false", False))
    WHOLE = re.compile(r"[-+]?(0|[1-9][0-9]*)")

    def __init__(self, text: str) -> None:
        self.lines: list[tuple[int, str]] = []
        for line in text.splitlines():
            said = self.bare(line).rstrip()
            if said.strip():
                self.lines.append((len(said) - len(said.lstrip(" ")), said.strip()))

    def read(self) -> Any:
        """The whole document."""
        found = self.block(0)
        if self.lines:
            raise Unreadable(self.lines[0][1])
        return found

    @staticmethod
    def bare(line: str) -> str:
        """A line without its comment."""
        quote, last = "", " "
        for place, sign in enumerate(line):
            if quote:
                quote = "" if sign == quote and line[place - 1] != "\\" else quote
            elif sign in "\"'" and last in " [{,:":
                quote = sign
            elif sign == "#" and last in " \t":
                return line[:place]
            last = sign
        return line

    def block(self, indent: int) -> Any:
        """The collection whose lines begin at this indent."""
        items: list[Any] = []
        table: dict[str, Any] = {}
        while self.lines and self.lines[0][0] == indent:
            _, said = self.lines.pop(0)
            if said == "-" or said.startswith("- "):
                rest = said[1:].lstrip(" ")
                deeper = indent + len(said) - len(rest)
                if rest and self.KEY.match(rest) and rest[0] not in "\"'[{":
                    self.lines.insert(0, (deeper, rest))
                    items.append(self.block(deeper))
                else:
                    items.append(self.value(rest, indent))
                continue
            key = self.KEY.match(said)
            if key is None or items:
                raise Unreadable(said)
            name = self.scalar(key.group(1))
            table[str(name)] = self.value(said[key.end() :], indent, table=True)
        return items or table

    def value(self, said: str, indent: int, *, table: bool = False) -> Any:
        """What stands after a key or a dash: on the line, or in the lines below."""
        if not said:
            if self.lines and self.lines[0][0] > indent:
                return self.block(self.lines[0][0])
            if table and self.lines and self.lines[0][0] == indent and self.lines[0][1][0] == "-":
                return self.block(indent)
            return None
        if said[0] in "|>&*!%@`":
            raise Unreadable(said)
        while self.lines and self.lines[0][0] > indent:
            said += " " + self.lines.pop(0)[1]
        if said[0] in "[{":
            found, end = self.flow(said, 0)
            if said[end:].strip():
                raise Unreadable(said)
            return found
        return self.scalar(said)

    def flow(self, said: str, at: int) -> tuple[Any, int]:
        """A value inside brackets, and where it ends."""
        at += len(said[at:]) - len(said[at:].lstrip(" "))
        if said[at] in "[{":
            closing = {"[": "]", "{": "}"}[said[at]]
            items: list[Any] = []
            at += 1
            while True:
                at += len(said[at:]) - len(said[at:].lstrip(" ,"))
                if said[at : at + 1] == closing:
                    pairs = closing == "}"
                    return (dict(items) if pairs else items), at + 1
                item, at = self.flow(said, at)
                if closing == "}":
                    gap = re.compile(r"\s*:\s*").match(said, at)
                    if gap is None:
                        raise Unreadable(said)
                    value, at = self.flow(said, gap.end())
                    item = (str(item), value)
                items.append(item)
        quoted = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^']|'')*'").match(said, at)
        plain = quoted or re.compile(r"(?:[^,\[\]{}:]|:(?=\S))+").match(said, at)
        if plain is None:
            raise Unreadable(said)
        return self.scalar(plain.group().strip()), plain.end()

    def scalar(self, said: str) -> Any:
        """One word, figure or sentence."""
        if said[:1] == '"':
            return json.loads(said)
        if said[:1] == "'":
            return said[1:-1].replace("''", "'")
        word = {"yes": "true", "on": "true", "no": "false", "off": "false"}.get(said.lower(), said)
        if word.lower() in dict(self.WORDS):
            return dict(self.WORDS)[word.lower()]
        return int(said) if self.WHOLE.fullmatch(said) else said


class Programme:
    """One version of a programme: its tables, and its time."""

    def __init__(self, text: str, zone: Any) -> None:
        self.tables: dict[str, Any] = Yaml(text).read()
        self.cycles = {one["id"]: one for one in self.tables["cycles"]}
        self.awards = {one["id"]: one for one in self.tables["awards"]}
        self.rules = {one["id"]: one for one in self.tables["rules"]}
        self.papers = {one["kind"]: one for one in self.tables["documents"]}
        self.starts, self.ends = day_of(self.tables["starts"]), day_of(self.tables["ends"])
        self.closing = dt.time.fromisoformat(self.tables["closing_time"])
        self.offsets = [(dt.datetime.fromisoformat(at), seconds) for at, seconds in zone["offsets"]]

    def local(self, instant: dt.datetime) -> dt.datetime:
        """The office's clock at an instant."""
        known = [seconds for since, seconds in self.offsets if since <= instant]
        ahead = (known or [self.offsets[0][1]])[-1]
        return instant.astimezone(dt.timezone(dt.timedelta(seconds=ahead)))

    def day(self, instant: dt.datetime) -> dt.date:
        """The office day of an instant."""
        return self.local(instant).date()

    def instant(self, day: dt.date, at: dt.time) -> dt.datetime:
        """The instant (UTC) of a time of the office."""
        wall = dt.datetime.combine(day, at, dt.timezone.utc)
        ahead = self.local(wall).utcoffset() or dt.timedelta()
        return wall - (self.local(wall - ahead).utcoffset() or ahead)

    def council(self, day: dt.date, kind: str) -> Any:
        """Settings for a meeting: the table of its kind before a general one, then the newest."""
        said = self.tables["council"]
        tables = said if isinstance(said, list) else [said]
        since = {id(one): day_of(one.get("applies_from") or "0001-01-01") for one in tables}
        fit = [one for one in tables if one.get("kind") in {None, kind} and since[id(one)] <= day]
        return max(fit or tables[:1], key=lambda one: (one.get("kind") is not None, since[id(one)]))


def day_of(text: Any) -> dt.date:
    """A day of the programme file."""
    return dt.date.fromisoformat(str(text))


# --- 4. Guards, a second time: each names its outcome, code, and the figures it compared -----

MET, NOT_MET, NOT_APPLICABLE = "met", "not_met", "not_applicable"
NOT_YET_KNOWN, NOT_LOOKED_AT = "not_yet_known", "not_looked_at"
WORST_FIRST = (NOT_MET, NOT_LOOKED_AT, NOT_YET_KNOWN, MET, NOT_APPLICABLE)
PROGRESS = ("registered", "submitted", "council_reviewed", "board_checked", "decided")


class Verdict(NamedTuple):
    """What a guard says; `seen` are pairs of a figure and what it was compared with."""

    outcome: str
    code: str
    seen: list[tuple[Any, Any]]


def met(value: Any = None, threshold: Any = None) -> Verdict:
    """The rule holds."""
    return Verdict(MET, "MET", [(value, threshold)])


def no(code: str, value: Any = None, threshold: Any = None) -> Verdict:
    """The rule does not hold."""
    return Verdict(NOT_MET, code, [(value, threshold)])


def unknown(code: str, value: Any = None, threshold: Any = None) -> Verdict:
    """The source is not there yet."""
    return Verdict(NOT_YET_KNOWN, code, [(value, threshold)])


def unseen(code: str) -> Verdict:
    """Nobody has looked yet."""
    return Verdict(NOT_LOOKED_AT, code, [(None, None)])


def apart() -> Verdict:
    """The rule does not concern the case."""
    return Verdict(NOT_APPLICABLE, NOT_APPLICABLE.upper(), [(None, None)])


def together(found: Iterable[Verdict]) -> Verdict:
    """Several as one: the worst, with all that was seen."""
    ranked = sorted(found, key=lambda one: WORST_FIRST.index(one.outcome))
    return Verdict(ranked[0].outcome, ranked[0].code, [pair for one in ranked for pair in one.seen])


INPUT_PARTS = (
    ("ground", "revocation"),
    ("publish", "decision"),
    ("outcome", "mark"),
    ("items", "supplement"),
    ("since", "suspension"),
    ("until", "extension"),
    ("source", "hold"),
)
UNIT, PROVINCE = "unit_council", "provincial_ranking"
CLASSES = ("XUAT_SAC", "TOT", "KHA", "TRUNG_BINH", "YEU")


class Case:
    """One evaluation as it was asked: facts, actor, inputs, instant, programme."""

    def __init__(self, programme: Programme, record: Any) -> None:
        self.programme, self.action = programme, record.action
        self.facts, self.actor = record.facts.dossier, record.facts.actor
        self.inputs, self.extra = record.facts.inputs, record.facts.extra
        self.comment = record.comment.strip()
        self.now = dt.datetime.fromisoformat(record["at"])
        self.today = programme.day(self.now)
        self.cycle = programme.cycles[self.facts.cycle_id]
        self.award = programme.awards.get(self.facts.award_form)
        acting = self.actor.acting
        self.principal = acting.principal if acting else None
        lender = {self.principal.person_id} if self.principal else set()
        self.people = {self.actor.person_id} | lender
        self.kept: Any = None

    def given(self, kind: str) -> Any:
        """The inputs, if they are of this kind."""
        return self.inputs if kind_of(self.inputs) == kind else None

    def deadline(self, state: str) -> dt.datetime | None:
        """When the dossier must reach `state`: milestone, set anew, stopped, extended."""
        registering = state == "registered"
        said = (
            self.cycle["registration_closes"]
            if registering
            else self.cycle["milestones"].get(state)
        )
        if said is None:
            return None
        terms, facts = self.facts.terms, self.facts
        instant = self.programme.instant(day_of(said), self.programme.closing)
        anew = [one for one in terms.milestones if one.state == state]
        mine = [one for one in anew if one.award_form in {"", facts.award_form}]
        for one in sorted(mine, key=lambda one: one.version):
            instant = one.instant
        if not registering:
            instant = self.stopped(instant, terms.stops)
        if state == "submitted" and facts.extended_until is not None:
            grant = terms.grants[-1] if terms.grants else None
            later = [one for one in terms.stops if grant and one.at > grant.at]
            instant = max(instant, self.stopped(facts.extended_until, later))
        return instant

    def stopped(self, instant: dt.datetime, stops: Iterable[Any]) -> dt.datetime:
        """Add the days the clock stood still, each once; the end rolls on to a working day."""
        one_day, counted = dt.timedelta(days=1), None
        terms = self.facts.terms
        for stop in sorted(stops, key=lambda one: (one.since, one.until)):
            since = stop.since if counted is None else max(stop.since, counted + one_day)
            day = self.programme.day(instant)
            if since > day or since > stop.until:
                continue
            counted = stop.until
            end = day + (stop.until - since) + one_day
            while end not in terms.working_swaps and (end.weekday() > 4 or end in terms.days_off):
                end += one_day
            instant += end - day
        return instant

    def ranked_here(self) -> bool:
        """Does the award ask for a provincial ranking in this kind of cycle?"""
        return self.award is not None and self.cycle["kind"] in self.award.get(
            "provincial_ranking", ()
        )

    def add_up(self, result: Any) -> Verdict:
        """Each figure that cannot be, or all of them in order."""
        cast = result.votes_for + result.votes_against + result.votes_blank
        counts = (result.present, result.recused, result.votes_for, result.votes_against)
        known = self.facts.registration.acknowledged_on
        faults = (
            result.members <= 0 or min(*counts, result.votes_blank) < 0,
            result.present > result.members,
            cast + result.recused > result.present,
            result.held_on > self.today,
            known is not None and result.held_on < known,
        )
        wrong = no("VOTES_DO_NOT_ADD_UP", cast, result.present)
        return together([wrong] * sum(faults)) if any(faults) else met(cast, result.present)

    def quorum(self, result: Any, kind: str) -> Verdict:
        """Members present against the share needed, rounded up."""
        share, whole = self.programme.council(result.held_on, kind)["quorum"]
        needed = -(-result.members * share // whole)
        if result.present < needed:
            return no("NO_QUORUM", result.present, needed)
        return met(result.present, needed)

    def approval(self, result: Any, kind: str) -> Verdict:
        """Votes for against the share of all members, rounded up."""
        share = Decimal(str(self.programme.council(result.held_on, kind)["approval_percent"]))
        needed = int((result.members * share / 100).to_integral_value(ROUND_CEILING))
        if result.votes_for < needed:
            return no("NOT_APPROVED", result.votes_for, needed)
        return met(result.votes_for, needed)

    def scoring_units(self) -> list[Any]:
        """The unit, and for a division those above it up to the first that is none."""
        units: list[Any] = []
        for unit in self.facts.subject.lineage:
            units.append(unit)
            if unit.kind != "division":
                break
        return units

    def compare(self, units: list[Any], index: str, said: Any) -> Verdict:
        """The nearest unit's score against the minimum, as published."""
        year, minimum = self.cycle["year"], Decimal(str(said))
        order = ("published", "appraised", "self")
        for unit in units:
            stated = scores_of(self.facts.scores, unit.id, index, year)
            known = [one for one in stated if one.kind != "published" or self.is_out(one)]
            best = min(known, key=lambda one: order.index(one.kind), default=None)
            typed = scores_of(self.facts.typed, unit.id, index, year)
            if best is not None and best.kind == "published":
                low = best.value < minimum
                return no("INDEX_TOO_LOW", best.value, minimum) if low else met(best.value, minimum)
            if typed:
                return unknown("SECOND_PERSON_MISSING", typed[0].value, minimum)
            if best is not None:
                return unknown("INDEX_NOT_PUBLISHED", best.value, minimum)
        last = units[-1]
        if last.scored_by_province or scores_of(self.facts.scores, last.id, index, year):
            return unknown("INDEX_NOT_PUBLISHED", None, minimum)
        return no("INDEX_MISSING", None, minimum)

    def is_out(self, score: Any) -> bool:
        """Has it been published by today?"""
        return score.published_on is not None and score.published_on <= self.today

    def classes(self, unit: int, last: int, count: int) -> list[tuple[int, str | None]]:
        """The class of the unit in each of the last years."""
        return [(year, self.class_of(unit, year)) for year in range(last - count + 1, last + 1)]

    def class_of(self, unit: int, year: int) -> str | None:
        """The published class, or the worst among the units it grew from."""
        stated = scores_of(self.facts.scores, unit, "par_index", year)
        own = [one for one in stated if one.kind == "published" and self.is_out(one)]
        if own and own[0].classification is not None:
            return str(own[0].classification)
        links = [
            one for one in self.facts.successions if one.new_id == unit and one.since.year >= year
        ]
        found = [self.class_of(link.old_id, year) for link in links]
        known = [one for one in found if one is not None]
        return max(known, key=CLASSES.index) if known and len(known) == len(found) else None

    def overtaken(self, mark: Any, params: Any) -> bool:
        """Was anything the mark is about changed since?"""
        about = params.get("about", ())
        changed = (
            act.action == "edit"
            and act.version > mark.version
            and (not about or not act.part or act.part in about)
            for act in self.facts.acts
        )
        return bool({*mark.covered} - {one.id for one in self.facts.documents}) or any(changed)

    def initiative_fault(self, one: Any, params: Any) -> str:
        """What is wrong with an initiative; empty when nothing is."""
        if not (one.recognised_by and one.recognition_number and one.recognised_on):
            return "RECOGNITION_MISSING"
        latest = min(self.today, self.programme.ends)
        if not self.programme.starts <= one.recognised_on <= latest:
            return "RECOGNITION_OUTSIDE"
        return "INITIATIVE_NOT_APPLIED" if params["applied"] and not one.applied else ""


def kind_of(inputs: Any) -> str:
    """Which inputs these are, by what they hold."""
    if inputs is None:
        return ""
    if "result" in inputs:
        return "ranking" if "session" in inputs.result else "council"
    return next(kind for part, kind in INPUT_PARTS if part in inputs)


def scores_of(stated: Any, unit: int, index: str, year: int) -> list[Any]:
    """What was stated of this unit, index and year."""
    return [one for one in stated if (one.unit_id, one.index, one.year) == (unit, index, year)]


class Guards(Case):
    """One method for each guard a programme may name."""

    def right_authority(self, _: Any) -> Verdict:
        unit = self.facts.deciding_unit
        if not self.award or not unit or unit.kind != self.award["decider_unit"]:
            return no("WRONG_AUTHORITY")
        day = self.facts.decision.dated if self.facts.decision else self.today
        until = self.award.get("decider_until")
        ends = min(filter(None, (until and day_of(until), unit.valid_to)), default=None)
        return no("AUTHORITY_ENDED", day, ends) if ends is not None and day > ends else met()

    def separate_duties(self, params: Any) -> Verdict:
        others = set(params["between"]) - {self.action}
        taken = [act for act in self.facts.acts if {act.person_id, act.on_behalf_of} & self.people]
        return no("DUTIES_NOT_SEPARATE") if any(act.action in others for act in taken) else met()

    def not_own_award(self, params: Any) -> Verdict:
        subject = self.facts.subject
        own = subject.person_id in self.people
        if subject.kind == "collective" and params["own_unit"]:
            own = subject.lineage[0].id in self.actor.unit_ids
        return no("OWN_AWARD") if own else met()

    def appraiser_outside(self, _: Any) -> Verdict:
        facts, actor = self.facts, self.actor
        if facts.deciding_unit is not None and facts.deciding_unit.id == facts.proposing_unit.id:
            return apart()
        lender = self.principal.employer_id if self.principal else None
        serves = {*actor.unit_ids, actor.employer_id, lender}
        sides = {facts.proposing_unit.id, facts.subject.lineage[0].id}
        return no("APPRAISER_INSIDE") if sides & serves else met()

    def decision_complete(self, _: Any) -> Verdict:
        decision = self.facts.decision
        if decision is None:
            return unseen("DECISION_MISSING")
        if not decision.number or not decision.signer or decision.dated > self.today:
            return no("DECISION_INCOMPLETE")
        checks = [one.at for one in self.facts.approvals if one.gave == "board_checked"]
        if checks and decision.dated < self.programme.day(max(checks)):
            return no("DECIDED_BEFORE_CHECK")
        return met(decision.number)

    def revocation_complete(self, _: Any) -> Verdict:
        inputs, awarded = self.given("revocation"), self.facts.decision
        if inputs is None or awarded is None:
            return met()
        revoking = inputs.decision
        complete = revoking.number and revoking.signer
        if not complete or not awarded.dated <= revoking.dated <= self.today:
            return no("REVOCATION_INCOMPLETE", revoking.dated, awarded.dated)
        return met()

    def council_votes_add_up(self, _: Any) -> Verdict:
        result = self.facts.council
        return unseen("COUNCIL_RESULT_MISSING") if result is None else self.add_up(result)

    def council_quorum(self, _: Any) -> Verdict:
        result = self.facts.council
        return unseen("COUNCIL_RESULT_MISSING") if result is None else self.quorum(result, UNIT)

    def council_approval(self, _: Any) -> Verdict:
        result = self.facts.council
        return unseen("COUNCIL_RESULT_MISSING") if result is None else self.approval(result, UNIT)

    def ranking_wanted(self, _: Any) -> Verdict:
        return met() if self.ranked_here() else no("NO_RANKING_WANTED")

    def ranking_in_order(self, _: Any) -> Verdict:
        result = self.facts.ranking
        if result is None:
            return unseen("RANKING_MISSING")
        return together((self.add_up(result), self.quorum(result, PROVINCE)))

    def ranked_by_province(self, _: Any) -> Verdict:
        if not self.ranked_here():
            return apart()
        result = self.facts.ranking
        if result is None:
            return unseen("RANKING_MISSING")
        found = self.approval(result, PROVINCE)
        return found if found.outcome != MET or result.place is None else met(result.place)

    def not_on_open_agenda(self, _: Any) -> Verdict:
        agenda = self.facts.agenda
        return met() if agenda in {"", self.extra.get("session", "")} else no("ON_OPEN_AGENDA")

    def within_period(self, params: Any) -> Verdict:
        starts, ends = self.programme.starts, self.programme.ends
        if params["of"] == "achievement":
            year = self.cycle["year"]
            return met(year) if starts.year <= year <= ends.year else no("YEAR_OUTSIDE", year)
        day = self.facts.registration.acknowledged_on or self.today
        return met(day, ends) if starts <= day <= ends else no("PERIOD_OVER", day, ends)

    def registered_with_superior(self, _: Any) -> Verdict:
        facts, registration = self.facts, self.facts.registration
        subject = facts.subject
        person = subject.person_id
        key = f"unit:{subject.lineage[0].id}" if person is None else f"person:{person}"
        if registration.subject_key != key or registration.year != self.cycle["year"]:
            return no("REGISTRATION_OTHER")
        known = registration.acknowledged_on
        if known is None:
            return no("REGISTRATION_NOT_ACKNOWLEDGED")
        submitted = [act.at for act in facts.acts if act.action == "submit"]
        early = not submitted or facts.state is None
        handed = self.today if early else self.programme.day(submitted[0])
        return no("REGISTERED_TOO_LATE", known, handed) if known > handed else met(known, handed)

    def registration_window(self, _: Any) -> Verdict:
        one = self.facts.registration
        day, opens = one.registered_on, day_of(self.cycle["registration_opens"])
        if day < opens:
            return unknown("WINDOW_NOT_OPEN", day, opens)
        closing = self.deadline("registered") or self.now
        sent = one.sent_at
        if sent is None or self.programme.day(sent) != day:
            sent = self.programme.instant(day, dt.time(0))
        return no("WINDOW_CLOSED", day, closing) if sent > closing else met(day, closing)

    def award_in_cycle(self, _: Any) -> Verdict:
        if self.award is None:
            return no("AWARD_MISSING")
        kind, award = self.cycle["kind"], self.award
        given = kind in award["cycles"]
        return met(award["id"], kind) if given else no("AWARD_NOT_IN_CYCLE", award["id"], kind)

    def award_fits_recipient(self, _: Any) -> Verdict:
        award, subject, proposer = self.award, self.facts.subject, self.facts.proposing_unit
        if award is None:
            return no("AWARD_MISSING")
        unit = subject.lineage[0].kind
        fits = (one["kind"] == subject.kind and unit in one["units"] for one in award["recipients"])
        if not any(fits):
            return no("RECIPIENT_NOT_ALLOWED", unit)
        if proposer.kind not in award["proposers"]:
            return no("PROPOSER_NOT_ALLOWED", proposer.kind)
        return met(unit)

    def no_double_award(self, _: Any) -> Verdict:
        twins = len(self.facts.twins)
        return no("DOUBLE_AWARD", twins) if twins else met(0)

    def no_integrity_hold(self, _: Any) -> Verdict:
        return met() if self.facts.hold is None else no("ON_HOLD")

    def hold_in_order(self, _: Any) -> Verdict:
        if self.facts.hold is not None:
            return no("HELD_ALREADY")
        inputs = self.given("hold")
        return no("HOLD_SOURCE_MISSING") if inputs and not inputs.source.strip() else met()

    def hold_running(self, _: Any) -> Verdict:
        return no("NOT_HELD") if self.facts.hold is None else met()

    def par_index(self, params: Any) -> Verdict:
        unit = self.facts.subject.lineage[0]
        if params.get("only_scored_by_province", True) and not unit.scored_by_province:
            return apart()
        return self.compare([unit], "par_index", params["minimum"])

    def unit_indices(self, params: Any) -> Verdict:
        units, demand = self.scoring_units(), params.get("demand", "both")
        par = self.compare(units, "par_index", params["par_minimum"])
        if demand == "par_only":
            return par
        sipas = self.compare(units, "sipas", params["sipas_minimum"])
        if demand == "either":
            return next((one for one in (par, sipas) if one.code == "MET"), par)
        return together((par, sipas))

    def rating_streak(self, params: Any) -> Verdict:
        unit, last, count = self.scoring_units()[-1], self.cycle["year"], params["years"]
        years = self.classes(unit.id, last, count)
        if years[-1][1] is None and params.get("allow_previous_year_end", False):
            years = self.classes(unit.id, last - 1, count)
        least = CLASSES.index(params["at_least"])
        low = [year for year, rating in years if rating and CLASSES.index(rating) > least]
        if low:
            return no("RATING_TOO_LOW", low[0], params["at_least"])
        empty = [year for year, rating in years if rating is None]
        for year in empty:
            typed = scores_of(self.facts.typed, unit.id, "par_index", year)
            if typed:
                return unknown("SECOND_PERSON_MISSING", typed[0].value, count)
        gaps = [year for year in empty if year != years[-1][0]]
        if gaps:
            return no("RATING_GAP", gaps[0], count)
        return unknown("RATING_NOT_PUBLISHED", None, count) if empty else met(len(years), count)

    def initiative_recognised(self, params: Any) -> Verdict:
        initiatives = self.facts.initiatives
        if not initiatives:
            return no("INITIATIVE_MISSING", 0, 1)
        if params.get("recognition", "required") == "declared":
            return met(len(initiatives), 1)
        faults = [self.initiative_fault(one, params) for one in initiatives]
        return met(1, 1) if "" in faults else no(faults[0], 0, 1)

    def document(self, params: Any) -> Verdict:
        papers = [one for one in self.facts.documents if one.kind == params["kind"]]
        if not papers:
            return no("DOCUMENT_MISSING", 0, 1)
        paper = papers[0]
        if not all(
            paper[name] for name in self.programme.papers[params["kind"]].get("demands", ())
        ):
            return no("DOCUMENT_INCOMPLETE")
        if paper.dated is not None and paper.dated > self.today:
            return no("DOCUMENT_DATED_LATER", paper.dated, self.today)
        return met(paper.version)

    def attested(self, params: Any) -> Verdict:
        mark = next((one for one in self.facts.marks if one.code == params["code"]), None)
        if mark is None:
            return unseen("NOT_LOOKED_AT")
        if self.overtaken(mark, params):
            return unseen("LOOK_AGAIN")
        outcomes = {MET: met(), NOT_APPLICABLE: apart()}
        return outcomes.get(mark.outcome, no("MARKED_NOT_MET"))

    def papers_agree(self, params: Any) -> Verdict:
        # Papers are not read again: what was found to disagree is taken as recorded, if its words
        # are among those read; the verdict on it is found anew.
        papers = {
            one.kind: one for one in self.facts.documents if one.kind in self.programme.papers
        }
        silent = [(None, None) for one in papers.values() if one.legibility == "unreadable"]
        found = [one for one in self.kept.evidence if "topic_code" in one.text["values"]]
        quotes = {(one.id, said.quote) for one in papers.values() for said in one.statements}
        for words in (one.text["values"] for one in found):
            for side in ("left", "right"):
                quote = (words[f"{side}_document"], words[f"{side}_quote"])
                if quote[1] and quote not in quotes:
                    return no("QUOTE_NOT_READ", *quote)
        if not papers:
            return apart()
        if not found:
            waiting = any(one.legibility == "pending" for one in papers.values())
            outcome = (NOT_YET_KNOWN, "PAPERS_PENDING") if waiting else (MET, "MET")
            return Verdict(*outcome, [(None, None), *silent])
        seen = [(one.value, one.threshold) for one in found]
        marks = [one for one in self.facts.marks if one.code == params["code"]][:1]
        answer = [(None, None) for one in marks if not self.overtaken(one, params)]
        if answer and marks[0].outcome != NOT_MET and marks[0].note:
            return Verdict(MET, "PAPERS_ANSWERED", answer + seen + silent)
        return Verdict(NOT_MET, "PAPERS_DISAGREE", seen + answer + silent)

    def place_left(self, _: Any) -> Verdict:
        quota = self.facts.quota
        if quota is None or self.award is None:
            return apart()
        if quota.cap is None:
            return met(quota.used)
        left = quota.cap - quota.used - quota.reserved + quota.held
        return met(quota.used, quota.cap) if left > 0 else no("QUOTA_FULL", quota.used, quota.cap)

    def decision_published(self, _: Any) -> Verdict:
        one = self.facts.decision
        return met() if one is None or one.published else no("NOT_PUBLISHED", one.number)

    def decision_unpublished(self, _: Any) -> Verdict:
        one = self.facts.decision
        return met() if one is None or not one.published else no("PUBLISHED", one.number)

    def no_open_supplement(self, _: Any) -> Verdict:
        one = self.facts.supplement
        return met() if one is None else no("SUPPLEMENT_OPEN", one.round)

    def supplement_complete(self, _: Any) -> Verdict:
        tables, rounds = self.programme.tables, self.facts.supplement_rounds
        most, limit = tables.get("supplement_most"), tables.get("supplement_limit", 1)
        if most is not None and rounds >= most:
            return no("SUPPLEMENT_TOO_OFTEN", rounds, most)
        inputs = self.given("supplement")
        if inputs is None:
            return met()
        count = len(inputs["items"])
        if not count or inputs.due <= self.now:
            return no("SUPPLEMENT_INCOMPLETE", count, 1)
        if not inputs.kinds and not inputs.initiatives:
            return no("SUPPLEMENT_UNLOCKS_NOTHING", 0, 1)
        if rounds >= limit and not inputs.again.strip():
            return no("SUPPLEMENT_REASON_MISSING", rounds, limit)
        return met(count)

    def supplement_asked(self, _: Any) -> Verdict:
        return no("NO_SUPPLEMENT") if self.facts.supplement is None else met()

    def open_for_edit(self, params: Any) -> Verdict:
        facts, part = self.facts, self.extra.get("part", "")
        if facts.state in {None, "registered"}:
            return met()
        asked = facts.supplement
        if asked is not None:
            unlocked = asked.initiatives if part == "initiatives" else part in {"", *asked.kinds}
            if unlocked:
                return met()
        kinds = params.get("open", {}).get(facts.state, ())
        if asked is not None:
            kinds = [kind for kind in kinds if kind not in {one.kind for one in facts.documents}]
        return met() if part in kinds or (kinds and not part) else no("LOCKED")

    def supplement_changed_something(self, _: Any) -> Verdict:
        asked = self.facts.supplement
        edits = [act for act in self.facts.acts if act.action == "edit" and asked]
        count = sum(act.at >= asked.at for act in edits)
        return met(count) if count else no("NOTHING_CHANGED", 0, 1)

    def before_milestone(self, params: Any) -> Verdict:
        due = self.deadline(params["of"])
        if due is None:
            return apart()
        return met(self.now, due) if self.now <= due else no("TOO_LATE", self.now, due)

    def extension_ahead(self, params: Any) -> Verdict:
        inputs = self.given("extension")
        present, last = self.deadline("submitted"), self.deadline(params["before"])
        if inputs is None or present is None or last is None:
            return met()
        if not max(self.now, present) < inputs.until <= last:
            return no("EXTENSION_OUTSIDE", inputs.until, last)
        return met(inputs.until)

    def suspension_in_order(self, params: Any) -> Verdict:
        inputs, state = self.given("suspension"), self.facts.state
        following = dict(zip(PROGRESS, PROGRESS[1:])).get(state)
        present = self.deadline(following) if following else None
        if inputs is None or present is None:
            return met()
        days, most = (inputs.until - inputs.since).days + 1, params["most_days"]
        if not 0 < days <= most or inputs.since > self.programme.day(present):
            return no("SUSPENSION_OUTSIDE", days, most)
        return met(days)


GUARDS = frozenset(name for name in vars(Guards) if not name.startswith("_"))


# --- 5. Every evaluation, run again ----------------------------------------------------------

LONGEST_COMMENT = 4000
NEEDED = {
    "record_council_result": "council",
    "record_ranking": "ranking",
    "mark_check": "mark",
    "decide": "decision",
    "revoke": "revocation",
    "request_supplement": "supplement",
    "grant_extension": "extension",
    "suspend": "suspension",
    "hold": "hold",
}
WHOLE_FACTS = 2
"""From this form of the record on, everything a guard looks at was kept."""
ONLY_THE_DATABASE_SAW = {"NUMBER_TAKEN", "QUOTA_FULL", "REGISTERED_ALREADY"}
"""Refusals that came from what others did at that very moment; no recorded fact shows them."""


def step_of(case: Case) -> Any:
    """The arrow of the workflow that was asked for; None when there is none."""
    facts, tables = case.facts, case.programme.tables
    if facts.state is None and facts.registration.id == 0:
        return tables["registration"]
    current = {one.id for one in facts.documents}
    fallen = {one.gave for one in facts.approvals if {*one.covered} - current}
    for step in tables["steps"]:
        here = (step.get("from"), step["action"]) == (facts.state, case.action)
        if here and step.get("when_fell") in {None, *fallen}:
            return step
    return None


def refusals(case: Case, step: Any) -> list[str]:
    """Why the step cannot be taken, apart from its rules."""
    if step is None:
        return ["NO_SUCH_STEP"]
    needed = NEEDED.get(case.action)
    found = {
        "WRONG_ROLE": not {*case.actor.roles} & {*step["by"]},
        "INPUT_MISSING": needed is not None and kind_of(case.inputs) != needed,
        "COMMENT_TOO_LONG": len(case.comment) > LONGEST_COMMENT,
        "COMMENT_MISSING": step.get("comment", False) and not case.comment,
    }
    return [code for code, holds in found.items() if holds]


def ask(case: Guards, rule: Any, kept: Any) -> Verdict:
    """One rule: its guard, if it concerns the case at all; `kept` is what it found then."""
    facts, case.kept = case.facts, kept
    concerned = (
        facts.subject.kind in rule.get("subjects", (facts.subject.kind,))
        and case.cycle["kind"] in rule.get("cycles", (case.cycle["kind"],))
        and (not rule.get("awards") or facts.award_form in rule["awards"])
    )
    if not concerned:
        return apart()
    if rule["guard"] not in GUARDS:
        raise Missing(rule["guard"])
    found: Verdict = getattr(case, rule["guard"])(rule.get("params", {}))
    return found


def judged(case: Guards, record: Any) -> list[tuple[str, object, object]]:
    """Where the record and the guards differ: what, as recorded, as found now."""
    step = step_of(case)
    uses = [{"rule": use} if isinstance(use, str) else use for use in (step or {}).get("rules", ())]
    results, codes = revive(record["results"]), [one["code"] for one in record["refusals"]]
    apart_from_rules = [code for code in codes if code not in ONLY_THE_DATABASE_SAW]
    allowed = not codes
    found: list[tuple[str, object, object]] = [
        ("điều kiện", [one.rule for one in results], [use["rule"] for use in uses]),
        ("từ chối", apart_from_rules, refusals(case, step)),
        ("chương trình", record["programme_hash"], case.facts.programme_hash),
    ]
    for use, kept in zip(uses, results):
        rule = case.programme.rules[use["rule"]]
        verdict, finding = ask(case, rule, kept.finding), kept.finding
        tolerated = verdict.outcome in use.get("tolerate", ())
        allowed = allowed and (tolerated or verdict.outcome in {MET, NOT_APPLICABLE})
        seen = [(one.value, one.threshold) for one in finding.evidence]
        told = [kept.title, kept.clause, kept.quote, kept.tolerated]
        words = [rule["title"], rule["clause"], rule["quote"], tolerated]
        found.append((use["rule"], Verdict(finding.outcome, finding.code, seen), verdict))
        found.append((f"{use['rule']}, căn cứ", told, words))
    found.append(("kết luận", record["allowed"], allowed))
    return [one for one in found if one[1] != one[2]]


def check_evaluations(
    bundle: Bundle, report: Report, programmes: dict[str, Programme]
) -> dict[int, Any]:
    """Run the guards of every evaluation again; the evaluations by number."""
    before, kept, again, asked = len(report.faults), {}, 0, 0
    for line in bundle.lines("evaluations.jsonl"):
        record = line["content"]
        kept[line["id"]] = Row(record)
        where = f"Lần kiểm {line['id']} ({record['action']}, {record['at'][:16]})"
        try:
            case = Guards(programmes[record["programme_hash"]], revive(record))
            differences = judged(case, record)
            kept[line["id"]].target = (step_of(case) or {}).get("to")
        except (Missing, KeyError) as error:
            tell = report.note if record["facts"].get("form", 1) < WHOLE_FACTS else report.fault
            tell(where, f"không chạy lại được, thiếu {error} / not run again: not recorded")
            continue
        again, asked = again + 1, asked + len(record["results"])
        for what, recorded, found in differences:
            told = f"ghi / recorded {shown(recorded)}, chạy lại ra / run again {shown(found)}"
            report.fault(where, f"{what}: {told}")
    read = {key for one in programmes.values() for key, rule in one.rules.items() if reads(rule)}
    if read & {one["rule"] for record in kept.values() for one in record["results"]}:
        report.note("Đối chiếu giấy", "chỉ xét lại kết luận / papers are not read again")
    told = f"{again}/{len(kept)} lần kiểm chạy lại ra đúng ({asked} điều kiện)"
    report.section(before, f"{told} / evaluations run again agree ({asked} rules)")
    return kept


def reads(rule: Any) -> bool:
    """Does this rule rest on what the service read in papers?"""
    return bool(rule["guard"] == "papers_agree")


def shown(value: object) -> str:
    """A value for people."""
    if isinstance(value, Verdict):
        seen = "; ".join(f"{one} so với {other}" for one, other in value.seen if one is not None)
        return f"{value.outcome} {value.code}" + (f" ({seen})" if seen else "")
    return str(value)


def read_programmes(bundle: Bundle, report: Report, dossier: Any) -> dict[str, Programme]:
    """The programme versions of the bundle, each under the hash of its own bytes."""
    found: dict[str, Programme] = {}
    for named in dossier["programmes"]:
        folder, before = f"programmes/{named}", len(report.faults)
        text, source = (
            bundle.bytes(f"{folder}/programme.yaml"),
            bundle.bytes(f"{folder}/source.txt"),
        )
        if hashlib.sha256(text + b"\0" + source).hexdigest() != named:
            report.fault(folder, "không khớp mã bản / does not match the version's hash")
        zone = bundle.json(f"{folder}/zone.json")
        for clause in bundle.json(f"{folder}/clauses.json"):
            if clause["text"] not in source.decode() or clause["quote"] not in clause["text"]:
                report.fault(folder, f"Mục {clause['clause']} sai nguyên văn / clause misquoted")
        try:
            found[named] = Programme(text.decode("utf-8"), zone)
        except (Unreadable, KeyError, ValueError) as error:
            report.fault(folder, f"không đọc được: {error} / cannot be read; nothing is run again")
            continue
        loose = {one["guard"] for one in found[named].tables["rules"]} - GUARDS
        if loose:
            report.fault(folder, f"không biết {sorted(loose)} / guards this verifier does not know")
        check_zone(report, folder, zone)
        tables = found[named].tables
        what = f"{tables['id']}, {tables['version']}, {named[:12]}"
        report.section(before, f"Chương trình {what} / programme {what}")
    return found


def check_zone(report: Report, where: str, zone: Any) -> None:
    """The offsets of the office's clock against this machine's own table, if it has one."""
    try:
        from zoneinfo import ZoneInfo  # noqa: PLC0415 - newer than the oldest Python this runs on.

        own = ZoneInfo(zone["zone"])
    except Exception:  # noqa: BLE001 - no module, no table: nothing to compare with.
        report.note(zone["zone"], "lấy giờ theo gói / no table of time zones on this machine")
        return
    for at, seconds in zone["offsets"]:
        offset = dt.datetime.fromisoformat(at).astimezone(own).utcoffset()
        if offset is None or offset.total_seconds() != seconds:
            report.fault(where, f"lệch giờ {zone['zone']} từ {at} / wrong offset of the zone")


# --- 6. The history: chained lines, seals, and what they say of the dossier ------------------


def check_history(
    bundle: Bundle, report: Report, dossier: Any, evaluations: dict[int, Any]
) -> dict[str, list[Any]]:
    """Every line hashes to what it says and follows the one before; the lines by stream."""
    before, count, heads = len(report.faults), 0, dossier["streams"]
    streams: dict[str, list[Any]] = {name: [] for name in heads}
    known = {digest(record) for record in evaluations.values()}
    for line in bundle.lines("history.jsonl"):
        body, count = line["body"], count + 1
        where = f"Nhật ký {body['stream']}, dòng {body['seq']}"
        rows = streams.setdefault(body["stream"], [])
        whole = body["stream"] in heads
        if chained("history-line-1", line["prev_hash"], body) != line["hash"]:
            report.fault(where, "nội dung không khớp mã băm (bị sửa) / changed")
        last: Any = rows[-1] if rows else {"body": {"seq": 0}, "hash": ""}
        if whole and (body["seq"] - 1, line["prev_hash"]) != (last["body"]["seq"], last["hash"]):
            report.fault(where, "không nối vào dòng trước / does not follow the line before")
        cited = json.loads(body["payload"]).get("evaluation")
        if body["evaluation_id"] is not None and not cites(body, evaluations, cited):
            report.fault(where, "kết quả kiểm điều kiện bị sửa / its evaluation was changed")
        if cited is not None and cited not in known:
            report.fault(where, "thiếu kết quả kiểm điều kiện / its evaluation is missing")
        rows.append(line)
    for name, head in heads.items():
        rows = streams[name]
        end = {"count": len(rows), "hash": rows[-1]["hash"] if rows else ""}
        if end != head:
            report.fault(f"Nhật ký {name}", "không khớp đầu mối (bị cắt đuôi) / cut or extended")
    report.section(before, f"Chuỗi {count} dòng nhật ký / chain of {count} lines of history")
    return streams


def cites(body: Any, evaluations: dict[int, Any], cited: object) -> bool:
    """Does the line rest on the evaluation it names: hash, step, person, instant, target?"""
    record = evaluations.get(body["evaluation_id"])
    if record is None or digest(record) != cited or not record["allowed"]:
        return False
    asked = (record["action"], record["by_id"], record["at"], record.target or body["to_state"])
    return asked == (body["action"], body["actor_id"], body["at"], body["to_state"])


def check_seals(
    bundle: Bundle, report: Report, dossier: Any, streams: dict[str, list[Any]], outside: str
) -> None:
    """The seals over all streams, from this dossier's first to the checkpoint of the bundle."""
    before, count, last, gaps = len(report.faults), 0, None, 0
    lines = {
        (one["body"]["stream"], one["body"]["seq"]): one["hash"]
        for rows in streams.values()
        for one in rows
    }
    sealed, size, _, wanted = set(), *outside.partition(":")
    met_outside = not outside
    for seal in bundle.lines("seals.jsonl"):
        body = {name: seal[name] for name in ("seq", "stream", "line_seq", "line_hash")}
        where, place = f"Niêm phong {seal['seq']}", (seal["stream"], seal["line_seq"])
        if chained("sealed-line-1", seal["prev_hash"], body) != seal["hash"]:
            report.fault(where, "nội dung không khớp mã băm (bị sửa) / changed")
        if last is not None and seal["seq"] == last["seq"] + 1:
            if seal["prev_hash"] != last["hash"]:
                report.fault(where, "không nối vào số trước / does not follow the one before")
        elif last is not None:
            gaps += 1
        if place in lines:
            sealed.add(place)
            if lines[place] != seal["line_hash"]:
                report.fault(where, "khác với dòng nhật ký / differs from the line it seals")
        elif seal["stream"] in dossier["streams"]:
            report.fault(where, "dòng đã niêm phong bị thiếu / the line it seals is missing")
        if str(seal["seq"]) == size:
            met_outside = True
            if seal["hash"] != wanted:
                report.fault(where, "khác mốc giữ ở nơi khác / differs from the outside checkpoint")
        count, last = count + 1, seal
    end = {"size": last["seq"] if last else 0, "hash": last["hash"] if last else ""}
    if dossier["seals"]["whole"] and count and (gaps or end != dossier["checkpoint"]):
        report.fault("Niêm phong", "không liền tới mốc của gói / gaps before the checkpoint")
    if not met_outside:
        report.fault("Niêm phong", f"gói không có mốc {size} / no such checkpoint here")
    late = len(lines) - len(sealed)
    if late:
        report.note("Niêm phong", f"{late} dòng chưa niêm phong / lines not sealed yet")
    if gaps:
        report.note("Niêm phong", f"{gaps} khoảng không kèm / stretches left out")
    at = f"{end['size']}:{end['hash']}"
    report.section(before, f"{len(sealed)} dòng niêm phong / lines sealed, mốc / checkpoint {at}")
    if not outside:
        told = "so với mốc giữ ở nơi khác (--checkpoint) mới thấy một lần viết lại toàn bộ"
        report.note("Mốc", f"{told} / only a checkpoint kept elsewhere shows a whole rewrite")


REPORT = ("profile_text", "achievements_text", "prior_awards_text")


class Replay:
    """The dossier as its history tells it, line after line."""

    def __init__(self) -> None:
        self.state: Any = None
        self.version = 0
        self.acts: list[Any] = []
        self.told: dict[str, Any] = {"award_form": "", "decision": None, "revocation": None}
        self.told.update({"documents": {}, "initiatives": {}, "marks": {}})
        self.told["report"] = dict.fromkeys(REPORT, "")
        self.told.update({"council_results": [], "ranking_results": []})

    def take(self, body: Any, report: Report) -> None:
        """Go one line further."""
        where = f"Nhật ký {body['stream']}, dòng {body['seq']}"
        if (body["from_state"], body["dossier_version"]) != (self.state, self.version + 1):
            report.fault(where, "không nối vào trạng thái trước / does not follow the state before")
        self.state, self.version = body["to_state"], body["dossier_version"]
        self.acts.append([body["action"], body["actor_id"], body["dossier_version"]])
        payload, told = json.loads(body["payload"]), self.told
        inputs, kind = payload.get("inputs") or {}, NEEDED.get(body["action"])
        if "document" in payload:
            paper = payload["document"]
            told["documents"][f"{paper['kind']} {paper['version']}"] = paper
        if "initiative" in payload:
            told["initiatives"][payload["initiative"]["id"]] = payload["initiative"]
        if "initiative_removed" in payload:
            told["initiatives"].pop(payload["initiative_removed"]["id"], None)
        if "award_form" in payload:
            told["award_form"] = payload["award_form"][1]
        told["report"] = payload.get("report", told["report"])
        if kind in {"council", "ranking"}:
            told[f"{kind}_results"].append(inputs["result"])
        elif kind == "mark":
            told["marks"][inputs["code"]] = [inputs["outcome"], payload["comment"]]
        elif kind == "decision":
            told["decision"] = paper_of(inputs["decision"])
        elif kind == "revocation":
            told["revocation"] = [*paper_of(inputs["decision"]), inputs["ground"]]
        elif body["action"] == "retract":
            told["decision"] = None


def paper_of(decision: Any) -> list[Any]:
    """What is written on a decision."""
    return [decision[name] for name in ("number", "dated", "signer", "capacity")]


def check_dossier(
    report: Report, manifest: Any, dossier: Any, streams: Any, evaluations: dict[int, Any]
) -> None:
    """The dossier as it stands, and the facts of every evaluation, against the history."""
    before, replay, seen = len(report.faults), Replay(), {0}
    by_version: dict[int, list[Any]] = {}
    for record in evaluations.values():
        facts = record["facts"]["dossier"]
        if facts["state"] is not None:
            by_version.setdefault(facts["version"], []).append(record)
    for line in streams[dossier["stream"]]:
        for record in by_version.get(replay.version, ()):
            check_facts(report, record, replay)
        replay.take(line["body"], report)
        seen.add(replay.version)
    for record in by_version.get(replay.version, ()):
        check_facts(report, record, replay)
    for version in sorted({*by_version} - seen):
        report.fault(
            "evaluations.jsonl", f"không có bản {version} / no such version of the dossier"
        )
    corrected(replay, streams.get("office", []))
    listed = {
        one["path"]: one["sha256"] for one in manifest["files"] if "documents/" in one["path"]
    }
    if listed != {one["path"]: one["sha256"] for one in dossier["documents"]}:
        report.fault("documents", "tệp khác với hồ sơ / files differ from the dossier's papers")
    papers = {f"{one['kind']} {one['version']}": one for one in dossier["documents"]}
    found = {
        **{name: dossier[name] for name in replay.told},
        "documents": {key: {part: one[part] for part in PAPER} for key, one in papers.items()},
        "initiatives": {one["id"]: one for one in dossier["initiatives"]},
        "state": dossier["state"],
        "version": dossier["version"],
    }
    for name, value in {**replay.told, "state": replay.state, "version": replay.version}.items():
        if json.loads(canonical(found[name])) != json.loads(canonical(value)):
            report.fault(f"dossier.json, {name}", "khác với nhật ký / differs from the history")
    report.section(before, "Hồ sơ đúng như nhật ký kể / the dossier is as its history tells")


PAPER = ("kind", "version", "file_name", "sha256", "number", "dated", "signer", "confirmed")


def corrected(replay: Replay, office: list[Any]) -> None:
    """Corrections of a decision before it was published; the office's own stream tells of them."""
    for line in office:
        body, decision = line["body"], replay.told["decision"]
        if body["action"] == "correct_decision" and decision is not None:
            change = json.loads(body["payload"])
            if paper_of(change["before"]) == decision:
                replay.told["decision"] = paper_of(change["after"])


def check_facts(report: Report, record: Any, replay: Replay) -> None:
    """The facts an evaluation looked at against the history up to its version."""
    facts, told, kind = record["facts"]["dossier"], replay.told, NEEDED.get(record["action"])
    latest: dict[str, Any] = {}
    for paper in told["documents"].values():
        latest[paper["kind"]] = [
            paper["version"],
            paper["sha256"],
            paper["number"],
            paper["signer"],
        ]
    initiatives = {key: one["title"] for key, one in told["initiatives"].items()}
    papers = facts["documents"]
    seen = {
        "state": (facts["state"], replay.state),
        "award_form": (facts["award_form"], told["award_form"]),
        "documents": (
            {
                one["kind"]: [one[part] for part in ("version", "sha256", "number", "signer")]
                for one in papers
            },
            latest,
        ),
        "initiatives": ({one["id"]: one["title"] for one in facts["initiatives"]}, initiatives),
        "acts": (
            [[one[part] for part in ("action", "person_id", "version")] for one in facts["acts"]],
            replay.acts,
        ),
        "marks": (
            {one["code"]: [one["outcome"], one["note"]] for one in facts["marks"]},
            told["marks"],
        ),
    }
    for name in ("council", "ranking"):
        if facts[name] is not None and kind != name:
            seen[name] = (facts[name], (told[f"{name}_results"] or [None])[-1])
    for name, (recorded, found) in seen.items():
        if recorded != found:
            where = f"Lần kiểm {record['action']}, {record['at'][:16]}"
            report.fault(
                where, f"dữ kiện {name} khác với nhật ký / a fact differs from the history"
            )


# --- 7. All of it ----------------------------------------------------------------------------


def verify(path: str, outside: str = "") -> Report:
    """Check a bundle and tell what was found."""
    report, bundle = Report(), Bundle(path)
    manifest = check_files(bundle, report)
    if manifest is None or manifest.get("form") != FORM:
        report.fault(path, f"không phải gói dạng {FORM} / not a bundle of this form")
        return report
    try:
        dossier = bundle.json("dossier.json")
        print(f"Hồ sơ / dossier {dossier['code']}: {dossier['subject']}, {dossier['state']}")
        programmes = read_programmes(bundle, report, dossier)
        evaluations = check_evaluations(bundle, report, programmes)
        streams = check_history(bundle, report, dossier, evaluations)
        check_seals(bundle, report, dossier, streams, outside)
        check_dossier(report, manifest, dossier, streams, evaluations)
    except Exception as error:  # noqa: BLE001 - a bundle that cannot be read through is not whole.
        report.fault(path, f"không đọc hết được ({error!r}) / cannot be read to its end")
    print(
        f"Dấu vân tay / fingerprint: {manifest['digest']}, lập lúc / made at {manifest['made_at']}"
    )
    return report


def main() -> int:
    """Read the command line."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    parser = argparse.ArgumentParser(description="Kiểm một gói chứng cứ / verify a bundle")
    parser.add_argument("bundle", help="tệp ZIP hoặc thư mục đã giải nén / ZIP or folder")
    parser.add_argument("--checkpoint", default="", metavar="SIZE:HASH", help="mốc giữ nơi khác")
    wanted = parser.parse_args()
    try:
        report = verify(wanted.bundle, wanted.checkpoint)
    except Exception as error:  # noqa: BLE001 - whatever is wrong with it, it cannot be opened.
        print(f"[LỖI / FAULT] {wanted.bundle}: không mở được / cannot be opened: {error}")
        return 2
    if report.faults:
        print(f"KẾT LUẬN / VERDICT: CÓ {len(report.faults)} LỖI, gói không nguyên vẹn / NOT whole")
        return 1
    print("KẾT LUẬN / VERDICT: NGUYÊN VẸN / whole")
    return 0


if __name__ == "__main__":
    sys.exit(main())
