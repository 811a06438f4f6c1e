"""Registrations with the direct superior (IV.1.a): where every dossier comes from."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, check
from workflow.vocabulary import RegistrationStatus, SubjectKind


class Registration(Base):
    """One registration. The dossier it gave birth to points here (`dossier.registration_id`)."""

    __tablename__ = "registration"
    __table_args__ = (
        check("(subject_kind = 'individual') = (person_id IS NOT NULL)", "person_if_individual"),
        check(
            "(status <> 'acknowledged') OR"
            " (acknowledged_by IS NOT NULL AND acknowledged_at IS NOT NULL)",
            "acknowledged_by_somebody",
        ),
        check("status <> 'rejected' OR reason <> ''", "rejected_with_reason"),
        Index("ix_registration_status", "superior_unit_id", "status"),
        Index("ix_registration_subject", "programme_id", "cycle_id", "subject_key"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    programme_id: Mapped[str]
    programme_hash: Mapped[str] = mapped_column(ForeignKey("programme_version.content_hash"))
    cycle_id: Mapped[str]
    year: Mapped[int]
    subject_kind: Mapped[SubjectKind]
    subject_key: Mapped[str]
    subject_name: Mapped[str]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    superior_unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    number: Mapped[str] = mapped_column(default="")
    registered_on: Mapped[date]
    sent_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    sent_at: Mapped[datetime]
    status: Mapped[RegistrationStatus] = mapped_column(default=RegistrationStatus.SENT)
    acknowledged_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    acknowledged_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(default="")
    search_key: Mapped[str] = mapped_column(default="")
