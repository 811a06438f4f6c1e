"""What a rule of a programme asks, in words: its figures, whom it binds, where it is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from views import labels
from views.formats import _, joined
from workflow.guards.registry import GUARDS
from workflow.vocabulary import (
    Action,
    Classification,
    CycleKind,
    DocumentKind,
    Outcome,
    State,
    SubjectKind,
)

if TYPE_CHECKING:
    from workflow.programme import Programme
    from workflow.rule_tables import RuleTable

Said = Callable[[Any], str]
QUIET: Final = frozenset({"code", "about", "but", "open", "of"})
"""Parameters that name things and set no figure."""


_DEMAND: Final = {
    "both": lambda: _("cần cả hai chỉ số"),
    "either": lambda: _("cần một trong hai chỉ số"),
    "par_only": lambda: _("chỉ cần Chỉ số CCHC"),
}
WORDS: Final[Mapping[str, Said]] = {
    "minimum": lambda v: _("từ {value} điểm trở lên", value=_figure(v)),
    "only_scored_by_province": lambda v: (
        _("chỉ đơn vị được UBND tỉnh chấm") if v else _("mọi đơn vị")
    ),
    "par_minimum": lambda v: _("Chỉ số CCHC từ {value}%", value=_figure(v)),
    "sipas_minimum": lambda v: _("Chỉ số hài lòng từ {value}%", value=_figure(v)),
    "demand": lambda v: _DEMAND[str(v)](),
    "years": lambda v: _("{count} năm liên tục", count=v),
    "at_least": lambda v: _(
        "xếp loại từ {value} trở lên", value=labels.CLASSIFICATION[Classification(v)]
    ),
    "allow_previous_year_end": lambda v: (
        _("được kết thúc ở năm trước nếu năm xét chưa công bố") if v else _("kết thúc ở năm xét")
    ),
    "every_year": lambda v: _("phải đăng ký mọi năm") if v else _("đăng ký năm xét là đủ"),
    "applied": lambda v: _("phải được áp dụng tại đơn vị") if v else "",
    "recognition": lambda v: _("chỉ cần đã khai") if v == "declared" else _("phải được công nhận"),
    "kind": lambda v: labels.DOCUMENT[DocumentKind(v)],
    "between": lambda v: _(
        "không một người làm hai bước trong: {steps}",
        steps=joined(labels.ACTION[Action(one)] for one in v),
    ),
    "own_unit": lambda v: _("tính cả đơn vị của người làm") if v else _("chỉ tính chính người đó"),
    "most_days": lambda v: _("tối đa {count} ngày", count=v),
    "before": lambda v: _("không quá mốc “{milestone}”", milestone=labels.MILESTONE[State(v)]),
    "question": lambda v: _("người xem trả lời: {question}", question=v),
}
"""Every parameter a guard may have, as words; what is in QUIET is left out."""


def _figure(value: Any) -> str:  # noqa: ANN401 - as the file has it
    return str(value).replace(".", ",")


def figures(rule: RuleTable) -> list[str]:
    """The figures and switches of a rule, in words, those left to their default as well."""
    fields = GUARDS[rule.guard].parameters.model_fields
    given = {name: rule.params.get(name, field.default) for name, field in fields.items()}
    told = (WORDS[name](value) for name, value in given.items() if name in WORDS)
    return [one for one in told if one]


def scope(programme: Programme, rule: RuleTable) -> str:
    """Whom and when the rule binds, where it does not bind everybody always."""
    parts: list[str] = []
    if set(rule.subjects) != set(SubjectKind):
        parts.append(joined(labels.SUBJECT[one] for one in rule.subjects))
    if rule.awards:
        parts.append(joined(programme.award_by_id[one].short for one in rule.awards))
    if set(rule.cycles) != set(CycleKind):
        parts.append(joined(labels.CYCLE[one] for one in rule.cycles))
    return _("Chỉ: {scope}", scope=joined(parts, "; ")) if parts else ""


def asked_at(programme: Programme, rule_id: str) -> str:
    """The steps that ask a rule, and at which of them it only warns."""
    found: dict[str, bool] = {}
    for step in programme.steps:
        for use in step.rules:
            if use.rule == rule_id:
                stops = Outcome.NOT_MET not in use.tolerate
                found[step.title] = found.get(step.title, False) or stops
    told = (
        title if stops else _("{title} (chỉ nhắc)", title=title) for title, stops in found.items()
    )
    return _("Hỏi ở: {steps}", steps=joined(told, "; ")) if found else ""


def sentences(programme: Programme, rule: RuleTable) -> Iterator[str]:
    """All of it, a sentence each."""
    found = figures(rule)
    if found:
        told = joined(found, "; ")
        yield f"{told[:1].upper()}{told[1:]}"
    yield from filter(None, (scope(programme, rule), asked_at(programme, rule.id)))


def settings(rule: RuleTable) -> str:
    """The parameters as the file writes them, for whoever changes it."""
    return ", ".join(
        f"{name}: {_plain(value)}" for name, value in rule.params.items() if name not in QUIET
    )


def _plain(value: Any) -> str:  # noqa: ANN401 - as the file has it
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_plain, value))}]"
    return str(value)
