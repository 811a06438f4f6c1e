"""The pages everybody sees, read once for each file."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.journeys.conftest import browser
from tests.pages.crawl import PEOPLE, House, Seen, house, seen_by

__all__ = ["browser"]


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The service over the demonstration."""
    with house(tmp_path_factory.mktemp("pages")) as found:
        yield found


@pytest.fixture(scope="module")
def pages(opened: House) -> list[Seen]:
    """What all of them see."""
    return [page for login in PEOPLE for page in seen_by(opened, login)]
