"""Findings of the law as a page shows them: what was seen, how to mend it, who can, and why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from flask import current_app, url_for

from models.people import Places
from models.queries_holders import Holder, Holders
from views import disagreeing, formats, labels
from views.disagreeing import Pair
from views.formats import _, joined
from workflow.decisions import Judgement
from workflow.facts import Actor
from workflow.guards.authority import ABOUT_THE_ACTOR
from workflow.marks import AGREED, ATTESTED
from workflow.programme import Programme
from workflow.verdicts import Refusal, Result
from workflow.vocabulary import Action, Outcome, Role
from workflow.words import phrase

MEND: Final = {
    "document": ("assembly.overview", phrase("Mở phần tài liệu")),
    "initiative_recognised": ("assembly.overview", phrase("Mở phần sáng kiến")),
    "award_in_cycle": ("assembly.overview", phrase("Chọn hình thức")),
    "award_fits_recipient": ("assembly.overview", phrase("Chọn hình thức")),
    "right_authority": ("assembly.overview", phrase("Chọn hình thức")),
    "supplement_changed_something": ("assembly.overview", phrase("Sửa hồ sơ")),
    "within_period": ("assembly.overview", phrase("Sửa hồ sơ")),
    "council_quorum": ("council.result", phrase("Ghi kết quả Hội đồng")),
    "council_approval": ("council.result", phrase("Ghi kết quả Hội đồng")),
    "council_votes_add_up": ("council.result", phrase("Ghi kết quả Hội đồng")),
    "papers_agree": ("assembly.overview", phrase("Mở phần tài liệu")),
    "attested": ("check.check", phrase("Kiểm mục này")),
    "before_milestone": ("check.extension", phrase("Cho gia hạn")),
    "decision_complete": ("decision.decide", phrase("Nhập quyết định")),
}
"""Which page mends what a guard found, and the words on its button."""

_SETTLED = {Outcome.MET, Outcome.NOT_APPLICABLE}


@dataclass(frozen=True, slots=True)
class Reading:
    """A reading of the programme that a finding rests on."""

    id: str
    text: str
    href: str


@dataclass(frozen=True, slots=True)
class Condition:
    """One finding as `macros/guards.html` reads it."""

    code: str
    outcome: str
    tolerated: bool
    title: str
    evidence: list[str]
    pairs: list[Pair]
    remedy: str
    who_can: str
    clause_ref: str
    clause_href: str
    quote: str
    readings: list[Reading]
    action_label: str | None
    action_url: str | None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a page knows besides the findings: the programme, who reads, who could act."""

    programme: Programme
    actor: Actor
    places: Places
    holders: Holders
    code: str


def conditions(results: Iterable[Result], around: Surroundings) -> list[Condition]:
    """The findings of one step for one reader."""
    return [condition(result, around) for result in results]


def for_reader(judgement: Judgement, around: Surroundings) -> list[Condition]:
    """The conditions of a step; those about the actor only for somebody who could be the actor."""
    by = judgement.step.by if judgement.step else ()
    takes_it = around.actor.may_take(by, judgement.action)
    rules = around.programme.rule_by_id
    return conditions(
        (
            result
            for result in judgement.results
            if takes_it or rules[result.rule].guard not in ABOUT_THE_ACTOR
        ),
        around,
    )


def condition(result: Result, around: Surroundings) -> Condition:
    """One finding for one reader."""
    finding = result.finding
    mine = finding.who is None or around.actor.may_take((finding.who,))
    open_still = result.outcome not in _SETTLED
    label, url = mend(result, around) if open_still and mine else (None, None)
    return Condition(
        code=result.rule,
        outcome=result.outcome.value,
        tolerated=result.tolerated,
        title=result.title,
        evidence=[
            formats.sentence(one.text) for one in finding.evidence if not disagreeing.is_one(one)
        ],
        pairs=disagreeing.pairs(result, around.code),
        remedy=formats.sentence(finding.remedy) if finding.remedy else "",
        who_can=names_of(finding.who, around) if open_still and finding.who and not mine else "",
        clause_ref=labels.clause_text(result.clause),
        clause_href=labels.clause_url(result.clause),
        quote=result.quote,
        readings=[reading(around.programme, each) for each in result.readings],
        action_label=label,
        action_url=url,
    )


