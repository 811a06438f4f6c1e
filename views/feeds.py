"""The list of results for programs: JSON Feed 1.1 and Atom (RFC 4287), kept for a short while.

A feed is the same for everybody, so whoever fetches it may keep it for `KEPT_SECONDS`, and asking
again costs little: with `If-None-Match` or `If-Modified-Since` the answer is 304 without a body.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from xml.etree import ElementTree as ET

from flask import Response, request

JSON: Final = "application/feed+json; charset=utf-8"
ATOM: Final = "application/atom+xml; charset=utf-8"
KEPT_SECONDS: Final = 300
LANGUAGE: Final = "vi"
_NAMESPACE: Final = "http://www.w3.org/2005/Atom"
_LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"
_BEFORE_ANY: Final = datetime(2021, 1, 1, tzinfo=UTC)
"""When an empty feed changed last."""


@dataclass(frozen=True, slots=True)
class Item:
    """One award, published once; `revised` when it was revoked since."""

    url: str
    key: str
    title: str
    text: str
    published: datetime
    revised: datetime | None
    tags: tuple[str, ...]

    @property
    def changed(self) -> datetime:
        """When this item said something new last."""
        return self.revised or self.published


@dataclass(frozen=True, slots=True)
class Feed:
    """A page of the list: whole addresses of itself, of the page for people, and of the next."""

    title: str
    author: str
    home: str
    own: str
    following: str
    items: Sequence[Item]

    @property
    def changed(self) -> datetime:
        """When something on it changed last."""
        return max((one.changed for one in self.items), default=_BEFORE_ANY)


def as_json(feed: Feed) -> Response:
    """The feed as JSON Feed 1.1."""
    told: dict[str, Any] = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "home_page_url": feed.home,
        "feed_url": feed.own,
        "language": LANGUAGE,
        "authors": [{"name": feed.author}],
    }
    if feed.following:
        told["next_url"] = feed.following
    told["items"] = [_json_item(one) for one in feed.items]
    return _to_keep(feed, json.dumps(told, ensure_ascii=False).encode(), JSON)


def as_atom(feed: Feed) -> Response:
    """The feed as Atom 1.0."""
    top = ET.Element("feed", {"xmlns": _NAMESPACE, _LANG: LANGUAGE})
    _put(top, "id", feed.own)
    _put(top, "title", feed.title)
    _put(top, "updated", feed.changed.isoformat(timespec="seconds"))
    _put(ET.SubElement(top, "author"), "name", feed.author)
    links = {"self": feed.own, "alternate": feed.home, "next": feed.following}
    for relation, address in links.items():
        if address:
            ET.SubElement(top, "link", {"rel": relation, "href": address})
    for one in feed.items:
        entry = ET.SubElement(top, "entry")
        _put(entry, "id", one.key)
        _put(entry, "title", one.title)
        ET.SubElement(entry, "link", {"rel": "alternate", "href": one.url})
        _put(entry, "published", one.published.isoformat(timespec="seconds"))
        _put(entry, "updated", one.changed.isoformat(timespec="seconds"))
        _put(entry, "content", one.text).set("type", "text")
        for tag in one.tags:
            ET.SubElement(entry, "category", {"term": tag})
    return _to_keep(feed, ET.tostring(top, encoding="utf-8", xml_declaration=True), ATOM)


def _json_item(one: Item) -> dict[str, Any]:
    item: dict[str, Any] = {
        "id": one.key,
        "url": one.url,
        "title": one.title,
        "content_text": one.text,
        "date_published": one.published.isoformat(timespec="seconds"),
        "tags": list(one.tags),
    }
    if one.revised is not None:
        item["date_modified"] = one.revised.isoformat(timespec="seconds")
    return item


def _put(inside: ET.Element, name: str, words: str) -> ET.Element:
    found = ET.SubElement(inside, name)
    found.text = words
    return found


def _to_keep(feed: Feed, body: bytes, content_type: str) -> Response:
    """The body, or 304 for somebody who has it already; anybody may keep it for a while."""
    answer = Response(body, content_type=content_type)
    answer.add_etag()
    answer.last_modified = feed.changed
    answer.cache_control.public = True
    answer.cache_control.max_age = KEPT_SECONDS
    answer.make_conditional(request)
    return answer
