"""A dataset of the Hugging Face Hub by its name: looked up beside the screen, since the Hub may take its time."""

from typing import Literal

import streamlit as st

from app.background import Job, Stopped
from app.language import N_, _
from app.names import inert
from data import intake
from data.errors import InputError
from data.intake import Dataset, Head, Undecided
from data.intake.places import PREFIX

PARTS = {"config": N_("Configuration"), "split": N_("Split")}
FOLLOWING = {"config": N_("Choose a configuration"), "split": N_("Choose a split")}
state = st.session_state
Looking = Job[str, Head]


def choose_dataset() -> Head | None:
    """How a dataset begins, once one was named and the Hub has answered."""
    with st.form("data_hub", border=False):
        st.text_input(_("Name of the dataset"), key="data_hub_name", placeholder=_("owner/name"), max_chars=200)
        with st.expander(_("Configuration, split and revision"), expanded=False):
            for column, (part, label) in zip(st.columns(3), {**PARTS, "revision": N_("Revision")}.items(), strict=True):
                column.text_input(_(label), key=f"data_hub_{part}", max_chars=200)
        st.form_submit_button(_("Look it up"), key="data_hub_look", on_click=_look, type=_emphasis())
    if "data_hub_job" in state:
        if state["data_hub_job"].running:
            _show_looking(state["data_hub_job"])
            return None
        _collect(state.pop("data_hub_job"))
    if state.get("data_hub_open"):
        _choose_part(state["data_hub_open"])
    elif state.get("data_hub_said"):
        st.error(inert(_(state["data_hub_said"])))
    found: Head | None = state.get("data_hub_head")
    return found


def forget_dataset() -> None:
    """Begin anew, without a name."""
    if "data_hub_job" in state:
        state["data_hub_job"].stop()
    for name in [name for name in state if str(name).startswith("data_hub")]:
        del state[name]


def _emphasis() -> Literal["primary", "secondary"]:
    return "secondary" if state.get("data_hub_head") or state.get("data_hub_open") else "primary"


def _look() -> None:
    """Begin to look a dataset up; nothing but a name of the Hub is ever taken, no path and no address."""
    for name in ("data_hub_head", "data_hub_open", "data_hub_said", "data_checked"):
        state.pop(name, None)
    name, *parts = (str(state.get(f"data_hub_{part}", "")).strip() for part in ("name", "config", "split", "revision"))
    try:
        place = Dataset(name.removeprefix(PREFIX), *parts)
    except InputError as error:
        state["data_hub_said"] = str(error)
        return
    state["data_hub_job"] = Looking(lambda _see: intake.head(place), place.name)


@st.fragment(run_every=0.5)
def _show_looking(job: Looking) -> None:
    if not job.running:
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(0.0, _("Asking the Hugging Face Hub for {name}", name=job.progress))
        if st.button(_("Cancel"), key="data_hub_cancel"):
            # The library cannot be interrupted; whatever it finds is left unread.
            state.pop("data_hub_job", None)
            st.rerun()


def _collect(job: Looking) -> None:
    try:
        state["data_hub_head"] = job.result()
    except Undecided as error:
        state["data_hub_open"] = error
    except Stopped:
        pass
    except Exception:
        state["data_hub_said"] = job.error()


def _choose_part(error: Undecided) -> None:
    """Ask for what the name alone does not decide."""
    st.info(inert(_(str(error))))
    key = f"data_hub_chosen_{error.what}"
    st.selectbox(_(PARTS[error.what]), error.options, None, key=key, placeholder=_(FOLLOWING[error.what]))
    ready = bool(state.get(key))
    st.button(_("Go on"), key="data_hub_on", type="primary", disabled=not ready, on_click=_decide, args=(error.what,))


def _decide(what: str) -> None:
    state[f"data_hub_{what}"] = state[f"data_hub_chosen_{what}"]
    _look()
