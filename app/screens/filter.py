"""Filter: which answers of a file are good enough, and why the others are not."""

import math
from secrets import token_hex

import numpy as np
import streamlit as st

from app.background import Job
from app.exports import link
from app.filter_chart import fates_chart
from app.filtering import (
    FATES,
    NOTHING_READ,
    Looked,
    Written,
    examples,
    fates,
    folder_for,
    look_work,
    write_work,
)
from app.fitted import choose_version, loaded
from app.flagging import flagging_of
from app.language import N_, _, _n, number, percent
from app.names import inert
from app.rows_read import show_rows_read
from app.session import person, project, store
from app.upload.shelf import Upload, remove
from app.upload.tables import rejections_frame
from app.upload.upload import kept_upload, upload_box
from data.errors import InputError
from data.schemas import Project, StoredModel
from reward_model.selection import Rules, Selection, selected

FILE_KINDS = {"jsonl": "JSONL", "csv": "CSV", "parquet": "Parquet"}
SHOWN = 20
here, state = project(), st.session_state
state.setdefault("filter_owner", token_hex(16))
state.setdefault("filter_round", 0)


def box() -> str:
    return f"filter_file_{state['filter_round']}"


def start_over() -> None:
    if upload := kept_upload(state["filter_owner"], box()):
        remove(upload)
    state["filter_round"] += 1
    for name in ("filter_look", "filter_looked", "filter_write", "filter_written", "filter_error"):
        if isinstance(job := state.pop(name, None), Job):
            job.stop()


def start_look(into: Project, upload: Upload, version: int) -> None:
    try:
        work = look_work(upload, into.id, version, loaded(into.id, version), flagging_of(store(), into))
    except InputError as error:
        state["filter_error"] = str(error)
        return
    state["filter_look"], state["filter_error"] = Job(work, NOTHING_READ), ""
    for name in ("filter_looked", "filter_written"):
        state.pop(name, None)


def start_write(looked: Looked, rules: Rules, kind: str) -> None:
    folder = folder_for(looked.upload, looked.project, looked.version, rules, kind)
    state["filter_write"] = Job(write_work(looked, rules, kind, folder), NOTHING_READ)


def collect(name: str, into: str) -> None:
    """Take the result of work that has ended, or the sentence about why there is none."""
    job = state.get(name)
    if job is None or job.running:
        return
    del state[name]
    state["filter_error"] = job.error()
    if not job.error() and not job.stopped:
        state[into] = job.result()


def choose_rules() -> Rules:
    keep = st.number_input(
        _("Best answers kept of each prompt"), 1, 1000, None, key="filter_keep", placeholder=_("All"),
        persist_state="session",
    )  # fmt: skip
    margin = st.number_input(
        _("Least margin (logits)"), 0.0, 20.0, None, 0.1, key="filter_margin", placeholder=_("None"),
        persist_state="session",
        help=_(
            "The score of a kept answer minus that of the best answer to its prompt that is not kept; where all are "
            "kept, minus 0, a typical answer of the training data."
        ),
    )  # fmt: skip
    if margin is not None:
        share = percent(1 / (1 + math.exp(-margin)))
        rival = (
            N_("The model gives a kept answer at least {share} against a typical answer of the training data.")
            if keep is None
            else N_("The model gives a kept answer at least {share} against the best one that is not kept.")
        )
        st.caption(_(rival, share=share))
    drop = st.checkbox(_("Drop flagged answers"), key="filter_flagged", persist_state="session")
    return Rules(keep, margin, drop)


def show_counts(looked: Looked, chosen: Selection) -> None:
    counts = chosen.counts()
    kept, rejected = counts[""], looked.file.rejected
    said = {
        "rows": number(len(looked.found) + rejected),
        "kept": number(kept),
        "dropped": number(len(looked.found) - kept),
        "rejected": number(rejected),
    }
    st.subheader(_("{rows} rows = {kept} kept + {dropped} dropped + {rejected} rejected", **said))
    whys = {why: n for why, n in counts.items() if why and n}
    if whys:
        st.write(" · ".join(_("{why}: {n}", why=_(FATES[why]), n=number(n)) for why, n in whys.items()))
    if rejected:
        with st.expander(_n("{n} rejected row", "{n} rejected rows", rejected)):
            st.dataframe(rejections_frame(looked.file.rejections)[["Reason"]].rename(columns=_), hide_index=True)


