"""Figures of the progress reports are counts of the list, on both engines."""

from __future__ import annotations

from datetime import date

from sqlalchemy import insert, select

from models.database import Database
from models.deadlines import office_days
from models.progress_conditions import (
    AGES,
    OPEN,
    Counted,
    day_of_number,
    office_day_number,
    worked_between,
)
from models.progress_figures import Asked, progress_of
from models.queries_dossiers import Wanted, conditions_for, count
from models.queries_turns import programmes
from models.tables import CalendarDay, Dossier, Suspension
from models.words import DayKind
from tests.builders import (
    NOW,
    PROVINCE,
    a_checked,
    a_registered,
    a_reviewed,
    a_submitted,
    step,
    the_dossier,
    who,
)
from tests.many_dossiers import multiply
from workflow.vocabulary import Action, State
from workflow.working_days import is_working_day, office_day


def test_figures_are_counts_of_the_list(database: Database) -> None:
    code = a_registered(database, "H026")
    step(database, code, "clerk@H026", Action.SUBMIT)
    a_submitted(database, "H029")
    a_checked(database, "H027")
    stopped = the_dossier(database, a_reviewed(database, "H028")).id
    person = who(database, f"auditor@{PROVINCE}")
    with database.writing() as session:
        days = {"since": date(2023, 11, 22), "until": date(2023, 11, 24), "reason": "lũ"}
        by = {"approved_by": person, "approved_at": NOW}
        session.execute(insert(Suspension).values(dossier_id=stopped, **days, **by))
    multiply(database, 2)
    with database.reading() as session:
        known = programmes(session)

        def counted(**of: object) -> int:
            wanted = Wanted(counted=Counted(**of))  # type: ignore[arg-type]
            found = conditions_for(session, person, NOW.date(), wanted, known, NOW)
            return count(session, *found.values())

        scope = conditions_for(session, person, NOW.date(), Wanted(), known, NOW)
        asked = Asked(person, NOW.date(), NOW, known, tuple(scope.values()))
        found = progress_of(session, asked)
        assert found.total == counted() == 12
        for number, age in enumerate(AGES):
            mine = sum(one.count for one in found.cells if one.age == number)
            assert mine == counted(waiting=age), age
        for state in OPEN:
            steps = [one for one in found.passages if one.state is state]
            over = sum(one.count for one in steps if one.limit and one.days > one.limit)
            assert sum(one.count for one in steps) == counted(passed=state), state
            assert over == counted(over=state), state
        assert counted(over=State.SUBMITTED) == 5, "the one whose clock stood still does not count"
        for day, handed in found.handed_in:
            assert handed == counted(handed_in_from=day, handed_in_to=day) == 9
        assert found.blocks
        for one in found.blocks:
            assert one.count == counted(stopped_by=one.rule) == 3
            assert one.still == counted(still_stopped_by=one.rule)


def test_working_days_are_counted_alike_in_sql_and_by_the_calendar(database: Database) -> None:
    """Over every pair of the days around Tết and a Saturday worked in exchange."""
    code = a_registered(database)
    with database.writing() as session:
        session.execute(
            insert(CalendarDay).values(
                [
                    {
                        "date": date(2023, 1, 20),
                        "kind": DayKind.HOLIDAY,
                        "name": "Tết",
                        "source": "x",
                    },
                    {
                        "date": date(2023, 1, 22),
                        "kind": DayKind.HOLIDAY,
                        "name": "Tết",
                        "source": "x",
                    },
                    {
                        "date": date(2023, 1, 28),
                        "kind": DayKind.WORKING_SWAP,
                        "name": "Làm bù",
                        "source": "x",
                    },
                ]
            )
        )
    first = (date(2023, 1, 16) - date(1970, 1, 1)).days
    with database.reading() as session:
        off, swaps = office_days(session)
        here = select(Dossier.created_at, office_day_number(Dossier.created_at)).where(
            Dossier.code == code
        )
        at, number = session.execute(here).one()
        assert day_of_number(number) == office_day(at)
        base = office_day_number(Dossier.created_at) - number + first
        for start in range(0, 15, 2):
            for end in range(start, 15, 3):
                told = session.scalar(select(worked_between(base + start, base + end)))
                between = (day_of_number(first + each) for each in range(start + 1, end + 1))
                assert told == sum(is_working_day(day, off, swaps) for day in between)
