"""The shape of what people type."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from views import formats
from views.forms import Answers, clean, day_text, read_day, read_number
from workflow.vocabulary import SigningCapacity, VoteMethod
from workflow.words import Sentence, say

TODAY = date(2023, 12, 5)


def answers(**given: str) -> Answers:
    return Answers(given, TODAY)


@pytest.mark.parametrize(
    "typed",
    ["14/02/2023", "14-2-2023", "14.2.23", "140223", "14022023", " 14 / 2 / 2023 ", "14 2 23"],
)
def test_a_day_may_be_written_as_offices_write_it(typed: str) -> None:
    assert read_day(typed) == date(2023, 2, 14)


@pytest.mark.parametrize(
    "typed", ["", "2/30/2023", "31/04/2023", "29/02/2023", "hôm qua", "2023-02-14", "14/02", "1402"]
)
def test_what_is_no_day_is_none(typed: str) -> None:
    assert read_day(typed) is None


def test_a_leap_day_is_a_day() -> None:
    assert read_day("29.2.24") == date(2024, 2, 29)


@pytest.mark.parametrize(
    ("typed", "value"),
    [("86,42", "86.42"), ("86.42", "86.42"), ("80", "80"), (" 100 ", "100"), ("0,5", "0.5")],
)
def test_a_number_takes_comma_or_point(typed: str, value: str) -> None:
    assert read_number(typed) == Decimal(value)


@pytest.mark.parametrize("typed", ["", "-1", "1e3", "1.234,5", "NaN", "tám mươi", "1,2,3"])
def test_what_is_no_number_is_none(typed: str) -> None:
    assert read_number(typed) is None


def test_text_is_composed_and_freed_of_unseen_marks() -> None:
    assert clean("  Hô\u0323i  ") == "Hội"
    assert clean("a\u202egnp.exe\u0000\r\nb") == "agnp.exe\nb"


def test_a_day_in_the_future_is_a_fault_where_the_past_is_meant() -> None:
    given = answers(dated="06/12/2023")
    given.day("dated", future="Ngày ký")
    assert [fault.message for fault in given.faults] == [
        "Ngày ký không thể sau hôm nay (05/12/2023)."
    ]


def test_every_fault_is_collected_and_only_once_for_each_field() -> None:
    given = answers(
        held_on="2/30/2023", members="chín", method="hò reo", points="100,01", note="x" * 9
    )
    assert given.day("held_on") is None
    assert given.whole("members") == 0
    assert given.choice("method", VoteMethod, "Chọn cách biểu quyết.") is None
    assert given.score("points") is None
    given.text("note", most=8)
    given.text("reason", "Ghi lý do bằng một câu.")
    given.ticked("sure", "Đánh dấu ô xác nhận.")
    given.one_of("award", ["A"], "Chọn hình thức khen thưởng.")
    given.blame("award", "lần hai")
    assert [(fault.field, fault.message) for fault in given.faults] == [
        ("held_on", "Gõ theo ngày/tháng/năm, ví dụ 14/02/2023."),
        ("members", "Gõ một số nguyên từ 0 trở lên, ví dụ 9."),
        ("method", "Chọn cách biểu quyết."),
        ("points", "Điểm từ 0 đến 100, dùng dấu phẩy, ví dụ 86,42."),
        ("note", "Viết tối đa 8 ký tự; bạn đã gõ 9."),
        ("reason", "Ghi lý do bằng một câu."),
        ("sure", "Đánh dấu ô xác nhận."),
        ("award", "Chọn hình thức khen thưởng."),
    ]


def test_what_is_well_formed_comes_back_typed() -> None:
    given = answers(
        held_on="24.11.23", members="9", method="secret_ballot", points="86,4", sure="1"
    )
    assert given.day("held_on", future="Ngày họp") == date(2023, 11, 24)
    assert given.whole("members", "thiếu") == 9
    assert given.whole("recused") == 0
    assert given.choice("method", VoteMethod) is VoteMethod.SECRET_BALLOT
    assert given.score("points") == Decimal("86.40")
    assert given.ticked("sure")
    assert given.one_of("method", ["secret_ballot"]) == "secret_ballot"
    assert not given.faults


def test_an_empty_choice_of_a_word_that_may_be_empty_counts_as_chosen_only_when_posted() -> None:
    assert answers(capacity="").choice("capacity", SigningCapacity, "x") is SigningCapacity.SELF
    assert answers().choice("capacity", SigningCapacity, "x") is None


def test_a_day_is_shown_as_it_is_typed() -> None:
    assert day_text(date(2023, 2, 4)) == "04/02/2023"
    assert day_text(None) == ""


@pytest.mark.parametrize(
    ("said", "inside"),
    [
        (say("Chưa có Tờ trình."), "chưa có Tờ trình."),
        (say("{unit} chưa có", unit="UBND xã"), "UBND xã chưa có"),
        (say("{index} là 80", index="Chỉ số hài lòng"), "chỉ số hài lòng là 80"),
        (say("{by} đã kiểm", by="Lò Thị Xuân"), "Lò Thị Xuân đã kiểm"),
        (say("{by} ghi đạt", by="Phàn A Lình"), "Phàn A Lình ghi đạt"),
    ],
)
def test_a_name_keeps_its_capital_after_a_colon(said: Sentence, inside: str) -> None:
    assert formats.inside(said) == inside
