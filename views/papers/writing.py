"""A dossier to write about: its offices, its signers, and which papers there are for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy.orm import Session

from models.queries_papers import Named, Signer, body, named, signers
from models.tables import Dossier
from views import formats
from views.papers.kinds import PaperKind
from views.papers.offices import Office, office_of
from workflow.ports import Opened
from workflow.programme import AwardForm
from workflow.vocabulary import State, SubjectKind, UnitKind
from workflow.working_days import office_day

UNKNOWN_AWARD: Final = "(chưa chọn hình thức)"
RECEIVED: Final = frozenset(set(State) - {State.REGISTERED, State.WITHDRAWN})


@dataclass(frozen=True, slots=True)
class Writing:
    """A dossier to write about: as the reader sees it, dated and signed as asked for."""

    session: Session
    dossier: Dossier
    opened: Opened
    now: datetime
    dated: date | None = None
    signer_id: int | None = None

    @property
    def day(self) -> date:
        """The day the paper is dated: as asked for, else today."""
        return self.dated or office_day(self.now)

    @property
    def award(self) -> AwardForm | None:
        """The award form; None while none is chosen."""
        return self.opened.rulebook.programme.award_by_id.get(self.dossier.award_form)

    @property
    def award_title(self) -> str:
        """What is asked for, in full."""
        return self.award.title if self.award else UNKNOWN_AWARD

    @property
    def cycle(self) -> str:
        """The cycle inside a sentence."""
        programme = self.opened.rulebook.programme
        return formats.lower_first(programme.cycle_by_id[self.dossier.cycle_id].label)

    @property
    def row(self) -> Named:
        """The dossier as a line of a list."""
        return named(self.session, [self.dossier.id])[0]

    def office(self, unit_id: int) -> Office:
        """How a unit writes."""
        unit, above = body(self.session, unit_id)
        place = self.opened.rulebook.programme.place
        return office_of(unit.name, unit.kind, above, place)

    @property
    def proposing(self) -> Office:
        """The unit that proposes."""
        return self.office(self.dossier.proposing_unit_id)

    @property
    def deciding(self) -> Office:
        """The unit that decides; the proposing one while no award form is chosen."""
        return self.office(self.dossier.deciding_unit_id or self.dossier.proposing_unit_id)

    def appraising(self) -> Office:
        """Who checks: the Board for the province, else the deciding unit itself."""
        programme = self.opened.rulebook.programme
        unit, _ = body(
            self.session, self.dossier.deciding_unit_id or self.dossier.proposing_unit_id
        )
        board = programme.consolidation
        if unit.kind is not UnitKind.PROVINCE or board is None:
            return self.deciding
        return Office(
            above=board.superior.upper(),
            lines=board.body.upper(),
            name=board.body,
            symbol=board.symbol.partition("-")[2] or board.symbol,
            place=programme.place,
            head=board.signer_title,
            deputy=f"Phó {board.signer_title}",
            committee=False,
        )

    def signers(self, unit_id: int) -> list[Signer]:
        """Who could sign for the unit on the day of the paper."""
        return signers(self.session, unit_id, self.day)


def kinds_for(dossier: Dossier, *, asked: bool) -> list[PaperKind]:
    """The papers there are for a dossier where it stands; `asked`: a supplement is open."""
    individual = dossier.subject_kind is SubjectKind.INDIVIDUAL
    found = [PaperKind.BAO_CAO_CA_NHAN if individual else PaperKind.BAO_CAO_TAP_THE]
    if dossier.award_form and dossier.deciding_unit_id is not None:
        found.append(PaperKind.TO_TRINH)
    if dossier.state in RECEIVED:
        found.append(PaperKind.PHIEU_TIEP_NHAN)
    if asked:
        found.append(PaperKind.YEU_CAU_BO_SUNG)
    if dossier.state is State.REJECTED:
        found.append(PaperKind.KHONG_KHEN_THUONG)
    return found
