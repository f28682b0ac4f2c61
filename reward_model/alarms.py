"""What a lead is warned of when released models are watched, and how sure the warning is."""

from collections.abc import Callable, Mapping, Sequence
from typing import Literal, NamedTuple

import numpy as np

from data.schemas import Alarm, WatchedScore
from reward_model.watch import Measure, iso_week, mean, releases, summary, win_rate

State = Literal["alarm", "may be", "quiet", "no data"]
"""alarm: the whole interval is beyond the limit; may be: only the estimate is; no data: nothing to compare yet."""


class AlarmState(NamedTuple):
    """One alarm: its limit, the release it is about, what was measured and beside what, and what follows.

    `measure` is None where there is no data; shares and win rates are 0 to 1, a fall is in logits.
    """

    alarm: Alarm
    limit: float
    release: str
    measure: Measure | None
    beside: str
    state: State


class _Found(NamedTuple):
    measure: Measure
    beside: str


def alarm_states(
    answers: Sequence[WatchedScore], alarms: Mapping[Alarm, float], thresholds: Mapping[str, float]
) -> list[AlarmState]:
    """How each alarm stands for the newest release; shares and falls are those of its newest week."""
    if not answers:
        return [AlarmState(alarm, limit, "", None, "", "no data") for alarm, limit in alarms.items()]
    release = releases(answers)[-1]
    return [
        _state(alarm, limit, release, _MEASURED[alarm](answers, release, thresholds)) for alarm, limit in alarms.items()
    ]


def _state(alarm: Alarm, limit: float, release: str, found: _Found | None) -> AlarmState:
    if found is None:
        return AlarmState(alarm, limit, release, None, "", "no data")
    value, low, high = found.measure
    is_below = alarm == "win rate below"
    surely = high < limit if is_below else low > limit
    perhaps = value < limit if is_below else value > limit
    return AlarmState(
        alarm, limit, release, found.measure, found.beside, "alarm" if surely else "may be" if perhaps else "quiet"
    )


def _won(answers: Sequence[WatchedScore], release: str, _thresholds: Mapping[str, float]) -> _Found | None:
    names = releases(answers)
    return _Found(win_rate(answers, release, names[-2]).rate, names[-2]) if len(names) > 1 else None


def _fell(answers: Sequence[WatchedScore], release: str, _thresholds: Mapping[str, float]) -> _Found | None:
    """By how much the newest week scores lower than all earlier weeks of the release, or else than the one before."""
    new, week = newest_week(answers, release)
    before = [a for a in answers if a.source == release and iso_week(a.written_at) != week]
    names = releases(answers)
    if not before and len(names) > 1:
        before = [a for a in answers if a.source == names[-2]]
    if not before:
        return None
    return _Found(fall(before, new), before[0].source)


def fall(before: Sequence[WatchedScore], new: Sequence[WatchedScore]) -> Measure:
    """The mean score before minus that of the new answers; on the prompts that both have, if they have any."""
    common = {a.prompt for a in before} & {a.prompt for a in new}
    if common:
        old = _by_prompt(before)
        some = [a for a in new if a.prompt in common]
        return mean(np.array([old[a.prompt] - a.score for a in some]), some)
    one, two = (mean(np.array([a.score for a in side]), side) for side in (before, new))
    spread = [np.hypot(one.value - one.low, two.high - two.value), np.hypot(one.high - one.value, two.value - two.low)]
    return Measure(one.value - two.value, one.value - two.value - spread[0], one.value - two.value + spread[1])


def _by_prompt(some: Sequence[WatchedScore]) -> dict[str, float]:
    scores: dict[str, list[float]] = {}
    for answer in some:
        scores.setdefault(answer.prompt, []).append(answer.score)
    return {prompt: float(np.mean(found)) for prompt, found in scores.items()}


def newest_week(answers: Sequence[WatchedScore], source: str) -> tuple[list[WatchedScore], str]:
    """The answers of a source in the last week in which it has any, and that week."""
    mine = [answer for answer in answers if answer.source == source]
    week = max(iso_week(answer.written_at) for answer in mine)
    return [answer for answer in mine if iso_week(answer.written_at) == week], week


def _unlike(answers: Sequence[WatchedScore], release: str, thresholds: Mapping[str, float]) -> _Found:
    some, week = newest_week(answers, release)
    return _Found(summary(release, week, some, thresholds).unlike, "")


def _flagged(answers: Sequence[WatchedScore], release: str, thresholds: Mapping[str, float]) -> _Found | None:
    some, week = newest_week(answers, release)
    return _Found(summary(release, week, some, thresholds).flagged, "") if any(a.flags for a in some) else None


_MEASURED: Mapping[Alarm, Callable[[Sequence[WatchedScore], str, Mapping[str, float]], _Found | None]] = {
    "win rate below": _won,
    "score falls by": _fell,
    "unlike share above": _unlike,
    "flagged share above": _flagged,
}
