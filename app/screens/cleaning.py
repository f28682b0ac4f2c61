"""Cleaning: what is wrong with the material, before and after, and what was changed."""

from collections.abc import Sequence
from functools import partial

import pandas as pd
import streamlit as st

from app.cleaning_jobs import SHOWN, Found, Work, applying, jobs, looking, reading, worded
from app.language import _, _n, number
from app.material import finding, material_report, table_chart, table_frame
from app.offence import offence_of
from app.session import person, project, store
from data.clean.command import excerpts
from data.cleaning import RULES, about, in_task
from data.report import Table, as_html, as_markdown
from data.schemas import Change, Finding, Project

A_PAGE = 10
LOGGED = 50
WHEN = "YYYY-MM-DD HH:mm"
state = st.session_state


def look_through(here: Project) -> None:
    jobs().start(here.id, partial(looking, store(), here, partial(jobs().found.__setitem__, here.id)))


def read_all(here: Project) -> None:
    jobs().start(here.id, partial(reading, store(), here))


def apply_all(here: Project, rule: str) -> None:
    jobs().found.pop(here.id, None)
    jobs().start(here.id, partial(applying, store(), here, rule, person().name))


def apply_one(here: Project, finding: Finding) -> None:
    jobs().forget(here.id)
    made = store().apply_changes(here.id, [finding], person().name)
    state["cleaning_said"] = made.refused[0].reason if made.refused else ""
    if made.done and (found := jobs().found.get(here.id)):
        jobs().found[here.id] = found_again(here, found, finding)


def found_again(here: Project, found: Found, done: Finding) -> Found:
    """What was found, with the findings of one task looked for anew: a change of its text can end others."""
    task, knows = store().task(here.id, done.task_id), about(store(), here, offence=offence_of(store(), here))
    first = {name: [one for one in some if one.task_id != task.id] for name, some in found.first.items()}
    for name, some in found.first.items() if done.part != "task" else ():  # what is set aside is not looked at
        if RULES[name].of_all is None and len(some) > len(first[name]):
            first[name] = [*in_task(name, task, knows), *first[name]]
    counts = {name: n - len(found.first[name]) + len(first[name]) for name, n in found.counts.items()}
    gone = {name: proposing(found.first[name]) - proposing(first[name]) for name in found.counts}
    return Found(counts, {name: n - gone[name] for name, n in found.proposals.items()}, first)


def proposing(some: Sequence[Finding]) -> int:
    return sum(one.after is not None for one in some)


def take_back(here: Project, ids: Sequence[int]) -> None:
    jobs().forget(here.id)
    made = store().undo_changes(here.id, ids, person().name)
    state["cleaning_said"] = made.refused[0].reason if made.refused else ""
    jobs().found.pop(here.id, None)


@st.fragment(run_every=0.5)
def show_progress(work: Work) -> None:
    if not work.running:
        st.rerun()
    doing = work.progress
    said = _("{what}: {done} of {total}", what=_(doing.what), done=number(doing.done), total=number(doing.total))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(doing.share, said)
        st.button(_("Cancel"), key="cleaning_cancel", on_click=work.stop, disabled=work.stopped)


def show_outcome(work: Work) -> None:
    if work.error():
        st.error(_(work.error()))
        return
    if work.stopped:
        st.info(_("The work was cancelled. Changes that were made until then are in the log."))
        return
    done = work.result()
    if done.read is not None:
        st.success(_n("{n} task was read.", "{n} tasks were read.", done.read))
    if done.found is None and done.read is None:
        st.success(_n("{n} change was made.", "{n} changes were made.", done.changed))
    if done.refused:
        refused = _n("{n} proposal was left alone: {why}", "{n} proposals were left alone, the first because: {why}",
                     len(done.refused), why=_(done.refused[0].reason))  # fmt: skip
        st.warning(refused)


def show_action(here: Project) -> None:
    work = jobs().of(here.id)
    if work and work.running:
        show_progress(work)
        return
    if work:
        show_outcome(work)
    if said := state.pop("cleaning_said", ""):
        st.warning(_(said))
    label = _("Look through again") if here.id in jobs().found else _("Look through the project")
    st.button(label, type="primary", key="cleaning_look", on_click=look_through, args=(here,))


def show_found(here: Project, found: Found) -> None:
    names = [name for name in RULES if found.counts.get(name)]
    if not names:
        st.write(_("No rule finds anything."))
        return
    total, proposals = sum(found.counts.values()), sum(found.proposals.values())
    counted = _n("{n} finding", "{n} findings", total)
    st.write(_("{found}; {proposals} propose a change.", found=counted, proposals=number(proposals)))
    rule = choose_rule(here, found, names)
    st.caption(_(RULES[rule].says))
    if rule == "offence" and offence_of(store(), here) is None:
        st.caption(_("This project has no fitted model for toxic answers, so the lists of words alone mark."))
    if n := found.proposals.get(rule, 0):
        label = _n("Apply {n} proposal", "Apply {n} proposals", n)
        st.button(label, key="cleaning_apply", on_click=apply_all, args=(here, rule))
    show_findings(here, found.first[rule], found.counts[rule])


def choose_rule(here: Project, found: Found, names: Sequence[str]) -> str:
    key = f"cleaning_rule_{here.id}"
    state[key] = state[key] if state.get(key) in names else names[0]  # said anew, so that its number is that of now
    return st.selectbox(
        _("Rule"),
        names,
        format_func=lambda name: f"{_(RULES[name].label)} ({number(found.counts[name])})",
        key=key,
    )


