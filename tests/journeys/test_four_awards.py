"""One dossier of each form of award, from registration to decision, on the running service.

Every step is taken in the browser by the role it belongs to, with and without scripts; before each
step of the Bằng khen everybody else tries it too and is refused, with the reason, and before each
of a Giấy khen every third of them, so that over the three again everybody has.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from models.demonstration.papers import word_paper
from tests.journeys.people import People, Person
from tests.journeys.sitting import rank

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

    from tests.journeys.service import Service

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ADMINISTRATOR = "quan.tri"
ACCOUNTS = (
    *("mai.ly", "linh.phan", "do.vang", "chu.giang", "hien.nong", "thang.nong"),
    *("hang.nguyen", "quyet.dang", "tuan.le", "ha.bui", "tua.giang"),
    *("seo.lu", "pao.vu", "xuan.lo", "sinh.ma"),
    *("anh.tran", "minh.do", "loan.pham", "hung.vu", "quan.tri", "thanh.tra"),
)
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@dataclass(frozen=True, slots=True)
class Story:
    """Who is honoured with what, in which cycle, and who may take each step."""

    award: str
    subject: str
    cycle: str
    clerk: str
    superior: str
    secretary: str
    appraiser: str
    decider: str
    may_acknowledge: tuple[str, ...]
    may_submit: tuple[str, ...]
    may_check: tuple[str, ...]
    may_decide: tuple[str, ...]


FORMS = ("BANG_KHEN_TINH", "GIAY_KHEN_CO_QUAN", "GIAY_KHEN_HUYEN", "GIAY_KHEN_XA")
BOARD = ("tuan.le", "ha.bui", "hang.nguyen", "quyet.dang")


def stories(*, annual: str, merit_for: str) -> list[Story]:
    """The four forms; the three Giấy khen in cycle `annual`, the Bằng khen for `merit_for`."""
    person = merit_for != "Sở Thông tin và Truyền thông"
    agency = ("hung.vu", "loan.pham")
    return [
        Story(
            "BANG_KHEN_TINH",
            merit_for,
            "2023-midterm",
            "anh.tran",
            "hung.vu" if person else "hang.nguyen",
            "minh.do",
            "quyet.dang",
            "tuan.le",
            may_acknowledge=agency if person else BOARD,
            may_submit=("anh.tran", "hung.vu"),
            may_check=("hang.nguyen", "quyet.dang"),
            may_decide=("tuan.le", "ha.bui"),
        ),
        Story(
            "GIAY_KHEN_CO_QUAN",
            "Nguyễn Việt Bắc",
            annual,
            "anh.tran",
            "hung.vu",
            "minh.do",
            "loan.pham",
            "hung.vu",
            may_acknowledge=agency,
            may_submit=("anh.tran", "hung.vu"),
            may_check=("loan.pham",),
            may_decide=("hung.vu",),
        ),
        Story(
            "GIAY_KHEN_HUYEN",
            "UBND xã Quyết Tiến",
            annual,
            "seo.lu",
            "thang.nong",
            "pao.vu",
            "thang.nong",
            "linh.phan",
            may_acknowledge=("linh.phan", "thang.nong"),
            may_submit=("seo.lu", "sinh.ma"),
            may_check=("thang.nong",),
            may_decide=("linh.phan",),
        ),
        Story(
            "GIAY_KHEN_XA",
            "Sải Thị Dung",
            annual,
            "seo.lu",
            "sinh.ma",
            "pao.vu",
            "xuan.lo",
            "sinh.ma",
            may_acknowledge=("sinh.ma", "xuan.lo"),
            may_submit=("seo.lu", "sinh.ma"),
            may_check=("xuan.lo",),
            may_decide=("sinh.ma",),
        ),
    ]


@pytest.fixture(params=["scripts", "no-scripts"])
def people(request: pytest.FixtureRequest, service: Service, browser: Browser) -> Iterator[People]:
    everybody = People(browser, service.url, scripts=request.param == "scripts")
    yield everybody
    everybody.leave()


def test_each_form_of_award_from_registration_to_decision(people: People) -> None:
    chosen = (
        stories(annual="2023-midterm", merit_for="Sở Thông tin và Truyền thông")
        if people.scripts
        else stories(annual="2023-annual", merit_for="Lâm Thị Thủy")
    )
    move(people, "20/03/2023")
    codes = {story: register(people, story) for story in chosen}
    move(people, "20/11/2023")
    for story, code in codes.items():
        assemble(people[story.clerk], story, code)
        submit(people, story, code)
    move(people, "24/11/2023")
    for story, code in codes.items():
        council(people, story, code)
    move(people, "27/11/2023")
    for story, code in codes.items():
        upload(people[story.clerk], code, "TO_TRINH", number="86/TTr", dated="27/11/2023")
        check(people, story, code)
    move(people, "28/11/2023")
    merit = [code for story, code in codes.items() if story.award == "BANG_KHEN_TINH"]
    rank(people, merit, "28/11/2023")
    move(people, "04/12/2023")
    for number, (story, code) in enumerate(codes.items()):
        decide(people, story, code, f"{3000 + number + 10 * people.scripts}/QĐ-UBND")


def move(people: People, day: str) -> None:
    """The administrator moves the date of the demonstration."""
    person = people[ADMINISTRATOR]
    person.open("/quan-tri/ngay")
    form = person.page.locator("main form").first
    form.locator("[name=day]").fill(day)
    form.locator("[name=hour]").fill("09:00")
    with person.page.expect_navigation():
        form.locator("button[type=submit]").click()
    assert day in person.words()


def register(people: People, story: Story) -> str:
    """The clerk registers, the direct superior acknowledges; the dossier's code."""
    clerk = people[story.clerk]
    clerk.open("/dang-ky/moi")
    options = clerk.page.locator("select[name=subject] option").all()
    value = next(o.get_attribute("value") for o in options if story.subject in o.inner_text())
    clerk.page.select_option("select[name=subject]", value)
    clerk.choose("cycle", story.cycle)
    clerk.fill(registered_on="20/03/2023", number="12/ĐK")
    clerk.press("Gửi đăng ký")
    registration = clerk.page.url.rsplit("/", 1)[-1]
    assert registration.startswith("DK-2023-"), clerk.words()[:500]
    path = f"/dang-ky/{registration}"
    refused(people, story, story.may_acknowledge, path, do="acknowledge", key=secrets.token_hex(8))
    superior = people[story.superior]
    superior.open(path)
    superior.press("Tiếp nhận")
    clerk.open(path)
    words = clerk.words()
    assert "Hồ sơ HS-2023-" in words, words[:800]
    return words[words.index("HS-2023-") :][:12]


