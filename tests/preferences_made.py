"""Preference pairs whose truth is known, for the tests of the reward model."""

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np

from data.schemas import Message, PreferencePair

GOOD = ("careful", "because", "evidence", "clearly", "precise", "helpful")
BAD = ("whatever", "dunno", "lol", "boring", "stuff", "meh")
PLAIN = ("tree", "river", "stone", "cloud", "street", "garden", "window", "letter", "music", "table")


def a_pair(prompt: str, chosen: str, rejected: str, **more: object) -> PreferencePair:
    """A pair of one annotator; `more` overrides any field."""
    values: dict[str, object] = {
        "task_id": prompt,
        "group": prompt,
        "prompt": (Message(role="user", content=prompt),),
        "chosen_id": "c",
        "rejected_id": "r",
        "chosen": chosen,
        "rejected": rejected,
        "annotator": "ann",
        "judged_at": datetime(2026, 1, 1, tzinfo=UTC),
    }
    return PreferencePair.model_validate(values | more)


def an_answer(words: Sequence[str], chance: np.random.Generator) -> str:
    """Eight plain words, among them one of `words`, in any order."""
    said = [*chance.choice(PLAIN, 7), str(chance.choice(words))]
    chance.shuffle(said)
    return f"{' '.join(said).capitalize()}."


def made_pairs(n_prompts: int = 40, each: int = 3, seed: int = 0, noise: float = 0.1) -> list[PreferencePair]:
    """Pairs in which the answer with a good word beats the one with a bad word, but for a share `noise`."""
    chance = np.random.default_rng(seed)
    pairs = []
    for n in range(n_prompts):
        for _ in range(each):
            two = an_answer(GOOD, chance), an_answer(BAD, chance)
            chosen, rejected = two if chance.random() > noise else two[::-1]
            pairs.append(a_pair(f"Say something about number {n}", chosen, rejected))
    return pairs


def shuffled_labels(pairs: Sequence[PreferencePair], seed: int = 0) -> list[PreferencePair]:
    """The same pairs with chosen and rejected swapped by coin."""
    chance = np.random.default_rng(seed)
    return [
        pair.model_copy(update={"chosen": pair.rejected, "rejected": pair.chosen}) if chance.random() < 0.5 else pair
        for pair in pairs
    ]
