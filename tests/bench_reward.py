"""`python -m tests.bench_reward FOLDER`: the published table of the reward model.

FOLDER holds the sets as their owners publish them: `ukpconvarg1/`, `hh-rlhf/`, `llmfao/`; what is missing is said and
left out. Each set is fitted by the command line in a process of its own, and every choice is made inside the training
folds. Time and memory are those of the whole command: reading, all folds, the card, the last fit.
The baseline is the usual pipeline: TF-IDF of words,
logistic regression on concatenated pairs, the same folds of groups, no choices.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import make_pipeline

from data.intake.preferences import read_preferences
from data.schemas import PreferencePair
from tests.bench_flags import flag_rows
from tests.bench_sets import PreferenceSet, preference_sets, written

HEAD = (
    "| set (protocol) | pairs, groups | longer wins | published / first prototype | TF-IDF | surface only | this model "
    "| log-loss | bar | aim | wall s | CPU s | TF-IDF CPU s | MB |"
)


class Cost(NamedTuple):
    """What a process took: seconds on the clock, seconds of processor, most memory in MB."""

    wall: float
    cpu: float
    memory: float


def main(folder: Path) -> None:
    """Print the table, one row a set."""
    _say(HEAD)
    _say("|" + "---|" * HEAD.count(" | ") + "---|")
    with tempfile.TemporaryDirectory() as scratch:
        for one in preference_sets():
            path = written(one, folder, Path(scratch) / "pairs.jsonl")
            if path:
                _say(_row(one, path, Path(scratch) / "model"))
            else:
                sys.stderr.write(f"{one.name}: it is not in {folder / one.folder}.\n")
    _say("\n| flag model (protocol) | published or first prototype | TF-IDF of characters | this model | bar | aim |")
    _say("|---|---|---|---|---|---|")
    for row in flag_rows():
        reached = (_against(row.ours, row.bar), _against(row.ours, row.aim))
        _say(f"| {row.name} | {row.others} | {row.usual:.3f} | **{row.ours:.4f}** | {' | '.join(reached)} |")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _row(one: PreferenceSet, path: Path, out: Path) -> str:
    found, cost = _fitted(path, out)
    began = time.process_time()
    plain = baseline([pair for pair in read_preferences(path) if isinstance(pair, PreferencePair)], found["split"])
    low, high = found["accuracy_ci"]
    cells = (
        f"{one.name}",
        f"{found['n_pairs']:,}, {found['n_groups']:,}",
        f"{found['longer_wins']:.3f}",
        one.others,
        f"{plain:.3f}",
        f"{found['surface_only']:.3f}",
        f"**{found['accuracy']:.4f}** [{low:.3f}, {high:.3f}]",
        f"{found['log_loss']:.3f}",
        _against(found["accuracy"], one.bar),
        _against(found["accuracy"], one.aim),
        f"{cost.wall:.1f}",
        f"{cost.cpu:.1f}",
        f"{time.process_time() - began:.1f}",
        f"{cost.memory:.0f}",
    )
    return f"| {' | '.join(cells)} |"


def _against(reached: float, wanted: float) -> str:
    return f"{wanted}" if reached >= wanted else f"{wanted}, missed"


def _fitted(prefs: Path, out: Path) -> tuple[dict[str, Any], Cost]:
    command = [sys.executable, "-m", "reward_model", "fit", str(prefs), "--out", str(out), "--json"]
    began = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert process.stdout
    found: dict[str, Any] = json.loads(process.stdout.read().splitlines()[-1])
    used = _reaped(process.pid)
    return found, Cost(time.monotonic() - began, used.ru_utime + used.ru_stime, used.ru_maxrss / 1000)


def _reaped(pid: int) -> resource.struct_rusage:
    """What this one process used."""
    return os.wait4(pid, 0)[2]


def baseline(pairs: list[PreferencePair], split: dict[str, Any]) -> float:
    """Held-out accuracy of the usual pipeline on as many folds of groups."""
    right = np.zeros(len(pairs))
    flipped = np.random.default_rng(0).random(len(pairs)) < 0.5
    texts = np.array(
        [_side_by_side(p.rejected, p.chosen) if f else _side_by_side(p.chosen, p.rejected)
         for p, f in zip(pairs, flipped, strict=True)], dtype=object,
    )  # fmt: skip
    for train, test in GroupKFold(split["folds"]).split(texts, groups=[pair.group for pair in pairs]):
        model = make_pipeline(
            TfidfVectorizer(tokenizer=str.split, token_pattern=None, min_df=2), LogisticRegression(max_iter=1000)
        )
        right[test] = model.fit(texts[train], flipped[train]).predict(texts[test]) == flipped[test]
    return float(right.mean())


def _side_by_side(first: str, second: str) -> str:
    """Both responses in one text, the words of each marked with its side."""
    sides = (("a", first), ("b", second))
    return " ".join(f"{side}:{word}" for side, text in sides for word in text.lower().split())


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("Usage: python -m tests.bench_reward FOLDER")
    main(Path(sys.argv[1]))
