"""`python -m tests.bench_reward FOLDER`: accuracy, time and memory of the reward model on published sets.

FOLDER holds `hh-rlhf/<set>/test.jsonl.gz` (Anthropic HH) and `ukpconvarg1/UKPConvArg1Strict-CSV/*.csv` (one
tab-separated file a topic). Each set is fitted by the command line in a process of its own. The baseline beside it is
the usual pipeline: TF-IDF of words, logistic regression on concatenated pairs, the same five folds, no choices.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import make_pipeline

from data.intake.preferences import read_preferences
from data.schemas import PreferencePair


def main(folder: Path) -> None:
    """Print one block of numbers for each set of the folder."""
    with tempfile.TemporaryDirectory() as scratch:
        for name, prefs in _sets(folder, Path(scratch)):
            _say(f"\n{name}")
            _print_fit(prefs, Path(scratch) / "model")
            _print_baseline(prefs)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _sets(folder: Path, scratch: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(folder.glob("hh-rlhf/*/test.jsonl.gz")):
        yield f"HH-RLHF {path.parent.name}, 5 folds of prompts", path
    topics = sorted(folder.glob("ukpconvarg1/UKPConvArg1Strict-CSV/*.csv"))
    if topics:
        target = scratch / "ukp.jsonl"
        target.write_text("".join(line for topic in topics for line in _ukp_lines(topic)), encoding="utf-8")
        yield f"UKPConvArg1 Strict, 5 folds of {len(topics)} topics", target


def _ukp_lines(topic: Path) -> Iterator[str]:
    for line in topic.read_text(encoding="utf-8").splitlines()[1:]:
        _, label, first, second = line.split("\t")
        chosen, rejected = (first, second) if label == "a1" else (second, first)
        prompt = topic.stem.replace("_", ": ").replace("-", " ")
        row = {"prompt": prompt, "chosen": chosen, "rejected": rejected, "group": topic.stem}
        yield json.dumps(row, ensure_ascii=False) + "\n"


def _print_fit(prefs: Path, out: Path) -> None:
    command = [sys.executable, "-m", "reward_model", "fit", str(prefs), "--out", str(out), "--json"]
    began, process = time.monotonic(), subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert process.stdout
    found = json.loads(process.stdout.read().splitlines()[-1])
    used = _reaped(process.pid)
    rows = {"this model": "accuracy", "surface only": "surface_only", "longer wins": "longer_wins"}
    for label, key in rows.items():
        low, high = found[f"{key}_ci"]
        _say(f"  {label:14} {found[key]:.4f}  [{low:.4f}, {high:.4f}]")
    _say(f"  {'log-loss':14} {found['log_loss']:.4f}   Brier {found['brier']:.4f}")
    _say(f"  {'pairs':14} {found['n_pairs']:,} in {found['n_groups']:,} groups")
    seconds = time.monotonic() - began
    _say(f"  {'fit, evaluated':14} {seconds:.1f} s wall, {used.ru_utime + used.ru_stime:.1f} s CPU, "
          f"{used.ru_maxrss / 1000:.0f} MB at most")  # fmt: skip


def _reaped(pid: int) -> resource.struct_rusage:
    """What this one process used."""
    return os.wait4(pid, 0)[2]


def _print_baseline(prefs: Path) -> None:
    pairs = [pair for pair in read_preferences(prefs) if isinstance(pair, PreferencePair)]
    began, right = time.monotonic(), np.zeros(len(pairs))
    flipped = np.random.default_rng(0).random(len(pairs)) < 0.5
    texts = np.array(
        [_side_by_side(p.rejected, p.chosen) if f else _side_by_side(p.chosen, p.rejected)
         for p, f in zip(pairs, flipped, strict=True)], dtype=object,
    )  # fmt: skip
    for train, test in GroupKFold(5).split(texts, groups=[pair.group for pair in pairs]):
        model = make_pipeline(
            TfidfVectorizer(tokenizer=str.split, token_pattern=None, min_df=2), LogisticRegression(max_iter=1000)
        )
        right[test] = model.fit(texts[train], flipped[train]).predict(texts[test]) == flipped[test]
    _say(f"  {'TF-IDF pairs':14} {right.mean():.4f}  in {time.monotonic() - began:.1f} s wall, 5 fits")


def _side_by_side(first: str, second: str) -> str:
    """Both responses in one text, the words of each marked with its side."""
    sides = (("a", first), ("b", second))
    return " ".join(f"{side}:{word}" for side, text in sides for word in text.lower().split())


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("Usage: python -m tests.bench_reward FOLDER")
    main(Path(sys.argv[1]))
