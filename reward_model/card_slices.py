"""Where a model holds, as its card in Markdown says it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from data.schemas import Slice, SliceKind
from reward_model.card_words import cell, interval, percent, table
from reward_model.languages import NAMES
from reward_model.slices import FEWEST_PAIRS, FEWEST_PROMPTS, LANGUAGE, SENSITIVE, is_said


def slices_in_words(card: Mapping[str, Any]) -> str:
    """The section “Where it holds”: a table for each kind of slice, and what has to be known to read it."""
    parts = []
    for by, grouped in groupby(card.get("slices", ()), key=lambda row: str(row["by"])):
        rows = list(grouped)
        head = (f"By {by}", "Pairs", "Groups of prompts", "Accuracy", "95 % interval", "Longer wins")
        parts += [table(head, map(_slice, rows)), *_about_slices(by, rows)]
    return "## Where it holds\n\nPairs that are no ties.\n\n" + "\n\n".join(parts) if parts else ""


def _slice(row: Mapping[str, Any]) -> tuple[str, ...]:
    counts = cell(_name(row)), f"{row['n_pairs']:,}", f"{row['n_prompts']:,}"
    if not is_said(row):
        return *counts, "too few", "–", "–"
    return *counts, percent(row["accuracy"]), interval(row["ci"]), percent(row["longer_wins"])


def _about_slices(by: str, rows: Sequence[Mapping[str, Any]]) -> Iterable[str]:
    """What has to be known of a kind of slice to read its table."""
    if guessed := sum(row.get("guessed", 0) for row in rows):
        yield (
            f"The language of {guessed:,} of {sum(row['n_pairs'] for row in rows):,} pairs was guessed from script and "
            "small words; that of the others was read before."
        )
    if by == SENSITIVE:
        yield "A pair whose task has several of these topics counts in each of them."
    if not all(map(is_said, rows)):
        yield f"Too few: less than {FEWEST_PAIRS} pairs or {FEWEST_PROMPTS} groups of prompts."


def _name(row: Mapping[str, Any]) -> str:
    """What people read for a slice: languages by their English names."""
    return NAMES.get(row["name"], row["name"]) if row["by"] == LANGUAGE else str(row["name"])


def accuracies(card: Mapping[str, Any]) -> dict[Slice, str]:
    """The accuracy on each sensitive topic and language in words, with its interval: for the card of a dataset."""
    kinds: Mapping[str, SliceKind] = {SENSITIVE: "topic", LANGUAGE: "language"}
    return {
        Slice(kinds[row["by"]], row["name"]): _accuracy(row) for row in card.get("slices", ()) if row["by"] in kinds
    }


def _accuracy(row: Mapping[str, Any]) -> str:
    if not is_said(row):
        return "too few"
    low, high = row["ci"]
    return f"{row['accuracy']:.1%} ({low:.1%} to {high:.1%})"


def weak_slices(card: Mapping[str, Any]) -> Iterator[str]:
    """A sentence for each slice that is surely weaker than the whole."""
    for row in card.get("slices", ()):
        if is_said(row) and row["ci"][1] < card["metrics"]["accuracy"]:
            yield f"Weaker than elsewhere for {row['by']} {cell(_name(row))}: {percent(row['accuracy'])}."
