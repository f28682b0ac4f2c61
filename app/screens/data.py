"""Data: what came in, what is wrong with it, and the next file."""

from collections.abc import Sequence
from secrets import token_hex
from typing import Any

import streamlit as st

from app.background import Job
from app.language import N_, _, _n, number
from app.names import inert
from app.render import RENDER_CSS, prompt_html, response_html
from app.session import person, project, store
from app.upload.choices import (
    Checked,
    check_work,
    fault,
    format_label,
    load_work,
    needs_texts,
    outcome,
    outcome_so_far,
    plan_or_fault,
    target,
    with_texts,
)
from app.upload.job import NOTHING_READ, reading_words
from app.upload.shelf import Upload, remove
from app.upload.tables import loads_frame, rejections_csv, rejections_frame
from app.upload.upload import amount, kept_upload, upload_box
from data import intake
from data.errors import InputError
from data.intake import Plan, Progress
from data.intake.columns import Field, missing
from data.intake.formats import FORMATS
from data.schemas import Load, Rejection, Task

NEW = N_("A new project")
KINDS = N_("JSONL, JSON, CSV, TSV, XLSX or Parquet, also packed as .gz, .zst or .zip; up to 2 GB")
WHEN = "YYYY-MM-DD HH:mm"
here, state = project(), st.session_state
state.setdefault("data_owner", token_hex(16))
state.setdefault("data_round", 0)


def show_past(loads: Sequence[Load]) -> None:
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
    shown = rejections_frame(rejections[:1000])
    st.dataframe(shown[["Reason"]].rename(columns=_), hide_index=True)
    if n > len(shown):
        st.caption(_("The first {shown} of {n} rejected rows are listed.", shown=number(len(shown)), n=number(n)))
    of_rows = sum(r.row > 0 for r in rejections)
    label = _n("Download {n} rejected row as CSV", "Download {n} rejected rows as CSV", of_rows)
    st.download_button(label, lambda: rejections_csv(rejections), file_name, "text/csv", key=key, on_click="ignore")


def show_task(task: Task) -> None:
    st.html(f"<style>{RENDER_CSS}</style>{prompt_html(task.prompt)}")
    width = min(len(task.responses), 3)
    for first in range(0, len(task.responses), width):
        for column, response in zip(st.columns(width), task.responses[first : first + width], strict=False):
            with column.container(border=True, height=260 if len(response.text) > 300 else "content"):
                st.caption(response.source or _("No source named"))
                st.html(f"<style>{RENDER_CSS}</style>{response_html(response.text)}")


def choose_format(upload: Upload) -> Plan | None:
    """The plan as recognised or as chosen; None while the format is unknown, or where the file cannot be read."""
    key, options = f"data_format_{upload.id}", list(FORMATS)
    made, error = plan_or_fault(upload, state.get(key))
    if error:
        st.error(inert(_(error)))
    if made is None and plan_or_fault(upload, options[0])[0] is None:
        return None
    index = options.index(made.format) if made else None
    hint = _("Choose a format")
    st.selectbox(_("Format"), options, index, format_label, key=key, persist_state="session", placeholder=hint)
    if made:
        about = {"name": upload.name, "kind": made.kind, "size": amount(upload.size)}
        st.caption(_("{name} is a {kind} file of {size}. Choose another format if this is wrong.", **about))
    return made


def choose_columns(made: Plan, upload: Upload) -> Plan:
    fields = FORMATS[made.format].fields
    if not fields:
        return made
    choice: dict[str, Sequence[str]] = {}
    with st.expander(_("Columns"), expanded=bool(missing(fields, made.columns))):
        for first in range(0, len(fields), 3):
            for place, (field, about) in zip(st.columns(3), list(fields.items())[first : first + 3], strict=False):
                with place:
                    choice[field] = choose_column(made, field, about, upload.id)
    return intake.mapped(made, choice)


