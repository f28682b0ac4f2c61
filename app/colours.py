"""The colours that mean something, the same on cards, chips, charts and counts (Okabe and Ito, safe for all eyes)."""

from collections.abc import Mapping

BLACK, ORANGE, SKY, GREEN, YELLOW, BLUE, VERMILION, PURPLE = (
    "#000000", "#E69F00", "#56B4E9", "#009E73", "#F0E442", "#0072B2", "#D55E00", "#CC79A7",
)  # fmt: skip
FLAG_COLOURS: Mapping[str, str] = {
    "toxic": VERMILION,
    "unfactual": ORANGE,
    "sensitive-topic": PURPLE,
    "off-task": SKY,
    "spam": YELLOW,
    "personal-data": GREEN,
}
"""Kind of flag → its hue. Always beside the flag's name, never instead of it."""
