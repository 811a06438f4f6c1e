"""A ballot as a workbook: downloaded, filled in, read again with a word for every wrong row."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass, field, replace

from flask import Response

from models.council_ballots import Ballot, votable
from models.sheets import LARGEST, Unreadable, read_records
from views import exporting, labels_council
from views.formats import _
from views.forms import Fault
from views.workbooks import Column, Sheet
from workflow.councils.ballots import LONGEST_REASON, Entry, in_order
from workflow.vocabulary import Vote
from workflow.words import phrase

COLUMNS = (
    phrase("mã hồ sơ"),
    phrase("đối tượng"),
    phrase("đơn vị"),
    phrase("phiếu"),
    phrase("lý do"),
    phrase("hạng"),
)
SHEET = (
    Column(phrase("Mã hồ sơ"), 16),
    Column(phrase("Đối tượng"), 34),
    Column(phrase("Đơn vị"), 34),
    Column(phrase("Phiếu"), 18),
    Column(phrase("Lý do"), 44),
    Column(phrase("Hạng"), 8, "whole"),
)
SHEET_VOTE = 3
WORDS = {
    **{words.casefold(): vote for vote, words in labels_council.VOTE.items()},
    "không": Vote.NO,
    **labels_council.NUMBER,
}
_FORMULA = re.compile(rb"<f[ >/]")


@dataclass
class Read:
    """A workbook as a ballot, and what is wrong with its rows."""

    entries: tuple[Entry, ...] = ()
    faults: list[Fault] = field(default_factory=list)


def answer(ballot: Ballot) -> Response:
    """The member's list as it stands, with the columns to fill in."""
    items = {item.id: item for item in ballot.sitting.items}
    rows = [
        (
            items[entry.item_id].code,
            items[entry.item_id].subject_name,
            items[entry.item_id].unit_name,
            labels_council.VOTE[entry.vote] if entry.vote else "",
            entry.reason,
            entry.rank,
        )
        for entry in ballot.entries
    ]
    words = list(labels_council.VOTE.values())
    sheet = Sheet(_("Phiếu"), "", SHEET, rows, choices={SHEET_VOTE: words})
    return exporting.file_of([sheet], f"phieu-{ballot.sitting.code}.xlsx")


def read(ballot: Ballot, content: bytes) -> Read:
    """Read a filled-in workbook; nothing is kept. Formulas are refused: nobody sees their sum."""
    found = Read()
    if not content.startswith(b"PK"):
        found.faults.append(
            Fault("file", _("Tệp không phải Excel (.xlsx); tải danh sách rồi điền vào đó."))
        )
        return found
    try:
        if _has_formula(content):
            text = _(
                "Tệp có ô chứa công thức; dán lại thành giá trị (Dán đặc biệt, Giá trị) rồi nạp."
            )
            found.faults.append(Fault("file", text))
            return found
        records = list(read_records(content, COLUMNS[:1] + COLUMNS[3:]))
    except (Unreadable, zipfile.BadZipFile) as error:
        found.faults.append(Fault("file", str(error) or _("Không đọc được tệp Excel.")))
        return found
    mine = {item.code: item for item in votable(ballot.sitting, ballot.seat)}
    others = {item.code for item in ballot.sitting.items} - set(mine)
    given: dict[str, Entry] = {}
    for line, record in records:
        code = record["mã hồ sơ"].strip().upper()
        if not code:
            continue
        if code in others and not record["phiếu"].strip():
            continue
        if code not in mine or code in given:
            why = (
                _("bạn không bỏ phiếu cho hồ sơ này")
                if code in others
                else _("ghi hai lần")
                if code in given
                else _("không có trong chương trình phiên")
            )
            found.faults.append(
                Fault(
                    "file",
                    _("Dòng {line}, {code}: {why}. Bỏ dòng này.", line=line, code=code, why=why),
                )
            )
            continue
        given[code] = _entry(found, line, record, Entry(mine[code].id, papers=mine[code].papers))
    _repeated_ranks(found, given)
    before = {one.item_id: one for one in ballot.entries}
    found.entries = in_order(
        given.get(code, before.get(item.id, Entry(item.id, papers=item.papers)))
        for code, item in mine.items()
    )
    return found


def _entry(found: Read, line: int, record: dict[str, str], empty: Entry) -> Entry:
    said, reason, rank = (record[name].strip() for name in COLUMNS[3:])
    code = record["mã hồ sơ"].strip().upper()
    vote = WORDS.get(said.casefold()) if said else None
    if said and vote is None:
        text = _("ghi Đồng ý, Không đồng ý hoặc Ý kiến khác.")
        found.faults.append(
            Fault(
                "file", _("Dòng {line}, {code}, cột Phiếu: {text}", line=line, code=code, text=text)
            )
        )
    if len(reason) > LONGEST_REASON:
        text = _("viết tối đa {longest_reason} ký tự.", longest_reason=LONGEST_REASON)
        found.faults.append(
            Fault(
                "file", _("Dòng {line}, {code}, cột Lý do: {text}", line=line, code=code, text=text)
            )
        )
    if rank and (not re.fullmatch(r"[1-9]\d{0,3}", rank) or vote is not Vote.YES):
        text = _("ghi số 1, 2, 3… và chỉ cho hồ sơ đồng ý.")
        found.faults.append(
            Fault(
                "file", _("Dòng {line}, {code}, cột Hạng: {text}", line=line, code=code, text=text)
            )
        )
        rank = ""
    return replace(empty, vote=vote, reason=reason, rank=int(rank) if rank else None)


def _repeated_ranks(found: Read, given: dict[str, Entry]) -> None:
    seen: dict[int, str] = {}
    for code, entry in given.items():
        if entry.rank is None:
            continue
        if entry.rank in seen:
            text = _(
                "Hạng {rank} ghi cho cả {seen} và {code}; ghi mỗi hạng một lần.",
                rank=entry.rank,
                seen=seen[entry.rank],
                code=code,
            )
            found.faults.append(Fault("file", text))
        seen.setdefault(entry.rank, code)


def _has_formula(content: bytes) -> bool:
    if len(content) > LARGEST:
        raise Unreadable(_("Tệp lớn hơn {largest} MB.", largest=LARGEST // 1024 // 1024))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for info in archive.infolist():
            if info.file_size > 20 * LARGEST:
                raise Unreadable(_("Tệp giải nén quá lớn."))
            sheet = info.filename.startswith("xl/worksheets/")
            if sheet and _FORMULA.search(archive.read(info)):
                return True
    return False
