"""How a card in Markdown writes numbers, tables and texts that others wrote."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from reward_model.features import EVERY_FAMILY

RULERS: Mapping[str, str] = {
    "longer_wins": "The longer response wins",
    "surface_only": "Surface and style alone",
    "markdown_only": "Markdown alone",
    "position_only": "The one shown first wins",
}
STRONGEST: Mapping[str, str] = {
    "surface": "Strongest of what is counted",
    "ngrams": "Strongest words and letters",
    "meaning": "Strongest by their meaning",
    "families": "Families",
}
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|~#$])")


def family_label(name: str) -> str:
    """What people read for a family of features."""
    return EVERY_FAMILY[name].label if name in EVERY_FAMILY else name


def percent(share: float) -> str:
    """A share, in per cent with one decimal."""
    return f"{100 * share:.1f} %".replace("-0.0 %", "0.0 %")


def points(difference: float) -> str:
    """A difference of shares, in points with its sign."""
    return f"{100 * difference:+.1f}".replace("-0.0", "+0.0")


def interval(ends: Sequence[float] | None, said: Callable[[float], str] = percent) -> str:
    """Both ends of an interval in brackets; a dash where there is none."""
    return f"[{said(ends[0])}, {said(ends[1])}]" if ends else "–"


def cell(text: str) -> str:
    """A text of others inside a line: on one line, and without a meaning in Markdown or HTML."""
    return _SPECIAL.sub(r"\\\1", " ".join(str(text).split()))


def code(text: str, block: bool = False) -> str:
    """A text as it is written, in a fence that it cannot close."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3 if block else 1, longest + 1)
    return f"{fence}text\n{text}\n{fence}" if block else f"{fence}{text}{fence}"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; all columns but the first stand to the right."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
