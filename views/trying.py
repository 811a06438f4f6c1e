"""“Thử hồ sơ”: what the law would say of a unit or person somebody imagines; nothing is stored.

The case stands in the address: it can be sent to a colleague, and tried again with one figure
otherwise. Nothing here judges: `workflow.imagining` asks the law.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from models.deadlines import milestones_of
from models.form_queries import version_by_hash
from models.ledger import look
from models.quotas import base_on
from models.rulebooks import rulebook_in_force, rulebook_of
from views import desk, form_pages, formats, labels, presenting, speaking
from views.formats import _
from views.forms import Answers, day_text
from views.trying_from import typed_from
from workflow.imagined import Imagined, Naming
from workflow.imagining import Tried, attempt
from workflow.ports import NotFound
from workflow.programme import Programme
from workflow.rulebook import Rulebook
from workflow.terms import Terms
from workflow.verdicts import Result
from workflow.vocabulary import (
    Classification,
    DocumentKind,
    Outcome,
    Role,
    ScoreKind,
    SubjectKind,
    UnitKind,
)
from workflow.words import phrase

pages = Blueprint("trying", __name__)

TITLE = phrase("Thử hồ sơ")
FROM: Final = "ho-so"
"""In the address: the dossier whose figures the form begins with, for who may see it."""
VERSION: Final = "ban"
SHORTEST_HASH: Final = 8
ASKED: Final = "thu"
"""In the address of a case that was filled in; without it the form shows an ordinary case."""
PAPER: Final = "giay"
"""The boxes of papers, as many as there are."""
STREAK: Final = "rating_streak"
LEVELS: Final = (UnitKind.DEPARTMENT, UnitKind.DISTRICT, UnitKind.COMMUNE, UnitKind.DIVISION)
BOXES: Final = (
    ("trung", phrase("Đã có hồ sơ khác của đối tượng này trong cùng đợt")),
    ("vi-pham", phrase("Đang bị xem xét vi phạm")),
    ("mot-nguoi", phrase("Một người làm mọi bước của hồ sơ")),
    ("nguoi-nha", phrase("Người làm bước thuộc chính đơn vị được đề nghị")),
)
"""What may be amiss, none of it in an ordinary case."""
GOOD_BOXES: Final = ("duoc-cham", "sang-kien", "ap-dung", "xem-mat", "xep-hang")
"""What an ordinary case has."""
SETTLED: Final = frozenset({Outcome.MET, Outcome.NOT_APPLICABLE})


@dataclass(frozen=True, slots=True)
class Setting:
    """What the form is about: the programme in force, its dates and the base of its quota."""

    rulebook: Rulebook
    terms: dict[str, Terms]
    base: int
    years: int
    """Years in a row a unit's class is asked of."""

    @property
    def programme(self) -> Programme:
        """The programme in force."""
        return self.rulebook.programme


@pages.get("/van-ban/thu-ho-so")
def show() -> ResponseReturnValue:
    """The form, and below it what each step would say once it is filled in."""
    asked, code = ASKED in request.args, request.args.get(FROM, "")
    with desk.reading() as db:
        seen = look(db, code, desk.me().person_id, desk.now()) if code and not asked else None
        setting = _setting(db, seen.rulebook if seen else _rulebook(db))
    programme = setting.programme
    speaking.speak_of(programme)
    typed = request.args.to_dict() if asked else _ordinary(setting, desk.today())
    papers = request.args.getlist(PAPER) if asked else _mandatory(programme)
    if seen:
        typed = typed_from(seen.facts, programme, typed, setting.years)
    answers = Answers(typed, desk.today())
    case = read(setting, answers, papers)
    steps = attempt(setting.rulebook, case, NAMING) if case and asked else ()
    page = form_pages.FormPage(
        title=TITLE,
        sub=_("Nhập số liệu của một đơn vị hoặc cá nhân tưởng tượng. Không lưu gì."),
        crumbs=[
            {"label": _("Văn bản chương trình"), "url": url_for("programme.show")},
            {"label": TITLE, "url": ""},
        ],
        code=code if seen else "",
        typed=typed,
        errors=answers.faults if asked else (),
    )
    return form_pages.show(
        "programme/try.html",
        page,
        **_choices(setting),
        papers=_papers(programme, papers),
        boxes=[(name, formats.told(label)) for name, label in BOXES],
        steps=[_step(number, one, programme) for number, one in enumerate(steps, start=1)],
        verdict=_verdict(steps) if steps else "",
        passed=all(one.judgement.allowed for one in steps),
        tried=bool(steps),
        version={"hash": programme.content_hash[:12], "name": programme.version},
    )


