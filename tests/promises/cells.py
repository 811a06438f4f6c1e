"""Cells of the matrix: every page and method, every kind of people, every situation of a dossier.

They come from the URL map and the policy table alone. What is written here is only how an address
is filled in, and what an ordinary form would send.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from flask import Flask
from werkzeug.routing import Rule

from config.policy import Policy, Principal, Refusal, Row
from tests import builders as build
from tests.promises.situations import RETURNED, STATES, Situation
from views.papers.kinds import PaperKind
from views.steps_pages import OWN_PAGE
from workflow.programme import Programme
from workflow.vocabulary import Action, DocumentKind, Role, State

SIGN_IN, FORBIDDEN, HIDDEN, PASSES = "sign_in", "forbidden", "hidden", "passes"
NO_CODES: Final = ("HS-2023-9999", "DK-2023-9999", "BC-2021-9999", "PH-2023-9999")
NO_NUMBER: Final = 999_999
IDENTIFYING: Final = frozenset(
    {"code", "number", "decision_id", "list_id", "upload_id", "cycle_id", "message_id", "letter_id"}
)
"""Arguments that name an object of somebody; the others are words of the service."""
HALTS: Final = ("/tai-khoan/xac-thuc", "/mat-khau")
OWN_ROOMS: Final = ("account", "own_account", "passkeys", "second_factor")
"""Where people are sent who must first set up a factor, or change a password."""
STEPS: Final = tuple(
    action.value for action in Action if action not in OWN_PAGE and action is not Action.REGISTER
)
ACTIONS: Final[Mapping[str, tuple[Action, ...]]] = {
    "assembly.write": (Action.EDIT,),
    "assembly.put_initiative": (Action.EDIT,),
    "assembly.keep_document": (Action.EDIT,),
    "council.record": (Action.RECORD_COUNCIL_RESULT, Action.EDIT),
    "check.mark": (Action.MARK_CHECK, Action.CONFIRM_CHECK),
    "check.ask": (Action.REQUEST_SUPPLEMENT,),
    "check.extend": (Action.GRANT_EXTENSION,),
    "suspensions.suspend": (Action.SUSPEND,),
    "decision.issue": (Action.DECIDE,),
    "decision.withdraw_award": (Action.REVOKE,),
}
"""Steps a form may take; what else writes has its own right, named in the policy."""
ROLES: Final = {
    Principal.OFFICER_OWN: {Role.CLERK},
    Principal.COUNCIL_OWN: {Role.COUNCIL_SECRETARY},
    Principal.BOARD_OFFICER: {Role.APPRAISER, Role.SUPERIOR},
    Principal.BOARD_HEAD: {Role.APPRAISER, Role.SUPERIOR},
    Principal.DECIDER: {Role.DECIDER, Role.SUPERIOR},
}
"""Roles of the programme a kind of people can have towards the dossier."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One question to the service, and what the policy says of it."""

    endpoint: str
    method: str
    row: Row
    address: str
    missing: str
    """The same address about an object that does not exist; empty where there is no object."""
    principal: Principal
    person: str
    situation: Situation
    action: str = ""
    prepared: bool = True
    """Does the record hold the object the address names?"""

    def __str__(self) -> str:
        """How a fault names it."""
        acted = "acted" if self.situation.involved else "fresh"
        return f"{self.method} {self.address} {self.principal} {self.situation.state} {acted}"


@dataclass
class Objects:
    """What the record holds besides dossiers, by the name of the argument or of the endpoint."""

    values: Mapping[str, Any] = field(default_factory=dict)
    own: Situation | None = None
    """Pages that are about no dossier are asked from here."""
    steps: int = len(STEPS)
    """How many of the plain steps are tried in one situation."""


def cells(
    app: Flask, policy: Policy, situations: list[Situation], objects: Objects
) -> Iterator[Cell]:
    """Every cell there is."""
    here = objects.own or situations[0]
    for rule in sorted(app.url_map.iter_rules(), key=lambda one: (one.rule, one.endpoint)):
        methods = set(rule.methods or ()) - {"HEAD"}
        if methods != {"OPTIONS"}:
            methods.discard("OPTIONS")
        for method in sorted(methods):
            row = policy.row(rule.endpoint, method)
            assert row is not None
            about = situations if is_of_dossier(rule, row) else [here]
            for situation in about:
                yield from _asked(app, rule, method, row, situation, objects)


def is_of_dossier(rule: Rule, row: Row) -> bool:
    """Does the page belong to one dossier, or to its registration?"""
    return bool({"reads_dossier", "reads_registration", "tells_result"} & set(row.who))


def _asked(
    app: Flask, rule: Rule, method: str, row: Row, situation: Situation, objects: Objects
) -> Iterator[Cell]:
    actions = _steps_to_try(situation, objects) if rule.endpoint == "steps.take" else ("",)
    for action in actions:
        values = {"action": action} if action else {}
        values |= {
            name: _value(rule, name, situation, objects) for name in rule.arguments - values.keys()
        }
        address = _address(app, rule, values)
        gone = {name: _nothing(name, value) for name, value in values.items()}
        missing = _address(app, rule, gone) if gone != values else ""
        for principal in Principal:
            person = situation.people.get(principal, "")
            if principal is Principal.COUNCIL_OWN and "has_ballot" in row.who:
                person = f"council_chair@{situation.unit}"
            yield Cell(
                rule.endpoint,
                method,
                row,
                address,
                missing,
                principal,
                person,
                situation,
                action,
                prepared=_is_prepared(rule, objects),
            )


