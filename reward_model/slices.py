"""Accuracy by kind of pair: where a model can be trusted, and where it cannot."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from data.schemas import PreferencePair
from reward_model.bootstrap import Bools, Draws
from reward_model.evaluate import HeldOut, hits
from reward_model.languages import LATIN, UNKNOWN, language
from reward_model.length import length_gaps
from reward_model.observations import Observations
from reward_model.topics import topics

OTHERS = "all others"
MOST = 12
"""Slices of one kind that are named; the others are one."""
FEWEST_PAIRS, FEWEST_PROMPTS = 30, 5
"""Smaller slices are not named: their intervals would say nothing."""
GAPS: Mapping[str, float] = {"0–10 %": 0.1, "10–30 %": 0.3, "30–60 %": 0.6, "over 60 %": 1.0}
"""Length gap: up to which share of the longer response."""
_ALWAYS = ("language", "length gap")


def slice_findings(
    pairs: Sequence[PreferencePair], obs: Observations, held_out: HeldOut, drawn: Draws
) -> list[dict[str, Any]]:
    """The card's list: accuracy and that of “longer wins”, by language, topic, source pair, length gap and annotator.

    Only pairs that are no ties count; those of one kind of slice add up to all of them. A kind with one slice alone is
    left out where it says nothing.
    """
    values = {"model": hits(held_out.margin, obs), "longer": hits(held_out.longer, obs)}
    found = list[dict[str, Any]]()
    for by, names in _named(pairs, obs):
        if names is None:
            continue
        merged = np.array(names if by == "length gap" else _merged(names, obs))
        present = _in_order(by, merged[obs.decided])
        if len(present) > 1 or by in _ALWAYS:
            found += [{"by": by, **_slice(name, merged == name, obs, values, drawn)} for name in present]
    return found


def _named(pairs: Sequence[PreferencePair], obs: Observations) -> Iterator[tuple[str, list[str] | None]]:
    """Each kind of slice with the name of the slice that every pair is in; None: not known."""
    prompts = [obs.items[n][0] for n in obs.first]
    yield "language", _languages(obs)
    yield "topic", topics(prompts)
    yield "source pair", [_sources(pair) for pair in pairs]
    yield "length gap", [list(GAPS)[n] for n in np.searchsorted(list(GAPS.values()), length_gaps(obs))]
    yield "annotator", [pair.annotator for pair in pairs]


def _languages(obs: Observations) -> list[str]:
    """The language of each pair's prompt, or of its responses where the prompt does not tell."""
    known = {prompt: language(prompt) for prompt, _ in obs.items}
    for prompt, response in obs.items:
        known[prompt] = language(response) if known[prompt] in (UNKNOWN, LATIN) else known[prompt]
    return [known[obs.items[n][0]] for n in obs.first]


def _sources(pair: PreferencePair) -> str:
    one = pair.chosen_source or ("edit" if pair.is_edit else None)
    if one is None or pair.rejected_source is None:
        return UNKNOWN
    return " · ".join(sorted((one, pair.rejected_source)))


def _merged(names: Sequence[str], obs: Observations) -> list[str]:
    """The names, but `OTHERS` for slices that are small or many."""
    counts = Counter(name for name, decided in zip(names, obs.decided, strict=True) if decided)
    prompts = Counter(name for name, _ in set(zip(names, obs.group.tolist(), strict=True)))
    large = [n for n, count in counts.most_common() if count >= FEWEST_PAIRS and prompts[n] >= FEWEST_PROMPTS]
    kept = set([name for name in large if name != UNKNOWN][:MOST]) | {UNKNOWN}
    return [name if name in kept else OTHERS for name in names]


def _in_order(by: str, names: Any) -> list[str]:
    """Length gaps as they grow, others from the largest slice to the smallest; what has no name comes last."""
    counts = Counter(names.tolist())
    if by == "length gap":
        return [name for name in GAPS if name in counts]
    return sorted(counts, key=lambda name: (name == UNKNOWN, name == OTHERS, -counts[name], name))


def _slice(name: str, inside: Bools, obs: Observations, values: Mapping[str, Any], drawn: Draws) -> dict[str, Any]:
    among = inside & obs.decided
    return {
        "name": name,
        "n_pairs": int(among.sum()),
        "n_prompts": len(np.unique(obs.group[among])),
        "accuracy": float(values["model"][among].mean()),
        "ci": drawn.interval(values["model"], among),
        "longer_wins": float(values["longer"][among].mean()),
    }
