"""A line that breaks in the middle of a large file, and the file: as a scanner makes it."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from PIL import Image

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

PART = 256 * 1024
PARTS = re.compile("/tep-dang-gui/")


def a_scan() -> bytes:
    """A page of more than a megabyte."""
    out = io.BytesIO()
    Image.effect_noise((1700, 2300), 40).convert("RGB").save(out, "PDF", quality=75)
    content = out.getvalue()
    assert len(content) > 4 * PART
    return content


@dataclass
class BrokenLine:
    """Loses the third part on the way, and the first word after it."""

    lost: list[str] = field(default_factory=list)
    offsets: list[str] = field(default_factory=list)
    """Where each part began that was sent, lost ones too."""

    def lay(self, page: Page) -> None:
        """Stand between this page and the service."""
        page.route(PARTS, self._carry)

    def _carry(self, route: Route) -> None:
        begins = route.request.headers.get("upload-offset")
        if begins is not None:
            self.offsets.append(begins)
        if len(self.lost) < 2 and (self.lost or begins == str(2 * PART)):
            self.lost.append(route.request.method)
            route.abort("connectionreset")
        else:
            route.continue_()
