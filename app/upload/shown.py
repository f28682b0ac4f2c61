"""What files bring: past loads, rejected rows, and the first tasks of the file at hand."""

from collections.abc import Sequence

import streamlit as st

from app.language import _, _n, number
from app.names import inert
from app.render import RENDER_CSS, prompt_html, response_html
from app.upload.choices import Checked, masked_words, outcome_so_far
from app.upload.tables import loads_frame, rejections_csv, rejections_frame
from data import intake
from data.intake import Head, Plan
from data.schemas import Load, Rejection, Task

WHEN = "YYYY-MM-DD HH:mm"


def show_past(loads: Sequence[Load]) -> None:
    """Every load of a project, and the rows that it rejected."""
    st.write(outcome_so_far(loads))
    when = st.column_config.DatetimeColumn(format=WHEN, timezone=st.context.timezone)
    count = st.column_config.NumberColumn(format="localized")
    frame = loads_frame(loads).rename(columns=_)
    counts = {str(name): count for name in frame.select_dtypes("number")}
    st.dataframe(frame, hide_index=True, column_config={_("Loaded"): when, **counts})
    faulty = {f"{x.file}, {x.loaded_at:%Y-%m-%d %H:%M:%S} UTC": x for x in loads if x.rejections}
    if faulty:
        with st.expander(_("Rejected rows of past loads")):
            chosen = faulty[st.selectbox(_("Load"), list(faulty), key="data_past")]
            file_name = f"rejected-{chosen.file}.csv"
            show_rejections(chosen.rejections, chosen.rows_rejected, file_name, "data_past_download")


def show_rejections(rejections: Sequence[Rejection], n: int, file_name: str, key: str) -> None:
    """Rejected rows, of which there are `n`, and all of them that are kept as CSV."""
    shown = rejections_frame(rejections[:1000])
    st.dataframe(shown[["Reason"]].rename(columns=_), hide_index=True)
    if n > len(shown):
        st.caption(_("The first {shown} of {n} rejected rows are listed.", shown=number(len(shown)), n=number(n)))
    of_rows = sum(r.row > 0 for r in rejections)
    label = _n("Download {n} rejected row as CSV", "Download {n} rejected rows as CSV", of_rows)
    st.download_button(label, lambda: rejections_csv(rejections), file_name, "text/csv", key=key, on_click="ignore")


def show_preview(made: Plan, beginning: Head) -> None:
    """The first tasks as they would come in."""
    st.subheader(_("The first tasks"))
    tasks, rejections = intake.preview(made, beginning=beginning)
    if not tasks:
        why = _("None of the first rows makes a task. The first reason is below.")
        st.write(why if rejections else _("There are none."))
    tabs = st.tabs([_("Task {n}", n=n) for n in range(1, len(tasks) + 1)]) if tasks else []
    for tab, task in zip(tabs, tasks, strict=True):
        with tab:
            _show_task(task)
    if rejections:
        st.warning(inert(_("{reason} Check every row to see all rejected rows.", reason=rejections[0].reason)))


def _show_task(task: Task) -> None:
    st.html(f"<style>{RENDER_CSS}</style>{prompt_html(task.prompt)}")
    width = min(len(task.responses), 3)
    for first in range(0, len(task.responses), width):
        for column, response in zip(st.columns(width), task.responses[first : first + width], strict=False):
            with column.container(border=True, height=260 if len(response.text) > 300 else "content"):
                st.caption(inert(response.source) if response.source else _("No source named"))
                st.html(f"<style>{RENDER_CSS}</style>{response_html(response.text)}")


def show_checked(found: Checked, name: str) -> None:
    """What a check of every row has counted."""
    tally = found.tally
    if tally.stopped:
        rows = number(tally.read)
        st.warning(_("The check was stopped after {rows} rows. The counts are of these rows.", rows=rows))
    counts = {name: number(getattr(tally, name)) for name in ("read", "used", "rejected", "tasks", "judgements")}
    st.subheader(_("{read} rows = {used} usable + {rejected} rejected", **counts))
    st.write(_("They make {tasks} different tasks and {judgements} judgements.", **counts))
    if found.plan.mask:
        none = _("No personal data was found to mask.")
        st.write(_("To be masked: {what}.", what=masked_words(tally.masked)) if tally.masked else none)
    if tally.rejected:
        show_rejections(found.rejections, tally.rejected, f"rejected-{name}.csv", "data_download")
