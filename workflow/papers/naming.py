"""Names, units, awards, years, forms, numbers and signers that papers should agree on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from workflow.papers.claims import (
    Bundle,
    Claim,
    Disagreement,
    Paper,
    abbreviated,
    bare_unit,
    same_unit,
)
from workflow.papers.vietnamese import alike, key, unit_key
from workflow.statements import Topic
from workflow.vocabulary import DocumentKind, SubjectKind, UnitKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from workflow.facts import DossierFacts
    from workflow.programme import AwardForm
    from workflow.statements import Statement

THE_THREE: Final = (
    DocumentKind.TO_TRINH.value,
    DocumentKind.BIEN_BAN.value,
    DocumentKind.BAO_CAO_THANH_TICH.value,
)
OF_THE_UNIT: Final = THE_THREE[:2]
REPORT: Final = DocumentKind.BAO_CAO_THANH_TICH.value
LETTER: Final = DocumentKind.TO_TRINH.value
SHOWN_NAMES: Final = 3

_AREA: Final = re.compile(
    r"\b(?P<type>xã|phường|thị\s+trấn|huyện|thành\s+phố|thị\s+xã|sở)\s+(?=[A-ZĐÀ-Ỹ])", re.IGNORECASE
)
_LEVELS: Final = {
    "xã": UnitKind.COMMUNE,
    "phường": UnitKind.COMMUNE,
    "thị trấn": UnitKind.COMMUNE,
    "huyện": UnitKind.DISTRICT,
    "thành phố": UnitKind.DISTRICT,
    "thị xã": UnitKind.DISTRICT,
    "sở": UnitKind.DEPARTMENT,
}


def names(papers: Bundle) -> Iterator[Disagreement]:
    """The subject is among those the paper proposes, under the same name."""
    for paper in papers.several(*THE_THREE):
        found = paper.nominees
        if not found or any(papers.is_subject(one) for one in found):
            continue
        if paper.document.kind is DocumentKind.BAO_CAO_THANH_TICH:
            found = paper.of(Topic.NOMINEE)
        other = _another(papers, paper, found)
        if other is not None:
            yield Disagreement("name", other, _record(papers, papers.facts.subject.name))


def _another(papers: Bundle, paper: Paper, found: Sequence[Statement]) -> Claim | None:
    """Whom the paper names instead; None when nothing certain can be said."""
    subject = papers.facts.subject
    near = next((one for one in found if _looks_like(papers.facts, one)), None)
    if near is not None:
        return paper.claim(near)
    certain = [one for one in found if one.complete]
    if not certain or not paper.whole:
        return None
    if subject.kind is SubjectKind.COLLECTIVE and any(abbreviated(one.value) for one in certain):
        return None
    said = ", ".join(one.value for one in certain[:SHOWN_NAMES])
    more = len(certain) - SHOWN_NAMES
    return paper.claim(certain[0], f"{said} và {more} tên khác" if more > 0 else said)


def _looks_like(facts: DossierFacts, one: Statement) -> bool:
    if facts.subject.kind is SubjectKind.INDIVIDUAL:
        return alike(facts.subject.name, one.value)
    wanted, said = bare_unit(facts.subject.name), bare_unit(one.value)
    kind = re.match(r"\S+", wanted)
    same_kind = kind is not None and said.startswith(f"{kind.group()} ")
    return same_kind and not abbreviated(one.value) and (one.complete or alike(wanted, said))


def units(papers: Bundle) -> Iterator[Disagreement]:
    """Who issued the paper, and where the subject works."""
    for paper in papers.several(*THE_THREE):
        for one in paper.of(Topic.ISSUER):
            if _conflicts(one.value, _known_units(papers.facts)):
                wanted = papers.facts.proposing_unit.name
                if paper.document.kind is DocumentKind.BAO_CAO_THANH_TICH:
                    wanted = papers.facts.subject.unit.name
                yield Disagreement("unit", paper.claim(one), _record(papers, wanted))
        for one in _of_subject(papers, paper, Topic.UNIT):
            if _conflicts(one.value, _known_units(papers.facts)):
                wanted = papers.facts.subject.unit.name
                yield Disagreement("unit", paper.claim(one), _record(papers, wanted))
                break


def _of_subject(papers: Bundle, paper: Paper, topic: Topic) -> list[Statement]:
    """What the paper says of the subject; a report says everything of it."""
    alone = paper.document.kind is DocumentKind.BAO_CAO_THANH_TICH
    return [one for one in paper.of(topic) if papers.of_subject(one) or (alone and not one.about)]


def _known_units(facts: DossierFacts) -> list[tuple[UnitKind, str]]:
    known = [*facts.subject.lineage, facts.proposing_unit]
    if facts.deciding_unit is not None:
        known.append(facts.deciding_unit)
    found = [(unit.kind, bare_unit(unit.name)) for unit in known]
    found += [(unit.kind, bare_unit(one.old_name)) for one in facts.successions for unit in known]
    return found


def _conflicts(text: str, known: Iterable[tuple[UnitKind, str]]) -> bool:
    """Does the text name a unit of a kind we know here, and another one than ours?

    A text that also names ours at that level is no conflict, nor is one with abbreviations.
    """
    if abbreviated(text):
        return False
    there, whole = list(known), bare_unit(text)
    for level in (UnitKind.COMMUNE, UnitKind.DISTRICT, UnitKind.DEPARTMENT):
        ours = [name for kind, name in there if kind is level]
        said = [
            bare_unit(text[found.start() :])
            for found in _AREA.finditer(text)
            if _LEVELS[_kind(found.group("type"))] is level
        ]
        named = any(_starts(one, name) for one in said for name in ours)
        if ours and said and not named and not any(name in whole for name in ours):
            return True
    return False


def _kind(said: str) -> str:
    return " ".join(said.casefold().split())


def _starts(said: str, name: str) -> bool:
    return said == name or said.startswith(f"{name} ")


def awards(papers: Bundle) -> Iterator[Disagreement]:
    """The form of award is the one the dossier asks for."""
    wanted = papers.programme.award_by_id.get(papers.facts.award_form)
    if wanted is None:
        return
    for paper in papers.several(*THE_THREE):
        every = paper.of(Topic.AWARD)
        own = [one for one in every if papers.of_subject(one)]
        told = own or [one for one in every if not one.about]
        if told and not any(_same_award(one.value, wanted) for one in told):
            yield Disagreement("award", paper.claim(told[0]), _record(papers, wanted.title))


_DECIDERS: Final = tuple(
    (level, tuple(unit_key(name) for name in names))
    for level, names in (
        (UnitKind.PROVINCE, ("tỉnh",)),
        (UnitKind.DISTRICT, ("huyện", "thành phố", "thị xã")),
        (UnitKind.COMMUNE, ("xã", "phường", "thị trấn")),
        (UnitKind.DEPARTMENT, ("giám đốc", "thủ trưởng", "sở", "cơ quan")),
    )
)
_HIGHER: Final = tuple(unit_key(words) for words in ("Thủ tướng", "Chính phủ"))


def _same_award(said: str, wanted: AwardForm) -> bool:
    """The same kind of paper by somebody of the same level; what is not said may be either."""
    words = unit_key(said)
    family = " ".join(unit_key(wanted.title).split()[:2])
    if family not in words:
        return False
    if any(words_of in words for words_of in _HIGHER):
        return False
    levels = {level for level, names in _DECIDERS for name in names if f" {name} " in f" {words} "}
    return not levels or wanted.decider_unit in levels


def years(papers: Bundle) -> Iterator[Disagreement]:
    """The year of the review is among the years the paper asks for."""
    for paper in papers.several(*THE_THREE):
        told = paper.of(Topic.YEAR)
        if told and all(int(one.value) != papers.cycle_year for one in told):
            yield Disagreement(
                "year", paper.claim(told[0]), _record(papers, f"năm {papers.cycle_year}")
            )


def forms(papers: Bundle) -> Iterator[Disagreement]:
    """A report that names its form names the one the programme asks for."""
    for paper in papers.several(REPORT):
        table = papers.programme.document_by_kind[paper.document.kind]
        told = paper.of(Topic.FORM)
        if table.form_code and told and all(one.value != table.form_code for one in told):
            wanted = Claim("chương trình", f"Mẫu số {table.form_code}")
            yield Disagreement("form", paper.claim(told[0], f"Mẫu số {told[0].value}"), wanted)


def numbers(papers: Bundle) -> Iterator[Disagreement]:
    """The number on the letter is the one typed in."""
    for paper in papers.several(LETTER):
        told = paper.of(Topic.NUMBER)
        entered = paper.document.number
        if entered and told and not same_number(told[0].value, entered):
            yield Disagreement("number", paper.claim(told[0]), paper.entered(entered))


def same_number(one: str, other: str) -> bool:
    """The same number; a symbol that is not written out may be any."""
    first, second = _number_parts(one), _number_parts(other)
    if first[0] != second[0]:
        return False
    short, long = sorted((first[1], second[1]), key=len)
    return long.startswith(short)


def _number_parts(text: str) -> tuple[str, str]:
    digits = re.search(r"0*(\d+)", text)
    rest = text[digits.end() :] if digits else text
    return (digits.group(1) if digits else "", key(rest).replace(" ", ""))


def signers(papers: Bundle) -> Iterator[Disagreement]:
    """Who signed, as typed in, stands under the paper.

    Minutes and reports are signed by two: one name alone may be the other's.
    """
    for paper in papers.several(*THE_THREE):
        told = paper.of(Topic.SIGNER)
        entered = paper.document.signer
        alone = paper.document.kind is DocumentKind.TO_TRINH
        if not entered or len(told) < (1 if alone else 2):
            continue
        wanted = key(entered)
        if not any(key(one.value) in wanted or wanted in key(one.value) for one in told):
            yield Disagreement("signer", paper.claim(told[0]), paper.entered(entered))


def _record(papers: Bundle, said: str) -> Claim:
    del papers
    return Claim("hồ sơ", said)


__all__ = ["awards", "forms", "names", "numbers", "same_unit", "signers", "units", "years"]
