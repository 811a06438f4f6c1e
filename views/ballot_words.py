"""A ballot in words: whether it was sent, what it says, how far the session is."""

from __future__ import annotations

from models.council_ballots import Ballot
from views import formats, labels_council
from views.council_desk import Seen
from views.formats import _, joined
from workflow.councils.ballots import Entry


def sent_text(ballot: Ballot, *, open_now: bool) -> str:
    """When it was sent, and until when it may be changed."""
    if ballot.sent_at is None:
        return "" if open_now else _("Bạn không gửi phiếu trong phiên này.")
    until = formats.moment(ballot.sitting.closes_at)
    sent = _("Đã gửi phiếu lúc {sent_at}.", sent_at=formats.moment(ballot.sent_at))
    return (
        _("{sent} Sửa được đến {until}.", sent=sent, until=until)
        if open_now
        else _("{sent} Phiên đã đóng bỏ phiếu.", sent=sent)
    )


def draft_words(ballot: Ballot) -> str:
    """Whether a draft is kept, to be added to a sentence."""
    if ballot.drafted_at is None:
        return "" if ballot.sent_at else _(". Chưa gửi.")
    return _(
        ". Bản nháp lưu lúc {drafted_at}, chưa gửi.", drafted_at=formats.clock(ballot.drafted_at)
    )


def turn(seen: Seen, *, open_now: bool) -> dict[str, str]:
    """How many have sent theirs, and until when one may."""
    sent = sum(seat.sent for seat in seen.sitting.members)
    until = formats.moment(seen.sitting.closes_at)
    return {
        "sent": _(
            "{sent}/{count} ủy viên đã gửi phiếu", sent=sent, count=len(seen.sitting.members)
        ),
        "until": _("Mở đến {until}.", until=until) if open_now else _("Đã đóng bỏ phiếu."),
    }


def entry_words(entry: Entry) -> str:
    """One vote in words."""
    if entry.vote is None:
        return _("Chưa bỏ phiếu")
    told = [labels_council.VOTE[entry.vote]]
    if entry.rank:
        told.append(_("hạng {rank}", rank=entry.rank))
    if entry.reason:
        told.append(_("lý do: {reason}", reason=entry.reason))
    return joined(told)
