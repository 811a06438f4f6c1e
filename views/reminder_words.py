"""Reminders in words: kinds, days of the reconciliation, lines of the forecast."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from models.evaluations import from_json
from models.forecasting import Coming, Heard, Mail
from models.reconciling import DayCount
from models.tables import OutgoingMessage
from views import formats, labels
from views.formats import Words, _, joined
from workflow.digests import Item, lines, subject
from workflow.news import news_line
from workflow.reminder_lint import CROWD
from workflow.vocabulary import ReminderKind

KIND: Final = Words(
    {
        ReminderKind.MILESTONE: "Mốc của đợt",
        ReminderKind.REGISTRATION: "Hạn đăng ký",
        ReminderKind.SUPPLEMENT: "Hạn bổ sung",
        ReminderKind.NOTICE: "Thông báo kết quả",
        ReminderKind.REPORT: "Hạn báo cáo",
        ReminderKind.STUCK: "Chờ lâu ở một bước",
        ReminderKind.SCORES: "Thiếu kết quả chấm điểm",
    }
)
"""In the order of the settings page."""

MOST_DAYS: Final = 3
WITHOUT_LAW: Final = frozenset({ReminderKind.STUCK, ReminderKind.SCORES})
"""Kinds without a date of the law: their mail may be switched off."""


def day_row(one: DayCount) -> dict[str, str]:
    """One day of the reconciliation."""
    return {
        "day": formats.day(one.day),
        "due": formats.number(one.due),
        "sent": formats.number(one.sent),
        "suppressed": formats.number(one.suppressed),
        "failed": formats.number(one.failed),
        "waiting": formats.number(one.waiting),
        "holds": _("Khớp") if one.holds else fault(one),
    }


def fault(one: DayCount) -> str:
    """How far a day is from adding up."""
    parts = []
    if one.missing:
        parts.append(_("thiếu {count}", count=formats.number(len(one.missing))))
    if one.unexplained:
        parts.append(_("thừa {count}", count=formats.number(len(one.unexplained))))
    return _("Lệch: {parts}", parts=joined(parts)) if parts else _("Lệch")


def day_line(one: DayCount) -> str:
    """One day for the terminal."""
    return _(
        "{day}: đến hạn {due} = gửi {sent} + không gửi có lý do {suppressed} + "
        "hỏng {failed} + chờ {waiting}{upper}",
        day=formats.day(one.day),
        due=one.due,
        sent=one.sent,
        suppressed=one.suppressed,
        failed=one.failed,
        waiting=one.waiting,
        upper="" if one.holds else " · " + fault(one).upper(),
    )


def failed_row(message: OutgoingMessage, name: str) -> dict[str, Any]:
    """One letter given up."""
    digest = message.letter == "digest"
    title = _("Thư gộp buổi sáng") if digest else str(message.values.get("title", message.letter))
    code = str(message.values.get("code", ""))
    return {
        "id": message.id,
        "what": _("{title}: {code}", title=title, code=code) if code else title,
        "to": name or message.address,
        "day": formats.stamp(message.due_at),
        "error": message.error,
    }


def coming_row(one: Coming) -> dict[str, str]:
    """One line of the forecast: when, who, what, and by which rule."""
    mark = one.intent.mark
    over = (mark.day - formats.local(mark.deadline).date()).days
    title = _("{title}, quá {count} ngày", title=mark.title, count=over) if over > 0 else mark.title
    if mark.escalates_to:
        roles = joined(formats.lower_first(labels.ROLE[role]) for role in mark.escalates_to)
        title += _("; báo thêm {roles}", roles=roles)
    how = _("thư riêng") if one.alone else _("thư gộp")
    return {
        "at": formats.stamp(one.leaves_at),
        "to": one.to.name if one.to else _("Chưa có ai giữ vai trò"),
        "what": f"{one.values['code'] or one.values['subject']}",
        "why": _(
            "{title}. Hạn {deadline}, {rule}, Mục {clause}",
            title=title,
            deadline=formats.moment(mark.deadline),
            rule=mark.rule,
            clause=mark.clause,
        ),
        "how": how if one.mailed else _("trong hệ thống"),
    }


def coming_line(one: Coming) -> str:
    """One line of the forecast for the terminal."""
    row = coming_row(one)
    return _(
        "{at} · {to} · {what} · {why} · {how}",
        at=row["at"],
        to=row["to"],
        what=row["what"],
        why=row["why"],
        how=row["how"],
    )


def preview(mail: Mail) -> dict[str, Any]:
    """A letter before it is written."""
    items = [item_of(one) for one in mail.carries]
    return {
        "at": mail.leaves_at,
        "subject": subject(items, mail.leaves_at, len(mail.news)),
        "lines": lines(items, mail.leaves_at),
        "news": [_line(one) for one in mail.news],
    }


def news_row(one: Heard) -> dict[str, str]:
    """News that waits for a digest, as a line of the forecast."""
    return {
        "at": formats.stamp(one.leaves_at),
        "to": one.to.name,
        "what": str(one.message.values.get("code") or one.message.values.get("subject", "")),
        "why": _("Tin mới. {line}", line=_line(one)),
        "how": _("thư gộp"),
    }


def news_text(one: Heard) -> str:
    """News that waits for a digest, for the terminal."""
    row = news_row(one)
    return _(
        "{at} · {to} · {what} · {why} · {how}",
        at=row["at"],
        to=row["to"],
        what=row["what"],
        why=row["why"],
        how=row["how"],
    )


def _line(one: Heard) -> str:
    values = {name: plain(value) for name, value in one.message.values.items()}
    return news_line(one.message.letter, values)


def plain(value: object) -> object:
    """Undo the tags of a stored value, inside too."""
    match from_json(value):
        case tuple(some):
            return tuple(plain(each) for each in some)
        case dict(named):
            return {name: plain(each) for name, each in named.items()}
        case other:
            return other


def ahead_words(found: Sequence[Coming], days: int) -> str:
    """How often a kind will remind this person, before its channels are chosen."""
    if not found:
        return _(
            "Không có lần nhắc nào cho bạn trong {count} ngày tới, tính theo việc lúc này.",
            count=days,
        )
    first = min(one.intent.due_at for one in found)
    return _(
        "{count} lần nhắc trong {days} ngày tới, gần nhất {first}.",
        count=len(found),
        days=days,
        first=formats.moment(first),
    )


def crowded_words(found: Sequence[Coming]) -> list[str]:
    """Days on which many reminders reach this person at once, the fullest first."""
    days = Counter(one.intent.day for one in found)
    fullest = sorted(days.items(), key=lambda item: (-item[1], item[0]))
    return [
        _("{day}: {count} lần nhắc", day=formats.weekday(day), count=formats.number(count))
        for day, count in fullest[:MOST_DAYS]
        if count >= CROWD
    ]


def item_of(one: Coming) -> Item:
    """One line of a digest."""
    code, unit = str(one.values["code"]), str(one.values["unit"])
    what = (
        _("{code} ({unit})", code=code, unit=unit)
        if code
        else str(from_json(one.values["subject"]))
    )
    if one.values.get("on_behalf"):
        what += _(", thay mặt {on_behalf}", on_behalf=one.values["on_behalf"])
    return Item(one.intent.mark.title, what, one.intent.mark.deadline, one.intent.mark.clause)
