"""What an export holds, as the Export page tells it: the download, the checks, the problems, what is left out."""

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from app.exports import Waiting, counted, link, rows_with, size_in_words
from app.language import N_, _, number
from app.session import Role
from data.export.card import ABOUT_CSV
from data.export.licences import forbidding
from data.export.of_pairs import TIE
from data.export.rows import Judged
from data.export.write import Export
from data.schemas import Load

SIDES = {"train": N_("Train: {rows}, {size}"), "test": N_("Test: {rows}, {size}")}
MAY = N_("I may hand on the data of these sources")


def confirm_licences(loads: Sequence[Load], role: Role) -> bool:
    """Whether the lead says that data whose licence forbids to hand it on may be handed on."""
    if not forbidding(loads):
        return False
    if role != "lead":
        st.caption(_("Only a lead can confirm that the data may be handed on."))
        return False
    return st.checkbox(_(MAY), key="export_confirmed")


def show_download(made: Waiting) -> None:
    """The archive, and its parts each by itself."""
    export = made.export
    label = _("Download {rows}", rows=counted(export.rows, export.unit))
    st.link_button(label, link(made.archive), type="primary", key="export_download")
    size = size_in_words(made.archive.stat().st_size)
    st.caption(_("One ZIP archive, {size}. Or its parts, each by itself:", size=size))
    with st.container(horizontal=True):
        for file in export.files:
            if file.path.suffix == ".arrow":  # of no use without the folder around it
                continue
            rows, size = counted(file.rows, export.unit), size_in_words(file.size)
            st.link_button(_(SIDES[file.side], rows=rows, size=size), link(file.path), key=f"export_{file.side}")
        st.link_button(_("Data card"), link(export.card), key="export_card")


def show_checks(made: Waiting) -> None:
    """That every file was read back, and how to load it."""
    export = made.export
    read_back = _(
        "Every file was read back with `datasets`: {rows} rows, columns {columns}.",
        rows=number(export.rows),
        columns=", ".join(f"`{name}`" for name in export.columns),
    )
    st.write(f"{about_prompts(export)} {read_back}")
    if len(export.files) == 1 and export.choice.test_share:
        st.write(_("No prompt fell on the test side; a larger share holds some out."))
    with st.expander(_("How to load it")):
        st.code(export.loading, language="python", wrap_lines=True)
        if export.files[0].path.suffix == ".csv":
            st.markdown(_(ABOUT_CSV))


def about_prompts(export: Export) -> str:
    """From how many prompts the rows are made."""
    prompts = {file.side: number(file.prompts) for file in export.files}
    if len(prompts) == 1:
        return _("From {n} prompts.", n=next(iter(prompts.values())))
    return _("From {train} prompts for training and {test} for testing. No prompt is on both sides.", **prompts)


def show_problems(export: Export, judged: Callable[[], Judged]) -> None:
    """What the look through every row found, what is done about it, and the rows themselves."""
    st.subheader(_("Problems"))
    if not export.problems:
        st.write(_("Every row was looked through, and nothing was found."))
        return
    st.table(
        {
            _("A row"): [_(one.says) for one in export.problems],
            _("Rows"): [number(one.n) for one in export.problems],
            _("What is done"): [_(one.does) for one in export.problems],
        }
    )
    by_name: Mapping[str, str] = {one.check: _(one.says) for one in export.problems}
    wanted = st.selectbox(
        _("Look at the rows"),
        list(by_name),
        None,
        placeholder=_("A problem"),
        format_func=by_name.__getitem__,
        key="export_problem",
    )
    if problem := next((one for one in export.problems if one.check == wanted), None):
        rows = rows_with(problem, judged(), export.choice)
        if len(rows) < problem.n:
            st.caption(_("The first {n} of {total}", n=number(len(rows)), total=number(problem.n)))
        st.dataframe(rows, key="export_problem_rows")


def show_left_out(export: Export) -> None:
    """What is not written and why; the counts add up."""
    st.subheader(_("Left out"))
    if not export.left_out:
        st.write(_("Nothing: everything is written."))
        return
    counts = {"written": number(export.rows), "left_out": number(export.possible - export.rows)}
    everything = counted(export.possible, export.unit)
    st.write(_("{written} written + {left_out} left out = {everything}", **counts, everything=everything))
    reasons = sorted(export.left_out.items(), key=lambda item: -item[1])
    st.table(
        {_("Reason"): [_(reason) for reason, _times in reasons], _("Number"): [number(n) for _reason, n in reasons]}
    )
    if TIE in export.left_out:
        st.caption(_("Ties have no chosen side, so TRL's formats cannot hold them; the rankings do."))
