"""The ways a dossier can take, as races: what several clients send at one instant, step by step."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select

from models.database import Database
from models.tables import Dossier, Registration
from tests import builders as build
from workflow.vocabulary import Action, RegistrationStatus

BOARD, RANKING = f"appraiser@{build.PROVINCE}", f"council_secretary@{build.PROVINCE}"
CHAIR, DEPUTY = f"head@{build.PROVINCE}", f"deputy_head@{build.PROVINCE}"
DAY_AFTER_SPRING = build.SPRING + timedelta(days=1)
REASON = "Lý do ghi khi đua"
PAPER = {"number": "86/TTr-UBND", "dated": "20/11/2023", "signer": "Phàn A Lình", "confirmed": "1"}
SIGNED = {
    "dated": "05/12/2023",
    "signer": "Nguyễn Văn Sơn",
    "capacity": "",
    "compared": "1",
}


@dataclass(frozen=True)
class Move:
    """What one client may send: by whom, where, and what of the dossier it changes."""

    action: Action
    by: tuple[str, ...]
    page: str = ""
    form: dict[str, str] = field(default_factory=dict)
    fields: frozenset[str] = frozenset()
    files: tuple[str, ...] = ()
    steps: int = 1

    @property
    def path(self) -> str:
        return self.page or f"/buoc/{self.action.value}"


@dataclass(frozen=True)
class Race:
    """Moves that are sent at once, by turns; all from one version, at one instant."""

    now: datetime
    moves: tuple[Move, ...]


DECIDED = frozenset({"state", "decision"})
RETRACTING = Move(Action.RETRACT, (CHAIR, DEPUTY), "", {"comment": REASON}, DECIDED)


def changes(*fields: str) -> frozenset[str]:
    return frozenset(fields)


def saying(action: Action, *by: str, fields: frozenset[str] = frozenset({"state"})) -> Move:
    """A step that is taken on the dossier's own page, with a reason."""
    source = {"source": "Đơn tố cáo"} if action is Action.HOLD else {}
    return Move(action, by, "", {"comment": REASON, **source}, fields)


def paper(kind: str, *by: str) -> Move:
    form = {"kind": kind, **{f"{kind}-{name}": value for name, value in PAPER.items()}}
    return Move(Action.EDIT, by, "/lap/tai-lieu", form, changes(kind), (f"{kind}-file",))


def deciding(number: int, when: str) -> Move:
    """Decide now, to be published `ngay` or `sau`."""
    signing = {**SIGNED, "number": f"{number}/QĐ-UBND", "when": when}
    return Move(Action.DECIDE, (CHAIR, DEPUTY), "/quyet-dinh", signing, DECIDED)


def a_lap(number: int) -> Iterator[Race]:
    """A checked dossier is held, released, decided and taken back: it waits again."""
    yield Race(build.NOW, (saying(Action.HOLD, BOARD, fields=changes("hold")),))
    yield Race(build.NOW, (saying(Action.RELEASE_HOLD, BOARD, fields=changes("hold")),))
    yield Race(build.NOW, (deciding(number, "sau"),))
    yield Race(build.NOW, (RETRACTING,))


def the_end(unit: str, number: int) -> Iterator[Race]:
    """A checked dossier falls: by its unit, by the Board, by whoever decides; all want it."""
    withdrawn = saying(Action.WITHDRAW, f"clerk@{unit}", f"head@{unit}")
    refused = saying(Action.REJECT, DEPUTY, CHAIR)
    yield Race(build.NOW, (withdrawn, refused) if number % 2 else (refused, withdrawn))