def _rulebook(db: Session) -> Rulebook:
    """The version named in the address, else the one in force. Raises `NotFound`."""
    wanted = request.args.get(VERSION, "")
    if not wanted:
        return rulebook_in_force(db)
    if len(wanted) < SHORTEST_HASH:
        raise NotFound(wanted)
    return rulebook_of(db, version_by_hash(db, wanted).content_hash)


def _setting(db: Session, rulebook: Rulebook) -> Setting:
    programme = rulebook.programme
    anew = milestones_of(db, [programme.id])
    terms = {
        one.id: Terms(milestones=anew.get((programme.id, one.id), ())) for one in programme.cycles
    }
    streaks = [int(rule.params["years"]) for rule in programme.rules if rule.guard == STREAK]
    return Setting(rulebook, terms, base_on(db, desk.today()), max(streaks, default=0))


# --- What is asked -------------------------------------------------------------------------------


def _ordinary(setting: Setting, today: date) -> dict[str, str]:
    """A case with nothing wrong, to begin from: the cycle that runs, its first form of award."""
    programme = setting.programme
    cycle = next(
        (one for one in reversed(programme.cycles) if one.registration_opens <= today),
        programme.cycles[0],
    )
    running = [one for one in programme.cycles if one.year == cycle.year]
    award = programme.awards[0]
    fit = next((one for one in running if one.kind in award.cycles), running[0])
    return {
        "dot": fit.id,
        "hinh-thuc": award.id,
        "doi-tuong": award.recipients[0].kind.value,
        "cap": award.recipients[0].units[0].value,
        "dang-ky": day_text(fit.registration_opens),
        "cchc": "86,42",
        "sipas": "91,30",
        "nguon": ScoreKind.PUBLISHED.value,
        "cong-nhan": day_text(fit.registration_opens),
        "thanh-vien": "9",
        "du-hop": "9",
        "dong-y": "9",
        "co-so": str(setting.base),
        "da-dung": "0",
        **{f"loai-{back}": Classification.TOT.value for back in range(setting.years)},
        **dict.fromkeys(GOOD_BOXES, "1"),
    }


def _mandatory(programme: Programme) -> list[str]:
    return [paper.kind.value for paper in programme.documents if paper.mandatory]


def read(setting: Setting, answers: Answers, papers: Iterable[str]) -> Imagined | None:
    """The case as typed; None when something of it cannot be read."""
    programme = setting.programme
    cycle = answers.one_of("dot", programme.cycle_by_id, _("Chọn đợt xét."))
    award = answers.one_of("hinh-thuc", programme.award_by_id, _("Chọn hình thức khen thưởng."))
    kind = answers.choice("doi-tuong", SubjectKind, _("Chọn tập thể hoặc cá nhân."))
    unit = answers.choice("cap", UnitKind, _("Chọn cấp của đơn vị."))
    known = {paper.kind for paper in programme.documents}
    found = Imagined(
        cycle_id=cycle,
        award_form=award,
        kind=kind or SubjectKind.COLLECTIVE,
        unit=unit or UnitKind.DEPARTMENT,
        name=_name_of(kind, unit),
        scored=answers.ticked("duoc-cham"),
        registered_on=answers.day("dang-ky"),
        submitted_on=answers.day("nop"),
        decided_on=answers.day("quyet-dinh"),
        par=answers.score("cchc"),
        sipas=answers.score("sipas"),
        firmness=answers.choice("nguon", ScoreKind) or ScoreKind.PUBLISHED,
        classes=tuple(
            answers.choice(f"loai-{back}", Classification) for back in range(setting.years)
        ),
        declared=answers.ticked("sang-kien"),
        recognised_on=answers.day("cong-nhan"),
        applied=answers.ticked("ap-dung"),
        papers=frozenset(DocumentKind(one) for one in papers if one in known),
        members=answers.whole("thanh-vien", _("Ghi số thành viên Hội đồng.")),
        present=answers.whole("du-hop", _("Ghi số người dự họp.")),
        votes_for=answers.whole("dong-y", _("Ghi số phiếu đồng ý.")),
        ranked=answers.ticked("xep-hang"),
        looked_at=answers.ticked("xem-mat"),
        base=answers.whole("co-so"),
        cap=answers.whole("toi-da") if answers.raw("toi-da").strip() else None,
        used=answers.whole("da-dung"),
        twin=answers.ticked("trung"),
        held=answers.ticked("vi-pham"),
        same_person=answers.ticked("mot-nguoi"),
        insider=answers.ticked("nguoi-nha"),
        terms=setting.terms.get(cycle, Terms()),
    )
    return None if answers.faults else found


