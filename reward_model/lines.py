"""What the command line prints: lines of text from numbers."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from reward_model.comparison import SAYS
from reward_model.selection import Why
from reward_model.watch import Measure, Week, WinRate

WHY: Mapping[Why, str] = {
    "flagged": "flagged",
    "not among the best": "not among the best of their prompt",
    "margin too small": "margin too small",
}


def fit_lines(found: Mapping[str, Any]) -> Iterator[str]:
    """How good a model is, beside its rulers; `found` are metrics."""
    pairs, ties, prompts = found["n_pairs"], found["n_ties"], found["n_prompts"]
    yield f"Pairs              {pairs:,}, {ties:,} of them ties, on {prompts:,} prompts"
    yield f"Held-out accuracy  {_with_interval(found, 'accuracy')}"
    yield f"Longer wins        {_with_interval(found, 'longer_wins')}"
    if "surface_only" in found:
        yield f"Surface only       {_with_interval(found, 'surface_only')}"
    yield f"Log-loss           {found['log_loss']:.3f}   Brier {found['brier']:.3f}"
    yield "A tie counts half each way in log-loss and Brier, and not in the accuracies; 95 % intervals over groups."


def _with_interval(found: Mapping[str, Any], name: str) -> str:
    low, high = found[f"{name}_ci"]
    return f"{found[name]:.3f}  [{low:.3f}, {high:.3f}]"


def comparison_lines(found: Mapping[str, Any]) -> Iterator[str]:
    """Whether one version is better than another; `found` is that of `compared`."""
    yield f"Common pairs       {found['n_pairs']:,} on {found['n_prompts']:,} prompts"
    for name, label in (("accuracy", "Accuracy  "), ("log_loss", "Log-loss  ")):
        if one := found[name]:
            low, high = one["ci"]
            yield (
                f"{label}         {one['before']:.3f} → {one['after']:.3f}  {one['difference']:+.3f} "
                f"[{low:+.3f}, {high:+.3f}]  p = {one['p']:.3f}"
            )
    yield SAYS[found["verdict"]]


def filter_lines(found: Mapping[str, Any]) -> Iterator[str]:
    """What became of the rows of a file: `rows` = `kept` + `dropped` + `rejected`, `why` by reason."""
    dropped, rejected = sum(found["why"].values()), found["rejected"]
    yield f"Rows      {found['rows']:,} = {found['kept']:,} kept + {dropped:,} dropped + {rejected:,} rejected"
    for why, n in found["why"].items():
        yield f"Dropped   {n:,}: {WHY[why]}"


def watch_lines(weeks: Sequence[Week], rates: Sequence[WinRate], accuracy: float | None) -> Iterator[str]:
    """How released models do, as a table; `accuracy` is that of the reward model on pairs it had not seen."""
    width = max(6, *(len(week.source) for week in weeks))
    yield f"{'Source':{width}}  Week      Answers  Prompts  Mean score               Unlike   Flagged"
    for week in weeks:
        yield (
            f"{week.source:{width}}  {week.week}  {week.n:7,}  {week.n_prompts:7,}  {_measure(week.score):23}  "
            f"{week.unlike.value:6.1%}  {week.flagged.value:6.1%}"
        )
    for rate in rates:
        on = f"on {rate.n_prompts:,} common prompts" if rate.paired else "without a common prompt: a rough guide"
        yield f"{rate.release} is preferred to {rate.before}: {_measure(rate.rate, '.3f')} {on}"
    held = "" if accuracy is None else f", which is right in {accuracy:.1%} of pairs it had not seen"
    yield f"All of this is the opinion of the reward model{held}. 95 % intervals over prompts."


def _measure(found: Measure, how: str = "+.2f") -> str:
    return f"{found.value:{how}} [{found.low:{how}}, {found.high:{how}}]"


def flag_lines(found: Mapping[str, Any]) -> Iterator[str]:
    """The held-out figures of a flag model."""
    yield f"Answers            {found['n']:,}, {found['n_flagged']:,} of them flagged, on {found['n_groups']:,} prompts"
    for label, name in (("AUC", "auc"), ("Average precision", "average_precision"), ("Flagged", "prevalence")):
        low, high = found[f"{name}_ci"]
        yield f"{label:18} {found[name]:.3f}  [{low:.3f}, {high:.3f}]"
    yield "A model that knows nothing has the share of flagged answers as its average precision."
