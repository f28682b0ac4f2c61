"""Weights that the labels of people give to words, beside the lists of sensitive topics.

A topic is there when the list's weight and the weights of the words in the text reach the topic's bar. A word is a
stem, in Chinese a character or two. What the weights bring is measured on prompts that they were not fitted on, and a
topic keeps its plain list where they bring nothing.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated, NamedTuple

import numpy as np
import numpy.typing as npt
from pydantic import Field
from scipy import sparse
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from data.clean.lexicon import HAN, folded, stem, words_of
from data.clean.marks import Mark
from data.clean.sensitive import MOST_CHARACTERS, Detector, weight_of
from data.schemas import Judgement, Slug, Task
from data.schemas.base import Schema
from data.schemas.flag import SENSITIVE

FEWEST = 20
"""So many labelled texts with a topic, and as many without, are needed before anything is learned."""
FOLDS, STRENGTH, MOST_WEIGHTS, RARE, WORTH = 5, 3.0, 3_000, 2, 0.5
_HAN_RUN = re.compile(f"[{HAN}]+")
Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]


class Example(NamedTuple):
    """A text that people have labelled with its topics; `group` names the prompt that it belongs to."""

    text: str
    language: str
    topics: frozenset[str]
    group: str


class Term(NamedTuple):
    """A word of a text as the weights know it, from character `start` up to `end`."""

    start: int
    end: int
    name: str


class TopicWeights(Schema):
    """What the labels of a topic taught: the weight of each word and of the list, and the bar to reach.

    `labelled` and `others` count the labelled texts with and without the topic; `f1_lists` and `f1_learned` are
    measured on prompts left out.
    """

    topic: Slug
    words: Annotated[Mapping[str, float], Field(max_length=MOST_WEIGHTS)]
    listed: float
    bar: float
    labelled: Annotated[int, Field(ge=FEWEST)]
    others: Annotated[int, Field(ge=FEWEST)]
    f1_lists: Annotated[float, Field(ge=0, le=1)]
    f1_learned: Annotated[float, Field(ge=0, le=1)]

    @property
    def better(self) -> bool:
        """Whether the weights find more on prompts left out than the list alone."""
        return self.f1_learned > self.f1_lists


class LearnedDetector(Detector):
    """A detector whose lists are joined by weights learned from labels, for the topics where they are better."""

    def __init__(self, weights: Iterable[TopicWeights], seeds: Mapping[str, Mapping[str, Sequence[str]]]) -> None:
        super().__init__(seeds)
        self._weights = [one for one in weights if one.better]

    def marks(self, text: str, language: str = "") -> dict[str, tuple[Mark, ...]]:
        """Topic → the words that told it: those of the list, and those whose learned weight speaks for it."""
        found = super().marks(text, language)
        terms = list(terms_of(text, language)) if self._weights else []
        hits = self.hits(text, language) if self._weights else {}
        for one in self._weights:
            listed = hits.get(one.topic, [])
            found.pop(one.topic, None)
            places = {(hit.start, hit.end) for hit in listed} | _telling(one, terms)
            if places and _score(one, weight_of(listed), terms) >= one.bar:
                found[one.topic] = tuple(Mark(start, end, one.topic) for start, end in sorted(places))
        return found


def labelled(tasks: Iterable[Task], judgements: Iterable[Judgement]) -> list[Example]:
    """The judged responses of a project; a topic holds where half of those who judged flagged it."""
    said: dict[str, list[Judgement]] = defaultdict(list)
    for judgement in judgements:
        if judgement.status == "submitted":
            said[judgement.task_id].append(judgement)
    return [
        Example(response.text, task.language, _agreed(said[task.id], response.id), task.group)
        for task in tasks
        if said.get(task.id)
        for response in task.responses
    ]


def _agreed(judgements: Sequence[Judgement], response_id: str) -> frozenset[str]:
    votes = [
        {flag.topic for flag in one.flags if flag.response_id == response_id and flag.kind == SENSITIVE}
        for one in judgements
    ]
    named = {topic for vote in votes for topic in vote if topic}
    return frozenset(topic for topic in named if 2 * sum(topic in vote for vote in votes) >= len(votes))


def learned(examples: Sequence[Example], seeds: Mapping[str, Mapping[str, Sequence[str]]]) -> tuple[TopicWeights, ...]:
    """Weights for every topic with enough labels, measured by folds of prompts; none where there are too few."""
    if len({example.group for example in examples}) < FOLDS:
        return ()
    detector = Detector(seeds)
    listed = [detector.hits(example.text, example.language) for example in examples]
    marked = [detector.marks(example.text, example.language) for example in examples]
    names, words = _counted(examples)
    groups = np.unique([example.group for example in examples], return_inverse=True)[1]
    made = []
    for topic in sorted({topic for example in examples for topic in example.topics}):
        yes = np.array([topic in example.topics for example in examples])
        if min(yes.sum(), (~yes).sum()) >= FEWEST:
            rows = _rows(words, np.array([weight_of(hits.get(topic, ())) for hits in listed]))
            plain = np.array([topic in found for found in marked])
            made.append(_of_topic(topic, rows, yes, plain, groups, names))
    return tuple(made)


def _of_topic(
    topic: str, rows: sparse.csr_matrix, yes: Bools, plain: Bools, groups: npt.NDArray[np.intp], names: Sequence[str]
) -> TopicWeights:
    held_out = np.zeros(len(yes), dtype=bool)
    for train, test in GroupKFold(FOLDS).split(rows, yes, groups):
        if 0 < yes[train].sum() < len(train):
            scores = _fitted(rows[train], yes[train]).decision_function(rows[test])
            held_out[test] = scores >= _bar(rows[train], yes[train], groups[train])
    model = _fitted(rows, yes)
    weights = model.coef_[0]
    strongest = np.argsort(-np.abs(weights[1:]), kind="stable")[:MOST_WEIGHTS]
    return TopicWeights(
        topic=topic,
        words={names[at]: round(float(weights[1 + at]), 4) for at in strongest if round(float(weights[1 + at]), 4)},
        listed=float(weights[0]),
        bar=_bar(rows, yes, groups) - float(model.intercept_[0]),
        labelled=int(yes.sum()),
        others=int((~yes).sum()),
        f1_lists=f1(yes, plain),
        f1_learned=f1(yes, held_out),
    )


def _fitted(rows: sparse.csr_matrix, yes: Bools) -> LogisticRegression:
    return LogisticRegression(C=STRENGTH, class_weight="balanced", max_iter=300).fit(rows, yes)


def _bar(rows: sparse.csr_matrix, yes: Bools, groups: npt.NDArray[np.intp]) -> float:
    """The score from which on a text counts, chosen by F1 on inner folds of prompts."""
    scores = np.zeros(len(yes))
    for train, test in GroupKFold(min(3, len(np.unique(groups)))).split(rows, yes, groups):
        if 0 < yes[train].sum() < len(train):
            scores[test] = _fitted(rows[train], yes[train]).decision_function(rows[test])
    order = np.argsort(-scores, kind="stable")
    found = np.cumsum(yes[order])
    best = int(np.argmax(2 * found / (np.arange(1, len(yes) + 1) + yes.sum())))
    return float(scores[order[best]])


def f1(yes: Bools, said: Bools) -> float:
    """The F1 of what was said against what is so, 0 where neither holds anything."""
    both = int((yes & said).sum())
    return 2 * both / max(1, int(yes.sum()) + int(said.sum()))


def terms_of(text: str, language: str) -> Iterator[Term]:
    """The words of a text as the weights know them: stems, and in Chinese characters and pairs of them."""
    read = text[:MOST_CHARACTERS]
    for token in words_of(read):
        yield Term(token.start, token.start + len(token.text), stem(folded(token.text), language or "en"))
    for run in _HAN_RUN.finditer(read):
        for at in range(run.start(), run.end()):
            yield Term(at, at + 1, text[at])
            if at + 1 < run.end():
                yield Term(at, at + 2, text[at : at + 2])


def _counted(examples: Sequence[Example]) -> tuple[list[str], sparse.csr_matrix]:
    """The words that stand in two texts at least, and where: texts × words, each row of length 1."""
    found = [{term.name for term in terms_of(example.text, example.language)} for example in examples]
    texts: dict[str, int] = defaultdict(int)
    for names in found:
        for name in names:
            texts[name] += 1
    known = {name: at for at, name in enumerate(sorted(name for name, count in texts.items() if count >= RARE))}
    rows = [[known[name] for name in sorted(names) if name in known] for names in found]
    ends = np.cumsum([0, *(len(row) for row in rows)])
    values = np.concatenate(
        [np.full(len(row), 1 / max(1, len(names)) ** 0.5) for row, names in zip(rows, found, strict=True)]
    )
    columns = np.array([at for row in rows for at in row], dtype=np.int64)
    return list(known), sparse.csr_matrix((values, columns, ends), shape=(len(rows), len(known)))


def _rows(words: sparse.csr_matrix, listed: Floats) -> sparse.csr_matrix:
    return sparse.csr_matrix(sparse.hstack([sparse.csr_matrix(listed[:, None]), words]))


def _score(one: TopicWeights, listed: float, terms: Sequence[Term]) -> float:
    names = {term.name for term in terms}
    said = sum(one.words.get(name, 0.0) for name in sorted(names)) / max(1, len(names)) ** 0.5
    return float(one.listed * listed + said)


def _telling(one: TopicWeights, terms: Sequence[Term]) -> set[tuple[int, int]]:
    """The places of words that speak for the topic about as much as the one that speaks for it most."""
    most = max((one.words.get(term.name, 0.0) for term in terms), default=0.0)
    return {(term.start, term.end) for term in terms if 0 < WORTH * most <= one.words.get(term.name, 0.0)}
