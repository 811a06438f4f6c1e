"""The two panes of the check: the papers with their data, and the rules they are held against."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from models.form_queries import dossier_row, initiatives_of
from models.last_looks import last_look, looked, news_since
from models.queries_history import Paper, lines_of, papers_of
from models.typed_scores import may_type
from views import (
    check_figures,
    check_news,
    desk,
    disagreeing,
    form_pages,
    formats,
    labels,
    supplements,
    uploads,
)
from views.formats import Words, _
from workflow.decisions import Judgement
from workflow.marks import AGREED, ATTESTED, answered_rules, human_rules
from workflow.ports import Opened
from workflow.programme import DocumentTable
from workflow.rule_tables import INITIATIVES, RuleTable
from workflow.verdicts import Result
from workflow.vocabulary import DocumentKind, Outcome
from workflow.words import phrase

OUTCOMES = [
    {"value": Outcome.MET.value, "label": phrase("Đạt")},
    {"value": Outcome.NOT_MET.value, "label": phrase("Chưa đạt")},
    {"value": Outcome.NOT_APPLICABLE.value, "label": phrase("Không áp dụng")},
]


HINTS = Words(
    {
        ATTESTED: "“Chưa đạt”: cách sửa bằng lời cho đơn vị, mỗi mục một dòng; câu soạn sẵn đã "
        "chọn được thêm vào. “Không áp dụng”: lý do.",
        AGREED: "Bắt buộc ghi: đã đối chiếu thế nào và vì sao giữ nguyên (“Đạt”), hoặc phải sửa "
        "giấy nào (“Chưa đạt”), mỗi mục một dòng.",
    }
)
"""What to write beside a mark, by the guard it answers."""


def show(seen: Opened, judgement: Judgement, page: form_pages.FormPage) -> ResponseReturnValue:
    """The page; opening it for the first time is a look, too."""
    programme = seen.rulebook.programme
    human = human_rules(programme, seen.facts.subject.kind)
    rules = (*human, *answered_rules(programme, judgement.results))
    own = {rule.id for rule in rules}
    others = tuple(result for result in judgement.results if result.rule not in own)
    with desk.reading() as db:
        found = _read(db, seen, judgement)
    if found.pop("first_look"):
        with desk.writing() as db:
            me, now = desk.me().person_id, desk.now()
            looked(db, seen.facts.id, me, seen.facts.version, now)
    return form_pages.show(
        "check/check.html",
        page,
        **found,
        figures=check_figures.compare(seen),
        checks=[_check(n, rule, seen, judgement) for n, rule in enumerate(rules, 1)],
        outcomes=OUTCOMES,
        seen_text=progress(judgement, human),
        results=form_pages.conditions(seen, replace(judgement, results=others)),
        blocking=len(judgement.blocking),
        defects=len(supplements.defects(seen)),
        hold=seen.facts.hold,
        asked=seen.facts.supplement,
        rounds=seen.facts.supplement_rounds,
        supplement_url=url_for("check.supplement", code=seen.facts.code),
        scores_url=url_for("check.scores", code=seen.facts.code),
    )


def _read(db: Session, seen: Opened, judgement: Judgement) -> dict[str, Any]:
    reader = desk.me().person_id
    dossier = dossier_row(db, seen.facts.code, reader, desk.today())
    look = last_look(db, dossier.id, reader)
    news = news_since(look, lines_of(db, dossier.id)) if look else None
    unit = check_figures.scored_unit(seen)
    return {
        "papers": _papers(seen, papers_of(db, dossier.id), judgement),
        "report": dossier,
        "initiatives": [check_figures.initiative(one) for one in initiatives_of(db, dossier.id)],
        "news": check_news.words(news, seen, judgement) if news else None,
        "first_look": look is None,
        "can_type": may_type(db, reader, unit.id, desk.now()),
    }


def _papers(seen: Opened, papers: list[Paper], judgement: Judgement) -> list[dict[str, Any]]:
    current = {one.document.kind: one for one in papers if one.document.current}
    return [
        _paper(seen, table, current.get(table.kind), judgement)
        for table in seen.rulebook.programme.documents
        if table.mandatory or table.kind in current
    ]


def _paper(
    seen: Opened, table: DocumentTable, paper: Paper | None, judgement: Judgement
) -> dict[str, Any]:
    """One paper with what is written on it, ready to be held against a rule."""
    tone, icon, words = uploads.status_of(
        seen, table.kind, paper.document if paper else None, judgement
    )
    found: dict[str, Any] = {
        "anchor": f"giay-{table.kind.value}",
        "title": table.title,
        "tag": (tone, icon, words),
        "clause_ref": labels.clause_text(table.clause),
        "clause_href": labels.clause_url(table.clause),
        "form_text": _(
            "Mẫu số {form_code}, {form_decree}",
            form_code=table.form_code,
            form_decree=table.form_decree,
        )
        if table.form_code
        else "",
        "url": None,
        "facts": [],
    }
    if paper is None:
        return found
    one = paper.document
    came = _("{by}, {uploaded_at}", by=paper.by, uploaded_at=formats.moment(one.uploaded_at))
    facts = [
        (_("Số, ký hiệu"), one.number or _("chưa ghi")),
        (_("Ngày ký"), formats.day(one.dated) if one.dated else _("chưa ghi")),
        (_("Người ký"), one.signer or _("chưa ghi")),
        (_("Bản"), _("{version}, {came}", version=one.version, came=came)),
    ]
    if "confirmed" in table.demands:
        facts.append((_("Xác nhận của cấp trình"), _("có") if one.confirmed else _("chưa có")))
    return found | {
        "url": url_for("documents.download", code=seen.facts.code, document_id=one.id),
        "look_url": url_for("quick_looks.show", code=seen.facts.code, document_id=one.id),
        "file_text": _("{file_name}, {size}", file_name=one.file_name, size=formats.size(one.size)),
        "facts": facts,
    }


def _check(number: int, rule: RuleTable, seen: Opened, judgement: Judgement) -> dict[str, Any]:
    result = next(one for one in judgement.results if one.rule == rule.id)
    marked = any(one.code == rule.params["code"] for one in seen.facts.marks)
    return {
        "rule": rule.id,
        "title": rule.title,
        "question": _("Kết quả kiểm: {question}", question=rule.params["question"]),
        "quote": rule.quote,
        "clause_ref": labels.clause_text(rule.clause),
        "clause_href": labels.clause_url(rule.clause),
        "field": f"check-{number}",
        "note_field": f"note-{number}",
        "outcome": result.outcome.value,
        "note_hint": HINTS[rule.guard],
        "marked_text": _marked(rule, result) if marked else "",
        "pairs": disagreeing.pairs(result, seen.facts.code),
        "about": [
            _part_link(str(part)) for part in rule.params.get("about", ()) if _is_there(seen, part)
        ],
        "ready": [
            {"field": f"ready-{number}-{place}", "text": one.text}
            for place, one in enumerate(rule.ready, 1)
        ],
    }


def _marked(rule: RuleTable, result: Result) -> str:
    """What the last mark said; of papers that do not agree only what answers them."""
    told = result.finding.evidence
    if rule.guard == AGREED:
        told = tuple(one for one in told if one.whose)
    return formats.sentence(told[0].text) if told else ""


def _is_there(seen: Opened, part: str) -> bool:
    """Does the left pane show this part? Papers the programme asks for always stand there."""
    table = (
        seen.rulebook.programme.document_by_kind.get(DocumentKind(part))
        if part in set(DocumentKind)
        else None
    )
    return table is None or table.mandatory or seen.facts.document(table.kind) is not None


def _part_link(part: str) -> dict[str, str]:
    """Where in the left pane a part of the dossier stands."""
    if part == INITIATIVES:
        return {"label": _("Sáng kiến đã khai"), "href": "#sang-kien"}
    return {"label": labels.DOCUMENT[DocumentKind(part)], "href": f"#giay-{part}"}


def progress(judgement: Judgement, rules: tuple[RuleTable, ...]) -> str:
    """2/3 điều đã xem: of what only a person can judge, what somebody has looked at."""
    names = {rule.id for rule in rules}
    asked = [one for one in judgement.results if one.rule in names]
    unseen = sum(one.outcome is Outcome.NOT_LOOKED_AT for one in asked)
    return looked_words(len(asked) - unseen, len(asked))


def looked_words(looked_at: int, whole: int) -> str:
    """2/3 điều đã xem."""
    return _("{looked_at}/{count} điều đã xem", looked_at=looked_at, count=whole)
