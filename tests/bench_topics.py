"""`python -m tests.bench_topics FOLDER`: what the detectors of sensitive topics and of offence find, on others' labels.

FOLDER holds the sets as their owners publish them: `truthfulqa/`, `xsafety/`, `coldataset/`, `xstest/`,
`ru-distorted-toxicity/`, and as far as there: `sib-200/` (data/annotated), `ethos/` (ethos/ethos_data), `toxicn/`,
`inappropriate-sensitive-topics/` (Version2/sensitive_topics), `thucnews/` (THUCNews/data). A topic and language that no
set there labels is called not measured. Figures are those of the half of each set that the lists were not mended on;
intervals are 95 %, Wilson's for precision and recall, bootstrap over texts for F1.
"""

import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy.stats import binomtest

from data.clean.lexicon import LANGUAGES
from data.clean.sensitive import Detector, topics_of
from data.clean.topic_labels import Example
from data.clean.topic_learning import learned
from data.schemas import STANDARD_TOPICS
from tests.bench_offence import offence_rows
from tests.bench_topic_sets import Labelled, TopicSet, topic_sets

HEAD = (
    "| topic | language | set | texts, with the topic | precision | recall | F1 | precision, open labels as others "
    "| F1 with weights learned from the set's labels |"
)
SPEED_TEXTS, MOST_LEARNED = 20_000, 3_000


class Counts(NamedTuple):
    """How often a topic was found rightly, wrongly, and missed; `others` are texts without it where none was found."""

    right: int
    wrong: int
    missed: int
    others: int

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        return 2 * self.right / max(1, 2 * self.right + self.wrong + self.missed)


class Row(NamedTuple):
    """A line of the table: a topic in a language on a set."""

    topic: str
    language: str
    line: str


def main(folder: Path) -> None:
    """Print the tables as Markdown."""
    rows = [row for one in topic_sets() for row in _rows(one, folder)]
    _say(HEAD)
    _say("|" + "---|" * HEAD.count(" | ") + "---|")
    for topic in (topic.topic for topic in STANDARD_TOPICS):
        for language in LANGUAGES:
            lines = [row.line for row in rows if (row.topic, row.language) == (topic, language)]
            for line in lines or [f"| {topic} | {language} | not measured: no labels |" + " – |" * 6]:
                _say(line)
    _say(f"\n{_speed():,.0f} texts of 400 characters a second, one process.\n")
    for line in offence_rows(folder):
        _say(line)


def _rows(one: TopicSet, folder: Path) -> Iterator[Row]:
    every = list(one.rows(folder))
    kept = [row for row in every if not row.tuned_on]
    found = [frozenset(topics_of(row.text, one.language)) for row in kept]
    taught = _taught(one, every)
    for topic in one.topics if kept else ():
        closed = _counts(topic, [(row, said) for row, said in zip(kept, found, strict=True) if topic not in row.open])
        strict = _counts(topic, list(zip(kept, found, strict=True)))
        yield Row(topic, one.language, _line(topic, one, closed, strict, taught.get(topic, "too few labels")))


def _counts(topic: str, rows: Sequence[tuple[Labelled, frozenset[str]]]) -> Counts:
    seen: dict[tuple[bool, bool], int] = defaultdict(int)
    for row, said in rows:
        seen[topic in row.yes, topic in said] += 1
    return Counts(seen[True, True], seen[False, True], seen[True, False], seen[False, False])


def _line(topic: str, one: TopicSet, closed: Counts, strict: Counts, taught: str) -> str:
    return (
        f"| {topic} | {one.language} | {one.name} | {sum(closed):,}, {closed.right + closed.missed:,} "
        f"| {_share(closed.right, closed.right + closed.wrong)} | {_share(closed.right, closed.right + closed.missed)} "
        f"| {_f1(closed)} | {strict.right / max(1, strict.right + strict.wrong):.2f} | {taught} |"
    )


def _share(some: int, every: int) -> str:
    if not every:
        return "–"
    low, high = binomtest(some, every).proportion_ci(method="wilson")
    return f"{some / every:.2f} [{low:.2f}, {high:.2f}]"


def _f1(counts: Counts) -> str:
    drawn = np.random.default_rng(0).multinomial(sum(counts), np.array(counts) / sum(counts), size=2_000)
    low, high = np.quantile([Counts(*row).f1 for row in drawn], [0.025, 0.975])
    return f"**{counts.f1:.2f}** [{low:.2f}, {high:.2f}]"


def _taught(one: TopicSet, rows: Sequence[Labelled]) -> dict[str, str]:
    """By folds over both halves: what the weights reach that a project learns from this many labels of its own."""
    some = [Example(row.text, one.language, row.yes & set(one.topics), row.number) for row in rows[:: _step(rows)]]
    return {made.topic: f"{made.f1_learned:.2f} ({made.labelled} labels)" for made in learned(some, {})}


def _step(rows: Sequence[Labelled]) -> int:
    return 1 + len(rows) // MOST_LEARNED


def _speed() -> float:
    words = [
        "whom",
        "should",
        "vote",
        "for",
        "the",
        "doctor",
        "says",
        "heart",
        "银行",
        "выборы",
        "table",
        "lamp",
        "green",
    ]
    rng = np.random.default_rng(0)
    texts = [" ".join(rng.choice(words, 70))[:400] for _ in range(SPEED_TEXTS)]
    detector = Detector()
    began = time.perf_counter()
    for text in texts:
        topics_of(text, "en", detector)
    return SPEED_TEXTS / (time.perf_counter() - began)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
