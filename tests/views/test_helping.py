"""Help: every role has a guide, its links are pages it may open, and the card can be put away."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from flask import Flask

from models.database import Database
from tests.builders import a_submitted
from tests.screens import KEPT, Answer, Gallery, index, reach, unreached
from tests.views.conftest import Browser
from views.help_guides import BY_POST, GUIDES
from workflow.vocabulary import Post

SignIn = Callable[[str], Browser]
ROOT = Path(__file__).resolve().parents[2]
CARD = "Việc của bạn ở đây"


def test_every_post_has_a_guide_and_every_guide_a_post_and_a_picture() -> None:
    assert set(BY_POST) == set(Post)
    made = {Path(one.place).name for one in KEPT}
    for guide in GUIDES:
        assert guide.picture in made, guide.name
        assert (ROOT / "views/static/help" / guide.picture).is_file(), guide.name


def test_kept_pictures_stay_small() -> None:
    sizes = {one.place: (ROOT / one.place).stat().st_size for one in KEPT}
    assert max(sizes.values()) < 100_000, sizes
    assert sum(sizes.values()) < 1_000_000, sizes


READERS = {
    "clerk@h029": "can-bo",
    "head@h029": "thu-truong",
    "council_secretary@h029": "thu-ky",
    "council_chair@h029": "uy-vien",
    "appraiser@ubnd-tinh": "tham-dinh",
    "head@ubnd-tinh": "quyet-dinh",
    "administrator@ubnd-tinh": "quan-tri",
    "auditor@ubnd-tinh": "thanh-tra",
}


def test_a_guide_leads_only_where_its_reader_may_go(sign_in: SignIn) -> None:
    """One record for all readers: what is asked writes nothing."""
    for login, name in READERS.items():
        browser = sign_in(login)
        assert browser.get("/tro-giup").status_code == 200
        own, _, others = browser.last.partition("Việc của người khác")
        assert f'href="/tro-giup/{name}"' in own, login
        assert f'href="/tro-giup/{name}"' not in others.split("</main>")[0], login
        assert browser.get(f"/tro-giup/{name}").status_code == 200
        assert "static/help/" in browser.last
        main = browser.last.split("<main")[1].split("</main>")[0]
        links = set(re.findall(r'href="(/[^"#]*)"', main))
        assert len(links) > 1, login
        for link in links:
            assert browser.get(link).status_code in {200, 303}, (login, link)


def test_the_card_shows_until_it_is_put_away_without_scripts(sign_in: SignIn) -> None:
    browser = sign_in("clerk@h029")
    browser.get("/viec")
    assert CARD in browser.last
    assert "Đăng ký đầu năm" in browser.last
    answer = browser.post("/tro-giup/da-biet")
    assert answer.status_code == 303
    browser.get("/viec")
    assert CARD not in browser.last
    assert CARD in sign_in("head@h029").get("/viec").get_data(as_text=True)


def test_putting_away_is_each_persons_own_in_a_browser_of_several(sign_in: SignIn) -> None:
    first, second = sign_in("clerk@h029"), sign_in("head@h029")
    first.post("/tro-giup/da-biet")
    kept = first.client.get_cookie("da-biet")
    assert kept is not None
    second.client.set_cookie("da-biet", kept.value)
    assert CARD in second.get("/viec").get_data(as_text=True)
    second.post("/tro-giup/da-biet")
    both = second.client.get_cookie("da-biet")
    assert both is not None
    first.client.set_cookie("da-biet", both.value)
    assert CARD not in first.get("/viec").get_data(as_text=True)


def test_an_auditor_has_no_inbox_and_meets_the_card_on_the_list(sign_in: SignIn) -> None:
    browser = sign_in("auditor@ubnd-tinh")
    browser.get("/ho-so")
    assert CARD in browser.last
    assert CARD not in sign_in("clerk@h029").get("/ho-so").get_data(as_text=True)


def test_somebody_elses_guide_leads_nowhere(sign_in: SignIn) -> None:
    browser = sign_in("clerk@h029")
    browser.get("/tro-giup/quan-tri")
    steps = browser.last.split('class="howto"')[1].split("</ol>")[0]
    assert "Giao vai trò" in steps
    assert "href=" not in steps


def test_no_such_guide(sign_in: SignIn) -> None:
    assert sign_in("clerk@h029").get("/tro-giup/khong-co").status_code == 404


def test_the_screens_reach_what_a_person_reaches_and_no_more(
    app: Flask, sqlite_database: Database, sign_in: SignIn
) -> None:
    a_submitted(sqlite_database, "H029")
    browser = sign_in("clerk@h029")

    def fetch(path: str) -> Answer:
        got = browser.get(path)
        return Answer(got.status_code, got.mimetype or "", browser.last)

    found = {(one.endpoint, one.face): one for one in reach(fetch, app.url_map)}
    ends = {endpoint for endpoint, _ in found}
    assert ("inbox.show", "cho") in found
    assert {"dossiers.show", "assembly.overview", "help.show", "trying.show"} <= ends
    assert not ends & {"audit_log.index", "people.index", "check.queue", "inbox.home"}
    assert found["dossiers.show", ""].path.startswith("/ho-so/HS-2023-")
    gallery = Gallery()
    gallery.add("can-bo", found.values())
    left = unreached(gallery, app.url_map)
    assert "/quan-tri (administration.index)" in left
    assert not any("dossiers.show" in one for one in left)
    page = index(gallery, ["can-bo", "quan-tri"], left)
    assert page.count("dossiers.show-1280.webp") == 2  # the link and the picture
    assert "administration.index" in page
