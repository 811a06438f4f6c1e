"""Every letter is written, says when and where, and nothing typed can change its shape."""

from __future__ import annotations

from datetime import date, datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import TemplateError

from models.evaluations import to_json
from models.outbox import message_id
from models.tables import OutgoingMessage
from schedules.envelope import Letterhead, Unwritable, compose
from schedules.wording import LETTERS, LONGEST, cleaned, render
from tests.schedules.cases import at
from tests.workflow.cases import rulebook
from workflow.deadlines import Deadline
from workflow.digests import countdown
from workflow.programme import Programme
from workflow.vocabulary import State

PROGRAMMES = [rulebook(name).programme for name in ("ha-giang-2021-2025", "sang-kien-so-2024")]
BASE = "https://thidua.example.vn"
HEAD = Letterhead("Hồ sơ thi đua <khong-tra-loi@example.vn>", BASE)
NOW = at(12, 5, 8, 10)
AHEAD = Deadline(State.SUBMITTED, at(12, 7, 17), "III.2.a")
FOR_PEOPLE_LATER = {"withdrawn"}
"""Letters written for a programme that will name them."""
ABOUT_DATES = {"milestone_moved", "day_moved"}
"""Written when the office moves a milestone, or the due day of a report."""
ABOUT_PEOPLE = {"checkpoint", "people"}
"""Who may act for whom, who takes over from whom (`models.telling`)."""
ABOUT_REPORTS = {"report_filed", "report_returned", "report_accepted"}
"""Letters the law of reports names (`workflow.reports_due`)."""

STEP: dict[str, Any] = {
    "code": "HS-2023-0027",
    "subject": "UBND huyện Quản Bạ",
    "unit": "UBND huyện Quản Bạ",
    "cycle": "Đợt sơ kết tháng 12/2023",
    "award": "Bằng khen của Chủ tịch Ủy ban nhân dân tỉnh",
    "step": "gửi bổ sung; phải kiểm tra lại",
    "clause": "IV.3",
    "state": "registered",
    "actor_id": 5,
    "actor": "Vàng Thị Dợ",
    "actor_title": "Thư ký Hội đồng",
    "comment": "Mưa lũ chia cắt đường",
    "at": to_json(at(12, 5, 8)),
    "recipient": "Lý Thị Mai",
}
DECISION = {"number": "2103/QĐ-UBND", "dated": to_json(date(2023, 12, 25))}
SUPPLEMENT = {
    "items": ["Biên bản họp Hội đồng: ký bổ sung trang 3", "Sáng kiến: nhập số, ngày công nhận"],
    "due": to_json(at(12, 7, 17)),
}
REMINDER = {"rule": "N01", "title": "Sắp hết hạn", "deadline": to_json(at(12, 7, 17))}
REPORT: dict[str, Any] = {
    "code": "BC-2023-0017",
    "page": "/bao-cao-dinh-ky/BC-2023-0017",
    "title": "Báo cáo sơ kết phong trào thi đua",
    "report": "báo cáo sơ kết phong trào thi đua",
    "clause": "III.2.a",
    "due": to_json(at(12, 7, 17)),
    "late": False,
}
STOPPED = {"since": to_json(date(2023, 12, 6)), "until": to_json(date(2023, 12, 8))}
MOVED: dict[str, Any] = {
    "code": "",
    "page": "/lich",
    "clause": "III.2.a",
    "codes": ["HS-2023-0027", "HS-2023-0039"],
    "items": [
        {
            "state": "submitted",
            "cycle": "Đợt sơ kết tháng 12/2023",
            "award": "",
            "was": to_json(at(11, 30, 17)),
            "now_at": to_json(at(12, 6, 17)),
        }
    ],
}
UNIT = {"programme": "x", "programme_title": "Thi đua cải cách hành chính", "year": 2023}

DAYS = {"was": to_json(at(12, 15, 17)), "now_at": to_json(at(12, 22, 17))}


MORE: dict[str, dict[str, Any]] = {
    "decided": DECISION,
    "revoked": DECISION,
    "supplement_requested": SUPPLEMENT,
    "suspended": STOPPED,
    "suspension_over": STOPPED,
    "milestone_moved": MOVED,
    "day_moved": REPORT
    | {"code": "", "was": to_json(at(12, 15, 17)), "now_at": to_json(at(12, 22, 17))},
}


def named_by(programme: Programme) -> set[str]:
    steps = {notice.letter for step in programme.steps for notice in step.notify}
    due = {rule.letter for rule in programme.reminders}
    return steps | due | {rule.letter for rule in programme.registration_reminders}


def written() -> set[str]:
    return {path.stem for path in LETTERS.glob("*.txt") if not path.stem.startswith("_")}


