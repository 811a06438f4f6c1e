"""The season played through the real use cases, every step on its own day by its own person.

Nothing is written past the law: what the demonstration shows is what the service allows. A step
that the season expects and the law refuses stops the loading with the reasons.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from models.demonstration.cast import Cast
from models.demonstration.papers import word_paper
from models.demonstration.season import Stop
from models.demonstration.texts import achievements, profile, reject_reason
from models.editing import (
    AddDocument,
    ChooseAward,
    Particulars,
    PutInitiative,
    WriteReport,
    edit,
)
from models.ledger import SqlLedger
from models.registration_book import SqlRegistrationBook
from models.registrations import Wish, send_registration
from models.tables import Dossier
from workflow.decisions import Accepted, Judgement
from workflow.facts import (
    Command,
    CouncilInput,
    CouncilResult,
    Decision,
    DecisionInput,
    ExtensionInput,
    HoldInput,
    Inputs,
    MarkInput,
    SupplementInput,
)
from workflow.use_cases import perform
from workflow.vocabulary import Action, DocumentKind, Outcome, Post, SigningCapacity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy.orm import Session

    from models.demonstration.season import DemoDossier
    from models.editing import Change
    from models.files import StoredFile

    Keep = Callable[[bytes, str], StoredFile]

OFFICE_OFFSET = timedelta(hours=7)
CYCLE = "2023-midterm"


class SeasonRefused(Exception):
    """The law refused a step the season expects: a fault of the season or of the service."""


@dataclass(frozen=True, slots=True, order=True)
class Event:
    """One step of one dossier at its instant; `number` keeps the order of equal instants."""

    at: datetime
    number: int
    act: Callable[[Session, datetime], None] = field(compare=False)


def instant(day: date, minutes: int) -> datetime:
    """`minutes` after 08:00 office time on `day`, in UTC."""
    return datetime.combine(day, time(8), UTC) - OFFICE_OFFSET + timedelta(minutes=minutes)


class Player:
    """Plays one dossier of the season as a list of events."""

    def __init__(self, number: int, story: DemoDossier, cast: Cast, keep: Keep) -> None:
        """`number` is the place in the season, from 0; it spreads days and minutes."""
        self.number, self.story, self.cast, self.keep = number, story, cast, keep
        self.registration = ""
        self.code = ""

    def events(self) -> Iterator[Event]:
        """Every step of this dossier, in its order."""
        for order, (at, act) in enumerate(self._script()):
            yield Event(at, self.number * 100 + order, act)

    def _script(self) -> Iterator[tuple[datetime, Callable[[Session, datetime], None]]]:
        story, spread = self.story, self.number * 5 % 60
        if story.stop is Stop.PENDING:
            yield instant(date(2023, 3, 29), spread), self._register
            return
        yield instant(story.day - timedelta(days=1), 60 + spread), self._register
        yield instant(story.day, 120 + spread), self._acknowledge
        if story.initiative:
            yield from self._assembly(spread)
        if story.extended is not None:
            yield instant(date(2023, 12, 1), 200), self._extend
        if story.stop is Stop.REGISTERED:
            if not story.initiative:
                yield instant(date(2023, 11, 29), 90 + spread), self._submit_too_early
        else:
            yield from self._after_submission(spread)

    def _assembly(self, spread: int) -> Iterator[tuple[datetime, Callable[..., None]]]:
        day = date(2023, 11, 6) + timedelta(days=self.number % 5)
        yield instant(day, 30 + spread), self._choose_award
        yield instant(day, 45 + spread), self._declare_initiative
        later = date(2023, 11, 13) + timedelta(days=self.number % 5)
        yield instant(later, 60 + spread), self._report

    def _after_submission(self, spread: int) -> Iterator[tuple[datetime, Callable[..., None]]]:
        story = self.story
        yield instant(_working(date(2023, 11, 17), self.number % 4), 100 + spread), self._submit
        if story.stop is Stop.WITHDRAWN:
            yield instant(date(2023, 11, 27), 70), self._withdraw
            return
        if story.minutes:
            yield instant(date(2023, 11, 24), 20 + spread), self._minutes
        if story.unit == "STNMT":
            yield instant(date(2023, 11, 27), 50), self._reject_by_council
            return
        if story.stop is Stop.SUBMITTED:
            if not story.minutes:
                yield instant(date(2023, 11, 28), 40 + spread), self._council_too_early
            return
        yield instant(date(2023, 11, 24), 120 + spread), self._council
        if not story.late_letter:
            yield instant(date(2023, 11, 27), 30 + spread), self._letter
        yield from self._at_the_board(spread)

    def _at_the_board(self, spread: int) -> Iterator[tuple[datetime, Callable[..., None]]]:
        stop = self.story.stop
        day = _working(date(2023, 11, 28), self.number % 3)
        if stop is Stop.HELD:
            yield instant(day, 10 + spread), self._hold
        elif stop is Stop.SUPPLEMENT:
            yield instant(date(2023, 12, 4), 440), self._ask_supplement
        elif stop is Stop.REJECTED:
            yield instant(day, 200 + spread), self._reject_at_check
        elif stop in {Stop.BOARD_CHECKED, Stop.DECIDED}:
            for place, code in enumerate(("papers_in_order", "outstanding", "initiative_quality")):
                yield instant(day, 180 + spread + place), self._mark(code)
            yield instant(day, 190 + spread), self._check
            if stop is Stop.DECIDED:
                yield instant(date(2023, 12, 4), 60 + spread), self._decide

    # --- the steps ----------------------------------------------------------------------------

    def _register(self, session: Session, now: datetime) -> None:
        unit = self.cast.unit_of(self.story)
        person = self.cast.people.get(self.story.person)
        by = self.cast.holder(unit, Post.CLERK, or_above=True)
        wish = Wish(CYCLE, unit, person, number=f"{self.number + 1:02d}/ĐK")
        answer = send_registration(session, wish, by, now)
        if not isinstance(answer, str):
            raise SeasonRefused(f"{self.story}: {answer.blocking} {answer.refusals}")
        self.registration = answer

    def _acknowledge(self, session: Session, now: datetime) -> None:
        superior = self.cast.superior(session, self.registration)
        book = SqlRegistrationBook(session)
        command = Command(self.registration, superior, Action.REGISTER, 0, key=self._key("r"))
        self._expect(perform(command, ledger=book, now=now))
        if book.dossier is not None:
            self.code = book.dossier.code

    def _choose_award(self, session: Session, now: datetime) -> None:
        self._edit(session, ChooseAward(self.story.award), now)

    def _declare_initiative(self, session: Session, now: datetime) -> None:
        story = self.story
        known = story.recognised
        self._edit(
            session,
            PutInitiative(
                title=story.initiative,
                recognised_by="Hội đồng sáng kiến tỉnh Hà Giang" if known else "",
                recognition_number=f"{1200 + self.number}/QĐ-HĐSK" if known else "",
                recognised_on=date(2023, 6, 1 + self.number % 28) if known else None,
                applied=known,
            ),
            now,
        )

    def _report(self, session: Session, now: datetime) -> None:
        dossier = self._dossier(session)
        said = achievements(dossier.subject_name, self.story.initiative)
        self._edit(
            session, WriteReport(profile(dossier.subject_name, self.story), said, "Chưa có."), now
        )
        self._paper(session, DocumentKind.BAO_CAO_THANH_TICH, "Báo cáo thành tích", now, said)

    def _submit(self, session: Session, now: datetime) -> None:
        self._step(session, Action.SUBMIT, self._side(session, Post.CLERK), now)

    def _submit_too_early(self, session: Session, now: datetime) -> None:
        self._try(session, Action.SUBMIT, self._side(session, Post.CLERK), now)

    def _withdraw(self, session: Session, now: datetime) -> None:
        reason = "Đơn vị rút để hoàn thiện số liệu, đề nghị xét ở đợt sau."
        self._step(session, Action.WITHDRAW, self._side(session, Post.CLERK), now, reason)

    def _minutes(self, session: Session, now: datetime) -> None:
        said = "Hội đồng họp ngày 24/11/2023, nhất trí đề nghị khen thưởng."
        self._paper(session, DocumentKind.BIEN_BAN, "Biên bản họp Hội đồng", now, said)

    def _council(self, session: Session, now: datetime) -> None:
        by = self._side(session, Post.COUNCIL_SECRETARY)
        votes = 9 - self.number % 2
        result = CouncilResult(date(2023, 11, 24), 9, 9, votes, votes_blank=9 - votes)
        self._step(session, Action.RECORD_COUNCIL_RESULT, by, now, inputs=CouncilInput(result))

    def _council_too_early(self, session: Session, now: datetime) -> None:
        by = self._side(session, Post.COUNCIL_SECRETARY)
        inputs = CouncilInput(CouncilResult(date(2023, 11, 24), 9, 9, 9))
        self._try(session, Action.RECORD_COUNCIL_RESULT, by, now, inputs)

    def _letter(self, session: Session, now: datetime) -> None:
        met = self.story.letter_cites or date(2023, 11, 24)
        said = f"Căn cứ biên bản họp Hội đồng ngày {met:%d/%m/%Y}, đơn vị trình xét khen thưởng."
        self._paper(session, DocumentKind.TO_TRINH, "Tờ trình đề nghị khen thưởng", now, said)

    def _reject_by_council(self, session: Session, now: datetime) -> None:
        by = self._side(session, Post.COUNCIL_SECRETARY)
        self._step(session, Action.REJECT, by, now, "Hội đồng: 4/9 đồng ý, cần 8; không đề nghị.")

    def _mark(self, code: str) -> Callable[[Session, datetime], None]:
        def act(session: Session, now: datetime) -> None:
            by = self._deciding(session, Post.APPRAISER)
            inputs = MarkInput(code, Outcome.MET)
            self._step(session, Action.MARK_CHECK, by, now, inputs=inputs)

        return act

    def _check(self, session: Session, now: datetime) -> None:
        self._step(session, Action.CONFIRM_CHECK, self._deciding(session, Post.APPRAISER), now)

    def _decide(self, session: Session, now: datetime) -> None:
        by = self._deciding(session, Post.HEAD)
        paper = Decision(
            f"{2400 + self.number}/QĐ-UBND",
            date(2023, 12, 4),
            self.cast.name(by),
            SigningCapacity.SELF,
        )
        self._step(session, Action.DECIDE, by, now, inputs=DecisionInput(paper))

    def _extend(self, session: Session, now: datetime) -> None:
        if self.story.extended is None:
            return
        until = instant(self.story.extended, 9 * 60)
        by = self._deciding(session, Post.APPRAISER)
        reason = "Mưa lũ làm gián đoạn đường truyền; cho nộp muộn theo đề nghị của đơn vị."
        inputs = ExtensionInput(until)
        self._step(session, Action.GRANT_EXTENSION, by, now, reason, inputs)

    def _hold(self, session: Session, now: datetime) -> None:
        by = self._deciding(session, Post.APPRAISER)
        reason = "Đang xác minh đơn phản ánh về thời gian giải quyết hồ sơ."
        self._step(session, Action.HOLD, by, now, reason, HoldInput("Thanh tra tỉnh"))

    def _ask_supplement(self, session: Session, now: datetime) -> None:
        items = (
            "Biên bản họp Hội đồng: ký bổ sung trang 3.",
            "Sáng kiến: nhập số, ngày quyết định công nhận.",
        )
        inputs = SupplementInput(
            items, (DocumentKind.BIEN_BAN,), instant(date(2023, 12, 7), 9 * 60), initiatives=True
        )
        reason = (
            "Đề nghị đơn vị ký bổ sung trang 3 biên bản và ghi số quyết định công nhận giải pháp. "
            "Các mục khác đã rà đủ, không yêu cầu thêm."
        )
        by = self._deciding(session, Post.APPRAISER)
        self._step(session, Action.REQUEST_SUPPLEMENT, by, now, reason, inputs)

    def _reject_at_check(self, session: Session, now: datetime) -> None:
        by = self._deciding(session, Post.APPRAISER)
        self._step(session, Action.REJECT, by, now, reject_reason(self.story))

    # --- how a step is taken ------------------------------------------------------------------

    def _dossier(self, session: Session) -> Dossier:
        return self.cast.dossier(session, self.code)

    def _side(self, session: Session, post: Post) -> int:
        dossier = self._dossier(session)
        return self.cast.holder(dossier.proposing_unit_id, post)

    def _deciding(self, session: Session, post: Post) -> int:
        dossier = self._dossier(session)
        return self.cast.holder(dossier.deciding_unit_id or 0, post)

    def _key(self, suffix: str) -> str:
        return f"season-{self.number}-{suffix}"

    def _command(self, session: Session, action: Action, by: int) -> Command:
        dossier = self._dossier(session)
        key = self._key(f"{dossier.version}")
        return Command(self.code, by, action, dossier.version, key=key)

    def _step(
        self,
        session: Session,
        action: Action,
        by: int,
        now: datetime,
        comment: str = "",
        inputs: Inputs | None = None,
    ) -> None:
        dossier = self._dossier(session)
        key = self._key(f"{dossier.version}")
        command = Command(self.code, by, action, dossier.version, comment, inputs, key)
        self._expect(perform(command, ledger=SqlLedger(session), now=now))

    def _try(
        self,
        session: Session,
        action: Action,
        by: int,
        now: datetime,
        inputs: Inputs | None = None,
    ) -> None:
        """A step tried before its time: the law refuses it, and the record keeps why."""
        version = self._dossier(session).version
        command = Command(self.code, by, action, version, "", inputs, self._key("early"))
        verdict = perform(command, ledger=SqlLedger(session), now=now)
        if isinstance(verdict, Accepted):
            raise SeasonRefused(f"{self.code}: {action.value} was to be refused")

    def _edit(self, session: Session, change: Change, now: datetime, by: int | None = None) -> None:
        who = by or self._side(session, Post.CLERK)
        command = self._command(session, Action.EDIT, who)
        self._expect(edit(session, command, change, now))

    def _paper(
        self, session: Session, kind: DocumentKind, title: str, now: datetime, said: str
    ) -> None:
        dossier = self._dossier(session)
        unit = self.cast.unit_name(dossier.proposing_unit_id)
        head = self.cast.name(self.cast.holder(dossier.proposing_unit_id, Post.HEAD))
        secretary = self._side(session, Post.COUNCIL_SECRETARY)
        minutes = kind is DocumentKind.BIEN_BAN
        text = (f"Kính gửi: cấp có thẩm quyền. Đối tượng: {dossier.subject_name}.", said)
        stored = self.keep(word_paper(unit, title, text, head), f"{title}.docx")
        number = f"{80 + self.number}/TTr" if kind is DocumentKind.TO_TRINH else ""
        signer = self.cast.name(secretary) if minutes else head
        particulars = Particulars(number, (now + OFFICE_OFFSET).date(), signer, confirmed=True)
        name = f"{kind.value.lower().replace('_', '-')}-{self.code[-4:]}.docx"
        change = AddDocument(
            kind, name, stored.content_type, stored.size, stored.sha256, particulars
        )
        self._edit(session, change, now, secretary if minutes else None)

    def _expect(self, verdict: Accepted | Judgement) -> None:
        if isinstance(verdict, Judgement):
            rules = [f"{one.rule} {one.finding.code}" for one in verdict.blocking]
            reasons = [*rules, *(one.code for one in verdict.refusals)]
            said = f"{self.code or self.registration}: {verdict.action.value}: {reasons}"
            raise SeasonRefused(said)


def _working(start: date, days: int) -> date:
    """`days` working days after `start`, counting Monday to Friday."""
    day = start
    while days:
        day += timedelta(days=1)
        if day.weekday() < 5:  # noqa: PLR2004 - Saturday
            days -= 1
    return day
