"""The stored reward models of a project, ready to score, and the choice between them."""

from collections.abc import Sequence

import streamlit as st

from app import session
from app.language import _, date
from data.schemas import StoredModel
from reward_model.model import RewardModel, model_from


@st.cache_resource(show_spinner=False, max_entries=4)
def loaded(project_id: int, version: int) -> RewardModel:
    """A stored model, ready to score."""
    card = next(m.card for m in session.store().models(project_id) if m.version == version)
    return model_from(card, session.store().model_weights(project_id, version))


def choose_version(models: Sequence[StoredModel], key: str) -> int:
    """The version that somebody chooses, at first the newest; without a choice where there is one only."""
    by_number = {model.version: model for model in models}
    if len(by_number) == 1:
        return models[0].version
    if st.session_state.get(key) not in by_number:
        st.session_state[key] = models[0].version
    chosen: int = st.selectbox(
        _("Reward model"),
        list(by_number),
        format_func=lambda n: _("Version {n}, {date} UTC", n=n, date=date(by_number[n].created_at)),
        key=key,
        persist_state="session",
        width=360,
    )
    return chosen