def show_picture(looked: Looked, chosen: Selection, rules: Rules) -> None:
    cut = rules.min_margin if rules.keep_best is None else None
    frame = fates(looked.found, chosen)
    st.altair_chart(fates_chart(frame, cut), alt=_("How many answers have which score, and what becomes of them"))
    with st.expander(_("Numbers behind the chart")):
        named = {"score": _("Score (logits)"), "fate": _("What becomes of them"), "n": _("Answers")}
        shown = frame[list(named)].assign(fate=frame["fate"].map(_)).rename(columns=named)
        st.dataframe(shown, hide_index=True)


def show_examples(looked: Looked, chosen: Selection) -> None:
    names = {_("Kept"): chosen.why == 0, _("Dropped"): chosen.why != 0}
    for tab, (name, among) in zip(st.tabs(list(names)), names.items(), strict=True):
        places = np.flatnonzero(among)[:SHOWN].tolist()
        with tab:
            if not places:
                st.write(_("There are none."))
                continue
            frame = examples(looked, chosen, places)
            shown = frame if name == _("Dropped") else frame.drop(columns=_("Why"))
            st.dataframe(
                shown,
                hide_index=True,
                column_config={_("Score (logits)"): st.column_config.NumberColumn(format="%.2f")},
            )
            st.caption(_("The first {n} of the file.", n=number(len(places))))


def show_files(looked: Looked, rules: Rules) -> None:
    kind = st.segmented_control(
        _("File"),
        list(FILE_KINDS),
        default="jsonl",
        required=True,
        format_func=FILE_KINDS.__getitem__,
        key="filter_kind",
    )
    if job := state.get("filter_write"):
        show_rows_read(job, "filter_cancel")
        return
    written: Written | None = state.get("filter_written")
    if written is None or (written.rules, written.kind) != (rules, kind) or not written.kept.exists():
        nothing = rules == Rules()
        args = (looked, rules, kind)
        st.button(_("Write files"), type="primary", key="filter_go", on_click=start_write, args=args, disabled=nothing)
        if nothing:
            st.caption(_("Choose what is dropped first."))
        return
    st.link_button(_("Download the kept rows"), link(written.kept), type="primary", key="filter_kept")
    st.link_button(_("Download the dropped rows, with reasons"), link(written.dropped), key="filter_dropped")


def show_answer(looked: Looked) -> None:
    answer, choices = st.columns([2, 1], gap="large")
    with choices:
        rules = choose_rules()
        show_files(looked, rules)
        st.button(_("Start over with another file"), key="filter_over", on_click=start_over)
    chosen = selected(looked.found, rules)
    with answer:
        show_counts(looked, chosen)
        show_picture(looked, chosen, rules)
        try:
            show_examples(looked, chosen)
        except InputError as error:
            st.error(inert(_(str(error))))


def show_filter(into: Project, models: list[StoredModel]) -> None:
    version = choose_version(models, "filter_version")
    hint = _(
        "Columns prompt and response, and perhaps flags. JSONL, JSON, CSV or Parquet, also packed as .gz; up to 2 GB"
    )
    upload = upload_box(_("Drop a file of answers here, or choose one"), hint, state["filter_owner"], box())
    collect("filter_look", "filter_looked")
    collect("filter_write", "filter_written")
    if state.get("filter_error"):
        st.error(inert(_(state["filter_error"])))
    if job := state.get("filter_look"):
        show_rows_read(job, "filter_cancel")
        return
    looked: Looked | None = state.get("filter_looked")
    if upload is None:
        st.caption(
            _(
                "The model scores every answer of the file. Then you choose what is kept, see what that does, and "
                "download what is kept and what is not."
            )
        )
        return
    if looked and (looked.upload, looked.project, looked.version) == (upload.id, into.id, version):
        show_answer(looked)
    else:
        args = (into, upload, version)
        st.button(_("Score answers"), type="primary", key="filter_score", on_click=start_look, args=args)


st.title(_("Filter"))
if here is None or not (fitted := store().models(here.id)):
    st.write(
        _(
            "The best answers of a file are picked here, and flagged or weak ones taken out, as the reward model "
            "scores them. Fit one first."
        )
    )
    if here is not None:
        st.page_link("screens/reward_model.py", label=_("Reward model"))
    elif person().role == "lead":
        st.page_link("screens/data.py", label=_("Load file"))
else:
    show_filter(here, fitted)
