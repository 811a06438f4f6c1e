"""People in front of a real browser: each has a window of their own and stays signed in."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import APIResponse, Browser, BrowserContext, Page

PASSWORD = "Minh-hoa-2023"
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@dataclass(slots=True)
class Person:
    """One account of the demonstration: a window for who looks, none for who only asks.

    A window costs a process of the browser and a drawing of each page; most people of a story
    are there only to be refused.
    """

    login: str
    password: str
    context: BrowserContext
    url: str
    token: str = ""
    window: Page | None = None
    signed_in: bool = False

    @property
    def page(self) -> Page:
        """This person's window, signed in at the front door when it is first looked at."""
        if self.window is None:
            self.window = self.context.new_page()
            if not self.signed_in:
                self._sign_in(self.window)
        return self.window

    def _sign_in(self, window: Page) -> None:
        window.goto(f"{self.url}/dang-nhap")
        entry = window.locator("form:has(input#password)")
        entry.locator("input#login").fill(self.login)
        entry.locator("input#password").fill(self.password)
        with window.expect_navigation():
            entry.locator("button[type=submit]").last.click()
        assert window.url.endswith("/viec"), window.url
        self.signed_in = True

    def _sign_in_unseen(self) -> None:
        door = f"{self.url}/dang-nhap"
        answer = self.context.request.post(
            door,
            form={
                "csrf_token": self._token_on("/dang-nhap"),
                "login": self.login,
                "password": self.password,
            },
            headers={"Referer": door, "Origin": self.url},
            max_redirects=0,
        )
        assert answer.status == 303, f"{self.login}: {answer.status}"
        self.signed_in = True

    def _token_on(self, path: str) -> str:
        found = _TOKEN.search(self.context.request.get(self.url + path).text())
        assert found is not None, path
        return found[1]

    def open(self, path: str) -> Page:
        """Go to a page of the service; it must answer, and without a fault of its own."""
        answer = self.page.goto(self.url + path)
        assert answer is not None
        assert answer.status == 200, f"{self.login} {path}: {answer.status} {self.words()[:600]}"
        return self.page

    def fill(self, **typed: str) -> None:
        """Fill text fields by name."""
        for name, value in typed.items():
            self.page.fill(f'main [name="{name}"]', value)

    def choose(self, name: str, value: str) -> None:
        """Choose a radio button by name and value."""
        self.page.check(f'main input[type=radio][name="{name}"][value="{value}"]', force=True)

    def tick(self, name: str) -> None:
        """Tick a box."""
        self.page.check(f'main input[type=checkbox][name="{name}"]', force=True)

    def press(self, label: str) -> None:
        """Press the button with exactly these words and wait for the answer."""
        words = re.compile(rf"^\s*{re.escape(label)}")
        button = self.page.locator("main button").filter(has_text=words).last
        with self.page.expect_navigation():
            button.click()

    def words(self) -> str:
        """The visible words of the page."""
        return " ".join(self.page.locator("body").inner_text().split())

    def post(self, path: str, **typed: str) -> APIResponse:
        """Post past the pages, as somebody would who knows the address but has no button."""
        if not self.signed_in:
            self._sign_in_unseen()
        self.token = self.token or self._token_on("/mat-khau")
        return self.context.request.post(
            self.url + path,
            form={"csrf_token": self.token, **typed},
            headers={"Referer": self.url, "Origin": self.url},
            max_redirects=0,
        )


@dataclass(slots=True)
class People:
    """Everybody who has come so far."""

    browser: Browser
    url: str
    scripts: bool
    password: str = PASSWORD
    known: dict[str, Person] = field(default_factory=dict)

    def __getitem__(self, login: str) -> Person:
        """The person with this account."""
        if login not in self.known:
            context = self.browser.new_context(
                java_script_enabled=self.scripts, viewport={"width": 1280, "height": 900}
            )
            context.set_default_timeout(20_000)
            self.known[login] = Person(login, self.password, context, self.url)
        return self.known[login]

    def leave(self) -> None:
        """Close all windows."""
        for person in self.known.values():
            person.context.close()
