"""Where a name can be entered while looking for it: at each of its words (`models.phrases`)."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import BYTEWISE, Base


class UnitPhrase(Base):
    """The folded name of a unit from one of its words on."""

    __tablename__ = "unit_phrase"

    unit_id: Mapped[int] = mapped_column(
        ForeignKey("unit.id"), primary_key=True, autoincrement=False
    )
    phrase: Mapped[str] = mapped_column(BYTEWISE, primary_key=True)


class PersonPhrase(Base):
    """The folded name of a person from one of its words on."""

    __tablename__ = "person_phrase"

    person_id: Mapped[int] = mapped_column(
        ForeignKey("person.id"), primary_key=True, autoincrement=False
    )
    phrase: Mapped[str] = mapped_column(BYTEWISE, primary_key=True)


Index("ix_unit_phrase_phrase", UnitPhrase.phrase, UnitPhrase.unit_id)
Index("ix_person_phrase_phrase", PersonPhrase.phrase, PersonPhrase.person_id)
