"""A person at a form, over HTTP: signs in, reads the hidden fields, posts them back."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

_HIDDEN = re.compile(r"<input[^>]*type=\"hidden\"[^>]*>")
_ATTRIBUTE = re.compile(r"(name|value)=\"([^\"]*)\"")


@dataclass(slots=True)
class Visitor:
    """Somebody with a browser that has no scripts."""

    client: FlaskClient

    def sign_in(self, login: str, password: str) -> None:
        """Enter by the front door."""
        fields = self.fields("/dang-nhap")
        answer = self.client.post(
            "/dang-nhap", data={**fields, "login": login, "password": password}
        )
        assert answer.status_code == 303, text_of(answer)

    def fields(self, url: str) -> dict[str, str]:
        """The hidden fields of the page's main form: the last token, version and key on it."""
        return hidden_fields(self.client.get(url))

    def post(self, url: str, fields: dict[str, str], **typed: str) -> TestResponse:
        """Send a form filled from a page that was opened before."""
        return self.client.post(url, data={**fields, **typed})


def hidden_fields(answer: TestResponse) -> dict[str, str]:
    """Names and values of the hidden inputs; of a repeated name the last one."""
    found: dict[str, str] = {}
    for tag in _HIDDEN.findall(answer.get_data(as_text=True)):
        parts = dict(_ATTRIBUTE.findall(tag))
        found[parts["name"]] = html.unescape(parts.get("value", ""))
    return found


def text_of(answer: TestResponse) -> str:
    """The words of a page, without its tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", html.unescape(answer.get_data(as_text=True))).split())
