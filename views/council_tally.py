"""Tổng hợp và chốt phiên: the figures, opened only once the ballot is closed, and the minutes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, abort, flash, request, url_for
from flask.typing import ResponseReturnValue

from models import council_closing
from models.council_closing import Minutes, NothingWritten, tally_of
from models.file_checks import FileRefused
from models.queries_papers import body
from views import (
    council_desk,
    desk,
    exporting,
    file_desk,
    form_pages,
    formats,
    labels_council,
    sheets_of_season,
    uploads,
)
from views.council_desk import Seen
from views.formats import _, joined
from views.forms import Answers, Fault, read_id
from views.languages import vietnamese
from views.papers.handing import answer
from views.papers.kinds import WORDS, PaperKind
from views.papers.library import written
from views.papers.minutes_words import minutes_words
from workflow.councils.conflicts import conflicts
from workflow.councils.kinds import MACHINERY
from workflow.councils.sitting import CastVote
from workflow.councils.tally import ItemTally, Tally
from workflow.decisions import Judgement
from workflow.ports import Repeated, Stale
from workflow.vocabulary import SessionState, Vote, VoteMethod
from workflow.words import phrase

pages = Blueprint("council_tally", __name__)

TITLE = phrase("Tổng hợp và chốt phiên")
COUNTED = council_closing.COUNTED


@pages.get("/hoi-dong/<code>/tong-hop")
def show(code: str) -> ResponseReturnValue:
    """The figures, for the secretary once the ballot is closed, for members once it is settled."""
    return _show(code)


@pages.post("/hoi-dong/<code>/tong-hop")
def close(code: str) -> ResponseReturnValue:
    """Write the results of all dossiers, or none."""
    seen = council_desk.opened(code)
    if not seen.leads:
        abort(403)
    answers = Answers(request.form, desk.today())
    minutes = _minutes(seen, answers)
    if answers.faults:
        return _show(code, answers.faults)
    versions = {
        item.code: read_id(request.form.get(f"v-{item.code}", "")) or 0
        for item in seen.sitting.items
    }
    try:
        tally = council_closing.close_session(
            desk.desk().database, council_desk.ask_from_form(code), versions, minutes, desk.now()
        )
    except Repeated:
        flash(_("Phiên đã được chốt từ lần gửi trước."))
        return council_desk.to_session(code)
    except Stale as stale:
        return council_desk.overtaken(stale)
    except NothingWritten as why:
        return _show(code, [*council_desk.problems(why.refusals), *_refused(why.judgements)])
    count, when = len(tally.items), formats.moment(desk.now())
    flash(
        _("Đã chốt phiên và ghi kết quả cho {count} hồ sơ lúc {when}.", count=count, when=when),
        "ok",
    )
    return council_desk.to_session(code)


@pages.get("/hoi-dong/<code>/bien-ban.<any(docx,pdf):ending>")
@vietnamese
def minutes_file(code: str, ending: str) -> ResponseReturnValue:
    """The draft minutes with all figures, to be signed."""
    seen, tally, votes = _counted(code)
    with desk.reading() as db:
        unit, _body = body(db, seen.sitting.unit_id)
        words = minutes_words(seen, tally, rows_of(seen, tally, votes), unit.kind)
        filled = written(db, PaperKind.BIEN_BAN, words)
    return answer(filled, WORDS[PaperKind.BIEN_BAN].title, f"bien-ban-{code}", ending)


def rows_of(seen: Seen, tally: Tally, votes: Sequence[CastVote]) -> list[dict[str, Any]]:
    """Each dossier with its figures; who voted how only where the vote was open."""
    barred = conflicts(seen.sitting)
    names = {seat.id: seat.name for seat in seen.sitting.members}
    secret = seen.sitting.method is VoteMethod.SECRET_BALLOT
    return [
        {
            "tally": one,
            "code": one.item.code,
            "name": one.item.subject_name,
            "version": one.item.version,
            "mean": formats.decimal(one.mean_rank) if one.mean_rank is not None else "–",
            "place": _place(one) if one.place else "–",
            "outcome": _("Đề nghị khen") if one.approved else _("Không đề nghị"),
            "recused": [
                formats.sentence(why) for (_, item), why in barred.items() if item == one.item.id
            ],
            "opinions": _opinions(one, votes, names, secret=secret),
        }
        for one in tally.items
    ]


def _place(one: ItemTally) -> str:
    """The place in the joint ranking; whether it is shared."""
    return _("{place} (đồng hạng)", place=one.place) if one.tied else str(one.place)


def _opinions(
    one: ItemTally, votes: Sequence[CastVote], names: dict[int, str], *, secret: bool
) -> list[str]:
    """Reasons of a no; with names only where hands were shown or opinions were written."""
    said = [
        (vote, names.get(vote.seat_id, ""))
        for vote in votes
        if vote.item_id == one.item.id and vote.vote is not Vote.YES
    ]
    if secret:
        return sorted(
            _("{vote}: {reason}", vote=labels_council.VOTE[vote.vote], reason=vote.reason)
            for vote, _name in said
        )
    return sorted(
        _(
            "{name}, {lower}: {reason}",
            name=name,
            lower=labels_council.VOTE[vote.vote].lower(),
            reason=vote.reason,
        )
        for vote, name in said
    )


def _counted(code: str) -> tuple[Seen, Tally, tuple[CastVote, ...]]:
    """The counted session, for those who may see figures; for everybody else nothing is there."""
    with desk.reading() as db:
        seen = council_desk.look(db, code)
        allowed = seen.leads or (seen.votes and seen.sitting.state is SessionState.CLOSED)
        if not allowed or seen.sitting.state not in COUNTED:
            abort(404)
        _sitting, tally, votes = tally_of(db, seen.row)
    return seen, tally, votes


def _show(code: str, faults: Sequence[form_pages.Problem] = ()) -> ResponseReturnValue:
    seen, tally, votes = _counted(code)
    if exporting.asked():
        return exporting.hand_out(
            _("Kết quả phiên {code}", code=code), sheets_of_season.tally(code, tally)
        )
    closed = seen.sitting.state is SessionState.CLOSED
    page = council_desk.page_of(seen, _("Kết quả phiên") if closed else TITLE, faults)
    rows = rows_of(seen, tally, votes)
    return form_pages.show(
        "council/tally.html",
        page,
        seen=seen,
        tally=tally,
        rows=sorted(rows, key=lambda row: (row["tally"].place is None, row["tally"].place or 0)),
        quorum_text=_(
            "{present}/{count} thành viên dự họp, cần {quorum}",
            present=tally.present,
            count=tally.members,
            quorum=tally.quorum,
        ),
        approval_text=_(
            "cần {approvals} đồng ý của {count} thành viên",
            approvals=tally.approvals,
            count=tally.members,
        ),
        closed=closed,
        makes_minutes=bool(MACHINERY[seen.sitting.kind].makes),
        ties=any(one.tied for one in tally.items),
        open_vote=_open_votes(seen, votes) if closed else [],
        docx_url=url_for("council_tally.minutes_file", code=code, ending="docx"),
        pdf_url=url_for("council_tally.minutes_file", code=code, ending="pdf"),
        today=formats.day(desk.today()),
    )


def _open_votes(seen: Seen, votes: Sequence[CastVote]) -> list[dict[str, str]]:
    """Who voted how, where hands were shown or opinions were written; never of a secret ballot."""
    if seen.sitting.method is VoteMethod.SECRET_BALLOT:
        return []
    names = {seat.id: seat.name for seat in seen.sitting.members}
    items = {item.id: item.subject_name for item in seen.sitting.items}
    return [
        {
            "who": names.get(vote.seat_id, ""),
            "what": items[vote.item_id],
            "vote": labels_council.VOTE[vote.vote],
        }
        for vote in sorted(votes, key=lambda one: (one.seat_id, one.item_id))
    ]


def _minutes(seen: Seen, answers: Answers) -> Minutes | None:
    """The signed minutes, where this kind of session makes some and a file was chosen."""
    if not MACHINERY[seen.sitting.kind].makes or not uploads.chosen("file"):
        return None
    dated = answers.day("dated", _("Ghi ngày ký biên bản."), future=_("Ngày ký"))
    signer = answers.text("signer", _("Ghi họ tên người ký biên bản."), most=120)
    if answers.faults or dated is None:
        return None
    try:
        stored = file_desk.received("file")
    except FileRefused as refused:
        answers.blame("file", str(refused))
        return None
    if stored is None:
        return None
    return Minutes(stored, dated, signer)


def _refused(judgements: Sequence[Judgement]) -> list[Fault]:
    """Every dossier the law refused, with its reasons."""
    found = []
    for one in judgements:
        reasons = [form_pages.told(refusal)["text"] for refusal in one.refusals]
        for result in one.blocking:
            told = joined((formats.sentence(piece.text) for piece in result.finding.evidence), " ")
            remedy = formats.sentence(result.finding.remedy) if result.finding.remedy else ""
            reasons.append(
                _("{title}: {told} {remedy}", title=result.title, told=told, remedy=remedy).strip()
            )
        found.append(
            Fault(
                "",
                _(
                    "{code}, {name}: {reasons}",
                    code=one.facts.code,
                    name=one.facts.subject.name,
                    reasons=joined(reasons, " "),
                ),
            )
        )
    return found
