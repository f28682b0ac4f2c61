"""The colours that mean something, the same on cards, chips, charts and counts (Okabe and Ito, safe for all eyes)."""

from collections.abc import Mapping, Sequence
from itertools import cycle

from data.schemas import FlagKind

BLACK, ORANGE, SKY, GREEN, YELLOW, BLUE, VERMILION, PURPLE, GREY = (
    "#000000", "#E69F00", "#56B4E9", "#009E73", "#F0E442", "#0072B2", "#D55E00", "#CC79A7", "#999999",
)  # fmt: skip
FLAG_COLOURS: Mapping[str, str] = {
    "toxic": VERMILION,
    "unfactual": ORANGE,
    "sensitive-topic": PURPLE,
    "off-task": SKY,
    "spam": YELLOW,
    "personal-data": GREEN,
    "wrong-language": BLUE,
    "refusal": GREY,
}
"""Standard kind of flag → its hue. Always beside the flag's name, never instead of it."""


def colours_of(flags: Sequence[FlagKind]) -> dict[str, str]:
    """Kind of flag → its hue: that of a standard kind, else those that none of them has taken, in turn."""
    known = {flag.kind: FLAG_COLOURS[flag.kind] for flag in flags if flag.kind in FLAG_COLOURS}
    free = cycle([hue for hue in FLAG_COLOURS.values() if hue not in known.values()] or FLAG_COLOURS.values())
    return {flag.kind: known.get(flag.kind) or next(free) for flag in flags}