def assemble(clerk: Person, story: Story, code: str) -> None:
    """Form of award, report, initiative and the achievement report as a paper."""
    clerk.open(f"/ho-so/{code}/lap/hinh-thuc")
    clerk.choose("award", story.award)
    clerk.fill(
        profile_text="Đơn vị có 42 biên chế.",
        achievements_text="Giải quyết 99% hồ sơ đúng hạn.",
        prior_awards_text="Chưa có.",
    )
    clerk.press("Lưu")
    clerk.open(f"/ho-so/{code}/lap/sang-kien")
    clerk.fill(
        title="Trả kết quả tại chợ phiên",
        recognition_number="1203/QĐ-UBND",
        recognised_on="1.6.23",
        recognised_by="UBND tỉnh Hà Giang",
    )
    clerk.tick("applied")
    clerk.press("Thêm")
    upload(clerk, code, "BAO_CAO_THANH_TICH", dated="20/11/2023", confirmed=True)


def upload(
    person: Person, code: str, kind: str, *, dated: str, number: str = "", confirmed: bool = False
) -> None:
    """One paper with its particulars."""
    person.open(f"/ho-so/{code}/lap/tai-lieu")
    slot = person.page.locator(f"#{kind} form")
    paper = word_paper("Đơn vị", kind, (code, secrets.token_hex(8)), "Người ký")
    slot.locator(f'[name="{kind}-file"]').set_input_files(
        {"name": f"{kind}.docx", "mimeType": WORD, "buffer": paper}
    )
    slot.locator(f'[name="{kind}-dated"]').fill(dated)
    slot.locator(f'[name="{kind}-signer"]').fill("Phàn A Lình")
    if number:
        slot.locator(f'[name="{kind}-number"]').fill(number)
    if confirmed:
        slot.locator(f'[name="{kind}-confirmed"]').check(force=True)
    with person.page.expect_navigation():
        slot.locator("button[type=submit]").click()
    assert "Đã nhận" in person.page.locator(f"#{kind}").inner_text(), person.words()[:800]


