"""The source text of a programme, clause by clause, with what the system makes of each."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from views import formats, labels, labels_time, rule_words
from views.formats import _, joined
from workflow.clauses import cut
from workflow.words import percent, phrase

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from models.agenda import CycleLine
    from workflow.programme import AwardForm, Programme, QuotaTable, StepTable

_EMPHASIS = re.compile(r"\*+")
_DISTRIBUTION = phrase("Nơi nhận:")


@dataclass(frozen=True, slots=True)
class Note:
    """One thing the system makes of a clause; `ref` is its name in the programme file."""

    kind: str
    text: str
    ref: str = ""
    href: str = ""
    more: tuple[str, ...] = ()
    """Figures, whom it binds and where it is asked, a sentence each."""
    was: str = ""
    """A day that is no longer in force, to be struck through."""


@dataclass(frozen=True, slots=True)
class Passage:
    """One clause without those below it. `ref` is empty before the first and after the last."""

    ref: str
    level: int
    lines: tuple[str, ...]
    notes: tuple[Note, ...] = ()
    silent: str = ""

    @property
    def anchor(self) -> str:
        """Where `/van-ban#…` leads."""
        return f"muc-{self.ref}"


def passages(programme: Programme, source: str, dates: Iterable[CycleLine] = ()) -> list[Passage]:
    """The whole text in order: nothing left out, each clause with its notes.

    `dates` are the milestones in force; each note says who set them.
    """
    notes = _notes(programme, dates)
    found = []
    refs = list(cut(source))
    for passage in _cut_apart(source):
        ref = passage.ref
        own = tuple(notes.get(ref, ()))
        leaf = bool(ref) and not any(other.startswith(f"{ref}.") for other in refs)
        silent = "" if own or not leaf else _silence(programme, ref)
        found.append(replace(passage, notes=own, silent=silent))
    return found


def _silence(programme: Programme, ref: str) -> str:
    """Why no rule was made of a clause, as the file states it for the clause or one above."""
    while ref:
        if ref in programme.silent_clauses:
            return programme.silent_clauses[ref]
        ref = ref.rpartition(".")[0]
    return _("Không thành quy tắc máy.")


def _cut_apart(source: str) -> Iterator[Passage]:
    clauses = sorted(cut(source).values(), key=lambda clause: clause.start)
    starts = [clause.start for clause in clauses]
    closing = source.find(f"\n{_DISTRIBUTION}")
    end = closing if closing >= 0 else len(source)
    yield Passage("", 0, _lines(source[: starts[0] if starts else end]))
    for clause, stop in zip(clauses, [*starts[1:], end], strict=True):
        yield Passage(clause.ref, clause.ref.count(".") + 1, _lines(source[clause.start : stop]))
    yield Passage("", 0, _lines(source[end:]))


def _lines(text: str) -> tuple[str, ...]:
    """Lines as read: marks of emphasis from the source's own notation are left out."""
    plain = (_EMPHASIS.sub("", line).strip() for line in text.splitlines())
    return tuple(line for line in plain if line)


def _notes(programme: Programme, dates: Iterable[CycleLine]) -> dict[str, list[Note]]:
    found: defaultdict[str, list[Note]] = defaultdict(list)
    for ref, note in (
        *_rules(programme),
        *_steps(programme),
        *_dates(dates),
        *_reminders(programme),
        *_awards(programme),
        *_papers(programme),
        *_reports(programme),
        *_readings(programme),
    ):
        if note not in found[ref]:
            found[ref].append(note)
    return found


def _rules(programme: Programme) -> Iterable[tuple[str, Note]]:
    for rule in programme.rules:
        more = tuple(rule_words.sentences(programme, rule))
        yield rule.clause, Note(phrase("Điều kiện"), rule.title, rule.id, more=more)


def _steps(programme: Programme) -> Iterable[tuple[str, Note]]:
    yield programme.registration.clause, Note(phrase("Bước"), _("Đăng ký thi đua với cấp trên"))
    moves: list[StepTable] = [step for step in programme.steps if not step.stays]
    for step in (*moves, *(step for step in programme.steps if step.stays)):
        yield step.clause, Note(phrase("Bước") if not step.stays else _("Thao tác"), step.title)


