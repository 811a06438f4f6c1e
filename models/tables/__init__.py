"""All tables. Import them from here, so that the metadata is always whole."""

from models.tables.changes import (
    CapturedChange,
    ChangeSet,
    ChangeSetLine,
    Erasure,
    KeptValue,
)
from models.tables.check import CheckMarkDocument, LastLook, TypedScore
from models.tables.checkpoints import CheckpointDelivery, LogCheckpoint
from models.tables.council import (
    AgendaItem,
    BallotNote,
    BallotVote,
    CouncilSeat,
    CouncilSession,
    RankingResult,
)
from models.tables.deadlines import CalendarFeed, MilestoneVersion, Suspension
from models.tables.deciding import DecisionList, HeldLetter, ListedDossier, RankingSnapshot
from models.tables.dossier import LIVE, Dossier
from models.tables.files import FileScan, Upload, UploadPart
from models.tables.history import Evaluation, HistoryLine, HistoryStream, SealedLine, SentForm
from models.tables.importing import ImportRun
from models.tables.keeping import BackupRun, Restoration
from models.tables.lending import AppointmentRequest, Delegation, EmergencyAccess
from models.tables.letters import CaughtMail, DecisionNotice, OutgoingMessage, ReminderWish
from models.tables.organisation import CalendarDay, Unit, UnitSuccession
from models.tables.papers import Document, Initiative, Note, PaperReading, PaperTemplate
from models.tables.people import Account, Appointment, Person, UserSession
from models.tables.programme import CodeCounter, PlaceMovement, ProgrammeVersion, Quota
from models.tables.registration import Registration
from models.tables.reports import Report, ReportDate, ReportFile
from models.tables.review import (
    Approval,
    ApprovalDocument,
    CheckMark,
    CouncilResult,
    Decision,
    IndexScore,
)
from models.tables.searching import PersonPhrase, UnitPhrase
from models.tables.signing_in import (
    CodeRequest,
    Guess,
    KnownDevice,
    LinkedIdentity,
    OneTimeCode,
    Passkey,
    RecoveryCode,
    SecondFactor,
)
from models.tables.time import DemonstrationClock, JobRun

__all__ = [
    "LIVE",
    "Account",
    "AgendaItem",
    "Appointment",
    "AppointmentRequest",
    "Approval",
    "ApprovalDocument",
    "BackupRun",
    "BallotNote",
    "BallotVote",
    "CalendarDay",
    "CalendarFeed",
    "CapturedChange",
    "CaughtMail",
    "ChangeSet",
    "ChangeSetLine",
    "CheckMark",
    "CheckMarkDocument",
    "CheckpointDelivery",
    "CodeCounter",
    "CodeRequest",
    "CouncilResult",
    "CouncilSeat",
    "CouncilSession",
    "Decision",
    "DecisionList",
    "DecisionNotice",
    "Delegation",
    "DemonstrationClock",
    "Document",
    "Dossier",
    "EmergencyAccess",
    "Erasure",
    "Evaluation",
    "FileScan",
    "Guess",
    "HeldLetter",
    "HistoryLine",
    "HistoryStream",
    "ImportRun",
    "IndexScore",
    "Initiative",
    "JobRun",
    "KeptValue",
    "KnownDevice",
    "LastLook",
    "LinkedIdentity",
    "ListedDossier",
    "LogCheckpoint",
    "MilestoneVersion",
    "Note",
    "OneTimeCode",
    "OutgoingMessage",
    "PaperReading",
    "PaperTemplate",
    "Passkey",
    "Person",
    "PersonPhrase",
    "PlaceMovement",
    "ProgrammeVersion",
    "Quota",
    "RankingResult",
    "RankingSnapshot",
    "RecoveryCode",
    "Registration",
    "ReminderWish",
    "Report",
    "ReportDate",
    "ReportFile",
    "Restoration",
    "SealedLine",
    "SecondFactor",
    "SentForm",
    "Suspension",
    "TypedScore",
    "Unit",
    "UnitPhrase",
    "UnitSuccession",
    "Upload",
    "UploadPart",
    "UserSession",
]
