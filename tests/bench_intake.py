"""`python -m tests.bench_intake`: load 1 GB of JSONL with 500,000 tasks, again, packed, and files of other kinds.

Each way runs in a process of its own, so that its peak memory is its own. “above start” is the peak less what the
process held before it began to read. The bar on standard error is the one of `python -m data load`.
"""

import argparse
import gzip
import json
import multiprocessing
import random
import resource
import shutil
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa

from data import intake
from data.__main__ import _bar, _end_bar
from data.intake.preferences import read_preferences
from data.reader import reader_if
from data.schemas import PreferencePair, Project
from data.store import Store
from tests.workbooks_made import write_workbook

WORDS = ["the", "a", "of", "to", "model", "answer", "because", "first", "number", "water", "question", "light", "city"]
WORDS_EACH = (90, 140)
"""Words of a response; with three or so of them, a task has about 2 kB."""


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def text(rng: random.Random, n: int) -> str:
    return " ".join(rng.choices(WORDS, k=n))


def write_tasks(path: Path, n: int) -> None:
    """Tasks with two to five responses by named models."""
    rng = random.Random(1)
    with path.open("w", encoding="utf-8") as file:
        for k in range(n):
            responses = [
                {"text": text(rng, rng.randint(*WORDS_EACH)), "source": f"m{m}"} for m in range(rng.randint(2, 4))
            ]
            file.write(json.dumps({"prompt": f"{k}: {text(rng, 25)}", "responses": responses}) + "\n")


def write_pairs(path: Path, n: int) -> None:
    """Pairs with prompts of 25 words and responses of 40."""
    rng = random.Random(2)
    with path.open("w", encoding="utf-8") as file:
        for k in range(n):
            pair = {"prompt": f"{k}: {text(rng, 25)}", "chosen": text(rng, 40), "rejected": text(rng, 40)}
            file.write(json.dumps(pair) + "\n")


def write_packed(folder: Path, plain: Path) -> list[Path]:
    """The same file packed in each way."""
    packed = [folder / f"packed.jsonl.{end}" for end in ("gz", "zst", "zip")]
    with plain.open("rb") as source, gzip.open(packed[0], "wb", 1) as made:
        shutil.copyfileobj(source, made)
    with plain.open("rb") as source, pa.CompressedOutputStream(str(packed[1]), "zstd") as made:
        shutil.copyfileobj(source, made)
    with zipfile.ZipFile(packed[2], "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.write(plain, "rows.jsonl")
    return packed


def write_sheet(path: Path, n: int) -> None:
    """A workbook of pairs, two responses of 40 words each."""
    rng = random.Random(3)
    rows = [[f"{k}: {text(rng, 25)}", text(rng, 40), text(rng, 40)] for k in range(n)]
    write_workbook(path, {"Pairs": [["prompt", "chosen", "rejected"], *rows]})


def plain_loop(path: Path) -> int:
    with path.open(encoding="utf-8") as file:
        return sum(bool(json.loads(line)) for line in file)


def checked(path: Path) -> int:
    return intake.check(intake.plan(path)).used


def loaded(path: Path, until: float = 1.0, is_read: bool = False) -> int:
    """Load into the database beside the file, and stop at a share of it; languages and topics are read if asked."""
    store, bar = Store(f"sqlite:///{path.with_suffix('.db')}"), _bar(path.name)
    project = next(iter(store.projects()), None) or store.create_project(Project(name="Bench"))

    def watch(progress: intake.Progress) -> bool:
        bar(progress.share)
        return progress.share < until or until >= 1

    told = reader_if(is_read, store, project)
    load = intake.load(intake.plan(path), store, project, "bench", watch=watch, told=told)
    _end_bar()
    store.close()
    return load.tasks


def half_loaded(path: Path) -> int:
    return loaded(path, 0.5)


def loaded_and_read(path: Path) -> int:
    return loaded(path, is_read=True)


def pairs(path: Path) -> int:
    return sum(isinstance(found, PreferencePair) for found in read_preferences(path))


def peak() -> float:
    """The most memory this process has held, in MB; and that of the processes that it started."""
    own, others = (resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return (own + others) / 1024


def measured(way: Callable[[Path], int], path: Path, answers: "multiprocessing.Queue[Any]") -> None:
    before, began, worked = peak(), time.perf_counter(), time.process_time()
    n = way(path)
    answers.put((n, time.perf_counter() - began, time.process_time() - worked, peak(), peak() - before))


def report(name: str, way: Callable[[Path], int], path: Path) -> float:
    context = multiprocessing.get_context("spawn")
    answers: multiprocessing.Queue[Any] = context.Queue()
    process = context.Process(target=measured, args=(way, path, answers))
    process.start()
    n, seconds, worked, most, above = answers.get()
    process.join()
    rate = path.stat().st_size / 1e6 / seconds
    say(
        f"{name:<28} {n:>8,} {seconds:7.1f} s ({worked:6.1f} s of processor) {rate:6.1f} MB/s "
        f"peak {most:5.0f} MB, {above:5.0f} above start"
    )
    return float(seconds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", type=int, default=500_000)
    parser.add_argument("--others", type=int, default=100_000, metavar="N", help="rows of pairs and of the workbook")
    parser.add_argument("--folder", type=Path, help="where the files are made (default: a temporary folder)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as made:
        folder = Path(made)
        bench_tasks(folder, options.tasks)
        bench_others(folder, options.others)


def bench_tasks(folder: Path, n: int) -> None:
    tasks = folder / "tasks.jsonl"
    write_tasks(tasks, n)
    say(f"{tasks.stat().st_size / 1e6:,.0f} MB of JSONL, {n:,} tasks")
    base = report("json.loads, line by line", plain_loop, tasks)
    report("load, stopped halfway", half_loaded, tasks)
    report("load again, which goes on", loaded, tasks)
    report("load again: all is there", loaded, tasks)
    tasks.with_suffix(".db").unlink()
    ours = report("load in one pass", loaded, tasks)
    say(f"loading takes {ours / base:.1f} times as long as json.loads alone")
    tasks.with_suffix(".db").unlink()
    report("load, languages, topics read", loaded_and_read, tasks)
    for path in write_packed(folder, tasks):
        report(f"check {path.suffix[1:]}", checked, path)


def bench_others(folder: Path, n: int) -> None:
    judged, sheet = folder / "pairs.jsonl", folder / "pairs.xlsx"
    write_pairs(judged, n)
    say(f"{judged.stat().st_size / 1e6:.0f} MB of preference pairs")
    report("json.loads, line by line", plain_loop, judged)
    report("read_preferences", pairs, judged)
    write_sheet(sheet, n)
    say(f"{sheet.stat().st_size / 1e6:.0f} MB of XLSX, {n:,} rows")
    report("check XLSX", checked, sheet)


if __name__ == "__main__":
    main()
