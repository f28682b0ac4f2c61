"""Alarms in words: what each of them watches, and how it stands."""

from collections.abc import Mapping

from app.language import N_, _, number, percent, signed
from app.names import as_written
from data.schemas import Alarm
from reward_model.alarms import AlarmState, State

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
        "From {beside} before to the newest week of {release} the score falls by {value} ({low} to {high}); the "
        "limit is {limit}."
    ),
    "unlike share above": N_(
        "In the newest week of {release} {value} of the answers are to unlike prompts ({low} to {high}); the limit is "
        "{limit}."
    ),
    "flagged share above": N_(
        "In the newest week of {release} {value} of the answers are flagged ({low} to {high}); the limit is {limit}."
    ),
}
_MARKS: Mapping[State, str] = {
    "alarm": N_("Alarm: {sentence}"),
    "may be": N_("Perhaps: {sentence} The interval holds the limit."),
    "quiet": N_("Quiet: {sentence}"),
    "no data": N_("{alarm}: there is nothing to measure it by yet."),
}


def alarm_sentence(found: AlarmState) -> str:
    """How an alarm stands: what was measured, its interval, its limit."""
    if found.measure is None:
        return _(_MARKS["no data"], alarm=_(LABELS[found.alarm]))
    is_share = found.alarm in SHARES
    written = {
        name: percent(value) if is_share else (number(value, 2) if name == "limit" else signed(value))
        for name, value in {**found.measure._asdict(), "limit": found.limit}.items()
    }
    said = _(_SAYS[found.alarm], release=as_written(found.release), beside=as_written(found.beside), **written)
    return _(_MARKS[found.state], sentence=said)