def choose_column(made: Plan, field: str, about: Field, upload_id: str) -> Sequence[str]:
    key, names = f"data_column_{upload_id}_{made.format}_{field}", list(made.names)
    guessed = made.columns.of.get(field, ())
    label = _("{field} (required)", field=field) if about.required else field
    said, none = _(about.says), _("No column")
    text = _("{sentence}.", sentence=f"{said[:1].upper()}{said[1:]}")
    if about.several:
        return st.multiselect(label, names, guessed, key=key, placeholder=none, help=text, persist_state="session")
    index = names.index(guessed[0]) if guessed else None
    chosen = st.selectbox(label, names, index, key=key, placeholder=none, help=text, persist_state="session")
    return [chosen] if chosen else []


def show_preview(made: Plan) -> None:
    st.subheader(_("The first tasks"))
    tasks, rejections = intake.preview(made)
    if not tasks:
        why = _("None of the first rows makes a task. The first reason is below.")
        st.write(why if rejections else _("There are none."))
    tabs = st.tabs([_("Task {n}", n=n) for n in range(1, len(tasks) + 1)]) if tasks else []
    for tab, task in zip(tabs, tasks, strict=True):
        with tab:
            show_task(task)
    if rejections:
        st.warning(_("{reason} Check every row to see all rejected rows.", reason=rejections[0].reason))


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
    work = load_work(made, store(), into, person().name, state.get("data_licence", ""))
    state["data_job"] = Job(work, NOTHING_READ)


def start_over() -> None:
    for box in ("data_file", "data_texts"):
        if upload := kept_upload(state["data_owner"], f"{box}_{state['data_round']}"):
            remove(upload)
    state["data_round"] += 1
    for name in ("data_job", "data_checked", "data_error", "data_result"):
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


def show_checked(found: Checked, name: str) -> None:
    tally = found.tally
    if tally.stopped:
        rows = number(tally.read)
        st.warning(_("The check was stopped after {rows} rows. The counts are of these rows.", rows=rows))
    counts = {name: number(getattr(tally, name)) for name in ("read", "used", "rejected", "tasks", "judgements")}
    st.subheader(_("{read} rows = {used} usable + {rejected} rejected", **counts))
    st.write(_("They make {tasks} different tasks and {judgements} judgements.", **counts))
    if tally.rejected:
        show_rejections(found.rejections, tally.rejected, f"rejected-{name}.csv", "data_download")


def show_next(made: Plan, upload: Upload) -> None:
    choose_target()
    st.text_input(_("Licence of the file (optional)"), max_chars=200, key="data_licence", persist_state="session")
    found: Checked | None = state.get("data_checked")
    if "data_job" in state:
        show_progress(state["data_job"])
        return
    if found is None or found.plan != made:
        st.button(_("Check every row"), type="primary", key="data_check", on_click=start_check, args=(made,))
    else:
        show_checked(found, upload.name)
        label = _("Load file") if found.tally.stopped else _n("Load {n} row", "Load {n} rows", found.tally.used)
        ready = bool(target_name() and found.tally.used)
        st.button(label, type="primary", key="data_load", disabled=not ready, on_click=start_load, args=(made,))
        if not target_name():
            st.caption(_("Give the new project a name first."))
    st.button(_("Start over with another file"), key="data_over", on_click=start_over)


def show_file(upload: Upload) -> None:
    made = choose_format(upload)
    if made is None:
        return
    made = choose_columns(made, upload)
    if needs_texts(made):
        label = _("Drop the file with the texts that the votes are about, or choose it")
        made = with_texts(made, upload_box(label, _(KINDS), state["data_owner"], f"data_texts_{state['data_round']}"))
    if lacking := fault(made):
        st.info(_(lacking))
        return
    try:
        show_preview(made)
    except InputError as error:
        st.error(inert(_(str(error))))
        return
    show_next(made, upload)


def show_intake() -> None:
    st.subheader(_("Load a file"))
    label = _("Drop a file here, or choose one")
    upload = upload_box(label, _(KINDS), state["data_owner"], f"data_file_{state['data_round']}")
    if state.get("data_error"):
        st.error(inert(_(state["data_error"])))
    if upload:
        show_file(upload)
    elif "data_job" in state:
        show_progress(state["data_job"])


def show_result(load: Load) -> None:
    box = st.warning if load.rejections else st.success
    box(f"{load.file}. {outcome(load)}")
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
