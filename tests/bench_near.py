"""`python -m tests.bench_near`: find the near duplicates among 100,000 generated responses.

Each response is made of sentences of the sample's answers, so that unrelated ones share much. Into the pile go copies
with words replaced, dropped or doubled. In a part of it, the originals with their copies and as many others, every pair
is compared with every other; precision and recall are over the pairs of that part that are at least as alike as the
threshold, the found ones being all that stand in one group.
"""

import argparse
import gzip
import json
import random
import re
import resource
import sys
import time
from itertools import combinations

import numpy as np

from data.clean.near import THRESHOLD, near_groups, plain, shingles
from data.sample import FOLDER

ORIGINALS, COPIES = 700, 2


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def sentences() -> list[str]:
    """The different sentences of the sample's answers."""
    found: dict[str, None] = {}
    with gzip.open(FOLDER / "llmfao/texts.jsonl.gz", "rt", encoding="utf-8") as lines:
        for pair in map(json.loads, lines):
            for text in (pair["result_x"], pair["result_y"]):
                found |= dict.fromkeys(s for s in re.split(r"(?<=[.!?])\s+", text) if 20 < len(s) < 300)
    return list(found)


def edited(text: str, rng: random.Random) -> str:
    """The text with some of its words replaced, dropped or doubled."""
    words, share = text.split(), rng.choice([0.0, 0.01, 0.02, 0.04, 0.08, 0.15])
    changed = (
        rng.choice(["", f"{word} {word}", rng.choice(words)]) if rng.random() < share else word for word in words
    )
    return " ".join(changed) + rng.choice(["", ".", " Thank you!"])


def pile(size: int, rng: random.Random) -> tuple[list[str], list[int]]:
    """So many texts, and the places of those that are compared one by one."""
    known = sentences()
    texts = [" ".join(rng.sample(known, rng.randint(1, 9))) for _ in range(size - ORIGINALS * COPIES)]
    marked = [(text, True) for text in texts[:ORIGINALS]]
    marked += [(edited(text, rng), True) for text in texts[:ORIGINALS] for _ in range(COPIES)]
    marked += [(text, n < ORIGINALS) for n, text in enumerate(texts[ORIGINALS:])]
    rng.shuffle(marked)
    return [text for text, _ in marked], [n for n, (_, part) in enumerate(marked) if part]


def compared(texts: list[str], part: list[int]) -> set[tuple[int, int]]:
    """The pairs of this part that are alike, each compared with each."""
    pieces = {n: shingles(plain(texts[n])) for n in part}
    numbers, inverse = np.unique(np.concatenate(list(pieces.values())), return_inverse=True)
    held = np.zeros((len(part), len(numbers)), dtype=np.float32)
    held[np.repeat(np.arange(len(part)), [len(pieces[n]) for n in part]), inverse] = 1
    both, sizes = held @ held.T, held.sum(1)
    alike = both >= THRESHOLD * (sizes[:, None] + sizes - both)
    return {(part[a], part[b]) for a, b in np.argwhere(np.triu(alike, 1)).tolist()}


def main(size: int) -> None:
    """Print seconds, memory, precision and recall."""
    texts, part = pile(size, random.Random(1))
    say(f"{size:,} responses of {sum(map(len, texts)) / size:.0f} characters")
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()
    groups = near_groups(lambda: texts)
    seconds = time.perf_counter() - began
    more = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    say(f"{len(groups):,} groups in {seconds:.1f} s; {more:.0f} MB above start")
    wanted, inside = compared(texts, part), set(part)
    found = {p for g in groups for p in combinations(sorted(m.place for m in g if m.place in inside), 2)}
    right = len(wanted & found)
    say(f"compared one by one: {len(part):,} responses, {len(wanted):,} pairs alike")
    say(f"recall {right / len(wanted):.4f}, precision {right / max(1, len(found)):.4f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--responses", type=int, default=100_000)
    main(parser.parse_args().responses)
