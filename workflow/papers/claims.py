"""Two papers, or a paper and the record, that say different things; both with their words."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from workflow.papers.names import person_at
from workflow.papers.vietnamese import key, unit_key
from workflow.statements import MOST, Legibility, Statement, Topic
from workflow.vocabulary import SubjectKind

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from workflow.facts import Document, DossierFacts
    from workflow.programme import Programme


@dataclass(frozen=True, slots=True)
class Claim:
    """What one source says: its name, what it says, the words around it and where they stand.

    `page` and `paragraph` are 0 for the record; `document` is the id of the paper, 0 for none.
    """

    source: str
    said: str | int | date
    quote: str = ""
    page: int = 0
    paragraph: int = 0
    document: int = 0


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Two claims that cannot both be right; `topic` names what about."""

    topic: str
    left: Claim
    right: Claim


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper of the dossier with what it says."""

    document: Document
    name: str

    def of(self, topic: Topic) -> tuple[Statement, ...]:
        """Its statements of this topic."""
        return tuple(one for one in self.document.statements if one.topic is topic)

    @property
    def nominees(self) -> tuple[Statement, ...]:
        """Everybody it names as one to be honoured."""
        return (*self.of(Topic.NOMINEE), *self.of(Topic.PROPOSED))

    @property
    def whole(self) -> bool:
        """Were all its statements kept?"""
        return len(self.document.statements) < MOST

    def claim(self, one: Statement, said: str | int | date | None = None) -> Claim:
        """A statement as a claim of this paper."""
        return Claim(
            self.name,
            one.value if said is None else said,
            one.quote,
            one.page,
            one.paragraph,
            self.document.id,
        )

    def entered(self, said: str | int | date) -> Claim:
        """What was typed in beside the file."""
        return Claim(f"phần nhập của {self.name}", said, document=self.document.id)


@dataclass(frozen=True, slots=True)
class Bundle:
    """What is held against each other: the record, the programme, and the papers that were read."""

    facts: DossierFacts
    programme: Programme
    today: date
    papers: dict[str, Paper] = field(default_factory=dict)

    def paper(self, kind: str) -> Paper | None:
        """The paper of this kind, read or not."""
        return self.papers.get(kind)

    def several(self, *kinds: str) -> Iterable[Paper]:
        """Those of these kinds that are there."""
        return (self.papers[kind] for kind in kinds if kind in self.papers)

    @property
    def cycle_year(self) -> int:
        """The year of the review."""
        return self.programme.cycle_by_id[self.facts.cycle_id].year

    def is_subject(self, one: Statement) -> bool:
        """Is the nominee of this statement the dossier's subject?"""
        return same_nominee(self.facts, one.value, exact=one.exact)

    def of_subject(self, one: Statement) -> bool:
        """Is this said of the dossier's subject by name?"""
        return bool(one.about) and same_nominee(self.facts, one.about, exact=one.exact)


def bundle(facts: DossierFacts, programme: Programme, today: date) -> Bundle:
    """Gather the current papers under the names the programme gives them."""
    papers = {
        paper.kind.value: Paper(paper, programme.document_by_kind[paper.kind].short)
        for paper in facts.documents
        if paper.kind in programme.document_by_kind
    }
    return Bundle(facts, programme, today, papers)


def unreadable(papers: Bundle) -> tuple[Paper, ...]:
    """Papers whose text cannot be read."""
    return _with(papers, Legibility.UNREADABLE)


def pending(papers: Bundle) -> tuple[Paper, ...]:
    """Papers nobody has tried to read yet."""
    return _with(papers, Legibility.PENDING)


def legible(papers: Bundle) -> tuple[Paper, ...]:
    """Papers that were read."""
    return _with(papers, Legibility.READ)


def _with(papers: Bundle, legibility: Legibility) -> tuple[Paper, ...]:
    return tuple(one for one in papers.papers.values() if one.document.legibility is legibility)


def same_nominee(facts: DossierFacts, said: str, *, exact: bool) -> bool:
    """Does this name mean the subject of the dossier?"""
    subject = facts.subject
    if subject.kind is SubjectKind.COLLECTIVE:
        return same_unit(subject.name, said) or same_unit(subject.unit.name, said)
    wanted = key(subject.name).split()
    found = key(said).split()
    if found == wanted:
        return True
    if exact and person_at(said) == said:
        return False
    short = min(len(found), len(wanted))
    return short > 1 and found[:short] == wanted[:short]


def same_unit(name: str, said: str) -> bool:
    """Does the text begin with the name of this unit, however it is written?

    An abbreviation nobody can be sure of counts as the same.
    """
    wanted, found = bare_unit(name), bare_unit(said)
    return found == wanted or found.startswith(f"{wanted} ") or abbreviated(said)


@lru_cache(maxsize=4096)
def bare_unit(text: str) -> str:
    """The key of a unit; of a People's Committee that of its area: huyện Quản Bạ."""
    words = unit_key(text)
    for opening in _OPENINGS:
        words = words.removeprefix(opening)
    return words


_OPENINGS: Final = tuple(
    f"{unit_key(words)} "
    for words in ("tập thể", "cán bộ, công chức", "nhân dân và cán bộ", "UBND")
)
_KNOWN: Final = frozenset({"UBND", "HĐND", "TP", "TX", "TT"})


def abbreviated(text: str) -> bool:
    """Does the text hold an abbreviation such as TT&TT, CCHC or LĐTBXH?"""
    if "&" in text:
        return True
    if text.isupper():
        return False
    words = "".join(sign if sign.isalpha() else " " for sign in text).split()
    return any(word.isupper() and len(word) > 1 and word not in _KNOWN for word in words)