def submit(people: People, story: Story, code: str) -> None:
    """Hand in."""
    path = f"/ho-so/{code}/buoc/submit"
    refused(people, story, story.may_submit, path, **ticket(people, story, code))
    clerk = people[story.clerk]
    clerk.open(f"/ho-so/{code}/lap")
    clerk.press("Nộp hồ sơ")
    at_step(clerk, code, "Đã nộp")


def council(people: People, story: Story, code: str) -> None:
    """The secretary uploads the minutes and records the vote."""
    secretary = people[story.secretary]
    secretary.open(f"/ho-so/{code}/hoi-dong")
    figures = {"held_on": "24/11/2023", "members": "9", "present": "9", "votes_for": "9"}
    refused(
        people,
        story,
        (story.secretary,),
        f"/ho-so/{code}/hoi-dong",
        do="record",
        **figures,
        method="show_of_hands",
        dated="24/11/2023",
        signer="A",
        **ticket(people, story, code),
    )
    secretary.open(f"/ho-so/{code}/hoi-dong")
    secretary.fill(**figures, dated="24/11/2023", signer="Vàng Thị Dợ")
    secretary.choose("method", "show_of_hands")
    paper = word_paper("Hội đồng", "Biên bản", (code, secrets.token_hex(8)), "Thư ký")
    secretary.page.set_input_files(
        "main [name=file]", {"name": "bien-ban.docx", "mimeType": WORD, "buffer": paper}
    )
    secretary.press("Ghi kết quả Hội đồng")
    at_step(secretary, code, "Hội đồng đã xét")


def check(people: People, story: Story, code: str) -> None:
    """The appraiser looks at three things and confirms the check."""
    refused(
        people,
        story,
        story.may_check,
        f"/ho-so/{code}/kiem-tra",
        do="confirm",
        **ticket(people, story, code),
    )
    appraiser = people[story.appraiser]
    page = appraiser.open(f"/ho-so/{code}/kiem-tra")
    for radio in page.locator("main form input[type=radio][value=met]").all():
        radio.check(force=True)
    appraiser.press("Xác nhận đã kiểm tra")
    at_step(appraiser, code, "đã kiểm tra")


def decide(people: People, story: Story, code: str, number: str) -> None:
    """The competent person issues the decision."""
    paper = {"number": number, "dated": "04/12/2023", "signer": "Lê Minh Tuấn"}
    refused(
        people,
        story,
        story.may_decide,
        f"/ho-so/{code}/quyet-dinh",
        **paper,
        capacity="",
        compared="1",
        **ticket(people, story, code),
    )
    decider = people[story.decider]
    decider.open(f"/ho-so/{code}/quyet-dinh")
    decider.fill(**paper)
    decider.tick("compared")
    decider.press("Ban hành quyết định")
    at_step(decider, code, "Đã quyết định")
    assert number in decider.words()


def at_step(person: Person, code: str, words: str) -> None:
    """The dossier page says where it stands."""
    person.open(f"/ho-so/{code}")
    now = person.page.locator(".stepper [aria-current=step], .stepper .is-done").last.inner_text()
    assert words in now, person.words()[:800]


def ticket(people: People, story: Story, code: str) -> dict[str, str]:
    """The version everybody could know, and a key of their own."""
    clerk = people[story.clerk]
    clerk.open(f"/ho-so/{code}")
    version = clerk.page.locator("main input[name=version]").first.get_attribute("value")
    assert version is not None
    return {"version": version, "key": secrets.token_hex(8)}


def refused(
    people: People, story: Story, allowed: tuple[str, ...], path: str, **typed: str
) -> None:
    """Everybody else is told no: *not found*, or a refusal that says who can."""
    if not people.scripts:
        return
    third = FORMS.index(story.award)
    for login in ACCOUNTS[third - 1 :: 3] if third else ACCOUNTS:
        if login in allowed:
            continue
        answer = people[login].post(path, **typed)
        assert answer.status in {403, 404, 422}, f"{login} {path}: {answer.status}"
        if answer.status == 422:
            words = answer.text()
            assert "không xử lý được" in words or "không có thao tác này" in words, words[:3000]
