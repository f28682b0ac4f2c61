"""The pictures of the Watch page: score, unlike prompts and flags by source and week, each release beside the last."""

from collections.abc import Sequence

import altair as alt
import pandas as pd

from app.charts import Layers, upright, with_numbers
from app.colours import BLUE, GREEN, ORANGE, PURPLE, SKY, VERMILION
from app.lab.marks import axis_title, in_lines, named_rows
from app.language import N_, _
from reward_model.watch import Measure, Week, WinRate

HUES = [BLUE, ORANGE, GREEN, PURPLE, SKY, VERMILION]
LINE = "#808890"
MEASURES = {
    "score": N_("Mean score (logits)"),
    "unlike": N_("Share of answers to unlike prompts"),
    "flagged": N_("Share of flagged answers"),
}
TITLES = {
    "score": N_("How good are the answers, week by week?"),
    "unlike": N_("Do people ask what nobody has judged?"),
    "flagged": N_("How many answers are flagged?"),
}


def weeks_frame(weeks: Sequence[Week], name: str) -> pd.DataFrame:
    """One row a source and week. Columns `source, week, monday, value, low, high, n, prompts`."""
    rows = []
    for week in weeks:
        found: Measure = getattr(week, name)
        ends = (found.value, found.value) if week.n_prompts < 2 else (found.low, found.high)
        rows.append((week.source, week.week, week.monday, found.value, *ends, week.n, week.n_prompts))
    return pd.DataFrame(rows, columns=["source", "week", "monday", "value", "low", "high", "n", "prompts"])


def weeks_chart(frame: pd.DataFrame, name: str, order: Sequence[str], usual: float | None = None) -> Layers:
    """A line with a band for each source; a dotted line at what is `usual`."""
    form = "+.2f" if name == "score" else ".0%"
    base = alt.Chart(frame.assign(monday=frame["monday"].dt.tz_localize(None)))
    hue = alt.Color(
        "source:N",
        scale=alt.Scale(domain=list(order), range=[HUES[n % len(HUES)] for n in range(len(order))]),
        legend=alt.Legend(title=None, orient="top", labelLimit=320, columns=_columns(order), symbolOpacity=1),
    )
    x = alt.X("monday:T", title=_("Week that begins on"), axis=alt.Axis(format="%d.%m.", labelOverlap=True))
    y = alt.Y(
        "value:Q", title=upright(_(MEASURES[name])), axis=alt.Axis(format=form), scale=alt.Scale(zero=name != "score")
    )
    tips = [
        alt.Tooltip("source:N", title=_("Source")),
        alt.Tooltip("week:N", title=_("Week")),
        alt.Tooltip("value:Q", format=form, title=_(MEASURES[name])),
        alt.Tooltip("low:Q", format=form, title=_("Lower end")),
        alt.Tooltip("high:Q", format=form, title=_("Upper end")),
        alt.Tooltip("n:Q", format=",", title=_("Answers")),
    ]
    band = base.mark_area(opacity=0.16).encode(x=x, y=alt.Y("low:Q"), y2="high:Q", color=hue)
    line = base.mark_line(strokeWidth=2).encode(x=x, y=y, color=hue)
    point = base.mark_circle(size=60, opacity=1).encode(x=x, y=y, color=hue, tooltip=tips)
    rules = [] if usual is None else [_rule(usual)]
    title, height = alt.Title(_(TITLES[name]), anchor="start", offset=8), 240 + 20 * -(-len(order) // _columns(order))
    return with_numbers(alt.layer(*rules, band, line, point).properties(height=height, title=title))


def _columns(names: Sequence[str]) -> int:
    """How many names of this length a telephone has room for side by side."""
    return max(1, min(3, 48 // (max(map(len, names), default=1) + 4)))


def _rule(at: float) -> alt.Chart:
    line: alt.Chart = alt.Chart(pd.DataFrame({"y": [at]})).mark_rule(color=LINE, strokeDash=[2, 3]).encode(y="y:Q")
    return line


def rates_frame(rates: Sequence[WinRate]) -> pd.DataFrame:
    """One row a release beside the last. Columns `pair, label, rate, low, high, prompts, paired`."""
    return pd.DataFrame(
        [
            {
                "pair": _("{release} against {before}", release=rate.release, before=rate.before),
                "label": in_lines(rate.release),
                "rate": rate.rate.value,
                "low": rate.rate.low,
                "high": rate.rate.high,
                "prompts": rate.n_prompts,
                "paired": rate.paired,
            }
            for rate in rates
        ]
    )


def rates_chart(frame: pd.DataFrame) -> Layers:
    """How often each release is preferred to the last, with its interval; a dashed line at one half."""
    scale, axis = alt.Scale(domain=[0, 1]), alt.Axis(format=".0%", tickCount=5)
    y = alt.Y("label:N", sort=None, title=None, axis=named_rows())
    x = alt.X("rate:Q", scale=scale, axis=axis, title=axis_title(_("Preferred to the release before, 95 % interval")))
    base = alt.Chart(frame).encode(y=y)
    tips = [
        alt.Tooltip("pair:N", title=_("Release")),
        *(alt.Tooltip(name, format=".1%", title=_(label)) for name, label in _ENDS.items()),
        alt.Tooltip("prompts:Q", format=",", title=_("Prompts")),
    ]
    bars = base.mark_rule(strokeWidth=3, opacity=0.55, color=BLUE).encode(x=alt.X("low:Q", scale=scale), x2="high:Q")
    points = base.mark_circle(size=110, opacity=1, color=BLUE).encode(x=x, tooltip=tips)
    numbers = base.mark_text(dy=-12, fontSize=13, color=LINE).encode(x=x, text=alt.Text("rate:Q", format=".0%"))
    half = alt.Chart(pd.DataFrame({"x": [0.5]})).mark_rule(color=LINE, strokeDash=[6, 4]).encode(x="x:Q")
    title = alt.Title(_("Is each release better than the last?"), anchor="start", offset=8)
    return with_numbers(alt.layer(half, bars, points, numbers).properties(height=alt.Step(46), title=title))


_ENDS = {"rate": N_("Preferred"), "low": N_("Lower end"), "high": N_("Upper end")}
