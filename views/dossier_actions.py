"""Thao tác của bạn: what the reader may do here, and why not what not."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from models.queries_turns import forward_step
from views import formats, labels
from views.flags import Standing
from views.formats import _
from views.presenting import Surroundings, naming, roles_words
from views.steps_pages import OWN_PAGE, page_of
from workflow.decisions import Judgement
from workflow.vocabulary import Action

WITHOUT_PAGE: Final = frozenset(set(Action) - set(OWN_PAGE) - {Action.REGISTER})


@dataclass(frozen=True, slots=True)
class Choice:
    """One action: a link to its page, a button, or a form that asks for a reason."""

    action: str
    label: str
    url: str | None
    asks_reason: bool
    asks_source: bool
    destructive: bool
    missing: int


@dataclass(frozen=True, slots=True)
class Actions:
    """What stands in the card: the step due, the others, and what is refused with its reason."""

    main: Choice | None = None
    others: list[Choice] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    can_edit: str | None = None
    who_can: str = ""

    @property
    def next_button(self) -> dict[str, str] | None:
        """The one button of the next box: to what is missing, or to where the step is taken."""
        if self.main is None:
            return None
        if self.main.missing:
            return {"label": _("Xem {count} mục", count=self.main.missing), "url": "#dieu-kien"}
        return {"label": self.main.label, "url": self.main.url or "#thao-tac"}


def actions_of(
    where: Standing,
    verdicts: tuple[Judgement, ...],
    around: Surroundings,
    *,
    only_looks: bool,
) -> Actions:
    """Sort the verdicts into what can be done and what is explained."""
    if only_looks:
        return Actions()
    offered = [one for one in verdicts if concerns(where, one, around)]
    awaited = where.step.action if where.step else None
    due = next((one for one in offered if one.action is awaited), None)
    main = choice(due, around) if due else None
    others: list[Choice] = []
    refused: list[str] = []
    for verdict in offered:
        if verdict is due or same_page(verdict, due):
            continue
        if verdict.allowed:
            others.append(choice(verdict, around))
        elif verdict.action is not Action.EDIT:
            refused.append(why_not(verdict))
    return Actions(main, others, refused, edit_page(verdicts, around), who_can(where, due, around))


def concerns(where: Standing, verdict: Judgement, around: Surroundings) -> bool:
    """Is this action the reader's business in the present situation?"""
    situation, action = where.situation, verdict.action
    if verdict.step is None or not around.actor.may_take(verdict.step.by, action):
        return False
    if action is Action.SEND_SUPPLEMENT:
        return situation.supplement
    if action is Action.REQUEST_SUPPLEMENT:
        return not situation.supplement
    if action in {Action.HOLD, Action.RELEASE_HOLD}:
        return situation.held is (action is Action.RELEASE_HOLD)
    if action is Action.PRESENT:
        return where.dossier.presented_at is None
    forward = forward_step(around.programme, where.dossier.state)
    return not (situation.supplement and verdict.step is forward)


def choice(verdict: Judgement, around: Surroundings) -> Choice:
    """One action as the card shows it."""
    action, step = verdict.action, verdict.step
    return Choice(
        action=action.value,
        label=step.title if step else labels.ACTION[action],
        url=page_of(action, around.code) if action in OWN_PAGE else None,
        asks_reason=bool(step and step.comment) and action in WITHOUT_PAGE,
        asks_source=action is Action.HOLD,
        destructive=action in labels.DESTRUCTIVE,
        missing=len(verdict.blocking),
    )


def same_page(verdict: Judgement, due: Judgement | None) -> bool:
    """Does this action share its page with the step due (kiểm từng mục, xác nhận)?"""
    own = OWN_PAGE.get(verdict.action)
    return due is not None and own is not None and own == OWN_PAGE.get(due.action)


def why_not(verdict: Judgement) -> str:
    """The first reason, in one sentence; the rest is on the list of conditions."""
    label = verdict.step.title if verdict.step else labels.ACTION[verdict.action]
    if verdict.refusals:
        return _("{label}: {text}", label=label, text=formats.inside(verdict.refusals[0].text))
    first = verdict.blocking[0]
    seen = first.finding.evidence
    reason = formats.inside(seen[0].text) if seen else formats.lower_first(first.title)
    return _("{label}: {reason}", label=label, reason=reason)


def edit_page(verdicts: tuple[Judgement, ...], around: Surroundings) -> str | None:
    """Where papers are added, when the reader may now."""
    allowed = any(one.action is Action.EDIT and one.allowed for one in verdicts)
    return page_of(Action.EDIT, around.code) if allowed else None


def who_can(where: Standing, due: Judgement | None, around: Surroundings) -> str:
    """Who takes the step due, when the reader cannot."""
    if due is not None or where.step is None:
        return ""
    return naming(around.holders.of(where.step.by, around.places)) or roles_words(where.step.by)