def values_for(letter: str) -> dict[str, Any]:
    if letter in {"stuck", "scores_missing"}:
        return STEP | REMINDER | {"missing": 4, "year": 2023, "clause": "IV.1.b"}
    if letter == "due_registration":
        unit = {"code": "", "unit": "UBND xã Bát Đại Sơn", "recipient": "Lý Thị Mai"}
        return REMINDER | UNIT | unit | {"clause": "IV.1.a"}
    if letter.startswith("due_"):
        return STEP | REMINDER | (REPORT if letter == "due_report" else {})
    if letter in ABOUT_REPORTS:
        return STEP | REPORT
    if letter in ABOUT_PEOPLE:
        return STEP | {"headline": "Ủy quyền", "lines": ["Từ 05/12/2023 đến hết 08/12/2023."]}
    return STEP | MORE.get(letter, {})


def a_row(letter: str = "due_submitted", **more: Any) -> OutgoingMessage:
    values = values_for(letter) | more.pop("values", {})
    key = more.pop("dedupe_key", "N01:HS-2023-0027:1:email")
    row = {"address": "mai@example.vn", "dedupe_key": key, "message_id": message_id(key)}
    return OutgoingMessage(letter=letter, values=values, **(row | more))


@pytest.mark.parametrize("programme", PROGRAMMES, ids=lambda programme: programme.id)
def test_every_letter_a_programme_names_is_written(programme: Programme) -> None:
    assert named_by(programme) <= written()


def test_no_letter_is_written_for_nobody() -> None:
    named = set().union(*(named_by(programme) for programme in PROGRAMMES))
    assert written() - named == FOR_PEOPLE_LATER | ABOUT_REPORTS | ABOUT_DATES | ABOUT_PEOPLE


@pytest.mark.parametrize("letter", sorted(written()))
@pytest.mark.parametrize("ahead", [AHEAD, None], ids=["with a deadline", "at an end"])
@pytest.mark.parametrize("now", [NOW, at(12, 9)], ids=["before", "after"])
def test_every_letter_can_be_filled_in(letter: str, ahead: Deadline | None, now: datetime) -> None:
    text = render(letter, values_for(letter), ahead, BASE, now)
    assert text.subject.startswith("[TĐKT] ")
    assert "\n" not in text.subject
    assert text.body.startswith("Kính gửi Ông/Bà ")
    assert text.body.endswith("Thư gửi tự động; trả lời trong hệ thống tại mục Trao đổi.\n")
    assert "Căn cứ: Mục I" in text.body
    place = "/dang-ky" if letter == "due_registration" else "/ho-so/HS-2023-0027"
    place = REPORT["page"] if letter in {*ABOUT_REPORTS, "due_report", "day_moved"} else place
    place = "/lich" if letter == "milestone_moved" else place
    assert f": {BASE}{place}\n" in text.body
    assert "  " not in text.body
    assert "\n\n\n" not in text.body
    assert "None" not in text.body


def test_a_letter_to_an_office_greets_nobody_by_name() -> None:
    text = render("due_submitted", STEP | REMINDER | {"recipient": ""}, AHEAD, BASE, NOW)
    assert text.body.startswith("Kính gửi Ông/Bà,\n")


def test_a_letter_nobody_wrote_is_an_error() -> None:
    with pytest.raises(TemplateError):
        render("not_there", STEP, None, BASE, NOW)


def test_the_reminder_reads_as_designed() -> None:
    text = render("due_submitted", STEP | REMINDER | {"clause": "III.2.a"}, AHEAD, BASE, NOW)
    assert text.subject == "[TĐKT] Còn 2 ngày: nộp hồ sơ HS-2023-0027 (UBND huyện Quản Bạ)"
    assert text.body == (
        "Kính gửi Ông/Bà Lý Thị Mai,\n"
        "\n"
        "Hồ sơ HS-2023-0027 đề nghị Bằng khen của Chủ tịch Ủy ban nhân dân tỉnh của UBND huyện"
        " Quản Bạ cần nộp trước 17:00 ngày 07/12/2023 (còn 2 ngày).\n"
        "Quá hạn này, hồ sơ chỉ nộp được khi đã được gia hạn.\n"
        "\n"
        "Căn cứ: Mục III.2.a của chương trình.\n"
        "Mở hồ sơ: https://thidua.example.vn/ho-so/HS-2023-0027\n"
        "\n"
        "Thư gửi tự động; trả lời trong hệ thống tại mục Trao đổi.\n"
    )


def test_the_request_for_supplement_lists_what_is_missing() -> None:
    text = render("supplement_requested", STEP | SUPPLEMENT, None, BASE, NOW)
    assert text.subject == "[TĐKT] Còn 2 ngày: bổ sung hồ sơ HS-2023-0027 (UBND huyện Quản Bạ)"
    assert "cần bổ sung 2 mục trước 17:00 ngày 07/12/2023:\n1. Biên bản" in text.body
    assert "\n2. Sáng kiến: nhập số, ngày công nhận\n" in text.body


