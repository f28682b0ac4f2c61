"""`python -m tests.bench_scale`: what the reward model costs at 10⁴, 10⁵ and 10⁶ pairs, and how fast it scores.

Synthetic answers of 120 words from a Zipf vocabulary, four a prompt, all six pairs of them; words (2^18 columns) and
surface, with fixed spreads. Each size runs in a process of its own, so that its peak memory is its own.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import chain, combinations
from pathlib import Path
from threading import Event, Thread
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from reward_model.design import design
from reward_model.features import FAMILIES, NUMBER_COLUMNS, SETTINGS, Item
from reward_model.fit import Choice, fitted, part
from reward_model.hashing import BUCKETS
from reward_model.model import FORMAT, RewardModel, load, save
from reward_model.observations import Observations

SIZES = (10_000, 100_000, 1_000_000)
BASELINE = 100_000
WORDS, VOCABULARY, ANSWERS, SCORED = 120, 50_000, 4, 50_000
SPREADS = {"surface": 0.1, "style": 0.1, "words": 0.4}
LETTERS = "etaoinshrdlucmfwypvbgkjqxz"


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def texts(n: int, chance: np.random.Generator) -> tuple[list[str], np.ndarray]:
    """Answers in sentences of fifteen words, and how good each is: the mean worth of its words, of deviation 1."""
    sizes = np.clip(chance.poisson(6, VOCABULARY) + 1, 1, 14)
    common = 1 / np.arange(1, len(LETTERS) + 1)
    words = ["".join(chance.choice(list(LETTERS), size, p=common / common.sum())) for size in sizes]
    worth, share = chance.normal(size=VOCABULARY), np.cumsum(1 / np.arange(1, VOCABULARY + 1))
    made, quality = [], np.zeros(n)
    for at in range(n):
        chosen = np.searchsorted(share, share[-1] * chance.random(WORDS))
        quality[at] = worth[chosen].mean()
        parts = [" ".join(words[word] for word in chosen[start : start + 15]) for start in range(0, WORDS, 15)]
        made.append(". ".join(map(str.capitalize, parts)) + ".")
    return made, quality / quality.std()


def made(pairs: int) -> Observations:
    """Pairs decided by chance from the difference in quality of two answers."""
    chance = np.random.default_rng(0)
    prompts = -(-pairs // 6)
    answers, quality = texts(prompts * ANSWERS, chance)
    items = tuple((f"What is to be said of number {at // ANSWERS}?", text) for at, text in enumerate(answers))
    two = np.array(list(combinations(range(ANSWERS), 2)))
    every = (ANSWERS * np.arange(prompts)[:, None, None] + two).reshape(-1, 2)[:pairs]
    first, second = every[:, 0].astype(np.intp), every[:, 1].astype(np.intp)
    outcome = (chance.logistic(size=pairs) < 2 * (quality[first] - quality[second])).astype(float)
    group = (first // ANSWERS).astype(np.intp)
    return Observations(items, first, second, outcome, np.ones(pairs), group, tuple(map(str, range(prompts))))


def peak() -> float:
    """The largest resident memory of this process so far, in GB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2


@contextmanager
def sampled() -> Iterator[list[float]]:
    """The resident memory of this process and of those it began, in GB, five times a second."""
    found, ended = [resident()], Event()

    def sample() -> None:
        while not ended.wait(0.2):
            found.append(resident())

    thread = Thread(target=sample)
    thread.start()
    yield found
    ended.set()
    thread.join()


def resident() -> float:
    """What this process and those it began hold at the moment, in GB; pages that they share count for each."""
    children = chain.from_iterable(task.read_text().split() for task in Path("/proc/self/task").glob("*/children"))
    return sum(map(_resident, ["self", *children])) / 1024**2


def _resident(process: str) -> int:
    with suppress(FileNotFoundError, ProcessLookupError):
        status = Path(f"/proc/{process}/status").read_text()
        return sum(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))
    return 0


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    start = time.perf_counter()
    return work(), time.perf_counter() - start


