"""Tie human checks to what they looked at; keep typed scores and last looks.

Revision: 0009, after 0008.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Marks from before know no version: any edit since asks for another look.
    op.add_column("check_mark", sa.Column("version", sa.Integer(), nullable=True))
    op.create_table(
        "check_mark_document",
        sa.Column("mark_id", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name=op.f("fk_check_mark_document_document_id")
        ),
        sa.ForeignKeyConstraint(
            ["mark_id"], ["check_mark.id"], name=op.f("fk_check_mark_document_mark_id")
        ),
        sa.PrimaryKeyConstraint("mark_id", "document_id", name=op.f("pk_check_mark_document")),
    )
    _typed_scores()
    op.create_table(
        "last_look",
        sa.Column("dossier_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["dossier_id"], ["dossier.id"], name=op.f("fk_last_look_dossier_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_last_look_person_id")),
        sa.PrimaryKeyConstraint("dossier_id", "person_id", name=op.f("pk_last_look")),
    )


def _typed_scores() -> None:
    op.create_table(
        "typed_score",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("index_kind", _words("indexkind", "par_index", "sipas"), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("body_id", sa.Integer(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column(
            "classification",
            _words("classification", "XUAT_SAC", "TOT", "KHA", "TRUNG_BINH", "YEU"),
            nullable=True,
        ),
        sa.Column("published_on", sa.Date(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("confirmed_by", sa.Integer(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "value >= 0 AND value <= 10000", name=op.f("ck_typed_score_value_is_on_the_scale")
        ),
        sa.CheckConstraint(
            "year >= 2000 AND year <= 2100", name=op.f("ck_typed_score_year_is_plausible")
        ),
        sa.CheckConstraint(
            "(confirmed_by IS NULL) = (confirmed_at IS NULL)",
            name=op.f("ck_typed_score_confirmed_by_somebody"),
        ),
        sa.CheckConstraint(
            "confirmed_by <> by_id", name=op.f("ck_typed_score_confirmed_by_another")
        ),
        sa.CheckConstraint(
            "confirmed_by IS NULL OR NOT open", name=op.f("ck_typed_score_confirmed_is_closed")
        ),
        sa.ForeignKeyConstraint(["body_id"], ["unit.id"], name=op.f("fk_typed_score_body_id")),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_typed_score_by_id")),
        sa.ForeignKeyConstraint(
            ["confirmed_by"], ["person.id"], name=op.f("fk_typed_score_confirmed_by")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_typed_score_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_typed_score")),
    )
    op.create_index(
        "uq_typed_score_open",
        "typed_score",
        ["unit_id", "index_kind", "year", "by_id"],
        unique=True,
        sqlite_where=sa.text("open"),
        postgresql_where=sa.text("open"),
    )


def _words(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=40)


def downgrade() -> None:
    op.drop_table("last_look")
    op.drop_index(
        "uq_typed_score_open",
        table_name="typed_score",
        sqlite_where=sa.text("open"),
        postgresql_where=sa.text("open"),
    )
    op.drop_table("typed_score")
    op.drop_table("check_mark_document")
    op.drop_column("check_mark", "version")
