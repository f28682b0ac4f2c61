"""Which prompts a model was fitted on, whatever the file that holds them calls their group."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from data.schemas import PreferencePair, prompt_group
from reward_model.model import RewardModel, group_mark

NAMED = "prompt of a named group "


def training_marks(pairs: Sequence[PreferencePair]) -> npt.NDArray[np.uint64]:
    """The marks that a model keeps of its training data, in increasing order: groups, and prompts of named groups."""
    known = {(pair.group, _opening(pair)): pair for pair in pairs}.values()
    names = {pair.group for pair in known} | {NAMED + own for pair in known if (own := _own(pair)) != pair.group}
    return np.unique(np.array([group_mark(name) for name in names], dtype=np.uint64))


def was_seen(model: RewardModel, pair: PreferencePair) -> bool:
    """Whether the model was fitted on the group of the pair, or on its prompt.

    Only where both files name groups of their own do the names alone decide: there one prompt may stand for many.
    """
    own = _own(pair)
    return model.saw(pair.group) or model.saw(NAMED + own if pair.group == own else own)


def _own(pair: PreferencePair) -> str:
    """The group that the prompt has when nobody names one."""
    return prompt_group(pair.prompt)


def _opening(pair: PreferencePair) -> str:
    return next((message.content for message in pair.prompt if message.role == "user"), pair.prompt[0].content)
