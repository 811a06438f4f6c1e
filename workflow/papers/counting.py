"""Votes that add up, in the papers and against what the council recorded."""

from __future__ import annotations

import itertools
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Final

from workflow.papers.claims import Bundle, Claim, Disagreement, Paper
from workflow.papers.dating import MINUTES
from workflow.papers.naming import OF_THE_UNIT
from workflow.papers.vietnamese import key
from workflow.statements import Topic
from workflow.vocabulary import VoteMethod

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workflow.facts import CouncilResult
    from workflow.statements import Statement

RECORDED: Final = "kết quả của Hội đồng"


def sums(papers: Bundle) -> Iterator[Disagreement]:
    """Figures of one paper against each other: votes, voters, and shares as they come out."""
    for paper in papers.several(*OF_THE_UNIT):
        for one in (*paper.of(Topic.VOTES), *paper.of(Topic.PRESENT)):
            part, whole = _figures(one.value)
            if whole is not None and part > whole:
                yield Disagreement(
                    "votes",
                    paper.claim(one, part),
                    paper.claim(one, f"tổng số {whole}"),
                )
        for one in paper.of(Topic.SHARE):
            figures, _, share = one.value.partition("=")
            part, whole = _figures(figures)
            bases = {whole, *_bases(papers, paper)} - {None, 0}
            if bases and not any(_comes_to(part, base, share) for base in bases if base):
                right = paper.claim(one, f"{figures.rstrip('/')} phiếu")
                said = f"{share.replace('.', ',')}%"
                yield Disagreement("votes", paper.claim(one, said), right)
        yield from _attendance(paper)
        yield from _too_many(papers, paper)


def _attendance(paper: Paper) -> Iterator[Disagreement]:
    """Present and absent make up all members, where all three are said once."""
    every = [paper.of(topic) for topic in (Topic.MEMBERS, Topic.PRESENT, Topic.ABSENT)]
    if any(len(one) != 1 for one in every):
        return
    members, present, absent = (_figures(one[0].value)[0] for one in every)
    if present + absent != members:
        said = f"{present} có mặt, {absent} vắng"
        yield Disagreement(
            "attendance",
            paper.claim(every[1][0], said),
            paper.claim(every[0][0], f"{members} thành viên"),
        )


def _too_many(papers: Bundle, paper: Paper) -> Iterator[Disagreement]:
    """For and against together are no more than voted."""
    for against in paper.of(Topic.AGAINST):
        for one in paper.of(Topic.VOTES):
            if key(one.about) != key(against.about):
                continue
            cast = _figures(one.value)[0] + _figures(against.value)[0]
            bases = [base for base in (_figures(one.value)[1], *_bases(papers, paper)) if base]
            if bases and cast > max(bases):
                yield Disagreement(
                    "votes",
                    paper.claim(one, f"{cast} phiếu đồng ý và không đồng ý"),
                    paper.claim(against, f"tổng số {max(bases)}"),
                )


def results(papers: Bundle) -> Iterator[Disagreement]:
    """What papers say of this dossier's vote, against the record and against each other."""
    council = papers.facts.council
    told = [(paper, one) for paper in papers.several(*OF_THE_UNIT) for one in _own(papers, paper)]
    if council is not None:
        for paper, one in told:
            if not _fits(council, one):
                recorded = f"{council.votes_for}/{council.members}"
                yield Disagreement(
                    "votes", paper.claim(one, one.value.rstrip("/")), Claim(RECORDED, recorded)
                )
        yield from _attended(papers, council)
        return
    for (paper, one), (other, two) in itertools.pairwise(told):
        if paper is not other and _figures(one.value)[0] != _figures(two.value)[0]:
            yield Disagreement(
                "votes",
                paper.claim(one, one.value.rstrip("/")),
                other.claim(two, two.value.rstrip("/")),
            )


def _own(papers: Bundle, paper: Paper) -> list[Statement]:
    """Votes for this dossier: said of it by name, or the only ones of a paper about one subject."""
    every = paper.of(Topic.VOTES)
    own = [one for one in every if papers.of_subject(one)]
    if own:
        return own[:1]
    nominees = {key(one.value) for one in paper.nominees}
    figures = {_figures(one.value)[0] for one in every}
    about = any(papers.is_subject(one) for one in paper.nominees)
    alone = len(nominees) == 1 and len(figures) == 1 and not any(one.about for one in every)
    return list(every[:1]) if alone and about else []


def _fits(council: CouncilResult, one: Statement) -> bool:
    part, whole = _figures(one.value)
    cast = council.votes_for + council.votes_against + council.votes_blank
    wholes = {None, council.members, council.present, council.present - council.recused, cast}
    return part == council.votes_for and whole in wholes


def _attended(papers: Bundle, council: CouncilResult) -> Iterator[Disagreement]:
    paper = papers.paper(MINUTES)
    if paper is None:
        return
    members = [(one, _figures(one.value)[0]) for one in paper.of(Topic.MEMBERS)]
    present = [(one, _figures(one.value)) for one in paper.of(Topic.PRESENT)]
    if members and all(said != council.members for _, said in members):
        one, said = members[0]
        recorded = Claim(RECORDED, f"{council.members} thành viên")
        yield Disagreement("attendance", paper.claim(one, f"{said} thành viên"), recorded)
    if not present or council.method is VoteMethod.WRITTEN:
        return
    if all(said[0] != council.present for _, said in present):
        one, (part, whole) = present[0]
        said_of = f"{part}/{whole}" if whole else str(part)
        recorded = Claim(RECORDED, f"{council.present}/{council.members}")
        yield Disagreement("attendance", paper.claim(one, f"{said_of} dự họp"), recorded)


def _bases(papers: Bundle, paper: Paper) -> list[int]:
    """What a share may be of: members, or those present, by the paper and by the record."""
    found = []
    for one in (*paper.of(Topic.MEMBERS), *paper.of(Topic.PRESENT)):
        found += [figure for figure in _figures(one.value) if figure]
    council = papers.facts.council
    return [*found, council.members, council.present] if council is not None else found


def _comes_to(part: int, whole: int, share: str) -> bool:
    """Is the share what comes out, rounded or cut off where it is cut off?"""
    places = Decimal(1).scaleb(-len(share.partition(".")[2]))
    exact = Decimal(part * 100) / whole
    return Decimal(share) in {
        exact.quantize(places, ROUND_HALF_UP),
        exact.quantize(places, ROUND_DOWN),
    }


def _figures(value: str) -> tuple[int, int | None]:
    part, _, whole = value.partition("/")
    return int(part), int(whole) if whole else None
