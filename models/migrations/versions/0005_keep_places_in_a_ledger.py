"""Keep every movement of a place, and places for prepared decisions.

Revision: 0005, after 0004.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
import yaml
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

MOVES = ("reserve", "consume", "release")
KEY = ("programme_id", "cycle_id", "pool", "deciding_unit_id")
PROTECTED = ("place_movement",)

REFUSE_ON_SQLITE = """
CREATE TRIGGER {table}_refuses_{verb} BEFORE {verb} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is only ever added to'); END
"""

REFUSE_ON_POSTGRESQL = """
CREATE TRIGGER {table}_refuses_{verb} BEFORE {verb} ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
"""


def upgrade() -> None:
    if _on_sqlite():
        _create_quota("quota_new", reserved=True)
        op.execute(
            "INSERT INTO quota_new SELECT programme_id, cycle_id, pool, deciding_unit_id, base,"
            " cap, used, 0 FROM quota"
        )
        op.drop_table("quota")
        op.rename_table("quota_new", "quota")
    else:
        op.add_column(
            "quota", sa.Column("reserved", sa.Integer(), nullable=False, server_default="0")
        )
        op.alter_column("quota", "reserved", server_default=None)
        op.alter_column("quota", "base", nullable=True)
        op.drop_constraint(op.f("ck_quota_used_is_within_cap"), "quota", type_="check")
        op.create_check_constraint(
            op.f("ck_quota_places_are_within_cap"),
            "quota",
            "cap IS NULL OR used + reserved <= cap",
        )
        op.create_check_constraint(
            op.f("ck_quota_reserved_is_not_negative"), "quota", "reserved >= 0"
        )
    _movements()
    _open_the_ledger()
    _protect()


def downgrade() -> None:
    op.drop_index("ix_place_movement_pool", table_name="place_movement")
    op.drop_index(op.f("ix_place_movement_dossier_id"), table_name="place_movement")
    op.drop_table("place_movement")
    # An older service knows no pool without a base.
    op.execute("UPDATE quota SET base = 0 WHERE base IS NULL")
    if _on_sqlite():
        _create_quota("quota_old", reserved=False)
        op.execute(
            "INSERT INTO quota_old SELECT programme_id, cycle_id, pool, deciding_unit_id, base,"
            " cap, used FROM quota"
        )
        op.drop_table("quota")
        op.rename_table("quota_old", "quota")
    else:
        op.drop_constraint(op.f("ck_quota_places_are_within_cap"), "quota", type_="check")
        op.drop_constraint(op.f("ck_quota_reserved_is_not_negative"), "quota", type_="check")
        op.drop_column("quota", "reserved")
        op.alter_column("quota", "base", nullable=False)
        op.create_check_constraint(
            op.f("ck_quota_used_is_within_cap"), "quota", "cap IS NULL OR used <= cap"
        )


def _create_quota(name: str, *, reserved: bool) -> None:
    within = "used + reserved <= cap" if reserved else "used <= cap"
    rule = "places_are_within_cap" if reserved else "used_is_within_cap"
    more: list[sa.schema.SchemaItem] = []
    if reserved:
        more = [
            sa.Column("reserved", sa.Integer(), nullable=False),
            sa.CheckConstraint("reserved >= 0", name=op.f("ck_quota_reserved_is_not_negative")),
        ]
    op.create_table(
        name,
        sa.Column("programme_id", sa.Text(), nullable=False),
        sa.Column("cycle_id", sa.Text(), nullable=False),
        sa.Column("pool", sa.Text(), nullable=False),
        sa.Column("deciding_unit_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("base", sa.Integer(), nullable=reserved),
        sa.Column("cap", sa.Integer(), nullable=True),
        sa.Column("used", sa.Integer(), nullable=False),
        *more,
        sa.CheckConstraint("base >= 0", name=op.f("ck_quota_base_is_not_negative")),
        sa.CheckConstraint(f"cap IS NULL OR {within}", name=op.f(f"ck_quota_{rule}")),
        sa.CheckConstraint("used >= 0", name=op.f("ck_quota_used_is_not_negative")),
        sa.ForeignKeyConstraint(
            ["deciding_unit_id"], ["unit.id"], name=op.f("fk_quota_deciding_unit_id")
        ),
        sa.PrimaryKeyConstraint(*KEY, name=op.f("pk_quota")),
    )


def _movements() -> None:
    op.create_table(
        "place_movement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Text(), nullable=False),
        sa.Column("cycle_id", sa.Text(), nullable=False),
        sa.Column("pool", sa.Text(), nullable=False),
        sa.Column("deciding_unit_id", sa.Integer(), nullable=False),
        sa.Column("dossier_id", sa.Integer(), nullable=False),
        sa.Column("decision_id", sa.Integer(), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(*MOVES, name="placemove", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.Column("reserved", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(kind = 'reserve' AND used = 0 AND reserved = 1)"
            " OR (kind = 'consume' AND used = 1 AND reserved IN (0, -1))"
            " OR (kind = 'release' AND used + reserved = -1 AND used * reserved = 0)",
            name=op.f("ck_place_movement_moves_one_place"),
        ),
        sa.ForeignKeyConstraint(
            KEY,
            [f"quota.{column}" for column in KEY],
            name=op.f("fk_place_movement_programme_id_cycle_id_pool_deciding_unit_id"),
        ),
        sa.ForeignKeyConstraint(
            ["dossier_id"], ["dossier.id"], name=op.f("fk_place_movement_dossier_id")
        ),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decision.id"], name=op.f("fk_place_movement_decision_id")
        ),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_place_movement_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place_movement")),
    )
    op.create_index(
        op.f("ix_place_movement_dossier_id"), "place_movement", ["dossier_id"], unique=False
    )
    op.create_index("ix_place_movement_pool", "place_movement", list(KEY), unique=False)


def _open_the_ledger() -> None:
    """Every place taken so far becomes a movement of the dossier that took it."""
    bind = op.get_bind()
    taken = bind.execute(
        sa.text(
            "SELECT d.id, d.programme_id, d.cycle_id, d.award_form, d.subject_kind,"
            " d.deciding_unit_id, d.decision_id, x.entered_by, d.programme_hash"
            " FROM dossier d JOIN decision x ON x.id = d.decision_id WHERE d.state = 'decided'"
            " ORDER BY d.id"
        )
    ).all()
    programmes = {
        row.content_hash: yaml.safe_load(row.document)
        for row in bind.execute(sa.text("SELECT content_hash, document FROM programme_version"))
    }
    for row in taken:
        pool = _pool_of(programmes[row.programme_hash], row)
        if pool is None:
            continue
        bind.execute(
            sa.text(
                "INSERT INTO place_movement (programme_id, cycle_id, pool, deciding_unit_id,"
                " dossier_id, decision_id, kind, used, reserved, by_id, at)"
                " SELECT :programme_id, :cycle_id, :pool, :deciding_unit_id, :id, :decision_id,"
                " 'consume', 1, 0, :entered_by, entered_at FROM decision WHERE id = :decision_id"
            ),
            {**row._mapping, "pool": pool},  # noqa: SLF001 - SQLAlchemy's public mapping of a row
        )


def _pool_of(programme: dict[str, Any], row: sa.Row[Any]) -> str | None:
    awards = {award["id"]: award for award in programme["awards"]}
    cycles = {cycle["id"]: cycle for cycle in programme["cycles"]}
    quota = awards.get(row.award_form, {}).get("quota")
    if quota is None or row.subject_kind not in quota["subjects"]:
        return None
    pool: str = quota["pool"]
    return pool if cycles[row.cycle_id]["kind"] in quota["cycles"] else None


def _protect() -> None:
    sqlite = _on_sqlite()
    statement = REFUSE_ON_SQLITE if sqlite else REFUSE_ON_POSTGRESQL
    for table in PROTECTED:
        for verb in ("update", "delete") if sqlite else ("update", "delete", "truncate"):
            op.execute(statement.format(table=table, verb=verb))


def _on_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"
