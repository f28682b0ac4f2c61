"""Datasets as the library `datasets` keeps them on disk: Arrow files that `save_to_disk` or its cache wrote."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from data.errors import InputError, Sentence
from data.intake.places import Dataset, Undecided
from data.intake.rows import Row, cut_off, listed, quoted
from data.intake.sources import Source
from data.schemas import Rejection

_ONE, _SEVERAL = "state.json", "dataset_dict.json"
_DAMAGED = Sentence("The folder {folder} is damaged; save the dataset again.")


def is_saved(folder: Path) -> bool:
    """Whether `save_to_disk` wrote this folder: one dataset, or one for each split."""
    return (folder / _ONE).is_file() or (folder / _SEVERAL).is_file()


def saved_source(place: Dataset) -> Source:
    """The rows of a saved folder; InputError when it is damaged, or when the split is still to be chosen."""
    import datasets

    folder = Path(place.of)
    if (folder / _SEVERAL).is_file():
        split = chosen_split(place, _splits(folder))
        place, folder = replace(place, split=split), folder / split
    elif place.split:
        fault = Sentence("The folder {folder} holds one dataset without splits; leave the split out.")
        raise InputError(fault, folder=quoted(folder.name))
    try:
        return source_from(datasets.load_from_disk(str(folder)), place)
    except Exception:  # whatever Arrow, JSON and the library make of damaged files
        raise InputError(_DAMAGED, folder=quoted(folder.name)) from None


def _splits(folder: Path) -> list[str]:
    try:
        return [str(name) for name in json.loads((folder / _SEVERAL).read_text(encoding="utf-8"))["splits"]]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        raise InputError(_DAMAGED, folder=quoted(folder.name)) from None


def chosen_split(place: Dataset, splits: list[str]) -> str:
    """The split that is named, or the only one; InputError (`Undecided`) lists them where that does not decide."""
    if place.split and place.split not in splits:
        told = {"split": quoted(place.split), "splits": listed(splits)}
        raise InputError("The dataset has no split {split}; its splits are: {splits}.", **told)
    if not place.split and len(splits) > 1:
        said = Sentence("The dataset has several splits; say which of them to load: {splits}.", splits=listed(splits))
        raise Undecided(said, "split", splits)
    return place.split or splits[0]


def source_from(dataset: Any, place: Dataset) -> Source:
    """The rows of an Arrow dataset of the library, pictures and sound left packed as they are."""
    done, total = [0], max(len(dataset), 1)

    def rows() -> Iterator[Row | Rejection]:
        for done[0], row in enumerate(_rows(dataset), start=1):
            yield row

    return Source("dataset", rows(), lambda: min(done[0] / total, 1.0), place=place)


def _rows(dataset: Any) -> Iterator[Row | Rejection]:
    from data.intake.parquet_rows import BATCH, FAULTS, batch_rows

    number = 1
    try:
        for table in dataset.with_format("arrow").iter(BATCH):
            for row in batch_rows(table, number):
                yield row
                number += 1
    except FAULTS:
        yield cut_off(number, Sentence("the dataset is damaged from here on; save it again."))
