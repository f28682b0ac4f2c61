"""Data: what came in, what is wrong with it, and the next file."""

from secrets import token_hex
from typing import Any

import streamlit as st

from app.background import Job
from app.language import N_, _, _n
from app.names import inert
from app.session import person, project, store
from app.upload.choices import check_work, fault, load_work, needs_texts, outcome, target, with_texts
from app.upload.hub import choose_dataset, forget_dataset
from app.upload.job import NOTHING_READ, reading_words
from app.upload.planning import about_upload, choose_columns, choose_format, choose_masks, choose_sheet
from app.upload.shelf import remove
from app.upload.shown import show_checked, show_past, show_preview
from app.upload.upload import kept_upload, upload_box
from data.errors import InputError
from data.intake import Head, Plan, Progress
from data.schemas import Load

NEW = N_("A new project")
FILE, HUB = N_("A file"), N_("A dataset of the Hugging Face Hub")
KINDS = N_("JSONL, JSON, CSV, TSV, XLSX or Parquet, also packed as .gz, .zst or .zip; up to 2 GB")
here, state = project(), st.session_state
state.setdefault("data_owner", token_hex(16))
state.setdefault("data_round", 0)


def choose_target() -> None:
    if here:
        options = [here.name, NEW]
        st.radio(_("Load into"), options, format_func=project_label, key="data_into", persist_state="session")
    if target_name() != getattr(here, "name", None):
        st.text_input(_("Name of the new project"), max_chars=200, key="data_name", persist_state="session")


def project_label(name: str) -> str:
    return _(NEW) if name == NEW else name


def target_name() -> str:
    """The name of the project that the file goes into, as chosen by now; empty while a new one has no name."""
    into = state.get("data_into", here.name) if here else NEW
    return str(into if into != NEW else state.get("data_name", "").strip())


def start_check(made: Plan) -> None:
    state["data_job"] = Job(check_work(made), NOTHING_READ)


def start_load(made: Plan) -> None:
    """Begin to load; what was typed last is read here, since it may have come with the press of the button."""
    try:
        into = target(store(), target_name())
    except InputError as error:
        state["data_error"] = str(error)
        return
    state["project"] = into.name
    licence, read = state.get("data_licence", ""), state.get("data_read", True)
    state["data_job"] = Job(load_work(made, store(), into, person().name, licence, read=read), NOTHING_READ)


def start_over() -> None:
    for box in ("data_file", "data_texts"):
        if upload := kept_upload(state["data_owner"], f"{box}_{state['data_round']}"):
            remove(upload)
    forget_dataset()
    state["data_round"] += 1
    for name in ("data_job", "data_checked", "data_error", "data_result", "data_beginning"):
        state.pop(name, None)


@st.fragment(run_every=0.5)
def show_progress(job: Job[Progress, Any]) -> None:
    if not job.running:
        st.rerun()
    st.progress(job.progress.share, reading_words(job))
    st.button(_("Cancel"), key="data_cancel", on_click=job.stop, disabled=job.stopped)


def collect(job: Job[Progress, Any]) -> None:
    """Take the result of work that has ended."""
    del state["data_job"]
    state["data_error"] = job.error()
    if state["data_error"]:
        return
    found = job.result()
    state["data_result" if isinstance(found, Load) else "data_checked"] = found


def show_next(made: Plan) -> None:
    choose_target()
    st.text_input(_("Licence of the file (optional)"), max_chars=200, key="data_licence", persist_state="session")
    choose_reading()
    found = state.get("data_checked")
    if "data_job" in state:
        show_progress(state["data_job"])
        return
    if found is None or found.plan != made:
        st.button(_("Check every row"), type="primary", key="data_check", on_click=start_check, args=(made,))
    else:
        show_checked(found, made.name)
        label = _("Load file") if found.tally.stopped else _n("Load {n} row", "Load {n} rows", found.tally.used)
        ready = bool(target_name() and found.tally.used)
        st.button(label, type="primary", key="data_load", disabled=not ready, on_click=start_load, args=(made,))
        if not target_name():
            st.caption(_("Give the new project a name first."))
    st.button(_("Start over with another file"), key="data_over", on_click=start_over)


def choose_reading() -> None:
    state.setdefault("data_read", True)
    about = _(
        "They route tasks to people and slice every report. A very large file loads four times as fast without it, and "
        "Cleaning can do it later."
    )
    st.checkbox(
        _("Tell the language and the topics of every task"), key="data_read", help=about, persist_state="session"
    )


def show_plan(beginning: Head, name: str, about: str) -> bool:
    """Show what comes of a file that begins so, and whether it came to loading it; `name` is that of its choices."""
    made = choose_format(beginning, name, about)
    if made is None:
        return False
    made = choose_masks(choose_columns(made, name))
    if needs_texts(made):
        label = _("Drop the file with the texts that the votes are about, or choose it")
        made = with_texts(made, upload_box(label, _(KINDS), state["data_owner"], f"data_texts_{state['data_round']}"))
    if lacking := fault(made):
        st.info(_(lacking))
        return False
    try:
        show_preview(made, beginning)
    except InputError as error:
        st.error(inert(_(str(error))))
        return False
    show_next(made)
    return True


def show_file() -> bool:
    label = _("Drop a file here, or choose one")
    upload = upload_box(label, _(KINDS), state["data_owner"], f"data_file_{state['data_round']}")
    beginning = choose_sheet(upload) if upload else None
    if upload is None or beginning is None:
        return False
    return show_plan(beginning, upload.id, about_upload(upload, beginning))


def show_dataset() -> bool:
    beginning = choose_dataset()
    if beginning is None:
        return False
    about = _("{name} holds rows as {kind}.", name=inert(beginning.name), kind=beginning.kind)
    return show_plan(beginning, beginning.name, about)


def show_intake() -> None:
    st.subheader(_("Load a file"))
    st.segmented_control(
        _("From"), [FILE, HUB], format_func=_, key="data_from", default=FILE, required=True,
        label_visibility="collapsed", persist_state="session", disabled="data_job" in state,
    )  # fmt: skip
    if state.get("data_error"):
        st.error(inert(_(state["data_error"])))
    shown = show_dataset() if state.get("data_from") == HUB else show_file()
    if "data_job" in state and not shown:
        show_progress(state["data_job"])


def show_result(load: Load) -> None:
    box = st.warning if load.rejections else st.success
    box(inert(f"{load.file}. {outcome(load)}"))
    st.button(_("Load another file"), type="primary", key="data_again", on_click=start_over)


def nothing_yet() -> str:
    if here:
        return _(
            "Nothing has been loaded into “{project}” yet. What each file brings in, and what is wrong with it, "
            "appears here.",
            project=here.name,
        )
    return _(
        "Nothing has been loaded yet, and there is no project: loading a file makes one. What each file brings in, "
        "and what is wrong with it, appears here."
    )


def show_data() -> None:
    st.title(_("Data"))
    if "data_job" in state and not state["data_job"].running:
        collect(state["data_job"])
    loads = store().loads(here.id) if here else []
    if loads:
        show_past(loads)
    else:
        st.write(nothing_yet())
    if "data_result" in state:
        show_result(state["data_result"])
    else:
        show_intake()


show_data()
