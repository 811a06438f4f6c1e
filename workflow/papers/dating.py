"""Days that papers should agree on, and the order they must come in."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

from workflow.papers.claims import Bundle, Claim, Disagreement, Paper
from workflow.papers.days import ISO_BETWEEN
from workflow.papers.naming import LETTER, REPORT, THE_THREE, same_number
from workflow.papers.vietnamese import key
from workflow.statements import Topic
from workflow.vocabulary import DocumentKind, State
from workflow.working_days import office_day

if TYPE_CHECKING:
    from collections.abc import Iterator

MINUTES: Final = DocumentKind.BIEN_BAN.value
RECOGNITION: Final = DocumentKind.CONG_NHAN_SANG_KIEN.value


def own_days(papers: Bundle) -> Iterator[Disagreement]:
    """The day on the paper is the day typed in."""
    for paper in papers.several(*THE_THREE):
        entered = paper.document.dated
        told = paper.of(Topic.DATED)
        if entered and told and date.fromisoformat(told[0].value) != entered:
            yield Disagreement("dated", _on(paper, Topic.DATED), paper.entered(entered))


def meetings(papers: Bundle) -> Iterator[Disagreement]:
    """The council met on one day: by its record, by its minutes, by the letter that cites them."""
    council, minutes = papers.facts.council, papers.paper(MINUTES)
    met = _days(minutes, Topic.MEETING)
    if council is not None and minutes is not None and met and council.held_on not in met:
        recorded = Claim("kết quả của Hội đồng", council.held_on)
        yield Disagreement("meeting", _on(minutes, Topic.MEETING), recorded)
    letter = papers.paper(LETTER)
    cited = _days(letter, Topic.MINUTES)
    known = {*met, *_days(minutes, Topic.DATED)}
    if minutes is not None and minutes.document.dated is not None:
        known.add(minutes.document.dated)
    if council is not None:
        known.add(council.held_on)
    if letter is None or not cited or not known or known & cited:
        return
    other = Claim("hồ sơ", min(known))
    if minutes is not None and minutes.document.dated is not None:
        other = minutes.entered(minutes.document.dated)
    if council is not None:
        other = Claim("kết quả của Hội đồng", council.held_on)
    if minutes is not None and met:
        other = _on(minutes, Topic.MEETING)
    yield Disagreement("meeting", _on(letter, Topic.MINUTES), other)


def orders(papers: Bundle) -> Iterator[Disagreement]:
    """Registration, report, meeting, minutes, letter, decision: none before the one before it."""
    letter, minutes, report = (papers.paper(kind) for kind in (LETTER, MINUTES, REPORT))
    sent = _signed(letter)
    for before, after in (
        (_met(papers), _signed(minutes)),
        (_signed(minutes) or _met(papers), sent),
        (_signed(report), sent),
        (sent, _decided(papers)),
    ):
        if before is not None and after is not None and _later(before, after):
            yield Disagreement("order", before, after)
    registered = Claim("đăng ký", papers.facts.registration.registered_on)
    for paper in (report, minutes, letter):
        signed = _signed(paper)
        if signed is not None and _later(registered, signed):
            yield Disagreement("order", registered, signed)


def _later(one: Claim, other: Claim) -> bool:
    return isinstance(one.said, date) and isinstance(other.said, date) and one.said > other.said


def recognitions(papers: Bundle) -> Iterator[Disagreement]:
    """A recognition is one number and one day, wherever it is named, and none after the check."""
    checked = _checked_on(papers)
    for one in papers.facts.initiatives:
        day, number = one.recognised_on, one.recognition_number
        if day is None or not number:
            continue
        declared = Claim("sáng kiến đã khai", f"số {number}, ngày {_day(day)}")
        if day > checked:
            check = Claim("ngày kiểm tra", checked)
            yield Disagreement("recognition", Claim("sáng kiến đã khai", day), check)
        for paper in papers.several(*THE_THREE, RECOGNITION):
            other = _otherwise(paper, number, day)
            if other is not None:
                yield Disagreement("recognition", other, declared)
    yield from _recognised(papers)


def _recognised(papers: Bundle) -> Iterator[Disagreement]:
    """The decision of recognition itself is one of those declared."""
    paper = papers.paper(RECOGNITION)
    numbers = [one.recognition_number for one in papers.facts.initiatives if one.recognition_number]
    if paper is None or not numbers:
        return
    told = paper.of(Topic.NUMBER)
    comparable = told and any(_same_kind(told[0].value, number) for number in numbers)
    if comparable and not any(same_number(told[0].value, number) for number in numbers):
        yield Disagreement(
            "recognition", paper.claim(told[0]), Claim("sáng kiến đã khai", numbers[0])
        )
        return
    days = [one.recognised_on for one in papers.facts.initiatives if one.recognised_on]
    dated = _days(paper, Topic.DATED)
    if comparable and dated and days and not dated & set(days):
        yield Disagreement(
            "recognition", _on(paper, Topic.DATED), Claim("sáng kiến đã khai", days[0])
        )


def _same_kind(one: str, other: str) -> bool:
    """Two decisions, or two certificates: a certificate has a number of its own."""
    first, second = (key(text.partition("/")[2]).split() for text in (one, other))
    return bool(first) and bool(second) and first[0] == second[0]


def _otherwise(paper: Paper, number: str, day: date) -> Claim | None:
    """The same number with another day; None when the right day stands there as well."""
    found = None
    for one in paper.of(Topic.RECOGNITION):
        said, _, iso = one.value.partition(ISO_BETWEEN)
        if not same_number(said, number):
            continue
        told = date.fromisoformat(iso)
        if told == day:
            return None
        found = found or paper.claim(one, f"số {said}, ngày {_day(told)}")
    return found


def _day(day: date) -> str:
    return f"{day:%d/%m/%Y}"


def _checked_on(papers: Bundle) -> date:
    checks = [one.at for one in papers.facts.approvals if one.gave is State.BOARD_CHECKED]
    return office_day(max(checks), papers.programme.zone) if checks else papers.today


def _days(paper: Paper | None, topic: Topic) -> set[date]:
    return {date.fromisoformat(one.value) for one in paper.of(topic)} if paper else set()


def _on(paper: Paper, topic: Topic) -> Claim:
    one = paper.of(topic)[0]
    return paper.claim(one, date.fromisoformat(one.value))


def _signed(paper: Paper | None) -> Claim | None:
    """The day a paper bears: as typed in, else as it says itself."""
    if paper is None:
        return None
    if paper.document.dated is not None:
        entered = paper.document.dated
        same = [one for one in paper.of(Topic.DATED) if one.value == entered.isoformat()]
        return paper.claim(same[0], entered) if same else paper.entered(entered)
    return _on(paper, Topic.DATED) if paper.of(Topic.DATED) else None


def _met(papers: Bundle) -> Claim | None:
    council, minutes = papers.facts.council, papers.paper(MINUTES)
    if council is not None:
        return Claim("kết quả của Hội đồng", council.held_on)
    if minutes is not None and minutes.of(Topic.MEETING):
        return _on(minutes, Topic.MEETING)
    return None


def _decided(papers: Bundle) -> Claim | None:
    decision = papers.facts.decision
    return Claim("quyết định", decision.dated) if decision is not None else None
