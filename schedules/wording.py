"""Letters in words: a row of the book in, a plain text in the language spoken now out.

What people typed is cleaned of control characters and addresses of pages, and cut at 200
characters; no value can therefore add a header, a line or a link to a letter. Instants are
told on the office's clock (UTC+7).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from models.evaluations import from_json
from schedules.speech import day, moment, say, told
from workflow.deadlines import Deadline
from workflow.digests import countdown
from workflow.news import MILESTONE
from workflow.vocabulary import State
from workflow.words import phrases

LETTERS: Final = Path(__file__).parent / "letters"
LONGEST: Final = 200
"""Characters of a text somebody typed that a letter quotes."""

_PAGE = re.compile(r"(?:[a-z][a-z0-9+.-]*://|www\.|mailto:)\S*", re.IGNORECASE)
_NEXT: Final = phrases(
    {
        State.SUBMITTED: "nộp hồ sơ",
        State.COUNCIL_REVIEWED: "Hội đồng xét",
        State.BOARD_CHECKED: "kiểm tra hồ sơ",
        State.DECIDED: "quyết định khen thưởng",
    }
)
_OFTEN_MISSING: Final = (
    "code",
    "unit",
    "subject",
    "recipient",
    "on_behalf",
    "award",
    "clause",
    "comment",
    "actor",
    "step",
    "number",
    "dated",
    "until",
    "since",
    "stop_clause",
    "escalated",
    "missing",
    "headline",
)


@dataclass(frozen=True, slots=True)
class Text:
    """A letter in words; the subject is one line."""

    subject: str
    body: str
    link: str = ""


def render(
    letter: str,
    stored: Mapping[str, Any],
    ahead: Deadline | None,
    base_url: str,
    now: datetime,
) -> Text:
    """Fill in one letter. Raises `jinja2.TemplateError` when there is none of this name."""
    places = _places(stored, ahead, base_url, now)
    written = _TEMPLATES.get_template(f"{letter}.txt").render(places)
    subject, _, body = written.strip().partition("\n\n")
    tidy = re.sub(r"\n{3,}", "\n\n", body).strip() + "\n"
    return Text(cleaned(subject), tidy, str(places["link"]))


def cleaned(text: str, longest: int = LONGEST) -> str:
    """One line without control characters or addresses of pages, cut where it is too long."""
    composed = unicodedata.normalize("NFC", text)
    kept = (" " if unicodedata.category(sign)[0] in "CZ" else sign for sign in composed)
    line = " ".join(_PAGE.sub(say("[liên kết]"), "".join(kept)).split())
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"


def fill_in(letter: str, places: Mapping[str, Any]) -> str:
    """A text that is not about one dossier, as it stands in its template."""
    written = _TEMPLATES.get_template(f"{letter}.txt").render(places).strip()
    return re.sub(r"\n{3,}", "\n\n", written) + "\n"


def sentence_case(text: str) -> str:
    """The same words at the beginning of a sentence."""
    text = str(told(text))
    return text[:1].upper() + text[1:]


def _places(
    stored: Mapping[str, Any], ahead: Deadline | None, base_url: str, now: datetime
) -> dict[str, Any]:
    values: dict[str, Any] = dict.fromkeys(_OFTEN_MISSING, "") | {"items": (), "lines": ()}
    values |= {name: _clean(from_json(value)) for name, value in stored.items()}
    deadline = values.get("deadline") or values.get("due")
    code = str(values["code"])
    return values | {
        "about": _about(values),
        "countdown": countdown(deadline, now) if deadline else "",
        "deadline": deadline,
        "overdue": deadline is not None and now > deadline,
        "next_step": _next_step(ahead),
        "notice_link": f"{base_url}/nhac-viec/da-bao/{quote(code, safe='')}",
        **_link(base_url, code, str(values.get("page", ""))),
    }


def _link(base_url: str, code: str, page: str) -> dict[str, str]:
    """Where the letter leads: a report's page, a dossier's, or that of registrations."""
    if page.startswith("/bao-cao"):
        return {"link": f"{base_url}{quote(page)}", "link_title": say("Mở báo cáo")}
    if page.startswith("/lich"):
        return {"link": f"{base_url}{quote(page)}", "link_title": say("Mở Lịch và hạn")}
    if page.startswith("/viec"):
        return {"link": f"{base_url}{quote(page)}", "link_title": say("Mở Việc của tôi")}
    pages = ("/uy-quyen", "/quan-tri", "/khan-cap", "/moc-nhat-ky", "/tai-khoan", "/ma-mot-lan")
    if page.startswith(pages):
        return {"link": f"{base_url}{quote(page)}", "link_title": say("Mở trang này")}
    if code:
        return {"link": f"{base_url}/ho-so/{quote(code, safe='')}", "link_title": say("Mở hồ sơ")}
    return {"link": f"{base_url}/dang-ky", "link_title": say("Mở trang đăng ký")}


def _clean(value: object) -> object:
    if isinstance(value, str):
        return cleaned(value)
    if isinstance(value, tuple):
        return tuple(_clean(each) for each in value)
    return value


def _about(values: Mapping[str, Any]) -> str:
    """Name the dossier inside a sentence: code, award, subject."""
    about = {name: values[name] for name in ("code", "award", "subject")}
    if about["award"]:
        return say("hồ sơ {code} đề nghị {award} của {subject}", **about)
    return say("hồ sơ {code} của {subject}", **about)


def _next_step(ahead: Deadline | None) -> str:
    words = _NEXT.get(ahead.state) if ahead else None
    if not ahead or not words:
        return ""
    return say("Việc tiếp theo: {step}, hạn {until}.", step=words, until=ahead.instant)


def _templates() -> Environment:
    found = Environment(
        loader=FileSystemLoader(LETTERS),
        autoescape=False,  # noqa: S701 - plain text: there is no markup to escape.
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters |= {"moment": moment, "day": day, "sentence_case": sentence_case}
    found.filters["milestone"] = MILESTONE.__getitem__
    found.globals["_"] = say
    found.finalize = told
    return found


_TEMPLATES = _templates()