def _dates(lines: Iterable[CycleLine]) -> Iterable[tuple[str, Note]]:
    """One note a cycle with its days in force, and one for each day that was moved."""
    by_cycle: defaultdict[str, list[CycleLine]] = defaultdict(list)
    for line in lines:
        by_cycle[line.cycle.id].append(line)
    for group in by_cycle.values():
        cycle, programme = group[0].cycle, group[0].programme
        common = [line.deadline for line in group if line.award is None]
        days = joined(
            (
                _(
                    "{milestone} {instant}",
                    milestone=labels.MILESTONE[one.state],
                    instant=formats.day(one.instant),
                )
                for one in common
            ),
            "; ",
        )
        setter = programme.milestones_set_by
        source = _("{setter} đặt", setter=setter) if setter else labels_time.TEXT_TAG
        yield (
            cycle.clause,
            Note(
                phrase("Mốc"),
                _("{label}. {days}. {source}", label=cycle.label, days=days, source=source),
            ),
        )
        for line in group:
            if line.deadline.moves:
                yield cycle.clause, _moved(line)


def _moved(line: CycleLine) -> Note:
    last = line.deadline.moves[-1]
    scope = _(", {short}", short=line.award.short) if line.award else ""
    what = _(
        "{milestone}, {label}{scope}",
        milestone=labels.MILESTONE[line.deadline.state],
        label=formats.lower_first(line.cycle.label),
        scope=scope,
    )
    now_at = formats.moment(line.deadline.instant)
    return Note(
        phrase("Mốc"),
        _(
            "{what}: {now_at}. {move_words}",
            what=what,
            now_at=now_at,
            move_words=labels_time.move_words(last),
        ),
        was=formats.day(last.was),
    )


def _reminders(programme: Programme) -> Iterable[tuple[str, Note]]:
    for rule in programme.reminders:
        yield rule.clause, Note(phrase("Nhắc việc"), rule.title, rule.id)
    for early in programme.registration_reminders:
        yield early.clause, Note(phrase("Nhắc việc"), early.title, early.id)


def _awards(programme: Programme) -> Iterable[tuple[str, Note]]:
    for award in programme.awards:
        yield (
            award.clause,
            Note(
                phrase("Hình thức"),
                _(
                    "{title}; {decider_title} quyết định",
                    title=award.title,
                    decider_title=award.decider_title,
                ),
                more=tuple(_award_words(award)),
            ),
        )
        quota = award.quota
        if quota is not None:
            yield (
                quota.clause,
                Note(
                    phrase("Chỉ tiêu"),
                    _("{short}: {number}", short=award.short, number=_number(quota)),
                ),
            )


def _award_words(award: AwardForm) -> Iterator[str]:
    """Who proposes a form of award, who may have it, and when."""
    yield _("Trình: {units}", units=joined(labels.UNIT[one] for one in award.proposers))
    for table in award.recipients:
        yield _(
            "{kind}: {units}",
            kind=labels.SUBJECT[table.kind],
            units=joined(labels.UNIT[one] for one in table.units),
        )
    yield _("Đợt: {cycles}", cycles=joined(labels.CYCLE[one] for one in award.cycles))


def _number(quota: QuotaTable) -> str:
    if quota.percent is None:
        return _("số lượng do thủ trưởng đặt, hoặc không đặt")
    return _("{percent}% tập thể", percent=percent(quota.percent))


def _papers(programme: Programme) -> Iterable[tuple[str, Note]]:
    for paper in programme.documents:
        need = _("bắt buộc") if paper.mandatory else _("khi cần")
        yield (
            paper.clause,
            Note(phrase("Tài liệu"), _("{title} ({need})", title=paper.title, need=need)),
        )


def _reports(programme: Programme) -> Iterable[tuple[str, Note]]:
    for report in programme.reports:
        yield (
            report.clause,
            Note(
                phrase("Báo cáo"),
                _("{title}: gửi đến {due}", title=report.title, due=f"{report.due:%d/%m/%Y}"),
            ),
        )
    if programme.consolidation:
        by = programme.consolidation.body
        yield (
            programme.consolidation.clause,
            Note(phrase("Báo cáo"), _("{by} tổng hợp toàn tỉnh", by=by)),
        )


def _readings(programme: Programme) -> Iterable[tuple[str, Note]]:
    for reading in programme.readings:
        yield (
            reading.clause,
            Note(phrase("Diễn giải"), reading.question, reading.id, f"#{reading.id}"),
        )
