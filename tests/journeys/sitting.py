"""A council session held in a browser: convened, voted on by everybody, closed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.journeys.people import People, Person

PROVINCIAL_SECRETARY = "hang.nguyen"
PROVINCIAL_MEMBERS = ("tuan.le", "ha.bui", "quyet.dang", "linh.phan", "hung.vu")


def rank(people: People, codes: Sequence[str], day: str) -> None:
    """The provincial council ranks these dossiers on `day`, at the hour the service stands at."""
    secretary = people[PROVINCIAL_SECRETARY]
    session = convene(secretary, codes, day)
    for login in PROVINCIAL_MEMBERS:
        vote(people[login], session, codes)
    secretary.open(session)
    secretary.press("Đóng bỏ phiếu")
    secretary.open(f"{session}/tong-hop")
    secretary.press("Chốt phiên và ghi kết quả")
    assert "Đã chốt phiên" in secretary.words(), secretary.words()[:800]


def convene(secretary: Person, codes: Sequence[str], day: str) -> str:
    """Prepare a session with these dossiers and open its ballot; returns its address."""
    page = secretary.open("/hoi-dong/moi")
    page.select_option("main [name=cycle]", "2023-midterm")
    secretary.fill(
        place="Phòng họp A", held_day=day, held_time="8:00", closes_day=day, closes_time="17:00"
    )
    secretary.press("Lập phiên")
    session = page.url.removeprefix(secretary.url)
    for box in page.locator("main input[name=them]").all():
        box.set_checked(box.get_attribute("value") in codes, force=True)
    secretary.press("Thêm vào chương trình")
    secretary.press("Mở bỏ phiếu")
    return session


def vote(member: Person, session: str, codes: Sequence[str]) -> None:
    """Say yes to every one of these dossiers that is open to the member, and send."""
    page = member.open(f"{session}/phieu")
    for code in codes:
        if page.locator(f"main input[name='p-{code}']").count():
            member.choose(f"p-{code}", "1")
    member.press("Xem lại và gửi phiếu")
    member.press("Gửi phiếu")
    assert "Đã gửi phiếu" in member.words(), member.words()[:800]
