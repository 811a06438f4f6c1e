"""What the office does in a season: people, dates, scores, reports, accounts and wishes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models.accounts import appoint, disable, enable, relieve
from models.deadlines import NewMilestone, set_milestones
from models.files import StoredFile
from models.office import write_down
from models.office_calendar import DayRow, set_day
from models.reminder_book import put_wishes
from models.report_book import take_report_step
from models.rulebooks import rulebook_in_force
from models.scores import put_score
from models.staffing import Wish
from models.tables import Account, Appointment, Person, Report, Unit
from models.words import DayKind
from tests.builders import a_score, person_id, unit_id
from tests.season import CYCLES, FIRST, instant
from tests.season_dossiers import SeasonOfDossiers
from workflow.reports_due import OPEN, ReportCommand, ReportStep, ReportText
from workflow.vocabulary import Post, ReminderKind, ReportAction, ReportState, State
from workflow.working_days import is_working_day

DAYS = {
    date(2023, 9, 4): DayKind.HOLIDAY,
    date(2023, 12, 16): DayKind.WORKING_SWAP,
    date(2023, 12, 18): DayKind.COMPENSATION,
    date(2024, 1, 1): DayKind.HOLIDAY,
}
"""Days that are not what their weekday says; a Saturday worked in exchange in mid-December."""
MOVED = {
    date(2023, 11, 20): (State.COUNCIL_REVIEWED, 12, ""),
    date(2023, 11, 27): (State.SUBMITTED, 24, "BANG_KHEN_TINH"),
    date(2023, 12, 5): (State.BOARD_CHECKED, 9, "GIAY_KHEN_SO"),
    date(2023, 12, 11): (State.BOARD_CHECKED, 6, ""),
    date(2023, 12, 13): (State.DECIDED, -4, ""),
}
"""Milestones set anew: which, how many days before the decision, for which form of award."""
SCORES_FROM, SCORES_UNTIL = date(2023, 12, 6), date(2023, 12, 19)
_FILE = StoredFile("a" * 64, 100, "application/pdf", "bao-cao.pdf")


class FullSeason(SeasonOfDossiers):
    """A season in which everything happens that reminders depend on."""

    def prepare(self, dossiers: int, people: int) -> None:
        """Begin, with the calendar of the year."""
        self.begin(dossiers, people)
        self.off: set[int] = set()
        self.disabled: set[int] = set()
        began = instant(FIRST, 0)
        with self.database.writing() as session:
            by = person_id(session, "administrator@UBND-TINH")
            for day, kind in DAYS.items():
                set_day(session, DayRow(day, kind, "Ngày của mùa thử", "Thử"), by, began)
                self.say(began, "calendar", day=day, kind=kind.value)

    def pass_day(self, day: date) -> None:
        """Everything that happens on one day, at ten, after the morning's letters."""
        swaps = {one for one, kind in DAYS.items() if kind is DayKind.WORKING_SWAP}
        office = is_working_day(day, DAYS.keys() - swaps, swaps)
        self.day(day, office=office)
        if not office:
            return
        now = instant(day, 10)
        with self.database.writing() as session:
            for _ in range(3 if day.weekday() == 0 else 0):
                self._replace_somebody(session, day, now)
            if day in MOVED:
                self._move_a_deadline(session, *MOVED[day], now)
            if SCORES_FROM <= day <= SCORES_UNTIL:
                self._publish_scores(session, day, now)
            self._reports(session, now)
        self._sometimes(day, now)

    def _sometimes(self, day: date, now: datetime) -> None:
        """Things that happen now and then, the more often the later in the year."""
        likely = 0.15 if day < date(2023, 11, 20) else 0.6
        happenings: tuple[Callable[[Session, date, datetime], None], ...] = (
            self._somebody_leaves,
            self._disable_somebody,
            self._enable_somebody,
            self._somebody_wishes,
        )
        for happening in happenings:
            if self.chance.random() < likely:
                with self.database.writing() as session:
                    happening(session, day, now)

    def _held(self, session: Session, day: date, *posts: Post) -> Appointment:
        held = session.scalars(
            select(Appointment)
            .join(Person, Person.id == Appointment.person_id)
            .where(
                Appointment.valid_to.is_(None),
                Appointment.valid_from <= day,
                Appointment.post.in_(posts),
                Person.active,
            )
            .order_by(Appointment.id)
        ).all()
        return self.chance.choice(held)

    def _relieve(self, session: Session, gone: Appointment, day: date, now: datetime) -> None:
        about = {"person": gone.person_id, "unit": gone.unit_id, "post": gone.post.value}
        relieve(session, gone.id, day, person_id(session, "administrator@UBND-TINH"), now)
        self.say(now, "relieve", last=day, **about)

    def _replace_somebody(self, session: Session, day: date, now: datetime) -> None:
        gone = self._held(session, day, Post.CLERK, Post.COUNCIL_SECRETARY, Post.APPRAISER)
        unit, post, since = gone.unit_id, gone.post, day + timedelta(days=1)
        self._relieve(session, gone, day, now)
        person = self.somebody(session, unit)
        appoint(session, person, (post, unit), since, None, now)
        self.say_appointed(now, person, unit, post, since)
        self._note("people replaced")

    def _somebody_leaves(self, session: Session, day: date, now: datetime) -> None:
        gone = self._held(session, day, Post.CLERK, Post.DEPUTY_HEAD)
        person = gone.person_id
        for held in session.scalars(
            select(Appointment).where(
                Appointment.person_id == person, Appointment.valid_to.is_(None)
            )
        ).all():
            self._relieve(session, held, day, now)
        session.execute(update(Person).where(Person.id == person).values(active=False))
        write_down(session, "leave", {"person": person}, None, now)
        self.say(now, "leave", person=person)
        self._note("people gone")

    def _disable_somebody(self, session: Session, day: date, now: datetime) -> None:
        held = self._held(session, day, Post.CLERK, Post.HEAD, Post.APPRAISER)
        account = session.get(Account, held.person_id)
        if account is None or account.disabled_at is not None:
            return
        disable(session, held.person_id, person_id(session, "administrator@UBND-TINH"), now)
        self.disabled.add(held.person_id)
        self.say(now, "disable", person=held.person_id)
        self._note("accounts disabled")

    def _enable_somebody(self, session: Session, _day: date, now: datetime) -> None:
        if self.disabled:
            person = self.chance.choice(sorted(self.disabled))
            enable(session, person, person_id(session, "administrator@UBND-TINH"), now)
            self.disabled.discard(person)
            self.say(now, "enable", person=person)
            self._note("accounts enabled")

    def _somebody_wishes(self, session: Session, day: date, now: datetime) -> None:
        person = self._held(
            session, day, Post.COUNCIL_SECRETARY, Post.APPRAISER, Post.HEAD
        ).person_id
        off = () if person in self.off else (ReminderKind.STUCK, ReminderKind.SCORES)
        # No mail about milestones is asked for too: the law's dates cannot be switched off.
        wishes = {kind: Wish(email=False) for kind in (*off, ReminderKind.MILESTONE)}
        put_wishes(session, person, wishes)
        (self.off.discard if person in self.off else self.off.add)(person)
        self.say(now, "wish", person=person, without_mail=[one.value for one in wishes])
        self._note("wishes changed")

    def _move_a_deadline(
        self, session: Session, state: State, before: int, award: str, now: datetime
    ) -> None:
        programme = rulebook_in_force(session).programme
        wanted = [
            NewMilestone(
                cycle,
                state,
                programme.cycle_by_id[cycle].milestones.decided - timedelta(days=before),
                award_form=award,
            )
            for cycle in CYCLES
        ]
        by = person_id(session, "head@UBND-TINH")
        set_milestones(session, programme, wanted, "Mưa lũ", by, now)
        for one in wanted:
            about = {"cycle": one.cycle_id, "state": state.value, "day": one.day, "award": award}
            self.say(now, "milestone", **about)
        self._note("deadlines moved")

    def _publish_scores(self, session: Session, day: date, now: datetime) -> None:
        """A few units each day, the rest on the last."""
        scored = select(Unit.id).where(Unit.scored_by_province).order_by(Unit.id)
        units = session.scalars(scored).all()
        for number, unit in enumerate(units):
            if day == SCORES_UNTIL or number % 20 == day.day % 20:
                put_score(session, a_score(unit), None, now)
        if day == SCORES_UNTIL:
            self.say(now, "scores")
        self._note("days of scores")

    def _reports(self, session: Session, now: datetime) -> None:
        """Some units file, the Board accepts or sends back."""
        for report in session.scalars(select(Report).order_by(Report.id)).all():
            roll = self.chance.random()
            if report.due_on.year != FIRST.year:
                continue
            if report.state in OPEN and roll < 0.05:
                self._act_on_report(session, report, ReportAction.FILE, now)
            elif report.state is ReportState.FILED and roll < 0.3:
                back = roll < 0.12
                action = ReportAction.RETURN if back else ReportAction.ACCEPT
                self._act_on_report(session, report, action, now)

    def _act_on_report(
        self, session: Session, report: Report, action: ReportAction, now: datetime
    ) -> None:
        own = action is ReportAction.FILE
        unit = report.unit_id if own else unit_id(session, "UBND-TINH")
        posts = (Post.HEAD, Post.CLERK) if own else (Post.APPRAISER,)
        day = now.date()
        by = session.scalar(
            select(Appointment.person_id)
            .outerjoin(Account, Account.person_id == Appointment.person_id)
            .join(Person, Person.id == Appointment.person_id)
            .where(
                Appointment.unit_id == unit,
                Appointment.post.in_(posts),
                Appointment.valid_from <= day,
                Appointment.valid_to.is_(None),
                Account.disabled_at.is_(None),
                Person.active,
            )
            .order_by(Appointment.id)
            .limit(1)
        )
        if by is None:
            return
        text = ReportText("Đã làm.") if own else None
        wanted = ReportCommand(
            report.code, by, action, report.version, text=text, new_file=own, comment="Thiếu."
        )
        step = take_report_step(session, wanted, _FILE if own else None, now)
        assert isinstance(step, ReportStep), step
        session.expire(report)
        about = {"report": report.report_id, "unit": report.unit_id, "by": by, "code": report.code}
        about["version"] = report.version
        self.say(now, f"report {action.value}", **about)
        self._note(f"report {action.value}")
