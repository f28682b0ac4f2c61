"""Versions of the dataset as they were handed over: kept whole, numbered, never changed, written again bit for bit."""

import hashlib
import zlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from data import tables
from data.database import Database
from data.errors import InputError
from data.queries import insert, without
from data.schemas import DatasetFile, DatasetVersion, fingerprint
from data.standing import hold

BLOCK = 4_000_000
"""Bytes of a file that are packed together."""


class Datasets:
    """The part of the store that keeps versions of the dataset."""

    _db: Database

    def keep_dataset(
        self, project_id: int, made: Mapping[str, Any], files: Sequence[tuple[DatasetFile, Path]], created_by: str
    ) -> DatasetVersion:
        """Keep files as the project's next version; `made` has the other fields of `DatasetVersion`.

        The same files again, made in the same way, are the version that is there already.
        """
        about = [file for file, _ in files]
        sha256 = hashlib.sha256("\n".join(f"{file.sha256} {file.name}" for file in about).encode()).hexdigest()
        with self._db.write() as db:
            hold(db, project_id)
            before = _versions(db, project_id)
            if same := next((one for one in before if _is_same(one, sha256, made)), None):
                return same
            number = before[0].number + 1 if before else 1
            stamp = {"created_by": created_by, "created_at": datetime.now(UTC)}
            version = DatasetVersion(number=number, files=tuple(about), sha256=sha256, **made, **stamp)
            row = version.model_dump(mode="json") | {"project_id": project_id, "created_at": version.created_at}
            insert(db, tables.dataset_version, [row])
            for file, path in files:
                _pack(db, project_id, number, file.name, path)
        return version

    def datasets(self, project_id: int) -> list[DatasetVersion]:
        """All versions, newest first, without their files."""
        with self._db.read() as db:
            return _versions(db, project_id)

    def write_dataset(self, project_id: int, number: int, folder: Path) -> list[Path]:
        """Write the files of a version into a folder, bit for bit; InputError when there is no such version.

        RuntimeError where the database does not hold what was handed over.
        """
        with self._db.read() as db:
            version = next((one for one in _versions(db, project_id) if one.number == number), None)
            if version is None:
                raise InputError("The project has no version {n} of its dataset; choose one that it has.", n=number)
            return [_unpack(db, project_id, number, file, _place(folder, file.name)) for file in version.files]


def _place(folder: Path, name: str) -> Path:
    """Where a file of a version goes; the folders on the way are made. RuntimeError outside of the folder."""
    place = folder / name
    if ".." in place.parts or not place.is_relative_to(folder):
        raise RuntimeError(f"a version names the file {name!r}, which lies outside of its folder")
    place.parent.mkdir(parents=True, exist_ok=True)
    return place


def _versions(db: sa.Connection, project_id: int) -> list[DatasetVersion]:
    v = tables.dataset_version.c
    query = sa.select(tables.dataset_version).where(v.project_id == project_id).order_by(v.number.desc())
    return [DatasetVersion(**without(row, "project_id")) for row in db.execute(query).mappings()]


def _is_same(version: DatasetVersion, sha256: str, made: Mapping[str, Any]) -> bool:
    chosen = fingerprint([repr(sorted(made["choice"].items()))])
    return version.sha256 == sha256 and fingerprint([repr(sorted(version.choice.items()))]) == chosen


def _pack(db: sa.Connection, project_id: int, number: int, name: str, path: Path) -> None:
    with path.open("rb") as file:
        for at, block in enumerate(iter(lambda: file.read(BLOCK), b"")):
            row = {"project_id": project_id, "number": number, "file": name, "at": at, "content": zlib.compress(block)}
            insert(db, tables.dataset_block, [row])


def _unpack(db: sa.Connection, project_id: int, number: int, file: DatasetFile, path: Path) -> Path:
    digest = hashlib.sha256()
    with path.open("wb") as out:
        for block in _blocks(db, project_id, number, file.name):
            digest.update(block)
            out.write(block)
    if digest.hexdigest() != file.sha256:
        raise RuntimeError(f"{file.name} of version {number} is not what was handed over: its SHA-256 differs.")
    return path


def _blocks(db: sa.Connection, project_id: int, number: int, name: str) -> Iterator[bytes]:
    b = tables.dataset_block.c
    here = b.project_id == project_id, b.number == number, b.file == name
    for at in range(db.scalar(sa.select(sa.func.count()).where(*here)) or 0):
        yield zlib.decompress(db.execute(sa.select(b.content).where(*here, b.at == at)).scalar_one())
