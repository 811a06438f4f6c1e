"""The only module that knows `transitions`: may this action leave this state, and whereto?

The machine judges a throw-away subject, never a stored row; it has no automatic transitions and
no callbacks that do anything (ADR 0004). One machine serves all dossiers of a programme version.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from transitions import Machine, MachineError

from workflow.vocabulary import State

if TYPE_CHECKING:
    from transitions import EventData

    from workflow.programme import Programme
    from workflow.vocabulary import Action

UNBORN = "unborn"
"""The machine's name for a dossier that does not exist yet (`from` left out in the file)."""


class _Subject:
    """What the machine moves: one attribute, no methods of its own, gone after the verdict."""

    __slots__ = ("state",)

    def __init__(self, state: str) -> None:
        self.state = state


def _fell_matches(wanted: State | None) -> Any:  # noqa: ANN401 - a callback of the library
    def condition(event: EventData) -> bool:
        return wanted is None or wanted in event.kwargs["fallen"]

    return condition


def _admitted(event: EventData) -> bool:
    return bool(event.kwargs["admitted"])


class WorkflowMachine:
    """One programme version's arrows, shared by all its dossiers."""

    def __init__(self, programme: Programme) -> None:
        """Build the machine from the programme's steps."""
        self._machine: Machine = Machine(
            model=None,
            states=[UNBORN, *(state.value for state in State)],
            initial=UNBORN,
            auto_transitions=False,
            send_event=True,
            ignore_invalid_triggers=False,
        )
        for step in programme.steps:
            self._machine.add_transition(
                trigger=step.action.value,
                source=step.source.value if step.source else UNBORN,
                dest=step.target.value,
                conditions=[_admitted, _fell_matches(step.when_fell)],
            )

    def target(
        self,
        state: State | None,
        action: Action,
        *,
        admitted: bool,
        fallen: frozenset[State] = frozenset(),
    ) -> State | None:
        """Where `action` leads from `state`; None when there is no such arrow or it is barred.

        `fallen` names the approvals that no longer stand, for arrows that depend on them.
        """
        event = self._machine.events.get(action.value)
        if event is None:
            return None
        subject = _Subject(state.value if state else UNBORN)
        try:
            moved = event.trigger(subject, admitted=admitted, fallen=fallen)
        except MachineError:
            return None
        return State(subject.state) if moved else None
