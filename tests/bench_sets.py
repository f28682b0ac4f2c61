"""The published preference sets of a folder, each as one file that `python -m reward_model fit` reads."""

import csv
import gzip
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class PreferenceSet:
    """A set, its protocol, and the accuracies to hold against: of others, to reach (`bar`), to aim at (`aim`)."""

    name: str
    others: str
    bar: float
    aim: float
    rows: Callable[[Path], Iterable[Mapping[str, Any]]]
    folder: str


def preference_sets() -> tuple[PreferenceSet, ...]:
    """Every set with its protocol; how many folds follows from the number of its groups."""
    return (
        PreferenceSet(
            "UKPConvArg1 Strict, one topic out", "SVM 0.78, BiLSTM 0.76 / 0.816", 0.815, 0.83, ukp, "ukpconvarg1"
        ),
        PreferenceSet("HH harmless-base, 5 folds of prompts", "– / 0.628", 0.625, 0.66, harmless, "hh-rlhf"),
        PreferenceSet("HH helpful-base, 5 folds of prompts", "– / 0.618", 0.615, 0.65, helpful, "hh-rlhf"),
        PreferenceSet("llmfao, one prompt out", "– / 0.627", 0.625, 0.67, llmfao, "llmfao"),
    )


def written(one: PreferenceSet, folder: Path, target: Path) -> Path | None:
    """The set as a file at `target`; None where the folder does not hold it."""
    lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in one.rows(folder / one.folder)]
    target.write_text("".join(lines), encoding="utf-8")
    return target if lines else None


def ukp(folder: Path) -> Iterator[dict[str, Any]]:
    """UKPConvArg1 Strict: one tab-separated file a topic, which is the group."""
    for topic in sorted(folder.glob("UKPConvArg1Strict-CSV/*.csv")):
        prompt = topic.stem.replace("_", ": ").replace("-", " ")
        for line in topic.read_text(encoding="utf-8").splitlines()[1:]:
            _, label, first, second = line.split("\t")
            chosen, rejected = (first, second) if label == "a1" else (second, first)
            yield {"prompt": prompt, "chosen": chosen, "rejected": rejected, "group": topic.stem}


def harmless(folder: Path) -> Iterator[dict[str, Any]]:
    """The published test file of harmless-base."""
    return _hh(folder / "harmless-base")


def helpful(folder: Path) -> Iterator[dict[str, Any]]:
    """The published test file of helpful-base."""
    return _hh(folder / "helpful-base")


def _hh(folder: Path) -> Iterator[dict[str, Any]]:
    for path in folder.glob("test.jsonl.gz"):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            yield from map(json.loads, lines)


def llmfao(folder: Path) -> Iterator[dict[str, Any]]:
    """Pairs of which more annotators preferred one response than the other; ties have no say."""
    votes: dict[str, Counter[str]] = defaultdict(Counter)
    for path in folder.glob("crowd-comparisons.csv"):
        with path.open(encoding="utf-8", newline="") as rows:
            for row in csv.DictReader(rows):
                votes[row["id"]][row["winner"]] += 1
    for path in folder.glob("pairs-crowd.jsonl") if votes else ():
        for line in path.read_text(encoding="utf-8").splitlines():
            pair = json.loads(line)
            counted = votes[str(pair["id"])]
            if counted["left"] != counted["right"]:
                two = pair["result_x"], pair["result_y"]
                chosen, rejected = two if counted["left"] > counted["right"] else two[::-1]
                yield {"prompt": pair["text"], "chosen": chosen, "rejected": rejected, "group": pair["slug"]}
