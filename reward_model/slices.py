"""Accuracy by kind of pair: where a model can be trusted, and where it cannot."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from data.schemas import NONE, NOT_READ, PreferencePair, slices_of
from reward_model.bootstrap import Bools, Draws
from reward_model.evaluate import HeldOut, hits
from reward_model.languages import language
from reward_model.length import length_gaps
from reward_model.observations import Observations
from reward_model.topics import topics

UNKNOWN, OTHERS = "unknown", "all others"
MOST = 12
"""Slices of one kind that are named; the others are one."""
FEWEST_PAIRS, FEWEST_PROMPTS = 30, 5
"""Of smaller slices no accuracy is said: their intervals would say nothing."""
GAPS: Mapping[str, float] = {"0–10 %": 0.1, "10–30 %": 0.3, "30–60 %": 0.6, "over 60 %": 1.0}
"""Length gap: up to which share of the longer response."""
LANGUAGE, SENSITIVE, GAP = "language", "sensitive topic", "length gap"
_ALWAYS = (LANGUAGE, GAP)
_READ = (LANGUAGE, SENSITIVE)
_LAST = (NONE, OTHERS, NOT_READ, UNKNOWN)


class _Parts(NamedTuple):
    """The slices of one kind: which decided pairs are in each; which pairs have theirs by a guess, where some may."""

    inside: Mapping[str, Bools]
    guessed: Bools | None = None


def slice_findings(
    pairs: Sequence[PreferencePair], obs: Observations, held_out: HeldOut, drawn: Draws
) -> list[dict[str, Any]]:
    """The card's list: accuracy and that of “longer wins”, for each slice of each kind.

    Only pairs that are no ties count. Those of one kind add up to all of them, but that a pair with several sensitive
    topics counts in each. Small slices are put together, but those of languages and sensitive topics: their accuracies
    are None. `guessed` counts pairs whose language was guessed. A kind with one slice is left out where it says
    nothing.
    """
    values = {"model": hits(held_out.margin, obs), "longer": hits(held_out.longer, obs)}
    found = list[dict[str, Any]]()
    for by, parts in _kinds(pairs, obs):
        if len(parts.inside) > 1 or by in _ALWAYS:
            for name in _in_order(by, parts.inside):
                row = {"by": by, "name": name} | _slice(by, parts.inside[name], obs, values, drawn)
                found.append(row | _guesses(parts, name))
    return found


def _kinds(pairs: Sequence[PreferencePair], obs: Observations) -> Iterator[tuple[str, _Parts]]:
    """Each kind of slice, in the order of a card."""
    prompts = [obs.items[n][0] for n in obs.first]
    guessed = np.array([not pair.language for pair in pairs])
    yield LANGUAGE, _Parts(_parts([(name,) for name in _commonest(_languages(pairs, obs))], obs), guessed)
    yield SENSITIVE, _Parts(_parts([_sensitive(pair) for pair in pairs], obs))
    if (about := topics(prompts)) is not None:
        yield "topic", _whole(about, obs)
    yield "source pair", _whole([_sources(pair) for pair in pairs], obs)
    gaps = np.searchsorted(list(GAPS.values()), length_gaps(obs))
    yield GAP, _Parts(_parts([(list(GAPS)[n],) for n in gaps], obs))
    yield "annotator", _whole([pair.annotator for pair in pairs], obs)


def _whole(names: Sequence[str], obs: Observations) -> _Parts:
    return _Parts(_parts([(name,) for name in _merged(names, obs)], obs))


def _parts(names: Sequence[Sequence[str]], obs: Observations) -> dict[str, Bools]:
    """Slice → which decided pairs are in it; `names` are those of each pair."""
    rows = defaultdict[str, list[int]](list)
    for n in np.flatnonzero(obs.decided).tolist():
        for name in names[n]:
            rows[name].append(n)
    inside = {name: np.zeros(len(obs), dtype=bool) for name in rows}
    for name, among in rows.items():
        inside[name][among] = True
    return inside


def _languages(pairs: Sequence[PreferencePair], obs: Observations) -> list[str]:
    """The language of each pair: as it was read, else guessed from its prompt or, where that does not tell, answers."""
    unread = {obs.items[n][0] for n, pair in zip(obs.first, pairs, strict=True) if not pair.language}
    guess = {prompt: language(prompt) for prompt in unread}
    for prompt, response in obs.items:
        if guess.get(prompt) == "":
            guess[prompt] = language(response)
    return [pair.language or guess[obs.items[n][0]] or UNKNOWN for n, pair in zip(obs.first, pairs, strict=True)]


def _sensitive(pair: PreferencePair) -> list[str]:
    return [one.name for one in slices_of(pair.language, pair.topics) if one.by == "topic"]


def _sources(pair: PreferencePair) -> str:
    one = pair.chosen_source or ("edit" if pair.is_edit else None)
    if one is None or pair.rejected_source is None:
        return UNKNOWN
    return " · ".join(sorted((one, pair.rejected_source)))


def _merged(names: Sequence[str], obs: Observations) -> list[str]:
    """The names, but `OTHERS` for slices that are small or many."""
    counts = Counter(name for name, decided in zip(names, obs.decided, strict=True) if decided)
    prompts = Counter(name for name, _ in set(zip(names, obs.group.tolist(), strict=True)))
    small = {name for name, n in counts.items() if n < FEWEST_PAIRS or prompts[name] < FEWEST_PROMPTS}
    return _commonest([OTHERS if name in small - {UNKNOWN} else name for name in names])


def _commonest(names: Sequence[str]) -> list[str]:
    """The names, but `OTHERS` for all beyond the commonest `MOST`."""
    counts = Counter(name for name in names if name not in _LAST)
    kept = {name for name, _ in counts.most_common(MOST)} | set(_LAST)
    return [name if name in kept else OTHERS for name in names]


def _in_order(by: str, inside: Mapping[str, Bools]) -> list[str]:
    """Length gaps as they grow, others from the largest slice to the smallest; what has no name comes last."""
    if by == GAP:
        return [name for name in GAPS if name in inside]
    return sorted(inside, key=lambda name: (name in _LAST and _LAST.index(name) + 1, -int(inside[name].sum()), name))


def _slice(by: str, among: Bools, obs: Observations, values: Mapping[str, Any], drawn: Draws) -> dict[str, Any]:
    n_pairs, n_prompts = int(among.sum()), len(np.unique(obs.group[among]))
    counts = {"n_pairs": n_pairs, "n_prompts": n_prompts}
    if by in _READ and (n_pairs < FEWEST_PAIRS or n_prompts < FEWEST_PROMPTS):
        return counts | {"accuracy": None, "ci": None, "longer_wins": None}
    return counts | {
        "accuracy": float(values["model"][among].mean()),
        "ci": drawn.interval(values["model"], among),
        "longer_wins": float(values["longer"][among].mean()),
    }


def _guesses(parts: _Parts, name: str) -> dict[str, int]:
    return {} if parts.guessed is None else {"guessed": int((parts.inside[name] & parts.guessed).sum())}


def is_said(row: Mapping[str, Any]) -> bool:
    """Whether an accuracy is said of a slice: it has enough pairs and prompts."""
    return row["accuracy"] is not None
