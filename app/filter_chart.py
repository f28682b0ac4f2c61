"""The picture of the Filter page: how many answers have which score, and what becomes of them."""

import altair as alt
import pandas as pd

from app.charts import Layers, with_numbers
from app.colours import BLUE, GREY, ORANGE, VERMILION
from app.filtering import FATES
from app.lab.marks import axis_title
from app.language import _

COLOURS = {"": BLUE, "flagged": VERMILION, "not among the best": GREY, "margin too small": ORANGE}


def fates_chart(frame: pd.DataFrame, cut: float | None) -> Layers:
    """Scores by what becomes of the answers; a dashed line at `cut`, where one score is the limit for every prompt."""
    said = frame.assign(fate=frame["fate"].map(_), high=frame["low"] + frame["width"])
    there = [why for why, fate in FATES.items() if fate in set(frame["fate"])]
    scale = alt.Scale(domain=[_(FATES[why]) for why in there], range=[COLOURS[why] for why in there])
    order = {_(FATES[why]): place for place, why in enumerate(there)}
    stacked = said.assign(place=said["fate"].map(order)).sort_values(["low", "place"])
    top = stacked.groupby("low")["n"].cumsum()
    stacked = stacked.assign(top=top, bottom=top - stacked["n"])
    what = _("Score (logits; 0 is a typical answer of the training data)")
    tips = [
        alt.Tooltip("score:Q", format="+.2f", title=_("Score (logits)")),
        alt.Tooltip("fate:N", title=_("What becomes of them")),
        alt.Tooltip("n:Q", format=",", title=_("Answers")),
    ]
    bars = (
        alt.Chart(stacked)
        .mark_rect()
        .encode(
            x=alt.X("low:Q", title=axis_title(what), scale=alt.Scale(nice=False)),
            x2="high:Q",
            y=alt.Y("bottom:Q", title=_("Answers"), axis=alt.Axis(tickMinStep=1, format=",.0f")),
            y2="top:Q",
            color=alt.Color(
                "fate:N", scale=scale, legend=alt.Legend(title=None, orient="top", labelLimit=260, columns=2)
            ),
            tooltip=tips,
        )
    )
    lines = [] if cut is None else [alt.Chart(pd.DataFrame({"x": [cut]})).mark_rule(strokeDash=[6, 4]).encode(x="x:Q")]
    title = alt.Title(_("Which scores are kept"), anchor="start", offset=8)
    return with_numbers(alt.layer(bars, *lines).properties(height=260, title=title))