def test_a_returned_report_says_why_and_until_when() -> None:
    text = render("report_returned", STEP | REPORT, None, BASE, NOW)
    assert text.subject == "[TĐKT] Trả lại báo cáo: UBND huyện Quản Bạ (BC-2023-0017)"
    assert text.body == (
        "Kính gửi Ông/Bà Lý Thị Mai,\n"
        "\n"
        "Vàng Thị Dợ đã trả lại báo cáo sơ kết phong trào thi đua của UBND huyện Quản Bạ lúc"
        " 08:00 ngày 05/12/2023.\n"
        "Lý do: “Mưa lũ chia cắt đường”\n"
        "Đề nghị Ông/Bà sửa và gửi lại trước 17:00 ngày 07/12/2023 (còn 2 ngày).\n"
        "\n"
        "Căn cứ: Mục III.2.a của chương trình.\n"
        "Mở báo cáo: https://thidua.example.vn/bao-cao-dinh-ky/BC-2023-0017\n"
        "\n"
        "Thư gửi tự động; trả lời trong hệ thống tại mục Trao đổi.\n"
    )


@pytest.mark.parametrize("letter", ["held", "rejected", "revoked", "withdrawn"])
def test_reasons_against_somebody_stay_in_the_dossier(letter: str) -> None:
    text = render(letter, values_for(letter), None, BASE, NOW)
    assert STEP["comment"] not in text.body
    assert "ghi trong hồ sơ" in text.body


@pytest.mark.parametrize(
    ("now", "words"),
    [
        (at(12, 5, 8), "còn 2 ngày"),
        (at(12, 6, 23, 59), "ngày mai"),
        (at(12, 7, 8), "hôm nay"),
        (at(12, 7, 17), "hôm nay"),
        (at(12, 7, 17, 1), "quá hạn"),
        (at(12, 12, 0, 0), "quá 5 ngày"),
    ],
)
def test_days_are_counted_on_the_office_calendar(now: datetime, words: str) -> None:
    assert countdown(at(12, 7, 17), now) == words


def test_a_letter_is_marked_as_automatic_and_carries_its_own_id() -> None:
    message = compose(a_row(), AHEAD, HEAD, NOW)
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["From"].addresses[0].addr_spec == "khong-tra-loi@example.vn"
    assert message["Message-ID"] == a_row().message_id
    assert message["Date"] == "Tue, 05 Dec 2023 01:10:00 +0000"
    again = message_from_bytes(bytes(message), policy=policy.default)
    assert again["Subject"] == message["Subject"]
    assert again["Message-ID"] == a_row().message_id
    assert again.get_content().splitlines() == message.get_content().splitlines()
    assert max(len(line) for line in bytes(message).split(b"\r\n")) < 100
    assert bytes(message).isascii()


@pytest.mark.parametrize(
    "typed",
    [
        "Sùng\r\nBcc: all@example.vn",
        "Sùng\nBcc: all@example.vn",
        "Sùng\u2028Bcc: all@example.vn",
        "Sùng\x85Bcc: all@example.vn",
        "Sùng\x0bBcc: all@example.vn",
    ],
)
def test_nothing_typed_adds_a_header(typed: str) -> None:
    values = {"unit": typed, "subject": typed, "recipient": typed, "code": typed}
    message = compose(a_row(values=values), AHEAD, HEAD, NOW)
    again = message_from_bytes(bytes(message), policy=policy.default)
    assert set(again.keys()) == set(message.keys())
    assert again["Bcc"] is None
    assert not any(line.startswith("Bcc:") for line in again.get_content().splitlines())


@pytest.mark.parametrize(
    "address",
    [
        "",
        "mai",
        "mai@example.vn, all@example.vn",
        "mai@example.vn\r\nBcc: all@example.vn",
        "Mai <mai@example.vn>",
    ],
)
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(Unwritable):
        compose(a_row(address=address), AHEAD, HEAD, NOW)


def test_pages_somebody_typed_are_no_links() -> None:
    said = "Xem https://evil.example/x?a=1 và www.evil.example, mailto:a@b.vn"
    assert cleaned(said) == "Xem [liên kết] và [liên kết] [liên kết]"


_LETTERS = st.text(alphabet="aă ạ ớ-:(đ)Ủ=?_ n,", max_size=150)


@given(_LETTERS)
def test_what_is_written_arrives_letter_by_letter(words: str) -> None:
    message = compose(a_row(values={"unit": words}), AHEAD, HEAD, NOW)
    again = message_from_bytes(bytes(message), policy=policy.default)
    assert again["Subject"] == message["Subject"]
    assert cleaned(words) in again["Subject"]


def test_a_long_sender_arrives_as_it_is() -> None:
    name = "Hồ sơ thi đua khen thưởng của Ban Thi đua Khen thưởng, Sở Nội vụ tỉnh Hà Giang"
    sender = f'"{name}" <khong-tra-loi@example.vn>'
    message = compose(a_row(), AHEAD, Letterhead(sender, BASE), NOW)
    written = message_from_bytes(bytes(message))["From"]
    assert str(make_header(decode_header(written))) == f"{name} <khong-tra-loi@example.vn>"


@given(st.text(max_size=600))
def test_cleaned_text_is_one_short_line(text: str) -> None:
    line = cleaned(text)
    assert len(line) <= LONGEST
    assert line.splitlines() in ([], [line])
    assert "://" not in line
    assert cleaned(line) == line
