"""Can the model's probabilities be believed: reliability, calibration error, slope."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from app.lab.marks import interval, show_rows
from app.language import N_, _, number, percent
from app.reward_charts import reliability_chart, reliability_frame

ECE_HELP = N_("The mean distance between the probability given and what came true, over groups of pairs: 0 is perfect.")
ECE_INTERVAL_HELP = N_(
    "Chance alone moves points off the line, so the error that is measured is too large rather than too small. The "
    "interval takes off what chance adds; that is why the error stands near its upper end."
)
SLOPE_HELP = N_("What its log-odds should be multiplied by: 1 is right, less means it was too sure, more too modest.")


def show_probabilities(card: Mapping[str, Any]) -> None:
    """The reliability chart, the error with its interval, the slope before and after."""
    _show_figures(card)
    st.write(
        _(
            "A point on the dotted line means that the model's probability is right: of the pairs to which it gives "
            "70 %, its favourite wins 70 %. The numbers count pairs. Below the line it is too sure, above it too "
            "modest."
        )
    )
    alt = _("How often the favourite won, by the probability given to it")
    st.altair_chart(reliability_chart(card), alt=alt, width=640)
    show_rows(reliability_frame(card), ("Said", "Was"))


def _show_figures(card: Mapping[str, Any]) -> None:
    found, calibration = card["metrics"], card.get("calibration")
    with st.grid(min_column_width=230):
        if "ece" in found:
            low, high = found["ece_ci"]
            st.metric(_("Calibration error"), percent(found["ece"], 1), help=_(ECE_HELP))
            st.metric(_("95 % interval, less chance"), interval((low, high), 1), help=_(ECE_INTERVAL_HELP))
        if calibration:
            st.metric(_("Slope"), number(calibration["slope"], 2), help=_(SLOPE_HELP))
            both = f"{number(calibration['log_loss_before'], 3)} → {number(calibration['log_loss_after'], 3)}"
            st.metric(_("Log-loss without and with it"), both)
    if calibration:
        st.caption(slope_words(calibration))


def slope_words(calibration: Mapping[str, Any]) -> str:
    """Whether the probabilities are corrected by the slope, and whether that helps."""
    helps = calibration["log_loss_after"] < calibration["log_loss_before"]
    if calibration["corrected"]:
        said = N_("The probabilities are corrected by the slope; that made them better on unseen prompts.")
        against = N_("The probabilities are corrected by the slope, though that did not help on unseen prompts.")
        return _(said if helps else against)
    said = N_("The probabilities are as fitted; correcting them by the slope would make them better.")
    return _(said if helps else N_("The probabilities are as fitted; correcting them by the slope would not help."))
