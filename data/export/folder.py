"""A `datasets` folder: what `save_to_disk` writes of both sides of the split, the same bytes for the same rows."""

import json
from collections.abc import Mapping
from pathlib import Path

import datasets
import pyarrow as pa

from data.errors import InputError, Sentence

DATA = "data-00000-of-00001.arrow"
_SIDES, _STATE, _INFO = "dataset_dict.json", "state.json", "dataset_info.json"


def finish_folder(folder: Path, columns: pa.Schema, sha256: Mapping[str, str]) -> list[Path]:
    """Write what `datasets.load_from_disk` needs beside the rows of each side, and return where.

    `sha256` maps each side that has rows to the digest of them: the fingerprint, which is otherwise drawn by lot.
    """
    features = datasets.Features.from_arrow_schema(columns).to_dict()
    written = [_json(folder / _SIDES, {"splits": list(sha256)})]
    for side, digest in sha256.items():
        written.append(_json(folder / side / _INFO, {"features": features}))
        written.append(_json(folder / side / _STATE, _state(side, digest)))
    return written


def _state(side: str, digest: str) -> Mapping[str, object]:
    return {
        "_data_files": [{"filename": DATA}],
        "_fingerprint": digest[:16],
        "_format_columns": None,
        "_format_kwargs": {},
        "_format_type": None,
        "_output_all_columns": False,
        "_split": side,
    }


def _json(path: Path, value: Mapping[str, object]) -> Path:
    path.write_text(json.dumps(value, indent=2, sort_keys=True), encoding="utf-8")
    return path


def check_place(out: Path) -> None:
    """Raise InputError where something lies at the folder's place that is not an earlier such folder."""
    is_earlier = (out / _SIDES).is_file() or (out.is_dir() and not any(out.iterdir()))
    if out.exists() and not is_earlier:
        fault = Sentence("At “{place}” lies something that is no `datasets` folder; choose another name.")
        raise InputError(fault, place=out)


def check_folder_loads(folder: Path, columns: pa.Schema, rows: Mapping[str, int]) -> None:
    """Read a folder with `datasets.load_from_disk`, and compare each side's columns and number of rows.

    RuntimeError where they differ: then the export is wrong, whatever the data.
    """
    sides = datasets.load_from_disk(str(folder))
    found = {side: (data.column_names, data.num_rows) for side, data in sides.items()}
    if found != {side: (columns.names, n) for side, n in rows.items()}:
        raise RuntimeError(f"{folder.name} does not read back: wrote {columns.names}, {rows}, read {found}.")
