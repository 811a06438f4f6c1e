"""Several programmes and cycles on one page: which one is asked for, and the fields to ask with.

The programme is asked for only where there are several; of one programme only its own cycles are
offered. What nobody knows narrows nothing.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

from flask import g, request
from sqlalchemy.orm import Session

from models.rulebooks import UnknownProgramme, rulebooks_in_force
from views import desk, speaking
from views.formats import _
from workflow.programme import Cycle, Programme

PROGRAMME: Final = "chuong-trinh"
CYCLE: Final = "dot"
APART: Final = "/"


@dataclass(frozen=True, slots=True)
class Choice:
    """What the reader narrows a page to; empty words narrow nothing."""

    known: tuple[Programme, ...]
    programme_id: str = ""
    cycle_id: str = ""

    @property
    def chosen(self) -> tuple[Programme, ...]:
        """The programmes to be shown."""
        return tuple(one for one in self.known if self.programme_id in {"", one.id})

    @property
    def narrows(self) -> bool:
        """Is anything asked for?"""
        return bool(self.programme_id or self.cycle_id)

    @property
    def kept(self) -> dict[str, Any]:
        """What an address of the same page carries."""
        found = {PROGRAMME: self.programme_id, CYCLE: self.cycle_id}
        return {name: value for name, value in found.items() if value}

    def keeps(self, programme_id: str, cycles: Collection[str]) -> bool:
        """Is something of this programme, about these cycles, to be shown?"""
        return self.programme_id in {"", programme_id} and (
            not self.cycle_id or self.cycle_id in cycles
        )

    def fields(self) -> list[dict[str, Any]]:
        """The filter: programmes where there are several, and the cycles of those shown."""
        titles = [{"value": one.id, "label": one.short_title} for one in self.known]
        cycles = {
            cycle.id: cycle.label
            for one in self.chosen
            for cycle in sorted(one.cycles, key=lambda each: each.year, reverse=True)
        }
        options = [{"value": key, "label": label} for key, label in cycles.items()]
        found = [{"name": CYCLE, "label": _("Đợt"), "value": self.cycle_id, "options": options}]
        if len(titles) > 1:
            one = {"label": _("Chương trình"), "value": self.programme_id, "options": titles}
            found.insert(0, {"name": PROGRAMME, **one})
        return found


def choice(db: Session) -> Choice:
    """Read what is asked for in the address."""
    known = tuple(one.programme for one in rulebooks_in_force(db))
    programme_id = _asked(PROGRAMME, {one.id for one in known})
    shown = [one for one in known if programme_id in {"", one.id}]
    cycle_id = _asked(CYCLE, {cycle.id for one in shown for cycle in one.cycles})
    return Choice(known, programme_id, cycle_id)


def one_programme(db: Session) -> tuple[Programme, list[dict[str, Any]]]:
    """The one programme a page is about, and the choice between several (none for one).

    Without a word about it the first that has the cycle asked for, else the one loaded last.
    Raises `UnknownProgramme` when nothing is in force.
    """
    known = [one.programme for one in rulebooks_in_force(db)]
    if not known:
        raise UnknownProgramme
    asked, cycle = request.args.get(PROGRAMME, ""), request.args.get(CYCLE, "")
    chosen = next((one for one in known if one.id == asked), None)
    having = next((one for one in known if cycle in one.cycle_by_id), known[0])
    shown = chosen or having
    speaking.speak_of(shown)
    options = [
        {"value": one.id, "label": one.short_title, "selected": one.id == shown.id} for one in known
    ]
    return shown, options if len(known) > 1 else []


def asked_for() -> str | None:
    """The programme named in the address, for pages whose address names a cycle."""
    return request.args.get(PROGRAMME) or None


def several() -> bool:
    """Is more than one programme in force? Asked once a request."""
    if "several_programmes" not in g:
        with desk.reading() as db:
            g.several_programmes = len(rulebooks_in_force(db)) > 1
    return bool(g.several_programmes)


def address(programme: Programme) -> dict[str, Any]:
    """What an address adds to name a programme: nothing while there is only one."""
    return {PROGRAMME: programme.id} if several() else {}


def cycle_option(programme: Programme, cycle: Cycle) -> dict[str, str]:
    """A cycle as an option of a field; with its programme where there are several."""
    if not several():
        return {"value": cycle.id, "label": cycle.label}
    return {
        "value": f"{programme.id}{APART}{cycle.id}",
        "label": _("{label} · {short_title}", label=cycle.label, short_title=programme.short_title),
    }


def read_cycle(db: Session, value: str) -> tuple[Programme, Cycle] | None:
    """The programme and cycle a field names; None for what nobody knows."""
    named, apart, cycle_id = value.rpartition(APART)
    for one in (each.programme for each in rulebooks_in_force(db)):
        if cycle_id in one.cycle_by_id and (not apart or named == one.id):
            return one, one.cycle_by_id[cycle_id]
    return None


def _asked(name: str, known: Collection[str]) -> str:
    asked = request.args.get(name, "")
    return asked if asked in known else ""