def reading(programme: Programme, reading_id: str) -> Reading:
    """What the text leaves open, and the choice taken: “Không.” alone says nothing."""
    found = programme.reading_by_id.get(reading_id)
    text = _("{question} {choice}", question=found.question, choice=found.choice) if found else ""
    return Reading(reading_id, text, f"/van-ban#{reading_id}")


def mend(result: Result, around: Surroundings) -> tuple[str | None, str | None]:
    """The button that leads to where this can be mended, if there is such a page."""
    rule = around.programme.rule_by_id.get(result.rule)
    endpoint, label = MEND.get(rule.guard, ("", "")) if rule else ("", "")
    if rule is not None and rule.guard == AGREED and result.finding.who is Role.APPRAISER:
        endpoint, label = MEND[ATTESTED]
    if endpoint not in current_app.view_functions:
        return None, None
    return label, url_for(endpoint, code=around.code)


def names_of(role: Role | None, around: Surroundings) -> str:
    """Name the people in one role here; the role itself when nobody is appointed."""
    if role is None:
        return ""
    found = around.holders.of((role,), around.places)
    return naming(found) or _("{role} (chưa phân công)", role=labels.ROLE[role])


def naming(found: Sequence[Holder]) -> str:
    """Lý Thị Mai, cán bộ lập hồ sơ, UBND huyện Quản Bạ; of several the names and where."""
    if len(found) == 1:
        return joined((found[0].shown, post_words(found[0])))
    unit = formats.shortened(found[0].unit) if found else ""
    return joined(filter(None, (names(found), unit)))


def names(found: Sequence[Holder]) -> str:
    """Two names, and how many more."""
    if len(found) > 2:  # noqa: PLR2004 - two are named
        return _(
            "{shown}, {shown2} và {count} người khác",
            shown=found[0].shown,
            shown2=found[1].shown,
            count=len(found) - 2,
        )
    return joined((holder.shown for holder in found), _(" hoặc "))


def post_words(holder: Holder) -> str:
    """What somebody is, and where, unless the one says the other."""
    position = holder.position or labels.POST[holder.post]
    unit = formats.shortened(holder.unit)
    return position if unit in position else _("{position}, {unit}", position=position, unit=unit)


def roles_words(roles: Iterable[Role]) -> str:
    """Roles as they stand in a sentence."""
    return joined((formats.lower_first(labels.ROLE[role]) for role in roles), _(" hoặc "))


def problems(judgement: Judgement, comment_field: str = "comment") -> list[dict[str, str]]:
    """Everything that stops a step, for the summary: each leads to its card or field."""
    found = [refusal(each, comment_field) for each in judgement.refusals]
    for result in judgement.blocking:
        seen = result.finding.evidence
        first = formats.inside(seen[0].text) if seen else labels.OUTCOME[result.outcome].lower()
        message = _("{title}: {first}", title=result.title, first=first)
        found.append({"field": f"dieu-kien-{result.rule}", "message": message})
    return found


def refusal(said: Refusal, comment_field: str) -> dict[str, str]:
    """A refusal that is no rule's: wrong role, wrong state, no reason given."""
    message = formats.sentence(said.text)
    if said.roles:
        message += " " + _(
            "Bước này dành cho: {who}.",
            who=joined(labels.ROLE[role] for role in said.roles),
        )
    elif said.remedy:
        message += _(" {remedy}", remedy=formats.sentence(said.remedy))
    about_comment = said.code in {"COMMENT_MISSING", "COMMENT_TOO_LONG"}
    return {"field": comment_field if about_comment else "", "message": message}


def summary_title(found: list[dict[str, str]]) -> str:
    """The words above the list of what stops a step."""
    return _("Chưa gửi được, còn {count} mục", count=len(found))


def progress(results: Iterable[Result]) -> str:
    """5/7 điều kiện đạt; what does not apply or does not stop the step is left out."""
    counted = [
        result
        for result in results
        if result.outcome is not Outcome.NOT_APPLICABLE
        and (result.blocks or result.outcome is Outcome.MET)
    ]
    met = sum(result.outcome is Outcome.MET for result in counted)
    return _("{met}/{count} điều kiện đạt", met=met, count=len(counted)) if counted else ""


def heading(action: Action, title: str) -> str:
    """What the conditions are for."""
    return str(
        labels.CONDITIONS_FOR.get(
            action, _("Điều kiện để {title}", title=formats.lower_first(title))
        )
    )
