"""What every page with a form carries: where it stands, what was typed, what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from flask import g, render_template, request, url_for

from models.form_queries import dossier_row
from models.gathering import places_of
from models.ledger import look, look_to_write
from models.queries_holders import holders_around
from views import desk, file_desk, formats, labels, presenting, speaking
from views.formats import _, joined
from views.forms import Fault, read_id
from workflow.decisions import Judgement
from workflow.facts import Command
from workflow.ports import Opened
from workflow.verdicts import Refusal
from workflow.vocabulary import Action

Problem = Fault | Mapping[str, str]
UNPROCESSABLE = 422
FIELD_OF = {"NUMBER_TAKEN": "number"}
"""Refusals that are about one field of a form."""


@dataclass
class FormPage:
    """One page with one form; `typed` holds what its fields show."""

    title: str
    code: str = ""
    version: int = 0
    crumbs: Sequence[Mapping[str, str]] = ()
    eyebrow: str = ""
    sub: str = ""
    url: str = ""
    facts: Sequence[tuple[str, ...]] = ()
    typed: Mapping[str, str] = field(default_factory=dict)
    errors: Sequence[Problem] = ()

    @property
    def errors_title(self) -> str:
        """The words above the list of what is wrong."""
        return _("Chưa gửi được, còn {count} mục", count=len(self.errors))

    def value(self, name: str) -> str:
        """What the field shows."""
        return self.typed.get(name, "")

    def ticked(self, name: str) -> bool:
        """Is the box ticked?"""
        return bool(self.typed.get(name))

    def error(self, name: str) -> str | None:
        """What is wrong with the field; None when nothing is."""
        for problem in self.errors:
            found = problem if isinstance(problem, Fault) else Fault(**problem)
            if found.field == name:
                return found.message
        return None


def opened(code: str) -> Opened:
    """Look at a dossier in a transaction of its own. Raises `NotFound`.

    The first look of a form that was sent also raises `Repeated` and `Stale`: what was typed on an
    old version is not judged by the new one, and never shown again as if it were of the new one.
    """
    me, now = desk.me().person_id, desk.now()
    version, key = read_id(request.form.get("version", "")), request.form.get("key", "")
    with desk.reading() as db:
        if version is None or not key or "looked" in g:
            seen = look(db, code, me, now)
        else:
            g.looked = True
            seen = look_to_write(db, Command(code, me, Action.EDIT, version, key=key), now)
    speaking.speak_of(seen.rulebook.programme)
    return seen


def still_fresh(command: Command) -> None:
    """Raise `Repeated` or `Stale` for a form in which nothing differs from what there is now."""
    with desk.reading() as db:
        look_to_write(db, command, desk.now())


def wrote(version: int) -> None:
    """Note the version this request has made: what its page shows next is based on it."""
    g.wrote = version


def version_shown(seen: Opened) -> int:
    """The version a form is about; typed words stay with the version they were typed on."""
    sent = read_id(request.form.get("version", ""))
    made: int | None = g.get("wrote")
    return made or (seen.facts.version if sent is None else sent)


def dossier_page(
    seen: Opened,
    title: str,
    typed: Mapping[str, str] | None = None,
    problems: Iterable[Problem] = (),
) -> FormPage:
    """The page of one form about one dossier."""
    facts, programme = seen.facts, seen.rulebook.programme
    award = programme.award_by_id.get(facts.award_form)
    cycle = programme.cycle_by_id[facts.cycle_id]
    url = url_for("dossiers.show", code=facts.code)
    state = labels.STATE[facts.state] if facts.state else _("Chưa lập")
    award_words = formats.told(award.title) if award else _("chưa chọn hình thức")
    return FormPage(
        title=title,
        code=facts.code,
        version=version_shown(seen),
        crumbs=[
            {"label": _("Hồ sơ"), "url": url_for("dossiers.index")},
            {"label": facts.code, "url": url},
            {"label": title, "url": ""},
        ],
        eyebrow=_(
            "Hồ sơ {subject} · {code}",
            subject=formats.lower_first(labels.SUBJECT[facts.subject.kind]),
            code=facts.code,
        ),
        sub=_("{name} · {award_words}", name=facts.subject.name, award_words=award_words),
        url=url,
        facts=[
            (_("Đối tượng"), facts.subject.name),
            (_("Đơn vị trình"), facts.proposing_unit.name),
            (_("Hình thức"), award.short if award else _("Chưa chọn")),
            (_("Đợt"), cycle.label),
            (_("Trạng thái"), state),
        ],
        typed=request.form.to_dict() if typed is None else typed,
        errors=list(problems),
    )


def show(template: str, page: FormPage, **words: Any) -> tuple[str, int]:  # noqa: ANN401 - template words
    """Render a form page: 422 when something on it is wrong."""
    if page.errors and request.method == "POST":
        file_desk.hold_all()
    text = render_template(template, page=page, has_errors=bool(page.errors), **words)
    return text, UNPROCESSABLE if page.errors else 200


def problems(judgement: Judgement) -> list[Problem]:
    """Everything that stops a step; each leads to its field or to its card."""
    found = presenting.problems(judgement)
    for refusal, problem in zip(judgement.refusals, found, strict=False):
        problem["field"] = FIELD_OF.get(refusal.code, problem["field"])
    return list(found)


def conditions(seen: Opened, judgement: Judgement) -> list[presenting.Condition]:
    """The findings of a step as cards, for this reader; no button leads to the page it is on."""
    with desk.reading() as db:
        dossier = dossier_row(db, seen.facts.code, desk.me().person_id, desk.today())
        places = places_of(db, dossier)
        holders = holders_around(db, (places,), desk.today())
    around = presenting.Surroundings(
        seen.rulebook.programme, seen.actor, places, holders, seen.facts.code
    )
    found = presenting.for_reader(judgement, around)
    here = request.path
    return [
        replace(one, action_label=None, action_url=None) if one.action_url == here else one
        for one in found
    ]


def closed(seen: Opened, title: str, judgement: Judgement) -> tuple[str, int] | None:
    """The page instead of a form that this reader, or this state, has no use for; None if open."""
    reasons = [
        refusal for refusal in judgement.refusals if refusal.code in {"NO_SUCH_STEP", "WRONG_ROLE"}
    ]
    if not reasons:
        return None
    page = dossier_page(seen, title, {})
    return show("assembly/closed.html", page, reasons=[told(reason) for reason in reasons])


def told(refusal: Refusal) -> dict[str, str]:
    """A refusal as words: why, what to do, and who can."""
    return {
        "text": formats.sentence(refusal.text),
        "remedy": formats.sentence(refusal.remedy) if refusal.remedy else "",
        "who": joined(labels.ROLE[role] for role in refusal.roles),
    }
