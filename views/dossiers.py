"""Hồ sơ: the list and the page of one dossier."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from models.dossier_pages import find_page
from models.queries_dossiers import batches, conditions_for, narrowest, units_seen
from models.queries_holders import holders_around
from models.queries_turns import programmes, waits_for
from models.searching import read_words
from views import (
    batch_steps,
    desk,
    dossier_list,
    dossier_page,
    exporting,
    progress_filters,
    sheets_of_work,
)
from views.dossier_papers import download_url
from views.formats import _
from views.presenting import problems, summary_title
from workflow.decisions import Judgement

pages = Blueprint("dossiers", __name__)


@pages.get("/ho-so")
def index() -> ResponseReturnValue:
    """List what the reader may see, narrowed by the filters in the address."""
    wanted = dossier_list.wanted(request.args)
    person_id, now = desk.me().person_id, desk.now()
    with desk.reading(at_length=exporting.asked()) as db:
        known = programmes(db)
        if wanted.words:
            wanted = replace(wanted, found=read_words(db, wanted.words))
        if request.args.get("viec") == "toi":
            wanted = replace(wanted, turn=waits_for(known, desk.me().pairs_for))
        conditions = conditions_for(db, person_id, desk.today(), wanted, known, now)
        units = units_seen(db, person_id, desk.today())
        filters = dossier_list.filters(wanted, known, units)
        chips = progress_filters.chips(request.args, dict(units), known, dossier_list.KEPT)
        if exporting.asked():
            rows = (
                (found, holders_around(db, [row.places for row in found], desk.today()))
                for found in batches(db, list(conditions.values()), person_id, desk.today())
            )
            told = dossier_list.narrowed(wanted.words, filters)
            told |= {chip["label"]: chip["text"] for chip in chips}
            sheet = sheets_of_work.dossiers(rows, known, now)
            return exporting.hand_out(_("Hồ sơ"), sheet, filters=told)
        asked = dossier_list.asked(request.args)
        found = find_page(
            db, list(conditions.values()), wanted.found, asked, person_id, desk.today()
        )
        holders = holders_around(db, [row.places for row in found.rows], desk.today())
        page: dict[str, Any] = {
            "rows": [dossier_list.line(row, known, holders, now) for row in found.rows],
            "filters": filters,
            "chips": chips,
            "total": found.total,
            "total_text": dossier_list.total_words(found),
            "orders": dossier_list.ORDERS.items(),
            "order": asked.order.value,
            "many": wanted.found is not None and wanted.found.many,
            "words": wanted.words,
            "batch": batch_steps.offered(desk.me(), known),
            "only_looks": desk.me().only_looks,
            "pages": dossier_list.page_links(found, request.args),
        }
        if not found.rows:
            names = [name for name in conditions if name != "visible"]
            page["empty"] = dossier_list.empty(narrowest(db, conditions, names), request.args)
    return render_template("dossiers/index.html", **page)


@pages.get("/ho-so/<code>")
def show(code: str) -> ResponseReturnValue:
    """Show one dossier."""
    return page(code)


def page(code: str, *, refused: Judgement | None = None, note_fault: str = "") -> str:
    """The page of a dossier; after a refusal, with everything that stops the step."""
    with desk.reading() as db:
        found = dossier_page.gather(db, code)
        words = dossier_page.page_words(found, refused)
        errors = problems(refused, f"ly-do-{refused.action.value}") if refused else []
        if note_fault:
            errors = [{"field": "text", "message": note_fault}]
        return render_template(
            "dossiers/show.html",
            **words,
            crumb_items=dossier_page.crumbs(found),
            errors=errors,
            error_title=summary_title(errors),
            refused_action=refused.action.value if refused else "",
            note_fault=note_fault,
            typed=request.form,
            paper_url=download_url,
        )
