"""`make screens`: pictures of every page as each role sees it, into var/screens, with an index.

The demonstration is started as `make run` starts it, each role signs in and follows the links of
what it reads; a page is pictured once for each role that reaches it, at both widths. The same run
renews the few pictures kept in the repository: those of the help pages and of the README.

    python -m tests.screens [--role NAME …] [--kept] [--to FOLDER] [--url ADDRESS]
"""

from __future__ import annotations

import argparse
import contextlib
import html
import io
import re
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urldefrag, urlsplit

from PIL import Image
from playwright.sync_api import sync_playwright
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, MapAdapter, RequestRedirect

from config.bootstrap import browser_missing, find_browser
from config.clock import real_now
from config.settings import Settings
from models.database import open_database
from tests.journeys.conftest import FLAGS
from tests.journeys.people import People
from tests.journeys.service import ROOT, SECRET, running
from views import create_app

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

ROLES: Final[Mapping[str, str]] = {
    "khach": "",
    "can-bo": "mai.ly",
    "thu-truong": "linh.phan",
    "thu-ky": "do.vang",
    "uy-vien": "chu.giang",
    "tham-dinh": "thang.nong",
    "ban-tdkt": "hang.nguyen",
    "quyet-dinh": "tuan.le",
    "quan-tri": "quan.tri",
    "thanh-tra": "thanh.tra",
}
"""A name of each role, and the account of the demonstration that shows it."""
WIDTHS: Final = {1280: 900, 390: 844}
"""Widths of a screen, with their heights."""
TALLEST: Final = 6000
QUALITY: Final = 60
TABS: Final = ("phan", "nhom", "cach")
"""Words of an address that choose another face of the same page."""
LINK: Final = re.compile(r'<a[^>]*\shref="([^"#][^"]*)"')
TITLE: Final = re.compile(r"<title>(.*?)</title>", re.DOTALL)
PUT_AWAY: Final = "form[action$=da-biet] button"
"""The card of the first sign-in stands on no kept picture."""
QUIET: Final = frozenset({"languages.visit", "provider.leave", "static"})
"""Addresses that lead away or change how the reader reads."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A picture kept in the repository: of what, as whom, how wide, and which part of it."""

    place: str
    role: str
    path: str
    tall: int = 860
    wide: int = 1280
    shown: int = 800
    """Width of the kept picture."""


