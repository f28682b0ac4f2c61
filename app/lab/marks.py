"""What the charts and tables of a reward model's card share: points with intervals, intervals in words."""

from collections.abc import Sequence
from textwrap import wrap
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from app.charts import Layers, with_numbers
from app.language import _, number, percent, signed
from app.reward_charts import ACCENT, GREY

LABEL, NAME, AXIS, LINE = 150, 26, 32, 48
"""Pixels and letters for a line of the name of a row; letters of its axis, of a title: a telephone's room."""


def interval(ends: Sequence[float], digits: int = 0) -> str:
    """An interval of shares: “63–75 %”."""
    return f"{number(100 * ends[0], digits)}–{percent(ends[1], digits)}"


def points(difference: float) -> str:
    """A difference of shares in points, with its sign: “+0.8”."""
    return signed(100 * difference, 1)


def half(ends: Sequence[float]) -> str:
    """Half of an interval of shares, in points: “0.6”."""
    return number(50 * (ends[1] - ends[0]), 1)


def heading(title: str) -> alt.Title:
    """The title of a chart, in lines that a telephone has room for."""
    return alt.Title(wrap(title, LINE), anchor="start", offset=12, limit=0)


def axis_title(what: str) -> list[str]:
    """The name of the axis below named rows, in lines that a telephone has room for."""
    return wrap(what, AXIS)


def in_lines(name: str) -> str:
    """The name of a row, in lines that fit beside a chart on a telephone; see `named_rows`."""
    return "\n".join(wrap(name, NAME))


def named_rows() -> alt.Axis:
    """The axis of rows whose names are in lines."""
    split = "split(datum.label, '\\n')"
    return alt.Axis(
        labelExpr=split,
        labelLimit=LABEL,
        ticks=False,
        domain=False,
        labelFlush=False,
        labelOverlap=False,
        labelBaseline="middle",
    )


def rows_chart(frame: pd.DataFrame, title: str, what: str, form: str = ".0%", beside: str = "") -> Layers:
    """A point with its interval for each row of `frame`, and a grey tick for `beside`, a further column: the ruler.

    The columns are `Name, Value, Lower end, Upper end`; `form` is how d3 writes values.
    """
    y = alt.Y("Label:N", sort=None, title=None, axis=named_rows())
    ends = frame[["Lower end", "Upper end", *([beside] if beside else [])]]
    low, high = float(ends.min().min()), float(ends.max().max())
    room = (high - low) / 20
    scale = alt.Scale(domain=[low - room, high + room], zero=False, nice=False)
    x = alt.X("Value:Q", title=axis_title(what), scale=scale, axis=alt.Axis(format=form, tickCount=5))
    tips = [alt.Tooltip("Name", title=" ")]
    tips += [alt.Tooltip(n, title=_(n), format=form.replace("0", "1")) for n in ("Value", "Lower end", "Upper end")]
    tips += [alt.Tooltip(beside, title=_(beside), format=".1%")] if beside else []
    base = alt.Chart(frame.assign(Label=frame["Name"].map(in_lines))).encode(y=y)
    ruler = base.mark_tick(color=GREY, thickness=2, size=16).encode(x=alt.X(f"{beside}:Q", scale=scale))
    bars = base.mark_rule(color=ACCENT, strokeWidth=3, opacity=0.55).encode(
        x=alt.X("Lower end:Q", scale=scale), x2="Upper end:Q"
    )
    dots = base.mark_circle(color=ACCENT, size=80, opacity=1).encode(x=x, tooltip=tips)
    layers = [*([ruler] if beside else []), bars, dots]
    return with_numbers(alt.layer(*layers).properties(title=heading(title), height=alt.Step(30)))


def show_rows(frame: pd.DataFrame, shares: Sequence[str] = (), formats: Any = None) -> None:
    """The data behind a chart, one click away; the columns `shares` in per cent."""
    with st.expander(_("Numbers behind the chart")):
        config = {_(name): st.column_config.NumberColumn(format="percent") for name in shares} | (formats or {})
        st.dataframe(frame.rename(columns=_), hide_index=True, column_config=config)
