"""What a project's material is: its report, kept for as long as nothing changes, and a chart of each of its tables."""

import altair as alt
import pandas as pd
import streamlit as st

from app import session
from app.charts import Layers, with_numbers
from app.colours import BLUE
from app.language import N_, _, number, percent
from app.slices import slice_name
from data import report as words
from data.cleaning import RULES
from data.report import DataReport, Table, report_of
from data.schemas import Project, Slice
from data.store import Size

KEPT = 4
ROW = 24
"""Pixels for one bar."""
SAYS = {
    words.SOURCES: N_("Who wrote the answers? Most often {name}, {n} of {total}"),
    words.LANGUAGES: N_("In which language are the prompts? Most often {name}, {n} of {total}"),
    words.TOPICS: N_("Which sensitive topics are there? Most often {name}, {n} of {total}"),
    words.ANSWER_LENGTHS: N_("How many characters has an answer? Most often {name}, {n} of {total}"),
    words.PROMPT_LENGTHS: N_("How many characters has a prompt? Most often {name}, {n} of {total}"),
    words.PER_TASK: N_("How many answers has a task? Most often {name}, {n} of {total}"),
    words.CHANGED: N_("What was changed? Most often {name}, {n} of {total}"),
}
"""Title of a table → the question that its picture answers, and the answer."""


@st.cache_resource(show_spinner=False, max_entries=KEPT)
def material_report(project_id: int, _project: Project, size: Size) -> DataReport:
    """The report of a project as it was at this size."""
    return report_of(session.store(), _project)


def row_name(table: Table, name: str, here: Project) -> str:
    """What a row of a table is called, in the language of the session."""
    if name in (words.UNKNOWN, words.OTHERS, words.NONE):
        return _(name)
    if table.title == words.LANGUAGES:
        return slice_name(Slice("language", name))
    if table.title == words.TOPICS:
        return slice_name(Slice("topic", name), here.topics)
    if table.title == words.CHANGED and name in RULES:
        return _(RULES[name].label)
    return name


def finding(table: Table, here: Project) -> str:
    """What a table says, in a sentence."""
    most = max(table.rows, key=lambda row: row.n)
    said = {"name": row_name(table, most.name, here), "n": number(most.n), "total": number(table.total)}
    return _(SAYS[table.title], **said)


def table_frame(table: Table, here: Project) -> pd.DataFrame:
    """Columns `name`; `n`; `share`, 0 to 1; `said`, the number and the share in words."""
    rows = [(row_name(table, row.name, here), row.n, row.n / max(table.total, 1)) for row in table.rows]
    frame = pd.DataFrame(rows, columns=["name", "n", "share"])
    return frame.assign(
        said=[f"{number(n)} · {percent(share)}" for n, share in zip(frame["n"], frame["share"], strict=True)]
    )


def table_chart(table: Table, here: Project, dark: bool) -> Layers:
    """A bar with its number for each row, in the order of the table."""
    frame, ink = table_frame(table, here), "#E6EAEE" if dark else "#1C2530"
    axis = alt.Axis(labelLimit=170, ticks=False, domain=False, grid=False, labelOverlap=False)
    y = alt.Y("name:N", sort=None, title=None, axis=axis)
    most = max(int(frame["n"].max()), 1)
    x = alt.X("n:Q", axis=None, scale=alt.Scale(domain=[0, most * 1.35]))
    tips = [alt.Tooltip("name", title=_(table.title)), alt.Tooltip("said", title=_("Number"))]
    chart = alt.Chart(frame)
    bars = chart.mark_bar(color=BLUE, cornerRadiusEnd=2).encode(x=x, y=y, tooltip=tips)
    counts = chart.mark_text(align="left", dx=5, color=ink).encode(x=x, y=y, text="said:N")
    return with_numbers(alt.layer(bars, counts).properties(height=alt.Step(ROW)))
