"""`python -m tests.bench_intake`: load a JSONL file of 100 MB, beside two plain ways to read the same file.

Each way runs in a process of its own, so that its peak memory is its own. “above start” is the peak less what the
process held before it began to read.
"""

import argparse
import json
import multiprocessing
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from data import intake
from data.intake.preferences import read_preferences
from data.schemas import PreferencePair, Project
from data.store import Store

WORDS = ["the", "a", "of", "to", "model", "answer", "because", "first", "number", "water", "question", "light", "city"]


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def text(rng: random.Random, n: int) -> str:
    return " ".join(rng.choices(WORDS, k=n))


def write_tasks(path: Path, megabytes: float) -> None:
    """Tasks with two to five responses of 20 to 200 words by named models."""
    rng, size, n = random.Random(1), 0, 0
    with path.open("w", encoding="utf-8") as file:
        while size < megabytes * 1e6:
            responses = [{"text": text(rng, rng.randint(20, 200)), "source": f"m{k}"} for k in range(rng.randint(2, 5))]
            size += file.write(json.dumps({"prompt": f"{n}: {text(rng, 25)}", "responses": responses}) + "\n")
            n += 1


def write_pairs(path: Path, n: int) -> None:
    """Pairs with prompts of 25 words and responses of 40."""
    rng = random.Random(2)
    with path.open("w", encoding="utf-8") as file:
        for k in range(n):
            pair = {"prompt": f"{k}: {text(rng, 25)}", "chosen": text(rng, 40), "rejected": text(rng, 40)}
            file.write(json.dumps(pair) + "\n")


def plain_loop(path: Path) -> int:
    with path.open(encoding="utf-8") as file:
        return sum(bool(json.loads(line)) for line in file)


def in_pandas(path: Path) -> int:
    import pandas as pd

    return len(pd.read_json(path, lines=True))


def checked(path: Path) -> int:
    return intake.check(intake.plan(path)).used


def loaded(path: Path) -> int:
    store = Store(f"sqlite:///{path.with_suffix('.db')}")
    project = store.create_project(Project(name="Bench"))
    load = intake.load(intake.plan(path), store, project, "bench")
    store.close()
    return load.rows_used


def pairs(path: Path) -> int:
    return sum(isinstance(found, PreferencePair) for found in read_preferences(path))


def peak() -> float:
    """The most memory this process has held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measured(
    way: Callable[[Path], int], path: Path, answers: "multiprocessing.Queue[tuple[int, float, float, float]]"
) -> None:
    before, began = peak(), time.perf_counter()
    rows = way(path)
    answers.put((rows, time.perf_counter() - began, peak(), peak() - before))


def report(name: str, way: Callable[[Path], int], path: Path) -> float:
    context = multiprocessing.get_context("spawn")
    answers: multiprocessing.Queue[tuple[int, float, float, float]] = context.Queue()
    process = context.Process(target=measured, args=(way, path, answers))
    process.start()
    rows, seconds, most, above = answers.get()
    process.join()
    rate = path.stat().st_size / 1e6 / seconds
    say(
        f"{name:<28} {rows:>8,} rows {seconds:7.2f} s {rows / seconds:>9,.0f} rows/s {rate:6.1f} MB/s "
        f"peak {most:5.0f} MB, {above:5.0f} above start"
    )
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=float, default=100)
    parser.add_argument("--pairs", type=int, default=100_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        tasks, judged = Path(folder) / "tasks.jsonl", Path(folder) / "pairs.jsonl"
        write_tasks(tasks, options.megabytes)
        write_pairs(judged, options.pairs)
        say(f"{tasks.stat().st_size / 1e6:.0f} MB of tasks")
        base = report("json.loads, line by line", plain_loop, tasks)
        report("pandas.read_json", in_pandas, tasks)
        report("check every row", checked, tasks)
        ours = report("load into SQLite", loaded, tasks)
        say(f"loading takes {ours / base:.1f} times as long as json.loads alone")
        say(f"{judged.stat().st_size / 1e6:.0f} MB of preference pairs")
        base = report("json.loads, line by line", plain_loop, judged)
        ours = report("read_preferences", pairs, judged)
        say(f"reading takes {ours / base:.1f} times as long as json.loads alone")


if __name__ == "__main__":
    main()