KEPT: Final = (
    Kept("views/static/help/viec.webp", "can-bo", "/viec"),
    Kept("views/static/help/ho-so.webp", "thu-truong", "/ho-so/HS-2023-0027"),
    Kept("views/static/help/phien.webp", "thu-ky", "/hoi-dong/PH-2023-0003"),
    Kept("views/static/help/phieu.webp", "uy-vien", "/hoi-dong/PH-2023-0003/phieu"),
    Kept("views/static/help/kiem-tra.webp", "ban-tdkt", "/ho-so/HS-2023-0012/kiem-tra"),
    Kept("views/static/help/quyet-dinh.webp", "quyet-dinh", "/quyet-dinh"),
    Kept("views/static/help/quan-tri.webp", "quan-tri", "/quan-tri"),
    Kept("views/static/help/nhat-ky.webp", "thanh-tra", "/quan-tri/nhat-ky"),
    Kept("docs/screens/viec-cua-toi.webp", "can-bo", "/viec", shown=1000),
    Kept("docs/screens/ho-so.webp", "can-bo", "/ho-so/HS-2023-0027", shown=1000),
    Kept("docs/screens/bao-cao.webp", "ban-tdkt", "/bao-cao", shown=1000),
    Kept("docs/screens/phieu.webp", "uy-vien", "/hoi-dong/PH-2023-0003/phieu", shown=1000),
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What an address gave."""

    status: int
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Seen:
    """A page one role reaches."""

    endpoint: str
    face: str
    path: str
    title: str

    @property
    def name(self) -> str:
        """How its pictures are called."""
        return f"{self.endpoint}{f'-{self.face}' if self.face else ''}".replace("/", "_")


@dataclass
class Gallery:
    """All pages of all roles, and what went wrong."""

    pages: dict[str, dict[str, Seen]] = field(default_factory=dict)
    """By the name of the picture, then by role."""
    faults: list[str] = field(default_factory=list)

    def add(self, role: str, found: Iterable[Seen]) -> None:
        """Note what one role reaches."""
        for one in found:
            self.pages.setdefault(one.name, {})[role] = one


def reach(fetch: Callable[[str], Answer], urls: Map, host: str = "localhost") -> list[Seen]:
    """Every page of the URL map somebody reaches: those without a name in the address, and links.

    Of pages that differ only in which object they show the first one found stands for all; a tab
    is a page of its own. `fetch` answers a path as this person.
    """
    adapter = urls.bind(host)
    starts = sorted(
        rule.rule
        for rule in urls.iter_rules()
        if "GET" in (rule.methods or ()) and not rule.arguments and rule.endpoint not in QUIET
    )
    waiting, known, found = deque(starts), set(starts), dict[tuple[str, str], Seen]()
    while waiting:
        path = waiting.popleft()
        place = placed(adapter, path)
        if place is None or place in found or place[0] in QUIET:
            continue
        answer = fetch(path)
        if answer.status != 200 or answer.kind != "text/html":
            continue
        title = TITLE.search(answer.text)
        name = html.unescape(title[1]).strip() if title else path
        found[place] = Seen(*place, path, name.partition(" – ")[0])
        for link in LINK.findall(answer.text):
            target = urldefrag(html.unescape(link)).url
            if target.startswith("/") and target not in known:
                known.add(target)
                waiting.append(target)
    return list(found.values())


def placed(adapter: MapAdapter, path: str) -> tuple[str, str] | None:
    """Which page of the map an address is, and which face of it; None for an address of nobody."""
    parts = urlsplit(path)
    try:
        endpoint, _ = adapter.match(parts.path, method="GET")
    except (HTTPException, RequestRedirect):
        return None
    words = dict(one.partition("=")[::2] for one in parts.query.split("&") if one)
    face = "-".join(words[name] for name in TABS if words.get(name))
    return str(endpoint), face


def asker(context: BrowserContext, url: str) -> Callable[[str], Answer]:
    """Ask the running service with the cookies of a signed-in window, drawing nothing."""

    def fetch(path: str) -> Answer:
        got = context.request.get(url + path, max_redirects=0)
        kind = got.headers.get("content-type", "").partition(";")[0]
        return Answer(got.status, kind, got.text() if kind == "text/html" else "")

    return fetch


def picture(page: Page, wide: int, tall: int = TALLEST, shown: int = 0) -> bytes:
    """The open page as WebP: at most `tall` pixels of it, made `shown` pixels wide."""
    raw = page.screenshot(full_page=True)
    with Image.open(io.BytesIO(raw)) as drawn:
        part = drawn.convert("RGB").crop((0, 0, drawn.width, min(drawn.height, tall)))
        if shown and shown < wide:
            part = part.resize((shown, part.height * shown // part.width), Image.Resampling.LANCZOS)
        out = io.BytesIO()
        part.save(out, "WEBP", quality=QUALITY, method=6)
    return out.getvalue()


def unreached(gallery: Gallery, urls: Map) -> list[str]:
    """Addresses no role came to: answers that are no page, and pages without anything to show."""
    reached = {one.endpoint for by_role in gallery.pages.values() for one in by_role.values()}
    return sorted(
        {
            f"{rule.rule} ({rule.endpoint})"
            for rule in urls.iter_rules()
            if "GET" in (rule.methods or ()) and rule.endpoint not in reached | QUIET
        }
    )


def index(gallery: Gallery, roles: Iterable[str], left: Iterable[str] = ()) -> str:
    """A page with every picture, a row a page, a column a role; then what is not pictured."""
    names = list(roles)
    head = "".join(f"<th>{one}</th>" for one in names)
    lines = [
        "<!DOCTYPE html><html lang=vi><meta charset=utf-8><title>Màn hình</title>",
        "<style>td{vertical-align:top}img{border:1px solid #ccc;max-height:220px}</style>",
        f"<table><tr><th>Trang</th>{head}</tr>",
    ]
    for name, by_role in sorted(gallery.pages.items()):
        cells = "".join(f"<td>{_cell(name, role, by_role.get(role))}</td>" for role in names)
        title = html.escape(next(iter(by_role.values())).title)
        lines.append(f"<tr><th>{title}<br><code>{html.escape(name)}</code></th>{cells}</tr>")
    lines.append("</table>")
    lines += [f"<p>{html.escape(one)}</p>" for one in gallery.faults]
    lines += ["<h2>Không có hình</h2><ul>", *(f"<li>{html.escape(one)}" for one in left), "</ul>"]
    return "\n".join(lines) + "\n"


def _cell(name: str, role: str, seen: Seen | None) -> str:
    if seen is None:
        return "–"
    return " ".join(
        f'<a href="{role}/{name}-{wide}.webp"><img loading=lazy alt="{wide}" width={wide // 10} '
        f'src="{role}/{name}-{wide}.webp"></a>'
        for wide in WIDTHS
    )


def main(arguments: list[str]) -> int:
    """Take the pictures; 1 when a page failed, or no browser is there."""
    parser = argparse.ArgumentParser(prog="make screens", description=__doc__.splitlines()[0])
    parser.add_argument("--role", action="append", choices=ROLES, help="only this role")
    parser.add_argument("--kept", action="store_true", help="only the pictures kept here")
    parser.add_argument("--url", help="a demonstration that runs already")
    parser.add_argument("--to", type=Path, default=ROOT / "var" / "screens")
    asked = parser.parse_args(arguments)
    program = find_browser()
    if program is None:
        print(browser_missing() or "no Chromium", file=sys.stderr)
        return 1
    gallery = Gallery()
    with standing(asked.url) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(program), args=FLAGS)
        people = People(browser, url, scripts=True)
        keep(people, gallery)
        for role in () if asked.kept else asked.role or ROLES:
            visit(people, role, asked.to, gallery)
        people.leave()
        browser.close()
    if not asked.kept:
        asked.to.mkdir(parents=True, exist_ok=True)
        left = unreached(gallery, url_map())
        page = index(gallery, asked.role or ROLES, left)
        (asked.to / "index.html").write_text(page, "utf-8")
        print(f"{len(gallery.pages)} pages, {len(left)} addresses without: {asked.to}/index.html")
    print(*gallery.faults, sep="\n")
    return 1 if gallery.faults else 0


@contextlib.contextmanager
def standing(url: str | None) -> Iterator[str]:
    """The address of a demonstration: the one given, or one that is started for this run."""
    if url:
        yield url
        return
    with tempfile.TemporaryDirectory(prefix="screens-") as place:
        shared = Path(place) / "made"
        shared.mkdir()
        with running(shared / "service") as service:
            yield service.url


def visit(people: People, role: str, to: Path, gallery: Gallery) -> None:
    """Picture every page one role reaches."""
    begun = time.monotonic()
    window = window_of(people, role)
    found = reach(asker(window.context, people.url), url_map())
    gallery.add(role, found)
    folder = to / role
    folder.mkdir(parents=True, exist_ok=True)
    for wide, tall in WIDTHS.items():
        window.set_viewport_size({"width": wide, "height": tall})
        for one in found:
            answer = window.goto(people.url + one.path)
            if answer is None or not answer.ok:
                gallery.faults.append(f"{role} {one.path}: {answer and answer.status}")
            across = window.evaluate("document.documentElement.scrollWidth")
            if across > wide:
                gallery.faults.append(f"{role} {one.path}: {across} px wide at {wide}")
            (folder / f"{one.name}-{wide}.webp").write_bytes(picture(window, wide))
    print(f"{role}: {len(found)} pages, {time.monotonic() - begun:.0f} s", flush=True)


def keep(people: People, gallery: Gallery) -> None:
    """Renew the pictures kept in the repository."""
    for one in KEPT:
        window = window_of(people, one.role)
        window.set_viewport_size({"width": one.wide, "height": one.tall})
        window.goto(people.url + "/")
        if (card := window.locator(PUT_AWAY)).count():
            with window.expect_navigation():
                card.click()
        answer = window.goto(people.url + one.path)
        if answer is None or not answer.ok:
            gallery.faults.append(f"{one.role} {one.path}: {answer and answer.status}")
        target = ROOT / one.place
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(picture(window, one.wide, one.tall, one.shown))


def window_of(people: People, role: str) -> Page:
    """The window of a role, signed in; that of a passer-by is not."""
    login = ROLES[role]
    person = people[login or "khach"]
    if not login:
        person.signed_in = True
    return person.page


def url_map() -> Map:
    """The addresses of the service, from the application itself."""
    settings = Settings(
        database_url="sqlite://",
        secret_key=SECRET,
        storage_dir=Path(tempfile.gettempdir()),
        smtp_url="smtp://localhost:2525",
        mail_from="a@example.vn",
        base_url="http://localhost",
        factor_required=False,
        demonstration=True,
    )
    return create_app(settings, open_database(settings.database_url), real_now).url_map


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
