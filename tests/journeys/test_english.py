"""Whoever chooses English reads English on every page, except what people typed and quotations."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.pages.crawl import ALIKE, PEOPLE, house, seen_by
from tests.tiers import TIER
from tests.views.english import left_vietnamese, typed

READERS = {"T1": ("", "mai.ly", "loan.pham", "hung.vu", "quan.tri")}.get(TIER, PEOPLE)
KEPT = ("Chỉ số CCHC năm 2023", "One of: Tỉnh; Sở, ban, ngành;")
"""What a reminder about scores is about, as the record keeps it; words a table must hold."""


@pytest.mark.slow
def test_no_page_is_left_in_vietnamese(tmp_path: Path) -> None:
    left: Counter[str] = Counter()
    read = 0
    with house(tmp_path / "english") as opened:
        with opened.database.reading() as db:
            data = typed(db)
        for login in READERS:
            for page in seen_by(opened, login, "en"):
                read += 1
                assert '<html lang="en">' in page.html, page.address
                found = left_vietnamese(page.html, data)
                left.update(
                    f"{page.address}: {text}" for text in found if not text.startswith(KEPT)
                )
    assert read > 200 * ALIKE, "the crawl found too few pages to say anything"
    assert not left, f"{len(left)} texts: {list(left)[:20]}"
