"""Export: what exactly is downloaded, and is it clean."""

from typing import Literal

import streamlit as st

from app.exports import Waiting, counted, first_rows, judged, link, size_in_words, waiting
from app.session import person, project, store
from data.errors import InputError
from data.export.card import ABOUT_CSV
from data.export.files import KINDS
from data.export.rows import FORMATS, Choice
from data.schemas import Project
from rankers.pairs import FLAG_POLICIES, WEIGHTINGS, FlagPolicy, PairRules, Weighting

FILE_KINDS = {"jsonl": "JSONL", "csv": "CSV", "parquet": "Parquet"}
AS = {"as the data needs it": None, "messages": True, "text": False}
NO_WEIGHTS: Literal["no column"] = "no column"
here = project()


def choose_file() -> tuple[str, str]:
    """The format and the kind of file."""
    captions = [made.says for made in FORMATS.values()]
    name = st.radio("Format", list(FORMATS), captions=captions, key="export_format", persist_state="session")
    kind = st.segmented_control(
        "File", list(KINDS), default="jsonl", required=True, format_func=FILE_KINDS.__getitem__, key="export_kind"
    )
    return name, kind


def choose_rules(name: str, kind: str) -> tuple[PairRules, Choice]:
    share = st.slider("Share of prompts held out for testing", 0, 50, 10, 5, format="%d%%", key="export_share") / 100
    flags: FlagPolicy = "never chosen"
    weights: Weighting | Literal["no column"] = NO_WEIGHTS
    messages, names = None, False
    if name != "rankings":
        policies = [made.says for made in FLAG_POLICIES.values()]
        flags = st.radio("Flags", list(FLAG_POLICIES), captions=policies, key="export_flags")
    if FORMATS[name].unit == "pairs":
        weights = st.selectbox("Weights", [NO_WEIGHTS, *WEIGHTINGS], key="export_weights", help="A further column")
    if name != "rankings" and kind != "csv":
        messages = AS[st.selectbox("Prompts and responses", list(AS), key="export_messages")]
    if name == "rankings":
        names = st.checkbox("Annotators by name", key="export_names", help="Otherwise they are numbered.")
    rules = PairRules("2/k" if weights == NO_WEIGHTS else weights, flags)
    return rules, Choice(name, messages, weights != NO_WEIGHTS, names, share)


def show_download(made: Waiting) -> None:
    export = made.export
    label = f"Download {counted(export.rows, export.unit)}"
    st.link_button(label, link(made.archive), type="primary", key="export_download")
    st.caption(f"One ZIP archive, {size_in_words(made.archive.stat().st_size)}. Or its parts, each by itself:")
    with st.container(horizontal=True):
        for file in export.files:
            name = f"{file.side.capitalize()}: {counted(file.rows, export.unit)}, {size_in_words(file.size)}"
            st.link_button(name, link(file.path), key=f"export_{file.side}")
        st.link_button("Data card", link(export.card), key="export_card")


def show_checks(made: Waiting) -> None:
    export = made.export
    prompts = " and ".join(f"{file.prompts:,} prompts for {file.side}" for file in export.files)
    apart = " No prompt is on both sides." if len(export.files) > 1 else ""
    st.write(
        f"From {prompts}.{apart} Every file was read back with `datasets`: {export.rows:,} rows, columns "
        f"{', '.join(f'`{name}`' for name in export.columns)}."
    )
    if len(export.files) == 1 and export.choice.test_share:
        st.write("No prompt fell on the test side; a larger share holds some out.")
    with st.expander("How to load it"):
        st.code(export.loading, language="python", wrap_lines=True)
        if export.files[0].path.suffix == ".csv":
            st.markdown(ABOUT_CSV)


def show_left_out(made: Waiting) -> None:
    export = made.export
    st.subheader("Left out")
    if not export.left_out:
        st.write("Nothing: everything is written.")
        return
    everything = counted(export.possible, export.unit)
    st.write(f"{export.rows:,} written + {export.possible - export.rows:,} left out = {everything}")
    reasons = sorted(export.left_out.items(), key=lambda item: -item[1])
    st.table({"Reason": [reason for reason, _n in reasons], "Number": [f"{n:,}" for _reason, n in reasons]})
    if "tie" in export.left_out:
        st.caption("Ties have no chosen side, so TRL's formats cannot hold them; the rankings do.")


def show_export(open_project: Project, rules: PairRules, choice: Choice, kind: str) -> None:
    size = store().size(open_project.id)
    with st.spinner("Writing the files and reading them back"):
        made = waiting(open_project, size, rules, choice, kind)
    show_download(made)
    show_checks(made)
    show_left_out(made)
    st.subheader("First rows")
    st.dataframe(first_rows(judged(open_project.id, size, rules), made.export.choice, kind), key="export_rows")


st.title("Export")
if here is None:
    st.write("The dataset of a project is downloaded here. A project begins with a file of prompts and answers.")
    if person().role == "lead":
        st.page_link("screens/data.py", label="Load file")
elif not judged(here.id, store().size(here.id), PairRules()).judgements:
    st.write("There is nothing to export yet. Pairs, labels and rankings appear here once answers are ranked.")
    if person().role == "lead":
        st.page_link("screens/rank.py", label="Rank answers")
else:
    answer, choices = st.columns([2, 1], gap="large")
    with choices:
        format_name, file_kind = choose_file()
        pair_rules, chosen = choose_rules(format_name, file_kind)
    with answer:
        try:
            show_export(here, pair_rules, chosen, file_kind)
        except InputError as error:
            st.error(str(error))
