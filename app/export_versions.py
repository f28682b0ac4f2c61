"""Versions on the Export page: what is downloaded is kept under a number; earlier ones come again, and are compared."""

import shutil
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import streamlit as st

from app import session
from app.download import shelf
from app.export_jobs import comparing, has_result, jobs, pushing
from app.exports import KEPT, Asked, as_text, counted, file_name, link, pack
from app.language import N_, _, number
from app.language import date as day_and_time
from app.names import inert
from app.topic_jobs import show_job
from data.export.compare import Compared
from data.export.hub import hub_token
from data.export.versions import MAX_NOTE, in_full, keep, write_version
from data.export.write import Export
from data.schemas import DatasetVersion, Project

KINDS = {"added": N_("Added"), "removed": N_("Removed"), "turned": N_("Turned")}


class Again(NamedTuple):
    """A version written again: all of it in one ZIP archive, and its files by themselves."""

    archive: Path
    files: tuple[Path, ...]


def _remove(again: Again) -> None:
    shutil.rmtree(again.archive.parent, ignore_errors=True)


@st.cache_resource(show_spinner=False, max_entries=KEPT, on_release=_remove)
def written_again(project_id: int, number: int, name: str) -> Again:
    """The files of a version, bit for bit, waiting for their download; the one asked for longest ago goes."""
    folder = Path(tempfile.mkdtemp(dir=shelf()))
    try:
        made = write_version(session.store(), project_id, number, folder)
        names = {"README.md": made.card, **made.named}
        single = [path for path in made.rows if path.suffix != ".arrow"]
        return Again(pack(folder / f"{file_name(name)}-v{number}.zip", names), (*single, made.card))
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def offer_to_keep(here: Project, export: Export, asked: Asked) -> None:
    """Keep what is downloaded as the next version."""
    found = session.store().datasets(here.id)
    following = found[0].number + 1 if found else 1
    with st.form("export_keep", border=False):
        note = st.text_input(_("Note"), max_chars=MAX_NOTE, key="export_note", placeholder=_("What it is for"))
        label = _("Keep as version {n}", n=number(following))
        if st.form_submit_button(label, key="export_keep_button"):
            _keep(here, export, asked, note)


def _keep(here: Project, export: Export, asked: Asked, note: str) -> None:
    rules = {"flags": asked.rules.flags, "weighting": asked.rules.weighting, "several": asked.aggregation}
    chosen = in_full(export, asked.scope, rules)
    version = keep(session.store(), here.id, export, chosen, note, session.person().name)
    st.toast(_("This is version {n}.", n=number(version.number)))
    st.rerun()


def show_versions(here: Project) -> None:
    """Every version, each to be downloaded again, two of them compared."""
    found = session.store().datasets(here.id)
    if not found:
        return
    st.subheader(_("Versions"))
    st.dataframe(versions_frame(found), hide_index=True, key="export_versions")
    again, beside = st.columns(2)
    with again:
        numbers = [one.number for one in found]
        chosen = st.selectbox(_("Download again"), numbers, None, key="export_again", placeholder=_("A version"))
        if chosen is not None:
            show_again(here, chosen)
    if len(found) > 1:
        with beside:
            choose_two(here, numbers)


def versions_frame(found: Sequence[DatasetVersion]) -> pd.DataFrame:
    """One row a version, the newest first, as people read it."""
    return pd.DataFrame(
        [
            {
                _("Version"): one.number,
                _("Kept"): day_and_time(one.created_at),
                _("By"): one.created_by,
                _("Format"): one.format,
                _("Holds"): counted(one.rows, one.unit),
                _("Note"): one.note,
                "SHA-256": one.sha256[:12],
            }
            for one in found
        ]
    )


def show_again(here: Project, chosen: int) -> None:
    """The links of a version."""
    made = written_again(here.id, chosen, here.name)
    label = _("Download version {n}", n=number(chosen))
    st.link_button(label, link(made.archive), key="export_again_link")
    with st.container(horizontal=True):
        for n, path in enumerate(made.files):
            st.link_button(path.name, link(path), key=f"export_again_{n}")
    if hub_token():
        offer_to_push(here, chosen)
        show_push(here, chosen)


def offer_to_push(here: Project, chosen: int) -> None:
    """Upload a version to a private dataset of the Hub; only where the server has a token."""
    with st.form("export_push", border=False):
        repo = st.text_input(_("Dataset on the Hub"), max_chars=193, key="export_repo", placeholder=_("owner/name"))
        label = _("Push version {n} to the Hub", n=number(chosen))
        if not st.form_submit_button(label, key="export_push_button"):
            return
    with st.spinner(_("Uploading")):
        jobs().begin((here.id, "push", chosen), pushing(here.id, chosen, repo.strip(), hub_token()))


def show_push(here: Project, chosen: int) -> None:
    """How far the upload of a version is, or what came of it."""
    job = jobs().of((here.id, "push", chosen))
    if job is None:
        return
    if job.running:
        show_job(job, N_("Uploading"), "export_push_cancel")
    elif has_result(job):
        st.success(_("Version {n} is on the Hub, for its owner alone to read:", n=number(chosen)))
        st.code(job.result(), language=None, wrap_lines=True)
    elif job.error():
        st.error(inert(_(job.error())))
    else:
        st.info(_("The upload was cancelled. Nothing of this version is on the Hub."))


def choose_two(here: Project, numbers: Sequence[int]) -> None:
    """Two versions, and what is in one of them alone."""
    older = st.selectbox(_("Compare"), numbers[1:], None, key="export_older", placeholder=_("An earlier version"))
    if older is None:
        return
    later = [n for n in numbers if n > older]
    newer = st.selectbox(_("with"), later, key=f"export_newer_{older}")
    key = (here.id, "compare", (older, newer))
    job = jobs().of(key)
    if job is None:
        with st.spinner(_("Comparing the rows")):
            job = jobs().begin(key, comparing(here.id, older, newer))
    if job.running:
        show_job(job, N_("Comparing the rows"), "export_compare_cancel")
    elif has_result(job):
        show_compared(job.result())
    elif job.error():
        st.error(inert(_(job.error())))
    else:
        st.info(_("The comparison was cancelled."))
        st.button(_("Compare again"), on_click=partial(jobs().forget, key), key="export_compare_again")


def show_compared(found: Compared) -> None:
    """How many rows are the same, added, removed and turned, with examples."""
    same, added, removed, turned = (number(n) for n in found[:4])
    counts = {"same": same, "added": added, "removed": removed, "turned": turned}
    st.write(_("{same} rows are the same; {added} added, {removed} removed, {turned} turned", **counts))
    rows: list[dict[str, Any]] = [
        {_("Change"): _(KINDS[kind])} | as_text(row) for kind, some in found.examples.items() for row in some
    ]
    if rows:
        st.dataframe(rows, key="export_compared")
