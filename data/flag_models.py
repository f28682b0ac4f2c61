"""Fitted flag models as they are kept: one classifier for each kind of flag, in versions."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from data import tables
from data.database import Database
from data.errors import InputError, Sentence
from data.queries import insert
from data.schemas import StoredFlagModel
from data.standing import hold


class FlagModels:
    """The part of the store that keeps flag models."""

    _db: Database

    def save_flag_model(
        self, project_id: int, kind: str, card: Mapping[str, Any], weights: bytes, created_by: str
    ) -> StoredFlagModel:
        """Store a fit as the next version for this kind of flag."""
        column = tables.flag_model.c
        made = {"kind": kind, "created_by": created_by, "created_at": datetime.now(UTC), "card": dict(card)}
        with self._db.write() as db:
            hold(db, project_id)
            newest = sa.select(sa.func.max(column.version)).where(column.project_id == project_id, column.kind == kind)
            values = {"version": (db.scalar(newest) or 0) + 1, **made}
            insert(db, tables.flag_model, [{"project_id": project_id, "weights": weights, **values}])
        return StoredFlagModel(**values)

    def flag_models(self, project_id: int) -> list[StoredFlagModel]:
        """Every stored fit without its weights: by kind, the newest of each first."""
        m = tables.flag_model.c
        query = sa.select(m.kind, m.version, m.created_by, m.created_at, m.card).where(m.project_id == project_id)
        with self._db.read() as db:
            rows = db.execute(query.order_by(m.kind, m.version.desc())).mappings()
            return [StoredFlagModel(**row) for row in rows]

    def flag_versions(self, project_id: int) -> dict[str, int]:
        """Kind of flag → the newest version of its model; quick enough to be asked for every task."""
        m = tables.flag_model.c
        query = sa.select(m.kind, sa.func.max(m.version)).where(m.project_id == project_id).group_by(m.kind)
        with self._db.read() as db:
            return {kind: version for kind, version in db.execute(query)}

    def flag_model_weights(self, project_id: int, kind: str, version: int) -> bytes:
        """The weights of one stored fit; InputError when there is no such version."""
        m = tables.flag_model.c
        query = sa.select(m.weights).where(m.project_id == project_id, m.kind == kind, m.version == version)
        with self._db.read() as db:
            weights = db.scalar(query)
        if weights is None:
            lacks = Sentence("The project has no model of version {n} for the flag “{flag}”; fit one first.")
            raise InputError(lacks, n=version, flag=kind)
        return bytes(weights)
