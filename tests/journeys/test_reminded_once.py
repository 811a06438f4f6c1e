"""A unit clerk sees what is coming, subscribes, gets one digest, files, and is left in peace."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
import urllib3
from icalevents.icalevents import events

from tests.journeys.people import People
from tests.journeys.service import ROOT, Service, free_port, running
from tests.small_files import A_PDF

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.journeys.people import Person

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CLERK, ADDRESS = "mai.ly", "qb-01@example.vn"
OTHER_ADDRESS = "tt-01@example.vn"
"""The clerk of a unit that does not file: who goes on being reminded."""
ADMINISTRATOR = "quan.tri"
SEASON = (datetime(2023, 1, 1, tzinfo=UTC), datetime(2024, 12, 31, tzinfo=UTC))
CODE = re.compile(r"(?:HS|BC)-2023-\d{4}")
REPORT = re.compile(r"BC-2023-\d{4}")
DIGEST = "Việc của Ông/Bà tính đến"
PDF = A_PDF
REPORT_INSTANT = datetime(2023, 12, 15, 10, 0, tzinfo=UTC)


class CalendarProgram(urllib3.PoolManager):
    """A calendar program's way to the feed: no cookies, nothing but the address."""

    def __init__(self) -> None:
        """Remember every answer's status."""
        super().__init__()
        self.answers: list[int] = []

    def request(self, method, url, *more, **named):
        """Fetch as usual."""
        answer = super().request(method, url, *more, **named)
        self.answers.append(answer.status)
        return answer


