"""How released models do over time, in the reward model's opinion: by source and week, and each beside the one before.

Scores are this model's and hold people's taste only as far as its held-out accuracy says. Intervals are 95 %, over
prompts drawn with replacement; they do not hold the model's own error.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from data.schemas import WatchedScore
from reward_model.bootstrap import Draws, Floats, draws

UNLIKE = 0.95
"""A prompt is unlike what was judged when this share of the judged prompts has a nearer neighbour than it has."""


class Measure(NamedTuple):
    """A number with its 95 % interval."""

    value: float
    low: float
    high: float


class Week(NamedTuple):
    """What one source answered in one week. `score` in logits; `unlike` and `flagged` are shares of answers.

    `n_prompts` counts different prompts. `monday` is the first moment of the week, in the time zone of the answers.
    """

    source: str
    week: str
    monday: datetime
    n: int
    n_prompts: int
    score: Measure
    unlike: Measure
    flagged: Measure


class WinRate(NamedTuple):
    """How often answers of `release` are preferred to those of `before`, by the model's own probabilities.

    `paired`: on the `n_prompts` prompts that both answered; else all answers of one beside all of the other, which is
    fair only where their prompts are alike.
    """

    release: str
    before: str
    paired: bool
    n_prompts: int
    rate: Measure


def iso_week(when: datetime) -> str:
    """The ISO week of a moment: “2026-W05”."""
    year, week, _ = when.isocalendar()
    return f"{year}-W{week:02d}"


def releases(answers: Sequence[WatchedScore]) -> list[str]:
    """The sources in the order in which their first answers were written."""
    first: dict[str, datetime] = {}
    for answer in answers:
        first[answer.source] = min(answer.written_at, first.get(answer.source, answer.written_at))
    return sorted(first, key=lambda source: (first[source], source))


def weekly(answers: Sequence[WatchedScore], thresholds: Mapping[str, float]) -> list[Week]:
    """One entry for each source and ISO week, by release and time. `thresholds`: from when a flag counts, by kind."""
    parts: dict[tuple[str, str], list[WatchedScore]] = {}
    for answer in answers:
        parts.setdefault((answer.source, iso_week(answer.written_at)), []).append(answer)
    order = {source: place for place, source in enumerate(releases(answers))}
    return [
        summary(source, week, parts[source, week], thresholds)
        for source, week in sorted(parts, key=lambda one: (order[one[0]], one[1]))
    ]


def summary(source: str, week: str, some: Sequence[WatchedScore], thresholds: Mapping[str, float]) -> Week:
    """What these answers have in common."""
    monday = datetime.strptime(f"{week}-1", "%G-W%V-%u").replace(tzinfo=some[0].written_at.tzinfo)
    flagged = np.array([is_flagged(answer, thresholds) for answer in some], dtype=np.float64)
    score, unlike = (np.array([getattr(answer, name) for answer in some]) for name in ("score", "unlike"))
    drawn = _drawn(some)
    return Week(
        source,
        week,
        monday,
        len(some),
        len({answer.prompt for answer in some}),
        _mean(score, drawn, -np.inf, np.inf),
        _mean((unlike > UNLIKE).astype(np.float64), drawn, 0.0, 1.0),
        _mean(flagged, drawn, 0.0, 1.0),
    )


def is_flagged(answer: WatchedScore, thresholds: Mapping[str, float]) -> bool:
    """Whether one of its flags is as likely as the threshold of its kind asks, 0.5 where there is none."""
    return any(chance >= thresholds.get(kind, 0.5) for kind, chance in answer.flags.items())


def mean(values: Floats, some: Sequence[WatchedScore], least: float = -np.inf, most: float = np.inf) -> Measure:
    """The mean over answers, its interval over prompt groups; `least` to `most` where one group holds them all."""
    return _mean(values, _drawn(some), least, most)


def _drawn(some: Sequence[WatchedScore]) -> Draws:
    return draws(np.unique([answer.group for answer in some], return_inverse=True)[1])


def _mean(values: Floats, drawn: Draws, least: float, most: float) -> Measure:
    low, high = drawn.interval(values, np.ones(len(values), dtype=bool), least, most)
    return Measure(float(values.mean()), low, high)


def win_rate(answers: Sequence[WatchedScore], release: str, before: str) -> WinRate:
    """How often `release` is preferred to `before`; both have answers."""
    new, old = _by_prompt(answers, release), _by_prompt(answers, before)
    common = [prompt for prompt in new if prompt in old]
    if not common:
        return WinRate(release, before, False, len(new) + len(old), _unpaired(new, old))
    rates = np.array([_chance(_scores(new[prompt]), _scores(old[prompt])) for prompt in common])
    rate = mean(rates, [new[prompt][0] for prompt in common], 0.0, 1.0)
    return WinRate(release, before, True, len(common), rate)


def _by_prompt(answers: Sequence[WatchedScore], source: str) -> dict[str, list[WatchedScore]]:
    found: dict[str, list[WatchedScore]] = {}
    for answer in answers:
        if answer.source == source:
            found.setdefault(answer.prompt, []).append(answer)
    return found


def _scores(some: Sequence[WatchedScore]) -> Floats:
    return np.array([answer.score for answer in some])


def _chance(new: Floats, old: Floats) -> float:
    """The mean probability that one of the new answers is preferred to one of the old ones."""
    return float(np.mean(1 / (1 + np.exp(old[None, :] - new[:, None]))))


def _unpaired(new: Mapping[str, list[WatchedScore]], old: Mapping[str, list[WatchedScore]]) -> Measure:
    """All prompts of one beside all of the other, each prompt by its mean chance, prompts of both drawn anew."""
    ours, theirs = (np.array([_scores(some).mean() for some in one.values()]) for one in (new, old))
    ours, theirs = _thinned(ours), _thinned(theirs)
    chances = 1 / (1 + np.exp(theirs[None, :] - ours[:, None]))
    one, two = (draws(np.arange(len(side)), seed).times / len(side) for seed, side in ((1, ours), (2, theirs)))
    drawn = np.einsum("dn,dn->d", one @ chances, two)
    low, high = (0.0, 1.0) if min(len(ours), len(theirs)) < 2 else np.quantile(drawn, [0.025, 0.975]).tolist()
    return Measure(float(chances.mean()), low, high)


def _thinned(scores: Floats, most: int = 1_000) -> Floats:
    return scores if len(scores) <= most else np.random.default_rng(0).choice(scores, most, replace=False)


def win_rates(answers: Sequence[WatchedScore]) -> list[WinRate]:
    """Each release beside the one before it, oldest first; none while there is one release only."""
    names = releases(answers)
    return [win_rate(answers, new, old) for old, new in pairwise(names)]


def plain(found: Week | WinRate) -> dict[str, Any]:
    """The numbers as JSON: measures as {value, low, high}, infinite ends as null, no moment."""
    parts = {name: value for name, value in found._asdict().items() if name != "monday"}
    return {name: _ends(value) if isinstance(value, Measure) else value for name, value in parts.items()}


def _ends(found: Measure) -> dict[str, float | None]:
    return {name: value if np.isfinite(value) else None for name, value in found._asdict().items()}
