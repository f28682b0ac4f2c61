"""A fitted reward model: its card and weights, and how both are kept as plain data."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors
from scipy import sparse

from data.errors import InputError, Sentence
from data.schemas import fingerprint
from reward_model.features import (
    COLUMNS,
    EVERY_FAMILY,
    NUMBER_COLUMNS,
    SETTINGS,
    Blocks,
    Floats,
    Item,
    blocks,
    features,
)
from reward_model.processes import worked

FORMAT = 2
CARD, WEIGHTS = "card.json", "weights.safetensors"
_AT_ONCE = 2_000
TENSORS = {
    "columns": np.int32,
    "weights": np.float32,
    "low": np.float64,
    "high": np.float64,
    "groups": np.uint64,
    "pair_mark": np.uint64,
    "pair_group": np.uint64,
    "pair_margin": np.float32,
    "pair_outcome": np.float32,
}


class HeldOutPairs(NamedTuple):
    """What a fit said of its own pairs before it had seen them, so that two versions can be compared on the same pairs.

    One entry a pair: `mark` tells the pair (`observations.pair_mark`), `group` its prompt group; `margin` is the
    out-of-fold score of the pair's first response minus that of its second, `outcome` 1, ½ or 0 for the first.
    """

    mark: npt.NDArray[np.uint64]
    group: npt.NDArray[np.uint64]
    margin: npt.NDArray[np.float32]
    outcome: npt.NDArray[np.float32]


NOTHING_HELD_OUT = HeldOutPairs(
    np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.uint64), np.zeros(0, np.float32), np.zeros(0, np.float32)
)


@dataclass(frozen=True)
class RewardModel:
    """Scores responses; a score difference is the log-odds of being preferred.

    `columns` are the columns of `features` that carry weight, in increasing order, and `weights` theirs. Numbers below
    `low` count as `low`, above `high` as `high`. `groups` are sorted hashes of the groups it was fitted on, `held_out`
    is what it said of its pairs while it had not seen them. The card says everything else.
    """

    card: Mapping[str, Any]
    columns: npt.NDArray[np.int32]
    weights: npt.NDArray[np.float32]
    low: Floats
    high: Floats
    groups: npt.NDArray[np.uint64]
    held_out: HeldOutPairs = NOTHING_HELD_OUT

    def scores(self, items: Sequence[Item]) -> Floats:
        """The score of each (prompt, response), in logits; 0 is the typical response of the training data."""
        return np.concatenate([np.zeros(0), *self.in_parts(items)])

    def in_parts(self, items: Sequence[Item]) -> Iterator[Floats]:
        """The same some at a time, as soon as they are known; on both cores where they are many."""
        return worked(self._few, (items[at : at + _AT_ONCE] for at in range(0, len(items), _AT_ONCE)))

    def _few(self, items: Sequence[Item]) -> Floats:
        return self.raw(self.blocks(items)) - self.offset

    def blocks(self, items: Sequence[Item]) -> Blocks:
        """The features that carry weight."""
        return blocks(items, self.families, self.encoder)

    def features(self, items: Sequence[Item]) -> sparse.csr_matrix:
        """The same as one matrix, items × `COLUMNS`, numbers inside `low` and `high`."""
        return self.bounded(features(items, self.families, self.encoder))

    @property
    def encoder(self) -> str:
        """The sentence encoder that it was fitted with; empty: none."""
        return str(self.card.get("fit_rules", {}).get("encoder", ""))

    def raw(self, found: Blocks) -> Floats:
        """The scores of responses with these features, before the offset is taken off."""
        weights = self.dense()
        score = np.clip(found.numbers, self.low, self.high) @ weights[:NUMBER_COLUMNS]
        for family, block in found.texts.items():
            score += block @ weights[EVERY_FAMILY[family].columns]
        return np.asarray(score)

    @cached_property
    def families(self) -> tuple[str, ...]:
        """The families of features that carry weight."""
        carries = self.dense() != 0
        return tuple(name for name, family in EVERY_FAMILY.items() if carries[family.columns].any())

    def bounded(self, rows: sparse.csr_matrix) -> sparse.csr_matrix:
        """Rows of `features` with the numbers inside `low` and `high`."""
        numbers = np.clip(rows[:, :NUMBER_COLUMNS].toarray(), self.low, self.high)
        return sparse.csr_matrix(sparse.hstack([sparse.csr_matrix(numbers), rows[:, NUMBER_COLUMNS:]], format="csr"))

    def dense(self) -> Floats:
        """A weight for every column of `features`."""
        dense = np.zeros(COLUMNS)
        dense[self.columns] = self.weights
        return dense

    @property
    def offset(self) -> float:
        """The raw score of the typical response."""
        return float(self.card["offset"])

    def saw(self, group: str) -> bool:
        """Whether pairs of this group were in the training data."""
        mark = group_mark(group)
        at = int(np.searchsorted(self.groups, mark))
        return at < len(self.groups) and self.groups[at] == mark


def group_mark(group: str) -> np.uint64:
    """64 bits that stand for a group."""
    return np.uint64(int(fingerprint([group])[:16], 16))


def weights_bytes(model: RewardModel) -> bytes:
    """The weights in the safetensors format; the same model always gives the same bytes."""
    found = {f"pair_{name}": values for name, values in model.held_out._asdict().items()}
    return save_tensors({name: found[name] if name in found else getattr(model, name) for name in TENSORS})


def model_from(card: Mapping[str, Any], weights: bytes) -> RewardModel:
    """The model of a card and the bytes of its weights; InputError when they cannot be read or do not fit."""
    try:
        tensors = load_tensors(weights)
    except SafetensorError:
        damaged = Sentence("The weights of this reward model ({file}) are damaged; fit or copy it again.")
        raise InputError(damaged, file=WEIGHTS) from None
    _check_card(card)
    _check_tensors(tensors)
    held_out = HeldOutPairs(*(tensors[f"pair_{name}"] for name in HeldOutPairs._fields))
    own = {name: tensors[name] for name in TENSORS if not name.startswith("pair_")}
    return RewardModel(card, **own, held_out=held_out)


def _check_card(card: Mapping[str, Any]) -> None:
    if card.get("format") != FORMAT or card.get("features") != SETTINGS:
        raise InputError(
            "This reward model was made by another version of Rankdesk (format {its}, here {ours}, or other features); "
            "fit it again.",
            its=str(card.get("format")),
            ours=str(FORMAT),
        )
    if not isinstance(card.get("offset"), int | float):
        lacks = Sentence("The card of this reward model ({file}) has no number “offset”; fit or copy it again.")
        raise InputError(lacks, file=CARD)


def _check_tensors(tensors: Mapping[str, npt.NDArray[Any]]) -> None:
    kinds = {name: (tensor.dtype, tensor.ndim) for name, tensor in tensors.items()}
    right = kinds == {name: (np.dtype(kind), 1) for name, kind in TENSORS.items()}
    right = right and len({len(tensors[name]) for name in TENSORS if name.startswith("pair_")}) == 1
    if not (right and _consistent(tensors["columns"], tensors["weights"]) and _bounds(tensors["low"], tensors["high"])):
        unfit = Sentence("The weights of this reward model ({file}) do not fit together; fit or copy it again.")
        raise InputError(unfit, file=WEIGHTS)


def _consistent(columns: npt.NDArray[np.int32], weights: npt.NDArray[np.float32]) -> bool:
    ordered = bool(np.all(np.diff(columns) > 0)) and (not len(columns) or 0 <= columns[0] <= columns[-1] < COLUMNS)
    return ordered and len(columns) == len(weights) and bool(np.isfinite(weights).all())


def _bounds(low: Floats, high: Floats) -> bool:
    sizes = len(low) == len(high) == NUMBER_COLUMNS
    return sizes and bool(np.isfinite(low).all() and np.isfinite(high).all() and np.all(low <= high))


def save(model: RewardModel, folder: Path) -> None:
    """Write card and weights into a folder, which is made if need be."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / CARD).write_text(json.dumps(dict(model.card), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    (folder / WEIGHTS).write_bytes(weights_bytes(model))


def load(folder: Path) -> RewardModel:
    """The model kept in a folder; InputError when it is missing or damaged."""
    try:
        card = json.loads((folder / CARD).read_text(encoding="utf-8"))
        weights = (folder / WEIGHTS).read_bytes()
    except FileNotFoundError as error:
        missing = Path(str(error.filename)).name
        lacks = Sentence("{folder} holds no reward model: {file} is missing; name a folder made by `fit`.")
        raise InputError(lacks, folder=folder, file=missing) from None
    except (OSError, ValueError):
        unread = Sentence("The card of the reward model in {folder} cannot be read; fit or copy it again.")
        raise InputError(unread, folder=folder) from None
    if not isinstance(card, dict):
        other = Sentence("The card of the reward model in {folder} is not a JSON object; fit or copy it again.")
        raise InputError(other, folder=folder)
    return model_from(card, weights)
