"""Who a page as a whole is for: named conditions about the person who reads, asked at the door.

Conditions about one dossier, session or letter are SQL and stand with its queries (`visible_to` and
its sisters); what the law thinks of a step is `workflow`'s. `config/policy.yaml` says which page
asks which, and pages that show or hide a button ask the same function here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from models.importing_kinds import KINDS
from models.queries_check import appraises
from models.queries_people import Reader
from workflow.vocabulary import Post, UnitKind


def administrator(reader: Reader) -> bool:
    """Does the reader administer the service?"""
    return reader.holds(Post.ADMINISTRATOR)


def reads_all(reader: Reader) -> bool:
    """Does the reader see everything there is, to administer or to audit it?"""
    return reader.holds(Post.ADMINISTRATOR, Post.AUDITOR)


def on_the_board(reader: Reader) -> bool:
    """Does the reader hold a post of the province's appraisers?"""
    return any(
        held.post is Post.APPRAISER and held.unit_kind is UnitKind.PROVINCE for held in reader.posts
    )


def timekeeper(reader: Reader) -> bool:
    """May the reader set dates and days off, and send letters again?"""
    return administrator(reader) or on_the_board(reader)


def overseer(reader: Reader) -> bool:
    """Does the reader watch over the work of everybody?"""
    return reads_all(reader) or on_the_board(reader)


def council_secretary(reader: Reader) -> bool:
    """Is the reader secretary of some council?"""
    return reader.holds(Post.COUNCIL_SECRETARY)


def takes_part(reader: Reader) -> bool:
    """Does the reader do more than look?"""
    return not reader.only_looks


def brings_tables(reader: Reader) -> bool:
    """May the reader bring some kind of table?"""
    posts = [held.post for held in reader.posts]
    return any(kind.is_for(posts) for kind in KINDS.values())


def sees_whole(reader: Reader) -> bool:
    """Does the reader look at the reports of all units: province, administrators, auditors?"""
    return reads_all(reader) or any(held.unit_kind is UnitKind.PROVINCE for held in reader.posts)


CONDITIONS: Final[Mapping[str, Callable[[Reader], bool]]] = {
    one.__name__: one
    for one in (
        administrator,
        reads_all,
        timekeeper,
        overseer,
        council_secretary,
        takes_part,
        brings_tables,
        appraises,
        sees_whole,
    )
}
"""By the name the policy calls them."""
