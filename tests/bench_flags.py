"""The two published sets of toxic comments that come with Rankdesk, by the protocols of those who published figures."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline

from data.toxicity import comments
from reward_model.flag_choice import chosen_strength
from reward_model.flag_features import counts
from reward_model.flag_model import Bools, Floats, fit


class FlagRow(NamedTuple):
    """A set with its protocol, what others reached, and what this model and the usual pipeline reach on it."""

    name: str
    others: str
    ours: float
    usual: float
    bar: float
    aim: float


def flag_rows() -> Iterator[FlagRow]:
    """Surge by five stratified folds (mean AUC), COLD from its dev to its test part (accuracy); all choices nested."""
    texts, toxic = _read("surge")
    folds = list(StratifiedKFold(5, shuffle=True, random_state=0).split(toxic, toxic))
    ours, usual = (
        float(np.mean([roc_auc_score(toxic[test], say(texts, toxic, train, test)) for train, test in folds]))
        for say in (nested, tf_idf)
    )
    yield FlagRow("surge-toxicity, 5 folds, AUC", "0.943", ours, usual, 0.94, 0.96)
    (dev, on_dev), (test_texts, on_test) = _read("cold-dev"), _read("cold-test")
    every, labels = np.concatenate([dev, test_texts]), np.concatenate([on_dev, on_test])
    train, test = np.arange(len(dev)), np.arange(len(dev), len(every))
    right, plain = (float(((say(every, labels, train, test) > 0.5) == on_test).mean()) for say in (nested, tf_idf))
    yield FlagRow("COLD, fitted on dev, accuracy on test", "0.799", right, plain, 0.80, 0.83)


def nested(
    texts: npt.NDArray[np.object_], toxic: Bools, train: npt.NDArray[np.intp], test: npt.NDArray[np.intp]
) -> Floats:
    """What a flag model says of `test`, fitted on `train` with a choice made there."""
    found = counts(list(texts[train]))
    strength = chosen_strength(found, toxic[train], np.arange(len(train)), lambda: None)
    return fit(found, toxic[train], strength).model({}).probabilities(list(texts[test]))


def tf_idf(
    texts: npt.NDArray[np.object_], toxic: Bools, train: npt.NDArray[np.intp], test: npt.NDArray[np.intp]
) -> Floats:
    """The usual pipeline: TF-IDF of characters, logistic regression, no choices."""
    model = make_pipeline(TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 4)), LogisticRegression(max_iter=1000))
    return np.asarray(model.fit(texts[train], toxic[train]).predict_proba(texts[test])[:, 1])


def _read(file: str) -> tuple[npt.NDArray[np.object_], Bools]:
    made = list(comments(file))
    return np.array([one.text for one in made], dtype=object), np.array([one.toxic for one in made])
