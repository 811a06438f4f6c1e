"""The words every programme shares (glossary: `docs/glossary.md`)."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class State(StrEnum):
    """Where a dossier stands. Five states of progress, then three other ends."""

    REGISTERED = "registered"
    SUBMITTED = "submitted"
    COUNCIL_REVIEWED = "council_reviewed"
    BOARD_CHECKED = "board_checked"
    DECIDED = "decided"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    REVOKED = "revoked"


PROGRESS: Final = (
    State.REGISTERED,
    State.SUBMITTED,
    State.COUNCIL_REVIEWED,
    State.BOARD_CHECKED,
    State.DECIDED,
)
"""The five states in order; the number shown on a page is the index here plus one."""

ENDS: Final = frozenset({State.DECIDED, State.REJECTED, State.WITHDRAWN, State.REVOKED})
"""States in which nobody owes the dossier anything; a revocation may still follow DECIDED."""

FALLEN: Final = frozenset({State.REJECTED, State.WITHDRAWN, State.REVOKED})
"""States in which a dossier no longer counts: not a duplicate, no place in a quota."""


class Action(StrEnum):
    """What somebody does to a dossier: verbs, one history line each."""

    REGISTER = "register"
    EDIT = "edit"
    PRESENT = "present"
    SUBMIT = "submit"
    RECORD_COUNCIL_RESULT = "record_council_result"
    MARK_CHECK = "mark_check"
    CONFIRM_CHECK = "confirm_check"
    RECORD_RANKING = "record_ranking"
    DECIDE = "decide"
    RETRACT = "retract"
    REQUEST_SUPPLEMENT = "request_supplement"
    SEND_SUPPLEMENT = "send_supplement"
    GRANT_EXTENSION = "grant_extension"
    SUSPEND = "suspend"
    HOLD = "hold"
    RELEASE_HOLD = "release_hold"
    REJECT = "reject"
    WITHDRAW = "withdraw"
    REVOKE = "revoke"


class Role(StrEnum):
    """A relation of one person to one dossier (or one unit), never a global rank."""

    CLERK = "clerk"
    UNIT_HEAD = "unit_head"
    COUNCIL_SECRETARY = "council_secretary"
    COUNCIL_MEMBER = "council_member"
    RANKING_SECRETARY = "ranking_secretary"
    APPRAISER = "appraiser"
    DECIDER = "decider"
    SUPERIOR = "superior"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"


class Post(StrEnum):
    """What somebody is appointed to at a unit, from a day to a day."""

    CLERK = "clerk"
    HEAD = "head"
    DEPUTY_HEAD = "deputy_head"
    COUNCIL_CHAIR = "council_chair"
    COUNCIL_SECRETARY = "council_secretary"
    COUNCIL_MEMBER = "council_member"
    APPRAISER = "appraiser"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"


class SubjectKind(StrEnum):
    """Who may be honoured: a unit as a whole, or one person."""

    COLLECTIVE = "collective"
    INDIVIDUAL = "individual"


class UnitKind(StrEnum):
    """Levels of the organisation (domain brief, section 7)."""

    PROVINCE = "province"
    DEPARTMENT = "department"
    DISTRICT = "district"
    COMMUNE = "commune"
    DIVISION = "division"


class CycleKind(StrEnum):
    """Kinds of review (III.2, IV.2.b)."""

    ANNUAL = "annual"
    MIDTERM = "midterm"
    FINAL = "final"


class DocumentKind(StrEnum):
    """Papers a dossier may hold; which of them a programme demands is its own matter."""

    TO_TRINH = "TO_TRINH"
    BIEN_BAN = "BIEN_BAN"
    BAO_CAO_THANH_TICH = "BAO_CAO_THANH_TICH"
    CONG_NHAN_SANG_KIEN = "CONG_NHAN_SANG_KIEN"
    QUYET_DINH = "QUYET_DINH"


class IndexKind(StrEnum):
    """The two published indices (domain brief, section 6)."""

    PAR = "par_index"
    SIPAS = "sipas"


class ScoreKind(StrEnum):
    """How firm a score is."""

    SELF = "self"
    APPRAISED = "appraised"
    PUBLISHED = "published"


class Classification(StrEnum):
    """Classes as published, best first; never computed from a score."""

    XUAT_SAC = "XUAT_SAC"
    TOT = "TOT"
    KHA = "KHA"
    TRUNG_BINH = "TRUNG_BINH"
    YEU = "YEU"

    def at_least(self, other: Classification) -> bool:
        """Is this class as good as `other`, or better?"""
        order = list(Classification)
        return order.index(self) <= order.index(other)


class Outcome(StrEnum):
    """What a guard found. Missing is never read as failed, nor as passed."""

    MET = "met"
    NOT_MET = "not_met"
    NOT_APPLICABLE = "not_applicable"
    NOT_YET_KNOWN = "not_yet_known"
    NOT_LOOKED_AT = "not_looked_at"


class VoteMethod(StrEnum):
    """How a council voted (domain brief, section 5.8)."""

    SHOW_OF_HANDS = "show_of_hands"
    SECRET_BALLOT = "secret_ballot"  # noqa: S105 - a way to vote
    WRITTEN = "written"


class SigningCapacity(StrEnum):
    """In what capacity the signer of a decision signs (Nghị định 30/2020/NĐ-CP, Phụ lục I)."""

    SELF = ""
    KT = "KT."
    TL = "TL."
    TUQ = "TUQ."
    TM = "TM."


class RevocationGround(StrEnum):
    """The only four grounds for revoking an award (Luật 06/2022/QH15, chương VII)."""

    FALSE_ACHIEVEMENT = "false_achievement"
    FORGED_PAPERS = "forged_papers"
    UNLAWFUL_APPRAISAL = "unlawful_appraisal"
    LATER_VIOLATION = "later_violation"


class RegistrationStatus(StrEnum):
    """What became of a registration."""

    SENT = "sent"
    ACKNOWLEDGED = "acknowledged"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class DayRule(StrEnum):
    """How the last day of a period was found (Bộ luật Dân sự 2015, điều 147 and 148)."""

    AS_SET = "as_set"
    NEXT_WORKING_DAY = "next_working_day"
    COUNTED_BACK = "counted_back"


class ReportKind(StrEnum):
    """Reports the programme asks of units (III.2, V.1)."""

    YEARLY = "yearly"
    MIDTERM = "midterm"
    FINAL = "final"


class ReportState(StrEnum):
    """Where one unit's report stands; a returned one is the unit's to file again."""

    DUE = "due"
    FILED = "filed"
    ACCEPTED = "accepted"
    RETURNED = "returned"


class ReportAction(StrEnum):
    """What somebody does to a report."""

    SAVE = "save"
    FILE = "file"
    ACCEPT = "accept"
    RETURN = "return"


class ReminderKind(StrEnum):
    """What a reminder is about; people choose their channels by it."""

    MILESTONE = "milestone"
    REGISTRATION = "registration"
    STUCK = "stuck"
    SUPPLEMENT = "supplement"
    NOTICE = "notice"
    SCORES = "scores"
    REPORT = "report"


class Better(StrEnum):
    """Which of two figures stands first."""

    HIGHER = "higher"
    LOWER = "lower"


class TieRule(StrEnum):
    """What becomes of a tie that the last place falls into."""

    PERSON = "person"
    """A named person breaks it, with a reason; until then none of them is in."""
    ALL_OUT = "all_out"
    """None of them is in: the cap is a limit."""


class SessionKind(StrEnum):
    """What a council session resolves: a unit proposes, or the province puts in order."""

    UNIT_COUNCIL = "unit_council"
    PROVINCIAL_RANKING = "provincial_ranking"


class SessionState(StrEnum):
    """Where a session stands; figures are shown to nobody before COUNTING."""

    PREPARING = "preparing"
    OPEN = "open"
    COUNTING = "counting"
    CLOSED = "closed"
    CANCELLED = "cancelled"


LIVE_SESSIONS: Final = frozenset({SessionState.PREPARING, SessionState.OPEN, SessionState.COUNTING})
"""Sessions that hold the dossiers of their agenda: nobody records a result past them."""


class Vote(StrEnum):
    """What a member says of one dossier; the latter two want a reason."""

    YES = "yes"
    NO = "no"
    OTHER = "other"


class Attendance(StrEnum):
    """How a member took part; one who is absent may still vote in writing."""

    PRESENT = "present"
    WRITTEN = "written"
    ABSENT = "absent"