def _steps_to_try(situation: Situation, objects: Objects) -> tuple[str, ...]:
    """By day three steps in each situation, all of them in turn; at night all in each."""
    first = (STATES.index(situation.state) * 2 + situation.involved) * 3
    every = [STEPS[(first + each) % len(STEPS)] for each in range(len(STEPS))]
    return tuple(every[: objects.steps])


def _address(app: Flask, rule: Rule, values: Mapping[str, Any]) -> str:
    built = rule.build(values, append_unknown=False)
    assert built is not None, (rule, values)
    return built[1]


def _is_prepared(rule: Rule, objects: Objects) -> bool:
    room = rule.endpoint.partition(".")[0]
    known = objects.values.keys() | {"code", "document_id", "action"}
    return all(
        {name, f"{room}:{name}", f"{rule.endpoint}:{name}"} & known for name in rule.arguments
    )


def _value(rule: Rule, name: str, situation: Situation, objects: Objects) -> Any:
    room = rule.endpoint.partition(".")[0]
    named = f"{rule.endpoint}:{name}"
    if named in objects.values:
        return objects.values[named]
    if f"{room}:{name}" in objects.values:
        return objects.values[f"{room}:{name}"]
    if name == "code":
        own = {"registrations": situation.registration, "reports_due": situation.report}
        return own.get(room, situation.code)
    if name == "document_id":
        return situation.document
    # A page nobody has prepared an object for: not found, or whatever it says of nothing.
    return objects.values.get(name, NO_NUMBER if f"int:{name}" in rule.rule else "khong-co")


def _nothing(name: str, value: Any) -> Any:
    """The value of an object nobody has, of the same shape; other values stay as they are."""
    if name not in IDENTIFYING:
        return value
    if isinstance(value, int):
        return NO_NUMBER
    return next((one for one in NO_CODES if one[:2] == str(value)[:2]), "0" * len(str(value)))


def expected(policy: Policy, cell: Cell, off: frozenset[str] = frozenset()) -> str:
    """What the policy says: the first condition that does not hold refuses.

    `off` names conditions that hold for nobody, because the service is not of that kind.
    """
    state = cell.situation.state
    for name in cell.row.who:
        one = policy.conditions[name]
        where = one.only_in.get(cell.principal, one.in_states)
        holds = cell.principal in one.holds_for and (not where or state in where)
        if not holds or name in off:
            return {Refusal.SIGN_IN: SIGN_IN, Refusal.FORBIDDEN: FORBIDDEN}.get(one.refusal, HIDDEN)
    if cell.row.states and state not in cell.row.states:
        return HIDDEN
    return PASSES


def answered(cell: Cell, status: int, location: str) -> str:
    """Which of these an answer is."""
    to_sign_in = status == 303 and location.partition("?")[0] == "/dang-nhap"
    if status == 401 or (to_sign_in and cell.endpoint != "account.sign_out"):
        return SIGN_IN
    if status == 303 and location in HALTS and cell.endpoint.partition(".")[0] not in OWN_ROOMS:
        return "halted"
    return {403: FORBIDDEN, 404: HIDDEN}.get(status, PASSES if status < 500 else str(status))


def is_step(cell: Cell) -> bool:
    """Is the form one that takes a step of the programme?"""
    return bool(cell.action) or cell.endpoint in ACTIONS


def may_take(programme: Programme, cell: Cell) -> bool:
    """Has the programme a step of this form, from this state, for somebody of this kind?"""
    state = State.COUNCIL_REVIEWED if cell.situation.state == RETURNED else None
    state = state or State(cell.situation.state)
    wanted = (Action(cell.action),) if cell.action else ACTIONS.get(cell.endpoint, ())
    roles = ROLES.get(cell.principal, set())
    return any(
        step.action in wanted and step.source is state and roles & set(step.by)
        for step in programme.steps
    )


def constants() -> dict[str, Any]:
    """Values of arguments that need no object made for them."""
    return {
        "cycle_id": "2023-midterm",
        "award_id": "BANG_KHEN_TINH",
        "unit": build.PROVINCE,
        "report_id": "SK-2023",
        "report": "don-vi",
        "report_dates:report_id": "SK-2023",
        "ending": "docx",
        "papers:kind": PaperKind.BAO_CAO_TAP_THE.value,
        "paper_templates:kind": PaperKind.TO_TRINH.value,
        "whole_dossier:kind": DocumentKind.BAO_CAO_THANH_TICH.value,
        "day": "2023-12-25",
        "name": "chi-so",
        "filename": "app.css",
        "version": 1,
        "token": "x" * 43,
        "help:name": "can-bo",
        "letter_id": 1,
        "message_id": 1,
        "file_id": 1,
        "number": 1,
        "upload_id": "0" * 32,
        "languages:code": "vi",
    }
