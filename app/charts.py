"""The charts of the Preferences page (Altair), in colours that are safe for all eyes."""

from textwrap import wrap

import altair as alt
import pandas as pd
from babel import Locale

from app.colours import BLUE, VERMILION
from app.language import FORMATS, _, language

Layers = alt.LayerChart | alt.FacetChart
ROW = 20
"""Pixels for one source."""
LABELLED = 16
"""Up to this many sources the cells of the heatmap carry their number."""
PERCENT = ".0%"
UPRIGHT = 24
"""Letters for a line of the name of a vertical axis."""


def leaderboard_chart(board: pd.DataFrame) -> Layers:
    """Each source as a point with its 95% interval, the strongest on top; `board` is that of `board_frame`."""
    chart = alt.Chart(board)
    y = alt.Y(
        "Source:N",
        sort=None,
        title=None,
        axis=alt.Axis(labelLimit=170, ticks=False, domain=False, grid=False, labelOverlap=False),
    )
    scale = alt.Scale(domain=[0, 1])
    axis = alt.Axis(format=PERCENT, values=[0, 0.25, 0.5, 0.75, 1], orient="top", domain=False, ticks=False)
    what = _("Preferred to an average source")
    x = alt.X("Chance:Q", scale=scale, title=what, axis=axis)
    shares = [alt.Tooltip(n, format=".1%", title=_(n)) for n in ("Chance", "Lower end", "Upper end")]
    counts = [alt.Tooltip(n, title=_(n)) for n in ("Wins", "Ties", "Losses", "Prompts")]
    tips = [alt.Tooltip("Source", title=_("Source")), *shares, *counts]
    middle = alt.Chart(pd.DataFrame({"x": [0.5]})).mark_rule(strokeDash=[2, 3], opacity=0.6).encode(x="x:Q")
    rule = chart.mark_rule(color=BLUE, strokeWidth=2, opacity=0.55)
    interval = rule.encode(y=y, x=alt.X("Lower end:Q"), x2="Upper end:Q")
    points = chart.mark_circle(color=BLUE, size=64, opacity=1).encode(y=y, x=x, tooltip=tips)
    return with_numbers(alt.layer(middle, interval, points).properties(height=alt.Step(ROW)))


def win_rate_chart(rates: pd.DataFrame, order: list[str], dark: bool) -> Layers:
    """How often the source of a row is preferred to that of a column, both in this order; empty where they never met.

    `rates` is that of `win_rates`.
    """
    inside = rates[rates["source"].isin(order) & rates["against"].isin(order)]
    inside = inside.assign(percent=(inside["rate"] * 100).round().astype(int))
    ground, ink = ("#2B323A", "#E6EAEE") if dark else ("#E4E8EC", "#1C2530")
    chart = alt.Chart(inside)
    labels = alt.Axis(labelLimit=150, ticks=False, domain=False, grid=False, labelOverlap=False)
    across = alt.Axis(
        labelLimit=150, ticks=False, domain=False, grid=False, orient="top", labelAngle=-90, labelOverlap=False
    )
    y = alt.Y("source:N", sort=order, title=_("preferred"), axis=labels, scale=alt.Scale(domain=order))
    x = alt.X("against:N", sort=order, title=_("to"), axis=across, scale=alt.Scale(domain=order))
    colours = alt.Scale(domain=[0, 0.5, 1], range=[VERMILION, ground, BLUE], interpolate="rgb")
    legend = alt.Legend(title=_("Preferred in"), format=PERCENT, orient="bottom", gradientLength=130)
    tips = [
        alt.Tooltip("source", title=_("Source")),
        alt.Tooltip("against", title=_("Against")),
        alt.Tooltip("rate", format=".1%", title=_("Preferred in")),
        alt.Tooltip("n", title=_("Pairs")),
        alt.Tooltip("wins", title=_("Wins")),
        alt.Tooltip("ties", title=_("Ties")),
        alt.Tooltip("losses", title=_("Losses")),
    ]
    cells = chart.mark_rect(cornerRadius=2).encode(
        x=x, y=y, color=alt.Color("rate:Q", scale=colours, legend=legend), tooltip=tips
    )
    strong = "abs(datum.rate - 0.5) > 0.28"
    numbers = chart.mark_text(fontSize=10).encode(
        x=x,
        y=y,
        text="percent:Q",
        color=alt.condition(strong, alt.value("#FFFFFF"), alt.value(ink)),
        tooltip=tips,
    )
    layers = [cells, numbers] if len(order) <= LABELLED else [cells]
    return with_numbers(alt.layer(*layers).properties(height=alt.Step(ROW + 4 if len(order) <= LABELLED else ROW - 4)))


def upright(what: str) -> list[str]:
    """The name of a vertical axis, in lines shorter than the axis: one that is longer cuts off the chart's title."""
    return wrap(what, UPRIGHT)


def with_numbers(chart: Layers) -> Layers:
    """The whole chart with its numbers as this session's language writes them."""
    locale = Locale.parse(FORMATS[language()])
    symbols, percent = locale.number_symbols["latn"], locale.percent_formats[None].suffix[0]
    number = alt.NumberLocale(
        decimal=symbols["decimal"], thousands=symbols["group"], grouping=[3], currency=["", ""], percent=percent
    )
    configured: Layers = chart.configure(locale=alt.Locale(number=number))
    return configured