def the_way(unit: str, number: int) -> Iterator[Race]:
    """Every step there is, in an order in which a dossier can take them."""
    unit_side = (f"clerk@{unit}", f"head@{unit}")
    secretary = f"council_secretary@{unit}"

    def race(*moves: Move, now: datetime = build.AUTUMN) -> Race:
        return Race(now, moves)

    report = {
        "award": "BANG_KHEN_TINH",
        "profile_text": "Thành lập năm 1962.",
        "achievements_text": "Rút ngắn 40% thời gian.",
        "prior_awards_text": "Chưa có.",
    }
    texts = changes("profile_text", "achievements_text", "prior_awards_text")
    yield race(
        Move(
            Action.EDIT,
            unit_side,
            "/lap/hinh-thuc",
            report,
            texts | {"award_form"},
            steps=2,
        )
    )
    again = {**report, "profile_text": f"Thành lập năm 1962, sửa lần {number}."}
    yield race(Move(Action.EDIT, unit_side, "/lap/hinh-thuc", again, changes("profile_text")))
    idea = {
        "title": "Tổ trả kết quả lưu động tại chợ phiên",
        "recognised_by": "UBND tỉnh",
        "recognition_number": "1203/QĐ-UBND",
        "recognised_on": "01/06/2023",
        "applied": "1",
    }
    yield race(Move(Action.EDIT, unit_side, "/lap/sang-kien", idea, changes("initiatives")))
    yield race(paper("BAO_CAO_THANH_TICH", *unit_side))
    yield race(Move(Action.PRESENT, unit_side[:1], fields=changes("presented")))
    until = {"until": "04/12/2023", "comment": REASON}
    yield race(Move(Action.GRANT_EXTENSION, (BOARD,), "/gia-han", until, changes("extended_until")))
    stop = {"since": "21/11/2023", "until": "22/11/2023", "comment": REASON}
    yield race(Move(Action.SUSPEND, (BOARD,), "/tam-dung-thoi-han", stop, changes("suspensions")))
    if number % 5 == 1:
        yield race(saying(Action.WITHDRAW, *unit_side))
        return
    yield race(Move(Action.SUBMIT, unit_side, fields=changes("state")))
    yield race(paper("BIEN_BAN", secretary, *unit_side))
    yield race(saying(Action.HOLD, BOARD, fields=changes("hold")))
    yield race(saying(Action.RELEASE_HOLD, BOARD, fields=changes("hold")))
    asked = {
        "item-1": "Báo cáo: ghi rõ số liệu.",
        "kind-BAO_CAO_THANH_TICH": "1",
        "due": "05/12/2023",
        "comment": REASON,
    }
    supplement = changes("supplement")
    yield race(
        Move(
            Action.REQUEST_SUPPLEMENT,
            (secretary, BOARD),
            "/yeu-cau-bo-sung",
            asked,
            supplement,
        )
    )
    yield race(paper("BAO_CAO_THANH_TICH", *unit_side))
    yield race(Move(Action.SEND_SUPPLEMENT, unit_side, fields=supplement))
    if number % 5 == 2:
        yield race(saying(Action.WITHDRAW, *unit_side), saying(Action.REJECT, secretary))
        return
    votes = {
        "do": "record",
        "held_on": "20/11/2023",
        "members": "9",
        "present": "9",
        "recused": "0",
        "votes_for": "9",
        "votes_against": "0",
        "votes_blank": "0",
        "method": "show_of_hands",
    }
    result = changes("state", "council_result")
    yield race(
        Move(Action.RECORD_COUNCIL_RESULT, (secretary,), "/hoi-dong", votes, result),
        now=build.NOW,
    )
    yield race(paper("TO_TRINH", *unit_side), now=build.NOW)
    if number % 5 == 3:
        yield race(saying(Action.REJECT, BOARD), saying(Action.WITHDRAW, *unit_side), now=build.NOW)
        return
    marks = {f"check-{place}": "met" for place in (1, 2, 3)}
    yield race(
        Move(
            Action.MARK_CHECK,
            (BOARD,),
            "/kiem-tra",
            {**marks, "do": "save"},
            changes("marks"),
            steps=3,
        ),
        now=build.NOW,
    )
    yield race(
        Move(
            Action.CONFIRM_CHECK,
            (BOARD,),
            "/kiem-tra",
            {**marks, "do": "confirm"},
            changes("state"),
        ),
        now=build.NOW,
    )
    yield race(Move(Action.RECORD_RANKING, (RANKING,), fields=changes("ranking")), now=build.NOW)
    if number % 5 == 4:
        refused = saying(Action.REJECT, DEPUTY, CHAIR)
        withdrawn = saying(Action.WITHDRAW, *unit_side)
        yield race(deciding(number, "ngay"), refused, withdrawn, now=build.NOW)
        return
    yield race(deciding(number, "sau"), now=build.NOW)
    yield race(RETRACTING, now=build.NOW)
    yield race(deciding(number, "ngay"), now=build.NOW)
    revoking = {
        **SIGNED,
        "number": f"{number}-B/QĐ-UBND",
        "ground": "forged_papers",
        "comment": REASON,
    }
    yield race(
        Move(
            Action.REVOKE,
            (CHAIR, DEPUTY),
            "/huy-bo",
            revoking,
            changes("state", "revocation"),
        ),
        now=build.NOW,
    )


def born_of(database: Database, registration: str) -> str:
    """The code of the only dossier this registration has borne."""
    with database.reading() as session:
        return session.scalars(
            select(Dossier.code)
            .join(Registration, Registration.id == Dossier.registration_id)
            .where(
                Registration.code == registration,
                Registration.status == RegistrationStatus.ACKNOWLEDGED,
            )
        ).one()
