"""Does a programme hold together? Every fault is found, each with the path it stands at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workflow.clauses import cut
from workflow.ranking import CRITERIA
from workflow.vocabulary import ENDS, FALLEN, PROGRESS, Action, DocumentKind, State

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from workflow.programme import (
        DocumentTable,
        Programme,
        StepTable,
    )
    from workflow.rule_tables import RuleUse
    from workflow.table import CitedTable, NamedTable

Path = tuple[str | int, ...]
Fault = tuple[Path, str]


def flaws(programme: Programme, source: str) -> list[Fault]:
    """All faults that the shape of the tables cannot show."""
    checks: Sequence[Callable[[Programme], Iterable[Fault]]] = (
        _unique_ids,
        _unknown_names,
        _unknown_references,
        _unknown_award_readings,
        _cycles_in_period,
        _steps_have_roles,
        _ambiguous_steps,
        _reachability,
        _dead_ends,
        _skipped_approvals,
        _wrong_act,
        _letters_at_an_end,
        _papers,
        _ranking,
        _reports,
    )
    found = [fault for check in checks for fault in check(programme)]
    return [*found, *_quotations(programme, source)]


def _unique_ids(programme: Programme) -> Iterable[Fault]:
    tables: dict[str, Sequence[NamedTable]] = {
        "cycles": programme.cycles,
        "awards": programme.awards,
        "rules": programme.rules,
        "readings": programme.readings,
        "reminders": (*programme.reminders, *programme.registration_reminders),
        "reports": programme.reports,
    }
    for name, rows in tables.items():
        seen: set[str] = set()
        for number, row in enumerate(rows):
            if row.id in seen:
                yield (name, number, "id"), f"mã “{row.id}” đã dùng"
            seen.add(row.id)


def _uses(programme: Programme) -> Iterable[tuple[Path, RuleUse]]:
    for number, use in enumerate(programme.registration.rules):
        yield ("registration", "rules", number), use
    for place, step in enumerate(programme.steps):
        for number, use in enumerate(step.rules):
            yield ("steps", place, "rules", number), use


def _unknown_names(programme: Programme) -> Iterable[Fault]:
    for path, use in _uses(programme):
        if use.rule not in programme.rule_by_id:
            yield path, f"không có quy định “{use.rule}”"
    used = {use.rule for _, use in _uses(programme)}
    for number, rule in enumerate(programme.rules):
        if rule.id not in used:
            yield ("rules", number, "id"), f"quy định “{rule.id}” không bước nào dùng"


def _unknown_references(programme: Programme) -> Iterable[Fault]:
    for number, rule in enumerate(programme.rules):
        for award in rule.awards:
            if award not in programme.award_by_id:
                yield ("rules", number, "awards"), f"không có hình thức “{award}”"
        for reading in rule.readings:
            if reading not in programme.reading_by_id:
                yield ("rules", number, "readings"), f"không có diễn giải “{reading}”"


def _unknown_award_readings(programme: Programme) -> Iterable[Fault]:
    for number, award_form in enumerate(programme.awards):
        for reading in award_form.quota.readings if award_form.quota else ():
            if reading not in programme.reading_by_id:
                yield ("awards", number, "quota", "readings"), f"không có diễn giải “{reading}”"


def _cycles_in_period(programme: Programme) -> Iterable[Fault]:
    if programme.ends < programme.starts:
        yield ("ends",), "ngày kết thúc trước ngày bắt đầu"
    for number, cycle in enumerate(programme.cycles):
        path: Path = ("cycles", number)
        if not programme.starts.year <= cycle.year <= programme.ends.year:
            yield (*path, "year"), "năm của đợt nằm ngoài thời gian chương trình"
        if cycle.registration_closes < cycle.registration_opens:
            yield (*path, "registration_closes"), "hạn đăng ký trước ngày mở đăng ký"
        days = [cycle.milestones.of(state) for state in PROGRESS[1:]]
        known = [day for day in days if day is not None]
        if known != sorted(known):
            yield (*path, "milestones"), "các mốc không theo thứ tự các bước"


def _steps_have_roles(programme: Programme) -> Iterable[Fault]:
    if not programme.registration.by:
        yield ("registration", "by"), "không vai trò nào được đăng ký"
    for number, step in enumerate(programme.steps):
        if not step.by:
            yield ("steps", number, "by"), f"bước “{step.title}” không có vai trò chịu trách nhiệm"


def _ambiguous_steps(programme: Programme) -> Iterable[Fault]:
    seen: set[tuple[object, ...]] = set()
    open_arrows: set[tuple[object, ...]] = set()
    for number, step in enumerate(programme.steps):
        arrow = (step.source, step.action)
        key = (*arrow, step.when_fell)
        if key in seen:
            yield ("steps", number), f"hai bước “{step.action.value}” từ cùng một trạng thái"
        if arrow in open_arrows:
            yield ("steps", number), "bước này không bao giờ tới lượt: bước trước nó luôn đúng"
        seen.add(key)
        if step.when_fell is None:
            open_arrows.add(arrow)


def _reach(programme: Programme, start: State | None, without: frozenset[State]) -> set[State]:
    reached: set[State] = set()
    edge: list[State | None] = [start]
    while edge:
        here = edge.pop()
        for step in programme.steps:
            target = step.target
            if step.source is here and target not in reached and target not in without:
                reached.add(target)
                edge.append(target)
    return reached


def _reachability(programme: Programme) -> Iterable[Fault]:
    reached = _reach(programme, None, frozenset())
    named = {step.source for step in programme.steps} | {step.target for step in programme.steps}
    for state in (*PROGRESS, *sorted(FALLEN)):
        if state in reached:
            continue
        place = _first_step(programme, state)
        if state in PROGRESS or state in named:
            yield place, f"trạng thái “{state.value}” không tới được"


def _dead_ends(programme: Programme) -> Iterable[Fault]:
    for state in sorted(_reach(programme, None, frozenset()) - ENDS):
        if State.DECIDED not in _reach(programme, state, frozenset()):
            yield _first_step(programme, state), f"ngõ cụt: từ “{state.value}” không tới quyết định"
    for state in sorted(FALLEN):
        for number, step in enumerate(programme.steps):
            if step.source is state:
                yield ("steps", number, "from"), f"“{state.value}” là kết thúc, không đi tiếp được"


def _first_step(programme: Programme, state: State) -> Path:
    for number, step in enumerate(programme.steps):
        if step.target is state or step.source is state:
            return ("steps", number)
    return ("steps",)


def _skipped_approvals(programme: Programme) -> Iterable[Fault]:
    skippable = {
        State.COUNCIL_REVIEWED: "Hội đồng",
        State.BOARD_CHECKED: "bước kiểm tra",
    }
    for state, words in skippable.items():
        reached = _reach(programme, None, frozenset({state}))
        if State.DECIDED in reached:
            for number, step in enumerate(programme.steps):
                if step.target is State.DECIDED and step.source in reached:
                    yield ("steps", number, "to"), f"có đường tới quyết định bỏ qua {words}"


_GIVEN_BY = {
    State.SUBMITTED: Action.SUBMIT,
    State.COUNCIL_REVIEWED: Action.RECORD_COUNCIL_RESULT,
    State.BOARD_CHECKED: Action.CONFIRM_CHECK,
    State.DECIDED: Action.DECIDE,
}


def _wrong_act(programme: Programme) -> Iterable[Fault]:
    """A state of progress is entered from before it only by the act that earns it."""
    for number, step in enumerate(programme.steps):
        earned = _GIVEN_BY.get(step.target)
        if earned is None or step.action is earned or step.source not in PROGRESS:
            continue
        if PROGRESS.index(step.source) < PROGRESS.index(step.target):
            words = f"“{step.action.value}” không được dẫn tới “{step.target.value}”"
            yield ("steps", number, "action"), f"{words}: chỉ “{earned.value}” mới được"


def _letters_at_an_end(programme: Programme) -> Iterable[Fault]:
    """Only a stopped clock has an end at which a letter could leave."""
    for number, step in enumerate(programme.steps):
        if step.action is not Action.SUSPEND and any(one.at_end for one in step.notify):
            yield ("steps", number, "notify"), "chỉ “suspend” mới có thư gửi khi hết tạm dừng"


def _papers(programme: Programme) -> Iterable[Fault]:
    known = set(programme.document_by_kind)
    for number, rule in enumerate(programme.rules):
        kind = rule.params.get("kind") if rule.guard == "document" else None
        if kind is not None and kind in set(DocumentKind) and DocumentKind(kind) not in known:
            yield ("rules", number, "params", "kind"), f"không có tài liệu “{kind}”"
    for number, step in enumerate(programme.steps):
        for kind in step.covers:
            if kind not in known:
                yield ("steps", number, "covers"), f"không có tài liệu “{kind.value}”"
        if step.when_fell is not None and not any(
            other.covers and other.target is step.when_fell for other in programme.steps
        ):
            yield ("steps", number, "when_fell"), "không bước nào cho chấp thuận có tài liệu kèm"


def _ranking(programme: Programme) -> Iterable[Fault]:
    """A criterion nobody can compute, or named twice, would order nothing."""
    if programme.ranking is None:
        return
    seen: set[str] = set()
    for number, one in enumerate(programme.ranking.criteria):
        path: Path = ("ranking", "criteria", number)
        if one.criterion not in CRITERIA:
            yield (*path, "criterion"), f"không có tiêu chí “{one.criterion}”"
        if one.criterion in seen:
            yield (*path, "criterion"), f"tiêu chí “{one.criterion}” ghi hai lần"
        seen.add(one.criterion)
    for reading in programme.ranking.readings:
        if reading not in programme.reading_by_id:
            yield ("ranking", "readings"), f"không có diễn giải “{reading}”"


def _reports(programme: Programme) -> Iterable[Fault]:
    if programme.reports and programme.consolidation is None:
        yield ("reports",), "có báo cáo của đơn vị mà thiếu mục “consolidation”"
    for number, report in enumerate(programme.reports):
        path: Path = ("reports", number)
        for cycle in report.cycles:
            if cycle not in programme.cycle_by_id:
                yield (*path, "cycles"), f"không có đợt “{cycle}”"
        if report.due < report.opens:
            yield (*path, "due"), "hạn gửi trước ngày mở báo cáo"
        if not programme.starts.year <= report.year <= programme.ends.year:
            yield (*path, "year"), "năm của báo cáo nằm ngoài thời gian chương trình"


def _quotations(programme: Programme, source: str) -> Iterable[Fault]:
    """Every clause exists in the source text, and its words stand there byte for byte."""
    clauses = cut(source)
    cited: list[tuple[Path, str, str]] = []
    quoting: dict[str, Sequence[CitedTable | DocumentTable | StepTable]] = {
        "cycles": programme.cycles,
        "awards": programme.awards,
        "documents": programme.documents,
        "rules": programme.rules,
        "steps": programme.steps,
        "reminders": programme.reminders,
        "registration_reminders": programme.registration_reminders,
        "reports": programme.reports,
        "readings": programme.readings,
    }
    for name, rows in quoting.items():
        cited += [((name, n), row.clause, row.quote) for n, row in enumerate(rows)]
    cited += [
        (("awards", n, "quota"), award.quota.clause, award.quota.quote)
        for n, award in enumerate(programme.awards)
        if award.quota
    ]
    if programme.consolidation:
        one = programme.consolidation
        cited.append((("consolidation",), one.clause, one.quote))
    cited += [(("silent_clauses", ref), ref, "") for ref in programme.silent_clauses]
    for path, ref, quote in cited:
        clause = clauses.get(ref)
        if clause is None:
            yield (*path, "clause"), f"văn bản nguồn không có Mục {ref}"
        elif quote and not clause.contains(source, quote):
            yield (*path, "quote"), f"câu trích không có nguyên văn trong Mục {ref}"
