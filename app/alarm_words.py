"""Alarms in words: what each of them watches, and how it stands."""

from collections.abc import Mapping

from app.language import N_, _, number, percent, signed
from app.names import as_written
from data.schemas import Alarm
from reward_model.alarms import AlarmState, State
from reward_model.watch import Measure

LABELS: Mapping[Alarm, str] = {
    "win rate below": N_("Preferred to the last release in less than (%)"),
    "score falls by": N_("Score falls by more than (logits)"),
    "unlike share above": N_("Unlike prompts are more than (%)"),
    "flagged share above": N_("Flagged answers are more than (%)"),
}
"""Alarm → the label of its limit."""
SHARES = frozenset[Alarm]({"win rate below", "unlike share above", "flagged share above"})
_SAYS: Mapping[Alarm, str] = {
    "win rate below": N_("{release} is preferred to {beside} in {value} ({low} to {high}); the limit is {limit}."),
    "score falls by": N_(
        "The score of {release} in its newest week differs from that of {beside} by {value} ({low} to {high}); the "
        "limit is a fall of {limit}."
    ),
    "unlike share above": N_(
        "In the newest week of {release} {value} of the answers are to unlike prompts ({low} to {high}); the limit is "
        "{limit}."
    ),
    "flagged share above": N_(
        "In the newest week of {release} {value} of the answers are flagged ({low} to {high}); the limit is {limit}."
    ),
}
_WITHIN = N_(
    "The score of {release} in its newest week differs from that of its weeks before by {value} ({low} to {high}); the "
    "limit is a fall of {limit}."
)
_MARKS: Mapping[State, str] = {
    "alarm": N_("Alarm: {sentence}"),
    "may be": N_("Perhaps: {sentence} The interval holds the limit."),
    "quiet": N_("Quiet: {sentence}"),
}


_NOTHING: Mapping[Alarm, str] = {
    "win rate below": N_("Against the last release: there is one release only so far."),
    "score falls by": N_("Fall of the score: there is one week only so far."),
    "unlike share above": N_("Unlike prompts: there are no answers yet."),
    "flagged share above": N_("Flagged answers: no flag model has looked at these answers."),
}


def alarm_sentence(found: AlarmState) -> str:
    """How an alarm stands: what was measured, its interval, its limit."""
    if found.measure is None:
        return _(_NOTHING[found.alarm])
    is_within = found.alarm == "score falls by" and found.beside == found.release
    message = _WITHIN if is_within else _SAYS[found.alarm]
    said = _(
        message, release=as_written(found.release), beside=as_written(found.beside), **_figures(found, found.measure)
    )
    return _(_MARKS[found.state], sentence=said)


def _figures(found: AlarmState, measure: Measure) -> dict[str, str]:
    """A fall is said as a change with its sign, so that a rise reads as one."""
    if found.alarm in SHARES:
        return {name: percent(value) for name, value in {**measure._asdict(), "limit": found.limit}.items()}
    value, low, high = (signed(-edge) for edge in (measure.value, measure.high, measure.low))
    return {"value": value, "low": low, "high": high, "limit": number(found.limit, 2)}
