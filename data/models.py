"""Fitted reward models as they are kept, on one connection."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from data import tables
from data.queries import insert
from data.schemas import StoredModel
from data.standing import hold


def add_model(
    db: sa.Connection, project_id: int, card: Mapping[str, Any], weights: bytes, created_by: str
) -> StoredModel:
    """A fit, kept as the project's next version."""
    column = tables.reward_model.c.version
    hold(db, project_id)
    newest = db.scalar(sa.select(sa.func.max(column)).where(tables.reward_model.c.project_id == project_id))
    made = {"created_by": created_by, "created_at": datetime.now(UTC), "card": dict(card)}
    values = {"version": (newest or 0) + 1, **made}
    insert(db, tables.reward_model, [{"project_id": project_id, "weights": weights, **values}])
    return StoredModel(**values)


def models_of(db: sa.Connection, project_id: int) -> list[StoredModel]:
    """Every kept fit, newest first, without its weights."""
    m = tables.reward_model.c
    query = sa.select(m.version, m.created_by, m.created_at, m.card).where(m.project_id == project_id)
    return [StoredModel(**row) for row in db.execute(query.order_by(m.version.desc())).mappings()]


def weights_of(db: sa.Connection, project_id: int, version: int) -> bytes | None:
    """The weights of one kept fit; None when there is no such version."""
    m = tables.reward_model.c
    weights = db.scalar(sa.select(m.weights).where(m.project_id == project_id, m.version == version))
    return None if weights is None else bytes(weights)
