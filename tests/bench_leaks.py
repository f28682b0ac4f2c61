"""`python -m tests.bench_leaks FOLDER`: whether prompts that are nearly the same flatter the reward model.

A split group is the opening turn without case, punctuation and white space. Two groups are nearly the same when their
openings share more than 80 % of their words, or point more than 0.95 the same way as embeddings. For each Anthropic HH
set of FOLDER: how many pairs were held out while a relative of their prompt was fitted on, the accuracy without
these, and that of folds that keep relatives together (other folds, so other by chance too); then that of labels thrown
by coin, four seeds.
"""

import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse.csgraph import connected_components
from threadpoolctl import threadpool_limits

from data.intake.preferences import read_preferences
from data.schemas import PreferencePair
from reward_model.design import Design, design
from reward_model.embedding import embeddings
from reward_model.evaluate import Fold, HeldOut, hits, metrics, out_of_fold
from reward_model.observations import Ints, Observations, observations
from tests.bench_sets import preference_sets, written

WORDS_SHARED, SAME_WAY, SEEDS = 0.8, 0.95, range(4)
Bools = npt.NDArray[np.bool_]


def main(folder: Path) -> None:
    """Print one block a set."""
    with tempfile.TemporaryDirectory() as scratch, threadpool_limits(1):
        for one in preference_sets():
            path = written(one, folder, Path(scratch) / "pairs.jsonl") if one.folder == "hh-rlhf" else None
            if path:
                _say(f"\n{one.name}")
                _print_set([pair for pair in read_preferences(path) if isinstance(pair, PreferencePair)])


def _print_set(pairs: Sequence[PreferencePair]) -> None:
    obs = observations(pairs)
    made = design(obs)
    families = relatives(openings(pairs, obs))
    held_out = _print_fit("as it is", made, obs)
    crossing = _crossing(obs, families, held_out.folds)
    alone = hits(held_out.margin, obs)[obs.decided & ~crossing].mean()
    _say(f"  {len(obs.groups):,} groups, {families.max() + 1:,} when relatives are one")
    _say(f"  in {crossing.mean():.1%} of the pairs a relative of the prompt was fitted on; {alone:.4f} without these")
    _print_fit("relatives kept together", made, replace(obs, group=families[obs.group], groups=_names(families)))
    for seed in SEEDS:
        coins = np.random.default_rng(seed).integers(0, 2, len(obs)).astype(float)
        _print_fit(f"labels by coin, seed {seed}", made, replace(obs, outcome=coins))


def openings(pairs: Sequence[PreferencePair], obs: Observations) -> list[str]:
    """The opening turn of each group."""
    first = {pair.group: pair.prompt[0].content for pair in reversed(pairs)}
    return [first[group] for group in obs.groups]


def relatives(texts: Sequence[str]) -> Ints:
    """A number for each text, the same for texts that are nearly the same, through however many others."""
    near = _by_words(texts) | _by_meaning(texts)
    return np.asarray(connected_components(sparse.csr_matrix(near.astype(np.int8)), directed=False)[1], dtype=np.intp)


def _by_words(texts: Sequence[str]) -> Bools:
    words = [set(text.lower().split()) for text in texts]
    number = {word: n for n, word in enumerate(sorted(set().union(*words)))}
    rows = np.repeat(np.arange(len(words)), [len(one) for one in words])
    columns = [number[word] for one in words for word in one]
    holds = sparse.csr_matrix((np.ones(len(rows)), (rows, columns)), shape=(len(words), len(number)))
    both = (holds @ holds.T).toarray()
    size = both.diagonal()
    return np.asarray(both > WORDS_SHARED * (size[:, None] + size - both))


def _by_meaning(texts: Sequence[str]) -> Bools:
    vectors = embeddings(texts)
    return np.asarray(vectors @ vectors.T > SAME_WAY)


def _crossing(obs: Observations, families: Ints, outer: Sequence[Fold]) -> Bools:
    """The pairs of which a relative of the prompt was in the training part of their fold."""
    crossing = np.zeros(len(obs), dtype=bool)
    for one in outer:
        crossing[one.test] = np.isin(families[obs.group[one.test]], families[obs.group[one.train]])
    return crossing


def _names(families: Ints) -> tuple[str, ...]:
    return tuple(str(n) for n in range(int(families.max()) + 1))


def _print_fit(what: str, made: Design, obs: Observations) -> HeldOut:
    held_out = out_of_fold(made, obs, lambda: None)
    found = metrics(obs, held_out)
    low, high = found["accuracy_ci"]
    _say(f"  {what:26} {found['accuracy']:.4f}  [{low:.3f}, {high:.3f}]")
    return held_out


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("Usage: python -m tests.bench_leaks FOLDER")
    main(Path(sys.argv[1]))
