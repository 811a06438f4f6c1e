"""Tìm: dossiers, units, nominated people and decisions by a few words, each kind by itself."""

from __future__ import annotations

from typing import Any, Final

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from models.dossier_pages import Asked, find_page
from models.queries_dossiers import Row, Wanted, conditions_for
from models.queries_search import MOST, DecisionHit, decisions_found, people_found, units_found
from models.queries_turns import programmes
from models.searching import read_words
from views import desk, dossier_list, formats, labels
from views.formats import _
from workflow.words import phrase

pages = Blueprint("search", __name__)

TIPS: Final = (
    phrase("Gõ một phần là đủ, không cần dấu: “dong van” thấy “Đồng Văn”."),
    phrase("Mã hồ sơ gõ đủ (HS-2023-0027) hoặc chỉ số cuối (27)."),
    phrase("Số quyết định gõ từ đầu: 2417 hoặc 2417/QĐ-UBND."),
    phrase("Chỉ thấy hồ sơ bạn được xem. Quyết định chưa công bố chưa tìm được bằng số."),
)


@pages.get("/tim")
def show() -> ResponseReturnValue:
    """What was found, by kind; a code in full leads straight to its dossier."""
    words = dossier_list.wanted(request.args).words
    if not words:
        return render_template("search/show.html", words="", tips=TIPS, groups=None)
    person_id, today = desk.me().person_id, desk.today()
    with desk.reading() as db:
        read = read_words(db, words)
        known = programmes(db)
        wanted = Wanted(words=words, found=read)
        conditions = conditions_for(db, person_id, today, wanted, known, desk.now())
        seen = conditions["visible"]
        page = find_page(db, list(conditions.values()), read, Asked(), person_id, today)
        if len(page.rows) == 1 and page.rows[0].dossier.code.casefold() == words.casefold():
            return redirect(url_for("dossiers.show", code=page.rows[0].dossier.code), 303)
        units = units_found(db, read, person_id, today, seen)
        people = people_found(db, read, seen)
        decisions = decisions_found(db, read, person_id, today, seen)
    groups = {
        "dossiers": [_dossier(row) for row in page.rows[:MOST]],
        "units": [
            {
                "name": one.name,
                "parent": one.parent,
                "url": f"{url_for('dossiers.index')}?don-vi={one.id}",
            }
            for one in units[:MOST]
        ],
        "people": [
            {
                "name": one.name,
                "unit": one.unit,
                "dossiers": list(map(_link, one.codes[:3])),
            }
            for one in people[:MOST]
        ],
        "decisions": [_decision(one) for one in decisions[:MOST]],
    }
    return render_template(
        "search/show.html",
        words=words,
        tips=TIPS,
        groups=groups if any(groups.values()) else {},
        total=page.total,
        total_text=dossier_list.total_words(page),
        all_url=url_for("dossiers.index", q=words),
        more={
            "units": len(units) > MOST,
            "people": len(people) > MOST,
            "decisions": len(decisions) > MOST,
        },
    )


def _dossier(row: Row) -> dict[str, Any]:
    dossier = row.dossier
    return {
        **_link(dossier.code),
        "name": dossier.subject_name,
        "kind": labels.SUBJECT[dossier.subject_kind],
        "unit": row.unit if dossier.person_id else row.proposing_unit,
        "step_number": labels.step_number(dossier.state),
        "state": labels.STATE[dossier.state],
    }


def _link(code: str) -> dict[str, str]:
    return {"code": code, "url": url_for("dossiers.show", code=code)}


def _decision(one: DecisionHit) -> dict[str, Any]:
    return {
        "name": _("Quyết định số {number}", number=one.number),
        "dated": formats.day(one.dated),
        "count": one.dossiers,
        "url": url_for("dossiers.index", q=one.number),
    }
