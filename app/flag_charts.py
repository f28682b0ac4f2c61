"""The picture of a flag model: how many of its marks people share, by how many of theirs it finds."""

from collections.abc import Mapping
from typing import Any

import altair as alt
import pandas as pd

from app.charts import Layers, upright, with_numbers
from app.language import _, number
from reward_model.flag_evaluation import point_at

GREY = "#808890"


def in_words(card: Mapping[str, Any], threshold: float) -> str:
    """What this threshold comes to, counted of 100."""
    at = point_at(card["metrics"]["curve"], threshold)
    said = {"right": number(100 * at["precision"]), "found": number(100 * at["recall"])}
    return _(
        "Of 100 answers it marks, about {right} are flagged by people; of 100 that people flag, it finds {found}.",
        **said,
    )


def curve_frame(card: Mapping[str, Any]) -> pd.DataFrame:
    """Columns `threshold, precision, low, high, recall, marked`, all 0 to 1."""
    return pd.DataFrame(card["metrics"]["curve"])


def curve_chart(card: Mapping[str, Any], threshold: float, hue: str) -> Layers:
    """Precision by recall with its 95 % band, the share that is flagged as ruler, and the threshold as a point."""
    frame, found = curve_frame(card), card["metrics"]
    axis = alt.Axis(format=".0%", tickCount=5)
    scale = alt.Scale(domain=[0, 1])
    x = alt.X("recall:Q", scale=scale, axis=axis, title=_("Of what people flag, it finds"))
    y = alt.Y("precision:Q", scale=scale, axis=axis, title=upright(_("Of what it marks, people flag")))
    named = {
        "threshold": _("Threshold"),
        "precision": _("People flag"),
        "recall": _("It finds"),
        "marked": _("It marks"),
    }
    tips = [alt.Tooltip(name, format=".1%", title=title) for name, title in named.items()]
    base = alt.Chart(frame)
    band = base.mark_area(color=hue, opacity=0.15).encode(x=x, y=alt.Y("low:Q", scale=scale), y2="high:Q")
    line = base.mark_line(color=hue).encode(x=x, y=y, order="threshold:Q")
    dots = base.mark_circle(color=hue, size=24).encode(x=x, y=y, tooltip=tips)
    ruler = alt.Chart(pd.DataFrame({"y": [found["prevalence"]]}))
    dashed = ruler.mark_rule(color=GREY, strokeDash=[6, 4]).encode(y=alt.Y("y:Q", scale=scale))
    chosen = alt.Chart(pd.DataFrame([point_at(found["curve"], threshold)]))
    mark = chosen.mark_point(color=hue, size=160, filled=True, shape="diamond").encode(x=x, y=y, tooltip=tips)
    title = alt.Title(_("Does it mark what people flag?"), anchor="start", offset=10)
    return with_numbers(alt.layer(dashed, band, line, dots, mark).properties(title=title, height=300))
