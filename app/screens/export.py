"""Export: what exactly is downloaded, and is it clean."""

import streamlit as st

from app.export_answer import confirm_licences, show_checks, show_download, show_left_out, show_problems
from app.export_choices import check_tokenizer, choose_file, choose_people, choose_rows, choose_rules, choose_scope
from app.export_versions import offer_to_keep, show_versions
from app.exports import Asked, first_rows, judged, waiting
from app.language import _
from app.names import inert
from app.session import person, project, store
from data.errors import InputError
from data.export.rows import Choice
from data.schemas import Project

here = project()


def show_export(open_project: Project, asked: Asked, choice: Choice, kind: str) -> None:
    size = store().size(open_project.id)
    check_tokenizer(choice)
    with st.spinner(_("Writing the files and reading them back")):
        made = waiting(open_project, size, asked, choice, kind)
    show_download(made)
    offer_to_keep(open_project, made.export, asked)
    show_checks(made)
    show_problems(made.export, lambda: judged(open_project.id, size, asked))
    show_left_out(made.export)
    st.subheader(_("First rows"))
    st.dataframe(first_rows(made.export), key="export_rows")


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
        scope = choose_scope(here, store().size(here.id))
        several = choose_people(format_name)
        pair_rules, weights = choose_rules(format_name)
        chosen = choose_rows(format_name, file_kind, weights)
    with answer:
        confirmed = confirm_licences(store().loads(here.id), person().role)
        try:
            show_export(here, Asked(pair_rules, several, scope, confirmed), chosen, file_kind)
        except InputError as error:
            st.error(inert(_(str(error))))
        show_versions(here)