@dataclass(slots=True)
class Season:
    """The running service with its mail catcher; its clock is moved on the page."""

    service: Service
    people: People
    seen: set[str] = field(default_factory=set)

    def move(self, day: str, hour: str) -> None:
        """Move the date, and let one more scheduler do what is due beside the one that runs."""
        person = self.people[ADMINISTRATOR]
        person.open("/quan-tri/ngay")
        form = person.page.locator("main form").first
        form.locator("[name=day]").fill(day)
        form.locator("[name=hour]").fill(hour)
        with person.page.expect_navigation():
            form.locator("button[type=submit]").click()
        assert day in person.words()
        done = subprocess.run(
            [sys.executable, "-m", "schedules", "--once"],
            cwd=ROOT,
            env=self.service.environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def letters(self, address: str) -> list[str]:
        """The words of letters to somebody that arrived since the last look."""
        person = self.people[ADMINISTRATOR]
        person.open("/hop-thu")
        # The list names who each letter is for: only theirs are opened, of hundreds.
        rows = person.page.locator("main tbody tr").filter(has_text=address)
        links = rows.locator("a[href^='/hop-thu/']").evaluate_all(
            "found => found.map(one => one.getAttribute('href'))"
        )
        new = [href for href in links if href not in self.seen]
        self.seen.update(new)
        return [person.open(href).locator("main").inner_text() for href in new]


@pytest.fixture
def season(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Season]:
    port = free_port()
    folder = tmp_path_factory.mktemp("season")
    with running(folder, SMTP_URL=f"smtp://127.0.0.1:{port}") as service:
        service.environment |= {
            "MAIL_FROM": "Hồ sơ thi đua <khong-tra-loi@example.vn>",
            "BASE_URL": service.url,
            "SYSTEM_DATE": "2023-12-05T08:10:00+07:00",
        }
        catcher = subprocess.Popen(
            [sys.executable, "-m", "schedules.mail_catcher"], cwd=ROOT, env=service.environment
        )
        people = People(browser, service.url, scripts=True)
        try:
            yield Season(service, people)
        finally:
            people.leave()
            catcher.terminate()
            catcher.wait(30)


def subscribed(address: str, program: CalendarProgram) -> dict[str, datetime]:
    """What the calendar program shows: an instant for each dossier and report."""
    found = events(url=address, start=SEASON[0], end=SEASON[1], http=program)
    told = {}
    for one in found:
        code = CODE.search(one.summary or "")
        assert code is not None, one.summary
        assert isinstance(one.start, datetime)
        told[code[0]] = one.start.astimezone(UTC)
    assert len(told) == len(found)
    return told


def on_page(person: Person) -> dict[str, datetime]:
    """What the agenda shows of the unit's dossiers and reports."""
    person.open("/lich?loc=don-vi")
    told = {}
    for row in person.page.locator("main tbody tr").filter(has=person.page.locator("a")).all():
        code = CODE.search(row.inner_text())
        if code is not None:
            shown = row.locator("time").first.get_attribute("datetime")
            told[code[0]] = datetime.fromisoformat(shown or "").astimezone(UTC)
    return told


def file_report(person: Person, code: str) -> None:
    person.open(f"/bao-cao-dinh-ky/{code}")
    person.fill(results="Đã phát động tới mọi đơn vị trực thuộc.", dated="8.12.23")
    person.page.set_input_files(
        "#file", {"name": "bao-cao.pdf", "mimeType": "application/pdf", "buffer": PDF}
    )
    person.press("Gửi báo cáo")
    assert f"Đã gửi báo cáo {code}" in person.words()


def test_a_clerk_subscribes_gets_one_digest_files_and_is_not_reminded_again(
    season: Season,
) -> None:
    clerk, program = season.people[CLERK], CalendarProgram()

    panel = clerk.open("/viec").locator("section[aria-labelledby=nhac]").inner_text()
    assert "08/12, 08:00" in panel
    assert "Gộp 2 việc: sắp đến hạn gửi báo cáo" in panel
    clerk.open("/nhac-viec/du-bao")
    reports = sorted(set(REPORT.findall(clerk.words())))
    assert len(reports) == 2

    clerk.open("/lich")
    clerk.press("Tạo địa chỉ lịch riêng")
    address = clerk.page.locator("main p.copy").inner_text().strip()
    told = subscribed(address, program)
    assert program.answers == [200]
    assert told == on_page(clerk)
    assert {told[code] for code in reports} == {REPORT_INSTANT}
    guarded = {
        datetime.strptime(f"{day} {hour} +0700", "%d/%m/%Y %H:%M %z"): code
        for code in told
        if code.startswith("HS")
        for hour, day in re.findall(
            r"Đã quá hạn (\d\d:\d\d)(?: ngày|,) (\d\d/\d\d/\d{4})",
            " ".join(clerk.open(f"/ho-so/{code}").locator("main").inner_text().split()),
        )
    }
    assert guarded
    assert all(told[code] == instant for instant, code in guarded.items())

    season.move("08/12/2023", "07:55")
    season.letters(ADDRESS)
    season.move("08/12/2023", "08:05")
    morning = season.letters(ADDRESS)
    digests = [one for one in morning if DIGEST in one]
    assert len(digests) == 1
    for code in reports:
        assert sum(code in one for one in morning) == 1
    assert digests[0].count("hạn 17:00 ngày 15/12/2023") == 2
    season.move("08/12/2023", "11:00")
    assert [one for one in season.letters(ADDRESS) if DIGEST in one] == []

    for code in reports:
        file_report(clerk, code)
    assert subscribed(address, program).keys().isdisjoint(reports)
    assert "gửi báo cáo" not in clerk.open("/viec").locator("main").inner_text()
    season.letters(OTHER_ADDRESS)
    others = 0
    for day in ("14/12/2023", "16/12/2023", "18/12/2023", "22/12/2023"):
        season.move(day, "09:00")
        later = season.letters(ADDRESS)
        assert not [one for one in later if REPORT.search(one)], later
        others += any(REPORT.search(one) for one in season.letters(OTHER_ADDRESS))
    assert others == 4

    clerk.open("/lich")
    clerk.press("Thu hồi địa chỉ")
    assert "Đã thu hồi địa chỉ lịch" in clerk.words()
    with pytest.raises(ValueError, match=r"."):
        subscribed(address, program)
    assert program.answers[-1] == 404
