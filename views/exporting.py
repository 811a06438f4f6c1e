"""A list as a workbook: the page itself, asked for with `tai=xlsx`.

A view that shows a list reads it once; asked for a workbook it hands the same rows out instead of
a page. So an export can neither show more than its page, nor other filters, nor outlive a right:
it is made when it is fetched.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from typing import IO, Any, Final, cast

from flask import Flask, Response, request, url_for

from models.folding import search_key
from views import desk, formats, speaking
from views.attachments import hand_out as attach
from views.formats import _, joined
from views.workbooks import XLSX, Sheet, write

ASKED: Final = "tai"
IN_MEMORY: Final = 1024 * 1024
PAGES: Final = frozenset({"trang", "nhom-trang", "sau", "truoc", "thu"})
"""Words of an address that choose a part of a list; a workbook holds all of it."""


def put_up(app: Flask) -> None:
    """Let templates ask for the address of their own page as a workbook."""
    app.jinja_env.globals["xlsx_url"] = address


def asked() -> bool:
    """Is this request for the workbook of its page?"""
    return request.method == "GET" and request.args.get(ASKED) == "xlsx"


def address(**more: Any) -> str:  # noqa: ANN401 - values of an address
    """The address of this very page, with its filters, as a workbook; empty after a form."""
    if request.method != "GET":
        return ""
    values: dict[str, Any] = {**(request.view_args or {}), **request.args.to_dict(flat=False)}
    kept = {name: value for name, value in values.items() if name not in PAGES}
    return url_for(request.endpoint or "", **(kept | {ASKED: "xlsx"} | more))


def hand_out(name: str, *sheets: Sheet, filters: Mapping[str, str] | None = None) -> Response:
    """The workbook as a download: `name` in words, to be read in the name of the file.

    Every sheet tells when it was made, by whom, that it holds what this person may see, and
    `filters`, by their labels, when some narrow it.
    """
    told = [*heading(), *([_narrowed(filters)] if filters is not None else [])]
    full = [Sheet(one.tab, one.title, one.columns, one.rows, [*one.told, *told]) for one in sheets]
    return file_of(full, file_name(name))


def file_of(sheets: Sequence[Sheet], name: str) -> Response:
    """Write the sheets, to the disk where they are large, and hand them out under `name`."""
    out = cast("IO[bytes]", tempfile.SpooledTemporaryFile(max_size=IN_MEMORY))  # noqa: SIM115
    write(out, sheets)
    out.seek(0)
    return attach(out, XLSX, name)


def heading() -> list[str]:
    """When, and by whom and for whom."""
    someone = desk.visitor()
    when = _("Xuất lúc {now}", now=formats.moment(desk.now()))
    if someone is None:
        return [_("{when} từ trang tra cứu công khai.", when=when)]
    reader = someone.reader
    post = joined(filter(None, (reader.position, reader.employer)))
    return [
        _(
            "{when}; người xuất: {name} ({post}). Chỉ gồm dữ liệu người này được xem.",
            when=when,
            name=reader.name,
            post=post,
        )
    ]


def file_name(name: str) -> str:
    """HaGiang_HoSo_20231205.xlsx."""
    programme = speaking.in_force()
    parts = [programme.place if programme else "", name]
    words = "_".join(
        "".join(word[:1].upper() + word[1:] for word in search_key(part).split())
        for part in parts
        if part
    )
    plain = "".join(sign for sign in words if sign.isascii() and (sign.isalnum() or sign in "-_"))
    return f"{plain}_{formats.local(desk.now()):%Y%m%d}.xlsx"


def _narrowed(filters: Mapping[str, str]) -> str:
    said = joined(
        (
            _("{label}: {value}", label=label, value=value)
            for label, value in filters.items()
            if value
        ),
        "; ",
    )
    return _("Bộ lọc: {said}.", said=said) if said else _("Không lọc.")
