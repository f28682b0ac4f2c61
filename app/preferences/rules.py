"""The rules between judgements and pairs, chosen on the Preferences page, with what they do."""

import streamlit as st

from app.findings import flag_effects, weight_effects
from app.language import _, number, percent
from data.schemas import Slice
from data.store import Size
from rankers.pairs import FLAG_POLICIES, WEIGHTINGS, PairRules


def chosen_rules() -> PairRules:
    """The rules that this session has chosen."""
    usual, state = PairRules(), st.session_state
    return PairRules(state.get("preferences_weighting", usual.weighting), state.get("preferences_flags", usual.flags))


def choose_rules(project_id: int, size: Size, only: Slice | None) -> None:
    """Where they are chosen, and what each would make of the judgements."""
    with st.expander(_("Rules: what flags do, what pairs weigh")):
        flags, weights = st.columns(2)
        for column, label, rules, key in (
            (flags, _("Flags"), list(FLAG_POLICIES), "preferences_flags"),
            (weights, _("Weight of a pair"), list(WEIGHTINGS), "preferences_weighting"),
        ):
            column.selectbox(label, rules, format_func=_, key=key, persist_state="session")
        for effects in (flag_effects(project_id, size, only), weight_effects(project_id, size, only)):
            st.table(effects.map(_as_said).rename(columns=_).set_index(_(str(effects.columns[0]))))
        st.caption(
            _(
                "A flag counts in the judgement in which it was set. Weights count on the leaderboard and, where they "
                "are asked for, in exports."
            )
        )


def _as_said(value: str | float) -> str:
    if isinstance(value, float):
        return _("{share} of all", share=percent(value, 1))
    return _(value) if isinstance(value, str) else number(value)
