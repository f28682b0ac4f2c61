"""What word lists and flag models find of offensive texts, and how many harmless ones they flag, on public sets.

Where a set is read in folds, the AUC is the mean of theirs, as in the table of flag models.
"""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold

from data.clean.offence import lexicon, offensive, weighed
from data.toxicity import comments
from reward_model.flag_model import Bools, Floats
from tests.bench_flags import nested

HEAD = "| set | texts, offensive | what | AUC | precision | recall | accuracy | harmless texts flagged |"
FOLDS = 5
Places = npt.NDArray[np.intp]
Texts = npt.NDArray[np.object_]


class Judged(NamedTuple):
    """Texts, which of them people called offensive, and in how many folds they are read."""

    texts: Texts
    offends: Bools
    folds: int = 1


def offence_rows(folder: Path) -> Iterator[str]:
    """The table as lines of Markdown; a set that the folder does not hold is left out."""
    yield HEAD
    yield "|" + "---|" * HEAD.count(" | ") + "---|"
    surge, dev, test = _sample("surge"), _sample("cold-dev"), _sample("cold-test")
    yield from _lines("Surge, English, 5 folds", surge._replace(folds=FOLDS), _held_out(surge))
    yield from _lines("COLD, Chinese, fitted on dev", test, _fitted(dev, test.texts))
    russian = _russian(folder)
    if len(russian.texts):
        yield from _lines("ru-distorted-toxicity, Russian, one annotator", russian, None)
        own = russian._replace(folds=FOLDS), _held_out(russian)
        yield from _lines("the same with a flag model of its own labels, 5 folds", *own, lists=False)
    safe = _safe(folder)
    if len(safe.texts):
        both = _together(surge, dev, test)
        yield from _lines("XSTest, safe prompts, model fitted on Surge", safe, _fitted(surge, safe.texts))
        probable = _fitted(both, safe.texts)
        yield from _lines("XSTest, safe prompts, model fitted on Surge and COLD", safe, probable, lists=False)


def _lines(name: str, judged: Judged, probable: Floats | None, lists: bool = True) -> Iterator[str]:
    marks = np.array([len(offensive(text)) for text in judged.texts])
    if lists:
        plain = np.array([len(lexicon(as_given=True).hits(text)) for text in judged.texts])
        yield _line(name, judged, "LDNOOBW as it is", plain > 0, plain)
        yield _line(name, judged, "our lists, disguises too", marks > 0, marks)
    if probable is not None:
        both = np.array([weighed(float(p), bool(n)) for p, n in zip(probable, marks, strict=True)])
        yield _line(name, judged, "flag model", probable > 0.5, probable)
        yield _line(name, judged, "flag model and lists", both > 0.5, both)


def _line(name: str, judged: Judged, what: str, flagged: Bools, score: npt.NDArray[np.generic]) -> str:
    offends = judged.offends
    right = int((flagged & offends).sum())
    figures = [
        f"{_auc(judged, score):.4f}" if offends.any() else "–",
        f"{right / max(1, flagged.sum()):.3f}" if offends.any() else "–",
        f"{right / offends.sum():.3f}" if offends.any() else "–",
        f"{(flagged == offends).mean():.4f}" if offends.any() else "–",
        f"{flagged[~offends].mean():.1%}",
    ]
    return f"| {name} | {len(offends):,}, {offends.sum():,} | {what} | {' | '.join(figures)} |"


def _auc(judged: Judged, score: npt.NDArray[np.generic]) -> float:
    parts = [test for _, test in _split(judged.offends)] if judged.folds > 1 else [np.arange(len(judged.offends))]
    return float(np.mean([roc_auc_score(judged.offends[part], score[part]) for part in parts]))


def _split(offends: Bools) -> Iterator[tuple[Places, Places]]:
    folds: Iterator[tuple[Places, Places]] = StratifiedKFold(FOLDS, shuffle=True, random_state=0).split(
        offends, offends
    )
    return folds


def _held_out(judged: Judged) -> Floats:
    probable = np.zeros(len(judged.texts))
    for train, test in _split(judged.offends):
        probable[test] = nested(judged.texts, judged.offends, train, test)
    return probable


def _fitted(judged: Judged, texts: Texts) -> Floats:
    every = np.concatenate([judged.texts, texts])
    labels = np.concatenate([judged.offends, np.zeros(len(texts), dtype=bool)])
    return nested(every, labels, np.arange(len(judged.texts)), np.arange(len(judged.texts), len(every)))


def _together(*some: Judged) -> Judged:
    return Judged(np.concatenate([one.texts for one in some]), np.concatenate([one.offends for one in some]))


def _sample(file: str) -> Judged:
    return _judged([(one.text, one.toxic) for one in comments(file)])


def _russian(folder: Path) -> Judged:
    path = folder / "ru-distorted-toxicity" / "toxicity_corpus" / "russian_distorted_toxicity.tsv"
    if not path.exists():
        return _judged([])
    with path.open(encoding="utf-8", newline="") as lines:
        rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        return _judged([(row["comments"], row["toxicity"] == "1") for row in rows])


def _safe(folder: Path) -> Judged:
    path = folder / "xstest" / "xstest_prompts.csv"
    if not path.exists():
        return _judged([])
    with path.open(encoding="utf-8", newline="") as lines:
        return _judged([(row["prompt"], False) for row in csv.DictReader(lines) if row["label"] == "safe"])


def _judged(rows: Sequence[tuple[str, bool]]) -> Judged:
    return Judged(
        np.array([text for text, _ in rows], dtype=object), np.array([offends for _, offends in rows], dtype=bool)
    )
