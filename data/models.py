"""Fitted reward models as they are kept, in versions."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from data import tables
from data.database import Database
from data.errors import InputError
from data.queries import insert
from data.schemas import StoredModel
from data.standing import hold


class RewardModels:
    """The part of the store that keeps reward models."""

    _db: Database

    def save_model(self, project_id: int, card: Mapping[str, Any], weights: bytes, created_by: str) -> StoredModel:
        """Store a fit as the project's next version."""
        m = tables.reward_model.c
        made = {"created_by": created_by, "created_at": datetime.now(UTC), "card": dict(card)}
        with self._db.write() as db:
            hold(db, project_id)
            newest = db.scalar(sa.select(sa.func.max(m.version)).where(m.project_id == project_id))
            values = {"version": (newest or 0) + 1, **made}
            insert(db, tables.reward_model, [{"project_id": project_id, "weights": weights, **values}])
        return StoredModel(**values)

    def models(self, project_id: int) -> list[StoredModel]:
        """Every stored fit, newest first, without its weights."""
        m = tables.reward_model.c
        query = sa.select(m.version, m.created_by, m.created_at, m.card).where(m.project_id == project_id)
        with self._db.read() as db:
            return [StoredModel(**row) for row in db.execute(query.order_by(m.version.desc())).mappings()]

    def model_weights(self, project_id: int, version: int) -> bytes:
        """The weights of one stored fit; InputError when there is no such version."""
        m = tables.reward_model.c
        with self._db.read() as db:
            weights = db.scalar(sa.select(m.weights).where(m.project_id == project_id, m.version == version))
        if weights is None:
            raise InputError("The project has no reward model of version {n}; fit one first.", n=version)
        return bytes(weights)
