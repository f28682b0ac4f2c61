"""Export: what exactly is downloaded, and is it clean."""

from typing import Literal

import streamlit as st

from app.exports import Asked, Waiting, counted, first_rows, judged, link, size_in_words, waiting
from app.language import N_, _, number
from app.session import person, project, store
from data.errors import InputError
from data.export.card import ABOUT_CSV
from data.export.files import KINDS
from data.export.formats import FORMATS
from data.export.of_pairs import TIE
from data.export.rows import Choice
from data.export.write import Export
from data.schemas import Project
from rankers.pairs import FLAG_POLICIES, WEIGHTINGS, FlagPolicy, PairRules, Weighting

FILE_KINDS = {"jsonl": "JSONL", "csv": "CSV", "parquet": "Parquet"}
AS = {N_("as the data needs it"): None, N_("messages"): True, N_("text"): False}
NO_WEIGHTS: Literal["no column"] = "no column"
SIDES = {"train": N_("Train: {rows}, {size}"), "test": N_("Test: {rows}, {size}")}
here = project()


def choose_file() -> tuple[str, str]:
    """The format and the kind of file."""
    captions = [_(made.says) for made in FORMATS.values()]
    name = st.radio(_("Format"), list(FORMATS), captions=captions, key="export_format", persist_state="session")
    kind = st.segmented_control(
        _("File"), list(KINDS), default="jsonl", required=True, format_func=FILE_KINDS.__getitem__, key="export_kind"
    )
    return name, kind


def choose_rules(name: str, kind: str) -> tuple[PairRules, Choice]:
    share = st.slider(_("Share of prompts held out for testing"), 0, 50, 10, 5, format="%d%%", key="export_share") / 100
    flags: FlagPolicy = "never chosen"
    weights: Weighting | Literal["no column"] = NO_WEIGHTS
    messages, names = None, False
    if name not in ("rankings", "sft"):
        policies = [_(made.says) for made in FLAG_POLICIES.values()]
        flags = st.radio(_("Flags"), list(FLAG_POLICIES), format_func=_, captions=policies, key="export_flags")
    if FORMATS[name].unit == "pairs":
        options, more = [NO_WEIGHTS, *WEIGHTINGS], _("A further column")
        weights = st.selectbox(_("Weights"), options, format_func=_, key="export_weights", help=more)
    if name != "rankings" and kind != "csv":
        messages = AS[st.selectbox(_("Prompts and responses"), list(AS), format_func=_, key="export_messages")]
    if name == "rankings":
        names = st.checkbox(_("Annotators by name"), key="export_names", help=_("Otherwise they are numbered."))
    rules = PairRules("2/k" if weights == NO_WEIGHTS else weights, flags)
    return rules, Choice(name, messages, weights != NO_WEIGHTS, names, share)


def show_download(made: Waiting) -> None:
    export = made.export
    label = _("Download {rows}", rows=counted(export.rows, export.unit))
    st.link_button(label, link(made.archive), type="primary", key="export_download")
    size = size_in_words(made.archive.stat().st_size)
    st.caption(_("One ZIP archive, {size}. Or its parts, each by itself:", size=size))
    with st.container(horizontal=True):
        for file in export.files:
            rows, size = counted(file.rows, export.unit), size_in_words(file.size)
            st.link_button(_(SIDES[file.side], rows=rows, size=size), link(file.path), key=f"export_{file.side}")
        st.link_button(_("Data card"), link(export.card), key="export_card")


def show_checks(made: Waiting) -> None:
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
    prompts = {file.side: number(file.prompts) for file in export.files}
    if len(prompts) == 1:
        return _("From {n} prompts.", n=next(iter(prompts.values())))
    return _("From {train} prompts for training and {test} for testing. No prompt is on both sides.", **prompts)


def show_left_out(made: Waiting) -> None:
    export = made.export
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


def show_export(open_project: Project, asked: Asked, choice: Choice, kind: str) -> None:
    size = store().size(open_project.id)
    with st.spinner(_("Writing the files and reading them back")):
        made = waiting(open_project, size, asked, choice, kind)
    show_download(made)
    show_checks(made)
    show_left_out(made)
    st.subheader(_("First rows"))
    st.dataframe(first_rows(judged(open_project.id, size, asked), made.export.choice, kind), key="export_rows")


st.title(_("Export"))
if here is None:
    st.write(_("The dataset of a project is downloaded here. A project begins with a file of prompts and answers."))
    if person().role == "lead":
        st.page_link("screens/data.py", label=_("Load file"))
elif not judged(here.id, store().size(here.id), Asked()).judgements:
    st.write(_("There is nothing to export yet. Pairs, labels and rankings appear here once answers are ranked."))
    if person().role == "lead":
        st.page_link("screens/rank.py", label=_("Rank answers"))
else:
    answer, choices = st.columns([2, 1], gap="large")
    with choices:
        format_name, file_kind = choose_file()
        pair_rules, chosen = choose_rules(format_name, file_kind)
    with answer:
        try:
            show_export(here, Asked(pair_rules), chosen, file_kind)
        except InputError as error:
            st.error(_(str(error)))
