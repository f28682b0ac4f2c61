"""How far a flag model can be trusted: figures from prompts that were not fitted on, with 95 % intervals."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import count
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from sklearn.model_selection import StratifiedGroupKFold

from data.errors import InputError, Sentence
from reward_model.bootstrap import Draws, draws, quantiles
from reward_model.flag_choice import FITS_A_CHOICE, STRENGTHS, Tick, chosen_strength
from reward_model.flag_features import SETTINGS, counts
from reward_model.flag_model import FORMAT, FlagModel, fit

FOLDS = 5
LEAST = 20
"""So many flagged texts, and as many others, are needed to fit; and of a project's own to measure on those."""
POINTS = 60
DRAWS = 400
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
FITS = (FOLDS + 1) * (FITS_A_CHOICE + 1)
"""How many small fits a flag model takes."""


class Flagged(NamedTuple):
    """A text, whether people flagged it, the group that is never split, and where it comes from ("" the project)."""

    text: str
    flagged: bool
    group: str
    origin: str = ""


def fitted_flag_model(kind: str, texts: Sequence[Flagged], tick: Tick) -> FlagModel:
    """The model for a kind of flag with its card; `tick` is called after each of `FITS` fits, and may raise.

    InputError when there are too few flagged texts or too few others.
    """
    flagged = np.array([one.flagged for one in texts], dtype=bool)
    if min(flagged.sum(), (~flagged).sum()) < LEAST:
        raise InputError(
            "A flag model needs {least} flagged answers and {least} others; there are {flagged} and {others}. Judge "
            "more answers, or begin from the sample.",
            least=LEAST,
            flagged=int(flagged.sum()),
            others=int((~flagged).sum()),
        )
    groups = np.unique([one.group for one in texts], return_inverse=True)[1]
    found = counts([one.text for one in texts])

    def fitted(rows: npt.NDArray[np.intp], card: dict[str, Any]) -> FlagModel:
        strength = chosen_strength(found[rows], flagged[rows], groups[rows], tick)
        made = fit(found[rows], flagged[rows], strength).model({**card, "c": strength})
        tick()
        return made

    probability = np.full(len(texts), np.nan)
    for train, test in _folds(flagged, groups):
        probability[test] = fitted(train, {}).of_counts(found[test])
    return fitted(np.arange(len(texts)), _card(kind, texts, flagged, groups, probability))


def _folds(flagged: Bools, groups: npt.NDArray[np.intp]) -> Any:
    if min(len(np.unique(groups[side])) for side in (flagged, ~flagged)) < FOLDS:
        few = Sentence("The flagged answers, or the others, belong to fewer than {n} prompts; judge more prompts.")
        raise InputError(few, n=FOLDS)
    return StratifiedGroupKFold(FOLDS, shuffle=True, random_state=0).split(groups, flagged, groups)


def _card(
    kind: str, texts: Sequence[Flagged], flagged: Bools, groups: npt.NDArray[np.intp], probability: Floats
) -> dict[str, Any]:
    own = np.array([not one.origin for one in texts])
    enough = min((flagged & own).sum(), (~flagged & own).sum()) >= LEAST
    rows = own if enough else np.ones(len(texts), dtype=bool)
    origins = sorted({one.origin for one in texts})
    fitted_on = [_origin(name, [one for one in texts if one.origin == name]) for name in origins]
    return {
        "format": FORMAT, "features": SETTINGS, "kind": kind, "tried": {"c": list(STRENGTHS)},
        "fitted_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "fitted_on": fitted_on,
        "measured_on": "project" if enough else "all",
        "split": f"{FOLDS} folds by prompt, choices made inside each training part",
        "metrics": metrics(flagged[rows], groups[rows], probability[rows]),
    }  # fmt: skip


def _origin(name: str, texts: Sequence[Flagged]) -> dict[str, Any]:
    return {"origin": name, "n": len(texts), "flagged": sum(one.flagged for one in texts)}


def metrics(flagged: Bools, groups: npt.NDArray[np.intp], probability: Floats) -> dict[str, Any]:
    """AUC, average precision and the precision–recall curve, beside the share that is flagged, with intervals."""
    made = draws(groups)
    times = made.times[:DRAWS][:, made.place]
    once = np.ones((1, len(flagged)))
    order = np.argsort(-probability, kind="stable")
    tail = made.tail(np.ones(len(flagged), dtype=bool))
    found: dict[str, Any] = {
        "n": len(flagged), "n_flagged": int(flagged.sum()), "n_groups": len(np.unique(groups)),
        "prevalence": float(flagged.mean()),
        "prevalence_ci": made.interval(flagged.astype(float), np.ones(len(flagged), dtype=bool)),
    }  # fmt: skip
    for name, measure in (("auc", _auc), ("average_precision", _average_precision)):
        drawn = measure(flagged[order], times[:, order])
        found[name] = float(measure(flagged[order], once[:, order])[0])
        found[f"{name}_ci"] = quantiles(drawn[np.isfinite(drawn)], tail) if tail else [0.0, 1.0]
    return found | {"curve": curve(flagged, made, probability)}


def _auc(flagged: Bools, times: Floats) -> Floats:
    """The chance that a flagged text stands before another one, texts in order, in each draw."""
    yes, no = times * flagged, times * ~flagged
    with np.errstate(invalid="ignore"):
        before: Floats = (no * (np.cumsum(yes, axis=1))).sum(axis=1) / (yes.sum(axis=1) * no.sum(axis=1))
    return before


def _average_precision(flagged: Bools, times: Floats) -> Floats:
    yes = times * flagged
    with np.errstate(invalid="ignore", divide="ignore"):
        precision = np.nan_to_num(np.cumsum(yes, axis=1) / np.cumsum(times, axis=1))
        found: Floats = (precision * yes).sum(axis=1) / yes.sum(axis=1)
    return found


def curve(flagged: Bools, made: Draws, probability: Floats) -> list[dict[str, float]]:
    """Points from the highest threshold to the lowest: threshold, precision with its interval, recall, share marked."""
    at = np.unique(np.quantile(probability, np.linspace(0, 0.99, POINTS)))[::-1]
    return [_point(float(threshold), flagged, made, probability) for threshold in at]


def _point(threshold: float, flagged: Bools, made: Draws, probability: Floats) -> dict[str, float]:
    marked = probability >= threshold
    low, high = made.interval(flagged.astype(float), marked)
    recall = float((marked & flagged).sum() / flagged.sum())
    return {
        "threshold": threshold, "precision": float(flagged[marked].mean()), "low": low, "high": high,
        "recall": recall, "marked": float(marked.mean()),
    }  # fmt: skip


def point_at(points: Sequence[dict[str, float]], threshold: float) -> dict[str, float]:
    """The point of a curve that a threshold comes to: the nearest."""
    return min(points, key=lambda point: abs(point["threshold"] - threshold))


def fitted_apart(kind: str, texts: Sequence[Flagged], report: Callable[[tuple[int, int]], object]) -> FlagModel:
    """The same for a process of its own, which is ended from outside; reports how many of `FITS` fits are done."""
    done = count(1)

    def tick() -> None:
        report((next(done), FITS))

    return fitted_flag_model(kind, texts, tick)
