"""How many tasks a person judged on each of the last days, as a small chart (Altair)."""

from datetime import date

import altair as alt
import pandas as pd
from babel.dates import format_skeleton

from app.colours import BLUE
from app.language import FORMATS, _, _n, language, number


def day_said(day: date) -> str:
    """A day of this year as this session's language writes it, “17 Nov”."""
    return str(format_skeleton("MMMd", day, locale=FORMATS[language()]))


def finding(days: pd.DataFrame) -> str:
    """What the days say, in a sentence; `days` is the frame of `app.work.daily`."""
    total, most = int(days["judged"].sum()), days.iloc[int(days["judged"].to_numpy().argmax())]
    if not total:
        return _("Nothing judged in the last {days} days", days=number(len(days)))
    return _n(
        "{n} task judged in the last {days} days, most on {day}: {most}",
        "{n} tasks judged in the last {days} days, most on {day}: {most}",
        total,
        days=number(len(days)),
        day=day_said(most["day"]),
        most=number(int(most["judged"])),
    )


def days_chart(days: pd.DataFrame, dark: bool) -> alt.LayerChart | alt.FacetChart:
    """A bar with its number for each day, oldest first; `days` is the frame of `app.work.daily`."""
    shown = pd.DataFrame({"day": [day_said(day) for day in days["day"]], "judged": days["judged"]})
    chart, ink = alt.Chart(shown), "#E6EAEE" if dark else "#1C2530"
    axis = alt.Axis(labelAngle=0, labelOverlap="greedy", ticks=False, grid=False)
    x = alt.X("day:O", sort=None, title=None, axis=axis)
    y = alt.Y("judged:Q", title=None, axis=None)
    tips = [alt.Tooltip("day", title=_("Day")), alt.Tooltip("judged", title=_("Judged"))]
    bars = chart.mark_bar(color=BLUE, cornerRadiusEnd=2).encode(x=x, y=y, tooltip=tips)
    counts = chart.transform_filter("datum.judged > 0").mark_text(dy=-7, color=ink).encode(x=x, y=y, text="judged:Q")
    return alt.layer(bars, counts).properties(height=110)