def show_findings(here: Project, some: Sequence[Finding], n: int) -> None:
    if n > len(some):
        st.caption(_("The first {shown} of {n} can be looked at.", shown=number(SHOWN), n=number(n)))
    pages = -(-len(some) // A_PAGE)
    page = st.pagination(pages, key="cleaning_page") if pages > 1 else 1
    with st.container(key="cleaning_texts"):
        for at, one in enumerate(some[(page - 1) * A_PAGE : page * A_PAGE]):
            with st.container(border=True):
                show_finding(here, one, at)


def show_finding(here: Project, one: Finding, at: int) -> None:
    words, action = st.columns([5, 1], vertical_alignment="center")
    with words:
        st.text(worded(one.why))
        if one.after is not None and one.part != "task":
            before, after = excerpts(one.before, one.after)
            st.caption(_("Before"))
            st.text(before)
            st.caption(_("After"))
            st.text(after if one.after.strip() else _("Nothing: the text is empty then."))
    with action:
        if one.after is not None:
            label = _("Set aside") if one.part == "task" else _("Apply")
            st.button(label, key=f"cleaning_apply_{at}", on_click=apply_one, args=(here, one))


def show_log(here: Project, changes: Sequence[Change]) -> None:
    standing = [one for one in changes if one.undone_at is None]
    if not changes:
        st.write(_("Nothing was changed. What is applied is listed here and can be taken back."))
        return
    counted = _n("{n} change stands", "{n} changes stand", len(standing))
    st.write(_("{standing}; {undone} were taken back.", standing=counted, undone=number(len(changes) - len(standing))))
    rules = [name for name in RULES if any(one.rule == name for one in standing)]
    if rules:
        rule = st.selectbox(_("Rule"), rules, format_func=lambda name: _(RULES[name].label), key="cleaning_undo_rule")
        ids = [one.id for one in standing if one.rule == rule]
        label = _n("Take back {n} change", "Take back {n} changes", len(ids))
        st.button(label, key="cleaning_undo", on_click=take_back, args=(here, ids))
    when = st.column_config.DatetimeColumn(format=WHEN, timezone=st.context.timezone)
    frame = log_frame(changes[:LOGGED])
    st.dataframe(frame, hide_index=True, column_config={_("Changed"): when}, key="cleaning_log")


def log_frame(changes: Sequence[Change]) -> pd.DataFrame:
    rows = []
    for one in changes:
        before, after = excerpts(one.before, one.after)
        back = _("taken back by {name}", name=one.undone_by) if one.undone_by else ""
        label = _(RULES[one.rule].label) if one.rule in RULES else one.rule
        rows.append((one.made_at, label, before, after, one.made_by, back))
    names = (_("Changed"), _("Rule"), _("Before"), _("After"), _("By"), _("State"))
    return pd.DataFrame(rows, columns=list(names))


def show_report(here: Project) -> None:
    st.button(_("Read languages and topics"), key="cleaning_read", on_click=read_all, args=(here,))
    st.caption(_("They are told from the text, route tasks to people and slice every report."))
    made = material_report(here.id, here, store().size(here.id))
    with st.container(horizontal=True):
        st.download_button(_("Report as HTML"), as_html(made), "data.html", "text/html", key="cleaning_html")
        st.download_button(_("Report as Markdown"), as_markdown(made), "data.md", "text/markdown", key="cleaning_md")
    rows = [(_(name), int(value.replace(",", ""))) for name, value in made.facts.items()]
    count = {_("Number"): st.column_config.NumberColumn(format="localized")}
    facts = pd.DataFrame(rows, columns=[_("What"), _("Number")])
    st.dataframe(facts, hide_index=True, column_config=count, height="content", key="cleaning_facts")
    with st.container(key="cleaning_charts"):
        for first in range(0, len(made.tables), 2):
            for place, table in zip(st.columns(2), made.tables[first : first + 2], strict=False):
                with place:
                    show_table(table, here)


def show_table(table: Table, here: Project) -> None:
    said = finding(table, here)
    st.text(said)
    st.altair_chart(
        table_chart(table, here, st.context.theme.type == "dark"), key=f"cleaning_chart_{table.title}", alt=said
    )
    with st.expander(_("The numbers")):
        frame = table_frame(table, here)[["name", "n", "share"]].set_axis(
            [_(table.title), _("Number"), _("Share")], axis=1
        )
        share = st.column_config.NumberColumn(format="percent")
        st.dataframe(frame, hide_index=True, column_config={_("Share"): share}, key=f"cleaning_table_{table.title}")


def show_tabs(here: Project) -> None:
    labels = [_("Findings"), _("Changes"), _("Report")]
    findings_tab, log_tab, report_tab = st.tabs(labels, key="cleaning_tab", on_change="rerun")
    if findings_tab.open:
        with findings_tab:
            show_findings_tab(here)
    if log_tab.open:
        with log_tab:
            show_log(here, store().changes(here.id))
    if report_tab.open:
        with report_tab, st.spinner(_("Reading the material")):
            show_report(here)


def show_findings_tab(here: Project) -> None:
    if here.id in jobs().found:
        show_found(here, jobs().found[here.id])
        return
    st.write(
        _(
            "Rules look for broken text, leftovers, duplicates, wrong terms and personal data. They change nothing by "
            "themselves: every proposal shows before and after, and can be taken back."
        )
    )


st.title(_("Cleaning"))
project_here = project()
if project_here is None or not store().size(project_here.id).tasks:
    st.write(_("What is wrong with the material appears here. A project begins with a file of prompts and answers."))
    st.page_link("screens/data.py", label=_("Load file"))
else:
    show_action(project_here)
    show_tabs(project_here)
