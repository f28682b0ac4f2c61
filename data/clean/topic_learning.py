"""Weights of words for sensitive topics, fitted to the labels of people and measured on prompts left out."""

from collections import defaultdict
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from data.clean.sensitive import Detector, Seeds, weight_of
from data.clean.topic_labels import FEWEST, MOST_WEIGHTS, Example, TopicWeights, terms_of

FOLDS, STRENGTH, RARE = 5, 3.0, 2
Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Report = Callable[[tuple[int, int]], object]


def learned(examples: Sequence[Example], seeds: Seeds, report: Report = lambda _seen: None) -> tuple[TopicWeights, ...]:
    """Weights for every topic with enough labels, measured by folds of prompts; none where there are too few.

    `report` is told how many topics are done, of how many.
    """
    if len({example.group for example in examples}) < FOLDS:
        return ()
    detector = Detector(seeds)
    listed = [detector.hits(example.text, example.language) for example in examples]
    marked = [detector.marks(example.text, example.language) for example in examples]
    names, words = _counted(examples)
    groups = np.unique([example.group for example in examples], return_inverse=True)[1]
    made = []
    topics = sorted({topic for example in examples for topic in example.topics})
    for done, topic in enumerate(topics):
        report((done, len(topics)))
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
