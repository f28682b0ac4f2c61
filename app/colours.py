"""The colours that mean something, the same on cards, chips, charts and counts (Okabe and Ito, safe for all eyes)."""

from collections.abc import Iterable, Mapping
from itertools import cycle

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
"""Kind of a standard flag → its hue. Always beside the flag's name, never instead of it."""


def colours_of(kinds: Iterable[str]) -> dict[str, str]:
    """Kind → its hue: the standard ones keep theirs, a project's own take those that are left, then all in turn."""
    wanted = list(kinds)
    taken = {FLAG_COLOURS[kind] for kind in wanted if kind in FLAG_COLOURS}
    free = cycle([hue for hue in FLAG_COLOURS.values() if hue not in taken] or list(FLAG_COLOURS.values()))
    return {kind: FLAG_COLOURS.get(kind) or next(free) for kind in wanted}
