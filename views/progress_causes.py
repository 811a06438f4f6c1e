"""Two progress reports about where it sticks: rules that refused a step, and units."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from models.progress_conditions import AGES, OPEN
from views import formats, labels, progress_pictures
from views.formats import _
from views.progress_filters import age_key, age_words
from views.progress_ground import ENDED, OLD, Figure, Ground, Report, told
from views.workbooks import Column
from workflow.programme import Programme
from workflow.rule_tables import RuleTable
from workflow.vocabulary import PROGRESS, State
from workflow.words import phrase


def rules(ground: Ground) -> Report:
    """Which rules refused a step, of how many dossiers, and of how many they still do."""
    rows = []
    for one in ground.found.blocks:
        programme, rule = _rule(ground.known, one.programme_id, one.rule)
        named = {"chuong_trinh": one.programme_id}
        rows.append(
            (
                Figure(
                    formats.value(rule.title) if rule else one.rule,
                    clause=(
                        labels.clause_text(rule.clause),
                        labels.clause_url(rule.clause, programme),
                    )
                    if rule
                    else ("", ""),
                ),
                Figure(labels.clause_text(rule.clause) if rule else ""),
                ground.figure(one.count, chan=one.rule, **named),
                ground.figure(one.still, con_chan=one.rule, **named),
            )
        )
    first = rows[0] if rows else None
    return Report(
        name="dieu-kien",
        title=_("Chưa lần chuyển bước nào bị điều kiện chặn")
        if first is None
        else _(
            "“{rule}” chặn nhiều hồ sơ nhất: {stopped} hồ sơ, {still} còn bị chặn",
            rule=first[0].shown,
            stopped=first[2].shown,
            still=first[3].shown,
        ),
        why=_("Số hồ sơ bị điều kiện chặn khi có người chuyển bước; mỗi hồ sơ tính một lần"),
        columns=(
            Column(phrase("Điều kiện"), 44),
            Column(phrase("Căn cứ"), 16),
            Column(phrase("Từng bị chặn"), 14, "whole"),
            Column(phrase("Còn bị chặn"), 14, "whole"),
        ),
        rows=rows,
        picture={"bars": progress_pictures.bars(rows)},
    )


def _rule(
    known: Mapping[str, Programme], programme_id: str, rule: str
) -> tuple[Programme | None, RuleTable | None]:
    """The rule in the newest version of its programme that has it."""
    having = [one for one in known.values() if one.id == programme_id and rule in one.rule_by_id]
    return (having[-1], having[-1].rule_by_id[rule]) if having else (None, None)


def units(ground: Ground) -> Report:
    """Every proposing unit: its dossiers by state, how many are late or have waited long."""
    names: dict[int, str] = {}
    grid: Counter[tuple[int, State]] = Counter()
    late: Counter[int] = Counter()
    old: Counter[int] = Counter()
    for one in ground.found.cells:
        names[one.unit_id] = one.unit
        grid[one.unit_id, one.state] += one.count
        late[one.unit_id] += one.count if one.late else 0
        old[one.unit_id] += one.count if one.age == OLD else 0
    totals = {unit: sum(grid[unit, state] for state in State) for unit in names}
    waiting = {unit: sum(grid[unit, state] for state in OPEN) for unit in names}
    ordered = sorted(names, key=lambda unit: (-late[unit], -waiting[unit]))
    rows, bars, most = [], [], max(totals.values(), default=0)
    for unit in ordered:
        mine = {"de_nghi": str(unit)}
        ended = sum(grid[unit, state] for state in ENDED)
        rows.append(
            (
                Figure(names[unit]),
                ground.figure(totals[unit], **mine),
                *(
                    ground.figure(grid[unit, state], trang_thai=state.value, **mine)
                    for state in PROGRESS
                ),
                Figure(ended),
                ground.figure(late[unit], co="qua-han", **mine),
                ground.figure(old[unit], cho=age_key(*AGES[OLD]), **mine),
            )
        )
        bars.append(
            {
                "segments": progress_pictures.stacked(
                    [(f"s{labels.step_number(state)}", grid[unit, state]) for state in PROGRESS],
                    most,
                ),
                "said": told((labels.STATE[state], grid[unit, state]) for state in State),
            }
        )
    return Report(
        name="don-vi",
        title=_unit_finding(ordered, names, late, totals),
        why=_("Đơn vị đề nghị, xếp theo số hồ sơ quá hạn, rồi số hồ sơ đang chờ"),
        columns=(
            Column(phrase("Đơn vị"), 40),
            Column(phrase("Hồ sơ"), 10, "whole"),
            *(Column(labels.STATE[state], 14, "whole") for state in PROGRESS),
            Column(phrase("Kết thúc khác"), 12, "whole"),
            Column(phrase("Quá hạn"), 10, "whole"),
            Column(_("Chờ {words}", words=age_words(*AGES[OLD])), 16, "whole"),
        ),
        rows=rows,
        picture={"bars": bars},
    )


def _unit_finding(
    ordered: Sequence[int],
    names: Mapping[int, str],
    late: Counter[int],
    totals: Mapping[int, int],
) -> str:
    if not ordered:
        return _("Hồ sơ theo đơn vị")
    behind = [unit for unit in ordered if late[unit]]
    if not behind:
        return _("Không đơn vị nào có hồ sơ quá hạn")
    first = behind[0]
    if len(behind) == 1:
        return _(
            "Chỉ {unit} có hồ sơ quá hạn: {late} trong {all} hồ sơ",
            unit=names[first],
            late=formats.number(late[first]),
            all=formats.number(totals[first]),
        )
    if late[first] == late[behind[1]]:
        return _(
            "{behind} trong {all} đơn vị có hồ sơ quá hạn, tất cả {late} hồ sơ",
            behind=len(behind),
            all=len(ordered),
            late=formats.number(late.total()),
        )
    return _(
        "{behind} trong {all} đơn vị có hồ sơ quá hạn, nhiều nhất là {unit}: {late} hồ sơ",
        behind=len(behind),
        all=len(ordered),
        unit=names[first],
        late=formats.number(late[first]),
    )