def measured(pairs: int) -> dict[str, float]:
    """Seconds and memory of featurising and fitting; the share of pairs that the fit repeats shows that it learnt."""
    obs = made(pairs)
    before = peak()
    with threadpool_limits(1), sampled() as memory:
        featurised, reading = timed(lambda: design(obs, tuple(SPREADS)))
        ready, scaling = timed(lambda: part(featurised, obs, np.arange(len(obs))))
        _, fitting = timed(lambda: fitted(featurised, ready, Choice(SPREADS), exact=True))
    return {"featurise": reading, "fit": scaling + fitting, "texts_gb": before, "peak_gb": max(peak(), *memory)}


def baseline(pairs: int) -> dict[str, float]:
    """The same words by scikit-learn, on differences of responses, at its default tolerance."""
    obs = made(pairs)
    vectorizer = HashingVectorizer(n_features=BUCKETS, ngram_range=(1, 2), binary=True, alternate_sign=False)
    rows, reading = timed(lambda: vectorizer.transform([text for _, text in obs.items]))
    solver = LogisticRegression(C=SPREADS["words"] ** 2, fit_intercept=False, max_iter=5_000)
    _, fitting = timed(lambda: solver.fit(rows[obs.first] - rows[obs.second], obs.outcome))
    return {"featurise": reading, "fit": fitting, "texts_gb": 0.0, "peak_gb": peak()}


def scoring(n: int) -> dict[str, float]:
    """Responses a second by a loaded model with every family; their time holds the start of the processes."""
    card = {"format": FORMAT, "features": dict(SETTINGS), "offset": 0.0}
    every = np.concatenate([family.columns for family in FAMILIES.values()])
    weights = np.random.default_rng(0).normal(size=len(every)).astype(np.float32)
    numbers = np.zeros(NUMBER_COLUMNS)
    model = RewardModel(card, np.sort(every).astype(np.int32), weights, numbers, numbers + 1, np.zeros(0, np.uint64))
    items = list(made(n * 6 // ANSWERS).items)
    with tempfile.TemporaryDirectory() as folder:
        save(model, Path(folder))
        loaded, loading = timed(lambda: load(Path(folder)))
    _score(loaded, items[:100])
    _, seconds = timed(lambda: _score(loaded, items))
    return {"load_s": loading, "rate": len(items) / seconds, "peak_gb": peak()}


def _score(model: RewardModel, items: Sequence[Item]) -> None:
    assert np.isfinite(model.scores(items)).all()


WAYS: dict[str, Callable[[int], dict[str, float]]] = {"ours": measured, "baseline": baseline, "scoring": scoring}


def alone(way: str, size: int) -> dict[str, float]:
    """What a way tells of a size, in a process of its own."""
    command = [sys.executable, "-m", "tests.bench_scale", "--way", way, "--sizes", str(size)]
    found: dict[str, float] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return found


def table(sizes: Sequence[int]) -> None:
    say("| pairs | way | featurise (s) | fit (s) | sum (s) | × the size before | texts (GB) | peak (GB) |")
    say("|---|---|---|---|---|---|---|---|")
    before = 0.0
    for size in sizes:
        for way in ("ours", "baseline") if size == BASELINE else ("ours",):
            found = alone(way, size)
            total = found["featurise"] + found["fit"]
            grown = f"{total / before:.1f}" if before and way == "ours" else "–"
            row = f"{found['featurise']:.1f} | {found['fit']:.1f} | {total:.1f} | {grown}"
            say(f"| {size:,} | {way} | {row} | {found['texts_gb']:.2f} | {found['peak_gb']:.2f} |")
            before = total if way == "ours" else before
    found = alone("scoring", SCORED)
    say(f"\nScoring, every family: {found['rate']:,.0f} responses/s; loaded in {found['load_s']:.2f} s.")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--way", choices=WAYS)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    asked = parser.parse_args()
    if asked.way:
        say(json.dumps(WAYS[asked.way](asked.sizes[0])))
    else:
        table(asked.sizes)