def _name_of(kind: SubjectKind | None, unit: UnitKind | None) -> str:
    if kind is SubjectKind.INDIVIDUAL:
        return _("Cá nhân thử")
    return _unit_name(unit or UnitKind.DEPARTMENT)


def _unit_name(kind: UnitKind) -> str:
    return _("{level} thử", level=labels.UNIT[kind])


def _person_name(role: Role) -> str:
    return _("{role} thử", role=labels.ROLE[role])


NAMING: Final = Naming(_unit_name, _person_name)


def _choices(setting: Setting) -> dict[str, Any]:
    programme = setting.programme
    return {
        "cycles": [{"value": one.id, "label": one.label} for one in programme.cycles],
        "awards": [{"value": one.id, "label": one.title} for one in programme.awards],
        "kinds": [{"value": one.value, "label": labels.SUBJECT[one]} for one in SubjectKind],
        "levels": [{"value": one.value, "label": labels.UNIT[one]} for one in LEVELS],
        "firmness": [{"value": one.value, "label": labels.SCORE[one]} for one in ScoreKind],
        "classes": [
            {"value": one.value, "label": labels.CLASSIFICATION[one]} for one in Classification
        ],
        "years": [(f"loai-{back}", _year_words(back)) for back in range(setting.years)],
    }


def _year_words(back: int) -> str:
    if back == 0:
        return _("Xếp loại năm xét")
    return _("Xếp loại trước đó {count} năm", count=back)


def _papers(programme: Programme, there: Iterable[str]) -> list[dict[str, Any]]:
    ticked = set(there)
    return [
        {"value": one.kind.value, "label": one.short, "checked": one.kind.value in ticked}
        for one in programme.documents
    ]


# --- What the law says ---------------------------------------------------------------------------


def _step(number: int, tried: Tried, programme: Programme) -> dict[str, Any]:
    found = [_condition(number, one, programme) for one in tried.judgement.results]
    return {
        "number": number,
        "title": tried.step.title,
        "allowed": tried.judgement.allowed,
        "day": formats.day(tried.day),
        "iso": tried.day.isoformat(),
        "who": labels.ROLE[tried.step.by[0]],
        "clause_ref": labels.clause_text(tried.step.clause),
        "clause_href": labels.clause_url(tried.step.clause),
        "progress": presenting.progress(tried.judgement.results),
        "conditions": found,
        "blocking": sum(one.blocks for one in tried.judgement.results),
    }


def _condition(number: int, result: Result, programme: Programme) -> presenting.Condition:
    """One finding; nobody real could act on it, so it names the role."""
    finding = result.finding
    who = finding.who if result.outcome not in SETTLED else None
    return presenting.Condition(
        code=f"{number}-{result.rule}",
        outcome=result.outcome.value,
        tolerated=result.tolerated,
        title=result.title,
        evidence=[formats.sentence(one.text) for one in finding.evidence],
        pairs=[],
        remedy=formats.sentence(finding.remedy) if finding.remedy else "",
        who_can=labels.ROLE[who] if who else "",
        clause_ref=labels.clause_text(result.clause),
        clause_href=labels.clause_url(result.clause),
        quote=result.quote,
        readings=[presenting.reading(programme, each) for each in result.readings],
        action_label=None,
        action_url=None,
    )


def _verdict(steps: tuple[Tried, ...]) -> str:
    stopped = [one for one in steps if not one.judgement.allowed]
    if not stopped:
        return _("Qua cả {count} bước: được quyết định khen thưởng.", count=len(steps))
    blocking = len({result.rule for one in stopped for result in one.judgement.blocking})
    return _(
        "Dừng ở bước “{title}”: {count} điều kiện chưa đạt trên cả đường đi.",
        title=stopped[0].step.title,
        count=blocking,
    )
